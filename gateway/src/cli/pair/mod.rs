//! `gateway pair`: devices and this gateway.

mod add;

use std::process::ExitCode;

use vitals::DeviceId;
use vitals::report::ErrorCode;

use super::ask::Asker;
use super::{Coded, WithConfig, input};
use crate::bindings::Address;
use crate::config::Config;
use crate::control::{Answer, Request, client};
use crate::radio::DeviceReport;
pub(super) use add::{Added, add, strength};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Pair {
    /// List the devices of this home and what is known of each.
    List {
        #[command(flatten)]
        config: WithConfig,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Find a device that is near, pair it, and take it up as this device of this home.
    Add {
        /// The device of this home, as `gateway pair list` names it.
        device: DeviceId,
        /// Its Bluetooth address, where it is known; without it, devices that are near are offered.
        #[arg(long)]
        address: Option<Address>,
        /// Ask nothing; of devices that are near, take the only one of the right kind.
        #[arg(long)]
        no_input: bool,
        #[command(flatten)]
        config: WithConfig,
    },
    /// Forget a device: it is a stranger from then on. Readings that it gave stay.
    Remove {
        /// The device of this home.
        device: DeviceId,
        #[command(flatten)]
        config: WithConfig,
    },
    /// Enter the six digits that a device shows; they are read from the standard input.
    Passkey {
        /// The device of this home.
        device: DeviceId,
        #[command(flatten)]
        config: WithConfig,
    },
}

impl Pair {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::List { config, json } => list(&config.load()?, json).await?,
            Self::Add {
                device,
                address,
                no_input,
                config,
            } => {
                let config = config.load()?;
                match add(&config, &device, address, Asker::new(no_input)).await? {
                    Added::Paired => println!("paired: {device}"),
                    Added::Left => println!("left for later: {device}"),
                }
            }
            Self::Remove { device, config } => {
                let config = config.load()?;
                client::forget(&config.state_dir, device.clone()).await?;
                println!("forgotten: {device}");
            }
            Self::Passkey { device, config } => {
                let config = config.load()?;
                enter_passkey(&config, &device).await?;
                println!("paired");
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The digits are good for one pairing, but even so they are not put where other users of the box see them.
async fn enter_passkey(config: &Config, device: &DeviceId) -> anyhow::Result<()> {
    let digits = input::line("The six digits on the device")?;
    let device = device.clone();
    let request = Request::Passkey { device, digits };
    let answer = client::ask(&config.state_dir, &request).await;
    match answer.coded(ErrorCode::NotRunning)? {
        Answer::Done => Ok(()),
        Answer::Refused(why) => Err(anyhow::Error::msg(why)).coded(ErrorCode::NotPaired),
    }
}

async fn list(config: &Config, json: bool) -> anyhow::Result<()> {
    let devices = client::devices(&config.state_dir)
        .await
        .coded(ErrorCode::NotRunning)?;
    if json {
        println!("{}", serde_json::to_string_pretty(&devices)?);
    } else {
        for device in &devices {
            println!("{}", line(device));
        }
    }
    Ok(())
}

/// Says what is known of a device, in a line.
pub(super) fn line(device: &DeviceReport) -> String {
    let mut parts = vec![format!("{} ({})", device.id, device.kind.name())];
    if !device.is_bound {
        parts.push(format!("not paired: gateway pair add {}", device.id));
        return parts.join("  ");
    }
    match device.is_paired {
        Some(true) => parts.push("bonded".to_owned()),
        Some(false) => parts.push("not bonded".to_owned()),
        None => {}
    }
    parts.push(match device.seen_at {
        Some(at) => format!("last heard {at}"),
        None => "not heard since the gateway started".to_owned(),
    });
    if let Some(signal) = device.signal_dbm {
        parts.push(format!("{signal} dBm"));
    }
    if let Some(percent) = device.battery_percent {
        parts.push(format!("battery {percent} %"));
    }
    if let Some(at) = device.value_at {
        parts.push(format!("last measurement {at}"));
    }
    if !device.failed_at.is_empty() {
        parts.push(format!("{} connections failed", device.failed_at.len()));
    }
    parts.join("  ")
}
