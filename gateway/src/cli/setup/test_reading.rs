//! The fifth step: a reading of each device travels to the server, and its receipt comes back.

use std::time::Duration;

use vitals::report::ErrorCode;

use super::Visit;
use crate::cli::Coded;
use crate::cli::test_reading::{arrives, describe};
use crate::control::client;

/// A measurement that came while the box was being set up is good: many devices send one as soon as they are paired.
pub(super) async fn send_all(visit: &mut Visit<'_>) -> anyhow::Result<()> {
    let config = visit.config()?;
    let wait_max = Duration::from_secs(visit.args.test_wait);
    let devices = client::devices(&config.state_dir)
        .await
        .coded(ErrorCode::NotRunning)?;
    for device in devices.into_iter().filter(|it| it.is_bound) {
        if visit.notes.test_confirmed.contains(&device.id) {
            visit.say(format!("✓ {}: the server had its test before", device.id));
            continue;
        }
        eprintln!(
            "    take a measurement with {} ({}), unless one has just come",
            device.id,
            device.kind.name()
        );
        let arrived = arrives(&config, &device.id, None, wait_max).await?;
        visit.say(describe(&device.id, &arrived));
        visit.notes.test_confirmed.push(device.id);
        visit.keep_notes(&config)?;
    }
    Ok(())
}
