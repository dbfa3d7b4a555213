//! `gateway status`: how the box is, in a few lines.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;

use super::WithConfig;
use crate::clock::Certainty;
use crate::config::Config;
use crate::control::client;
use crate::doctor::Health;
use crate::outbox::{self, OutboxStatus};

#[derive(Debug, clap::Args)]
pub(super) struct StatusArgs {
    #[command(flatten)]
    config: WithConfig,
    /// As JSON: what the running gateway says of itself.
    #[arg(long)]
    json: bool,
}

impl StatusArgs {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let config = self.config.load()?;
        let health = health(&config).await;
        if self.json {
            println!(
                "{}",
                serde_json::to_string_pretty(&health.map_err(anyhow::Error::msg)?)?
            );
            return Ok(ExitCode::SUCCESS);
        }
        match &health {
            Ok(health) => print!("{}", describe_running(&config, health)),
            Err(_) => println!("gateway {} does not run", config.gateway_id),
        }
        print!("{}", describe(&outbox_status(&config).await?));
        Ok(ExitCode::SUCCESS)
    }
}

/// Asks the running gateway how it is.
///
/// # Errors
/// Why nothing answers, in words.
pub(super) async fn health(config: &Config) -> Result<Health, String> {
    let health = client::health(&config.state_dir).await;
    health.map_err(|error| format!("{error:#}"))
}

async fn outbox_status(config: &Config) -> anyhow::Result<OutboxStatus> {
    let file = config.state_dir.join(outbox::FILE_NAME);
    outbox::status::of_file(&file, config.outbox.size_bytes_max)
        .await
        .with_context(|| not_readable(&file))
}

fn not_readable(file: &Path) -> String {
    format!(
        "the outbox {} cannot be read; it is made when the gateway first runs, and only the gateway's user may read it",
        file.display()
    )
}

fn describe_running(config: &Config, health: &Health) -> String {
    let devices: Vec<String> = config
        .devices
        .iter()
        .map(|device| {
            let known = health
                .status
                .devices
                .iter()
                .find(|it| it.device == device.id);
            let seen = known.and_then(|it| it.seen_at);
            let seen = seen.map_or("not heard since the start".to_owned(), |at| {
                format!("heard {at}")
            });
            let battery = known.and_then(|it| it.battery_percent);
            let battery = battery.map_or(String::new(), |it| format!(", battery {it} %"));
            format!("  {}: {seen}{battery}\n", device.id)
        })
        .collect();
    format!(
        "gateway {} runs, version {}\nserver: {}\ntime: {}\nBluetooth: {}\ndevices:\n{}",
        config.gateway_id,
        health.status.software_version,
        health.connection(),
        match health.time {
            Certainty::Known => "known",
            Certainty::Unconfirmed => "believed, and confirmed by no time server",
            Certainty::Unknown => "not known: readings are saved here, and sent once it is",
        },
        if health.status.radio_ready {
            "ready"
        } else {
            "not ready"
        },
        devices.concat()
    )
}

fn describe(status: &OutboxStatus) -> String {
    let oldest = match status.oldest_unreceipted_at {
        Some(at) => format!(", the oldest of {at}"),
        None => String::new(),
    };
    format!(
        "waiting for the server: {}{oldest}\nset aside: {}\nkept after their receipt: {}\nfull: {} %\n",
        status.unreceipted_len, status.refused_len, status.receipted_len, status.used_percent
    )
}
