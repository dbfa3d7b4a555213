//! `gateway check-config`: what was understood of a configuration, in words.

use crate::config::Config;

/// Says what was understood; device addresses are left out, so that it can be passed on.
pub(super) fn explain(config: &Config) -> String {
    let devices: Vec<String> = config
        .devices
        .iter()
        .map(|device| format!("  {} ({:?})\n", device.id, device.kind).to_lowercase())
        .collect();
    format!(
        "gateway {}, state in {}\nhome time zone {}\nbroker {}: silent for {} s is lost; receipts within {} s; \
         a pause of at most {} s between attempts\noutbox of at most {} MiB, kept {} days after the receipt\n\
         adapter: {}\n{} devices\n{}{} kinds of device are treated in a way of their own\n",
        config.gateway_id,
        config.state_dir.display(),
        config.home_time_zone.iana_name().unwrap_or("unnamed"),
        config.broker.address,
        config.broker.keep_alive.mul_f32(2.5).as_secs(),
        config.broker.receipt_timeout.as_secs(),
        config.broker.retry_delay_max.as_secs(),
        config.outbox.size_bytes_max / (1024 * 1024),
        config.outbox.retention_days,
        config
            .radio
            .adapter
            .as_deref()
            .unwrap_or("all that are there"),
        config.devices.len(),
        devices.concat(),
        config.quirks.entries_len()
    )
}
