//! The command line: what an installer or an operator can ask of the gateway.

mod ask;
mod bundle;
mod check_config;
mod decode;
mod docs;
mod doctor;
mod enrol;
mod input;
mod pair;
mod reset;
mod setup;
mod status;
mod test_reading;
mod told;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use vitals::report::ErrorCode;
use vitals::{Characteristic, RawBytes};

use crate::clock::Clock;
use crate::config::{self, Config};
use crate::control;
use crate::{keys, lifecycle};
pub use told::{Coded, tell};

/// Where a box that was installed from its package has its configuration.
const CONFIG_DEFAULT: &str = "/etc/hearth/gateway.toml";

/// Hearth gateway: hears a home's devices, keeps every reading until the server has it, and forwards it.
#[derive(Debug, Parser)]
#[command(version, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 failed, 2 wrong use, 3 the doctor has warnings, 4 the doctor has failures, \
5 not enrolled, 6 network, 7 Bluetooth, 75 try again.\nA code such as E-BT-03 is explained by `gateway explain E-BT-03`.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Run until stopped by a signal.
    Run(WithConfig),
    /// Set this box up in a home, in seven steps that can be left and taken up again.
    Setup(setup::SetupArgs),
    /// Put this box in the place of another, by the code of a replacement: the same steps.
    Replace(setup::SetupArgs),
    /// Say how the box is: connection, what waits, devices; works while the gateway runs.
    Status(status::StatusArgs),
    /// Look at the box, its network, its Bluetooth and its devices, and say what to do.
    Doctor(doctor::DoctorArgs),
    /// Explain a code such as E-BT-03.
    Explain {
        /// The code.
        code: ErrorCode,
    },
    /// Find, list and forget the devices of this home.
    #[command(subcommand)]
    Pair(pair::Pair),
    /// Let a measurement travel to the server and back.
    TestReading(test_reading::TestArgs),
    /// Let the light of this box change quickly for a while, so that it is told from others.
    Identify(WithConfig),
    /// Enrol this box by the one-time code of an install job; again goes on where it was cut off.
    Enrol(enrol::EnrolArgs),
    /// Collect what support staff need into one file: no readings, no names, no addresses.
    SupportBundle(bundle::BundleArgs),
    /// Forget this home and prove it, before the box goes to another.
    FactoryReset(reset::ResetArgs),
    /// Check a configuration file and explain what it says.
    CheckConfig(WithConfig),
    /// Print this gateway's part of the server's seed file; makes the keys if they are missing.
    Register(WithConfig),
    /// Decode a value for support staff; prints JSON, of an error too.
    Decode {
        /// The characteristic's four hexadecimal digits, such as 2A35.
        characteristic: Characteristic,
        /// The value in hexadecimal.
        value: RawBytes,
        /// The device's advertised name or model, where its kind may be treated in a way of its own.
        #[arg(long)]
        device: Option<String>,
    },
    /// Print the program's version.
    Version {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print the completions of a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page.
    Man,
}

#[derive(Debug, Clone, clap::Args)]
struct WithConfig {
    /// The configuration file.
    #[arg(long, value_name = "FILE", default_value = CONFIG_DEFAULT)]
    config: PathBuf,
}

impl WithConfig {
    /// Reads it; a box without a name is told from one whose file is wrong.
    fn load(&self) -> anyhow::Result<Config> {
        config::load(&self.config).map_err(|error| {
            let code = if error.downcast_ref::<config::NotEnrolled>().is_some() {
                ErrorCode::NotEnrolled
            } else {
                ErrorCode::ConfigRefused
            };
            error.context(told::Told::new(code))
        })
    }

    /// Reads it of a box that may have no name yet, and tells whether it has one.
    fn load_unnamed(&self) -> anyhow::Result<(Config, bool)> {
        config::load_unnamed(&self.config).coded(ErrorCode::ConfigRefused)
    }
}

impl Cli {
    /// Does what was asked.
    ///
    /// # Errors
    /// When it cannot be done; the error says what to do.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Run(config) => {
                lifecycle::run_until_signalled(config.load()?, Clock::system()).await?;
            }
            Command::Setup(args) | Command::Replace(args) => return args.run().await,
            Command::TestReading(args) => args.run().await?,
            Command::Identify(config) => {
                let config = config.load()?;
                control::client::identify(&config.state_dir).await?;
                println!(
                    "this box is {}; its light changes quickly for 20 s",
                    config.gateway_id
                );
            }
            Command::FactoryReset(args) => args.run().await?,
            Command::Status(args) => return args.run().await,
            Command::Doctor(args) => return args.run().await,
            Command::Explain { code } => print!("{}", told::explained(code)),
            Command::Pair(pair) => return pair.run().await,
            Command::Enrol(args) => print!("{}", args.run().await?),
            Command::SupportBundle(args) => args.run().await?,
            Command::CheckConfig(config) => print!("{}", check_config::explain(&config.load()?)),
            Command::Register(config) => {
                let config = config.load()?;
                let text = keys::registration(&config.gateway_id, &config.state_dir)?;
                print!("{text}");
            }
            Command::Decode {
                characteristic,
                value,
                device,
            } => return decode::decode(device.as_deref(), characteristic, &value),
            Command::Version { json } => docs::version(json),
            Command::Completions { shell } => docs::completions(shell),
            Command::Man => docs::man()?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_commands_hold_together() {
        super::Cli::command().debug_assert();
    }
}
