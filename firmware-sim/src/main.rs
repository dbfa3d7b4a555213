//! The command line: `firmware-sim run SCRIPT` plays one simulated home until it is told to stop.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};
use firmware_sim::run::{self, RunOptions};

#[derive(Parser)]
#[command(
    version,
    about = "Simulated devices and the BlueZ they are seen through"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Plays a script on a private bus and prints `bus address: unix:path=…` when it is ready.
    Run {
        /// The script.
        script: PathBuf,
        /// Where the socket of the bus goes; a directory of its own under the temporary one otherwise.
        #[arg(long)]
        bus_dir: Option<PathBuf>,
        /// Plays the events of the script so many times as fast.
        #[arg(long, default_value_t = 1)]
        speed: u32,
        /// Takes JSON commands on standard input and ends with it.
        #[arg(long)]
        control: bool,
    },
    /// Reads a script and says whether it can be played.
    Check {
        /// The script.
        script: PathBuf,
    },
}

fn main() -> Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    match Arguments::parse().command {
        Command::Run {
            script,
            bus_dir,
            speed,
            control,
        } => {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()?;
            let outcome = runtime.block_on(run::run(RunOptions {
                script,
                bus_dir,
                speed,
                control,
            }));
            // A read of standard input that still waits must not keep the program from ending.
            runtime.shutdown_background();
            outcome
        }
        Command::Check { script } => run::check(&script),
    }
}
