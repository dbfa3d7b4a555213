//! The third step: the one-time code becomes this box's name.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::time::{sleep, timeout};
use vitals::report::ErrorCode;

use super::Visit;
use crate::cli::ask::waiting_for;
use crate::cli::enrol::exchange;
use crate::cli::{Coded, status};
use crate::enrol::Enrolment;

/// The longest that the gateway may take to start.
const START_WAIT_MAX: Duration = Duration::from_secs(60);
const LOOK_PERIOD: Duration = Duration::from_millis(200);
/// There where systemd runs the machine (sd_booted(3)).
const SYSTEMD: &str = "/run/systemd/system";
const UNIT: &str = "hearth-gateway";

pub(super) async fn enrol(visit: &mut Visit<'_>) -> anyhow::Result<()> {
    let (config, is_named) = visit.args.config.load_unnamed()?;
    if is_named {
        visit.say(format!("✓ this box is {} already", config.gateway_id));
    } else {
        let sheet = &visit.args.sheet;
        let enrolment = exchange(&visit.args.config, &config, sheet, visit.asker).await?;
        visit.say(format!("✓ this box is now {}", enrolment.gateway));
        right_home(visit, &enrolment)?;
    }
    running(visit).await
}

/// What is shown is not kept in what the wizard said, either.
fn right_home(visit: &Visit<'_>, enrolment: &Enrolment) -> anyhow::Result<()> {
    let Some(home) = &enrolment.home else {
        return Ok(());
    };
    eprintln!("    for the home of {home}");
    if visit.asker.is_there() && !visit.asker.confirm("Is this the right home?", "")? {
        bail!(
            "this code is for another home: leave, tell the office, and take the box back by `gateway factory-reset --confirm {}`",
            enrolment.gateway
        );
    }
    Ok(())
}

/// Starts the gateway where systemd does that, and waits until it answers.
async fn running(visit: &mut Visit<'_>) -> anyhow::Result<()> {
    let config = visit.config()?;
    if status::health(&config).await.is_err() {
        start()?;
        let _waiting = waiting_for("starting the gateway");
        let answering = async {
            while status::health(&config).await.is_err() {
                sleep(LOOK_PERIOD).await;
            }
        };
        timeout(START_WAIT_MAX, answering)
            .await
            .with_context(|| format!("it does not answer within {} s", START_WAIT_MAX.as_secs()))
            .coded(ErrorCode::NotRunning)?;
    }
    visit.say("✓ the gateway runs");
    Ok(())
}

fn start() -> anyhow::Result<()> {
    if !Path::new(SYSTEMD).exists() {
        eprintln!("    start the gateway now: gateway run");
        return Ok(());
    }
    let started = Command::new("systemctl")
        .args(["enable", "--now", UNIT])
        .status();
    if !started.context("systemctl cannot be run")?.success() {
        return Err(anyhow::anyhow!("systemctl could not start {UNIT}; be root"))
            .coded(ErrorCode::NotRunning);
    }
    Ok(())
}
