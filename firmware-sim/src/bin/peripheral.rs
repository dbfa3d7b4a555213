//! The command line: one device on one adapter through the system's BlueZ, or an ear for what BlueZ says.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};
use firmware_sim::{
    peripheral::{self, PeripheralConfig},
    watch::Watcher,
};

const SYSTEM_BUS: &str = "unix:path=/run/dbus/system_bus_socket";

#[derive(Parser)]
#[command(version, about = "A simulated device as a real Bluetooth peripheral")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves the device until standard input ends, taking JSON commands from it.
    Serve {
        /// What the device is.
        file: PathBuf,
    },
    /// Prints what passes between BlueZ and its clients about the devices of an adapter, a line for each message.
    Watch {
        /// The adapter, such as hci0.
        adapter: String,
    },
}

fn main() -> Result<()> {
    let command = Arguments::parse().command;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let outcome = match command {
        Command::Serve { file } => {
            runtime.block_on(peripheral::run(PeripheralConfig::load(&file)?))
        }
        Command::Watch { adapter } => runtime.block_on(watch(&adapter)),
    };
    // A read of standard input that still waits must not keep the program from ending.
    runtime.shutdown_background();
    outcome
}

async fn watch(adapter: &str) -> Result<()> {
    let mut watcher = Watcher::start(SYSTEM_BUS, adapter).await?;
    println!("hears");
    while let Some(line) = watcher.next().await {
        println!("{line}");
    }
    Ok(())
}
