//! `gateway pair`: devices and this gateway.

use std::process::ExitCode;

use vitals::DeviceId;
use vitals::report::ErrorCode;

use super::{Coded, WithConfig, input};
use crate::control::{self, Answer, Request};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Pair {
    /// Enter the six digits that a device shows; they are read from the standard input.
    Passkey {
        /// The registered device.
        device: DeviceId,
        #[command(flatten)]
        config: WithConfig,
    },
}

impl Pair {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Passkey { device, config } => enter_passkey(&config, device).await,
        }
    }
}

/// The digits are good for one pairing, but even so they are not put where other users of the box see them.
async fn enter_passkey(config: &WithConfig, device: DeviceId) -> anyhow::Result<ExitCode> {
    let config = config.load()?;
    let digits = input::line("The six digits on the device")?;
    let request = Request::Passkey { device, digits };
    let answer = control::client::ask(&config.state_dir, &request).await;
    match answer.coded(ErrorCode::NotRunning)? {
        Answer::Refused(why) => Err(anyhow::anyhow!(why)).coded(ErrorCode::NotPaired),
        _ => {
            println!("paired");
            Ok(ExitCode::SUCCESS)
        }
    }
}
