//! The command line: `peripheral FILE` is one device on one adapter, through the system's BlueZ, until its input ends.

use std::path::PathBuf;

use anyhow::Result;
use clap::Parser;
use firmware_sim::peripheral::{self, PeripheralConfig};

#[derive(Parser)]
#[command(version, about = "A simulated device as a real Bluetooth peripheral")]
struct Arguments {
    /// What the device is.
    file: PathBuf,
}

fn main() -> Result<()> {
    let config = PeripheralConfig::load(&Arguments::parse().file)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(peripheral::run(config));
    // A read of standard input that still waits must not keep the program from ending.
    runtime.shutdown_background();
    outcome
}
