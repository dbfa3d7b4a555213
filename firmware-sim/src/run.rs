//! Plays a script from start to signal.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use tokio::{
    io::BufReader,
    signal::unix::{SignalKind, signal},
};

use crate::{Sim, SimConfig, clock, control, script::Script};

/// What the command line asks for.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// The script.
    pub script: PathBuf,
    /// Where the socket of the bus goes.
    pub bus_dir: Option<PathBuf>,
    /// How many times as fast the script's events come.
    pub speed: u32,
    /// Whether commands come on standard input.
    pub control: bool,
}

/// Plays a script until SIGINT, SIGTERM, or the end of the controlling input.
///
/// # Errors
/// Fails when the script is wrong, dbus-daemon is missing, or the simulation breaks.
pub async fn run(options: RunOptions) -> Result<()> {
    let script = Script::load(&options.script)?;
    let own_dir = std::env::temp_dir().join(format!("firmware-sim-{}", std::process::id()));
    let bus_dir = options.bus_dir.clone().unwrap_or_else(|| own_dir.clone());
    let config = SimConfig {
        bus_dir,
        bluez: script.bluez,
        adapters: script.adapters.clone(),
        devices: script.devices.clone(),
    };
    let mut interrupt = signal(SignalKind::interrupt()).context("listening for SIGINT")?;
    let mut terminate = signal(SignalKind::terminate()).context("listening for SIGTERM")?;
    let sim = Sim::start(config, clock::system).await?;
    println!("bus address: {}", sim.bus_address());
    let outcome = tokio::select! {
        outcome = play(&script, &sim, &options) => outcome,
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
        () = sim.ended() => Ok(()),
    };
    let stopped = sim.shutdown().await;
    if own_dir.exists() {
        std::fs::remove_dir_all(&own_dir)
            .with_context(|| format!("removing {}", own_dir.display()))?;
    }
    outcome.and(stopped)
}

/// Reads a script and says what is in it.
///
/// # Errors
/// Fails when the script is wrong, naming the place.
pub fn check(script: &Path) -> Result<()> {
    let read = Script::load(script)?;
    println!(
        "{}: {} devices, {} events",
        script.display(),
        read.devices.len(),
        read.steps.len()
    );
    Ok(())
}

async fn play(script: &Script, sim: &Sim, options: &RunOptions) -> Result<()> {
    let story = script.play(sim, options.speed);
    if options.control {
        let commands = control::serve(
            sim,
            &script.devices,
            BufReader::new(tokio::io::stdin()),
            tokio::io::stdout(),
        );
        let told = async {
            story.await?;
            std::future::pending().await
        };
        tokio::select! {
            ended = commands => ended,
            failed = told => failed,
        }
    } else {
        story.await?;
        // The devices stay after their last event.
        std::future::pending().await
    }
}
