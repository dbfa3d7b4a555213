//! `gateway test-reading`: a measurement travels to the server, and its receipt comes back.

use std::time::Duration;

use anyhow::{anyhow, bail};
use jiff::Timestamp;
use tokio::time::{Instant, sleep, timeout_at};
use vitals::DeviceId;
use vitals::report::ErrorCode;
use vitals::wire::StandingKind;

use super::ask::waiting_for;
use super::{Coded, WithConfig};
use crate::config::Config;
use crate::control::client;
use crate::outbox::{Delivery, LatestRecord};
use crate::standing;

const LOOK_PERIOD: Duration = Duration::from_millis(300);
/// The longest that the receipt may take once the reading is on the box; a server that is restarted takes that long.
const RECEIPT_WAIT_MAX: Duration = Duration::from_secs(120);

#[derive(Debug, clap::Args)]
pub(super) struct TestArgs {
    #[command(flatten)]
    config: WithConfig,
    /// The device of this home that measures.
    device: DeviceId,
    /// How long to wait for the measurement, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    wait: u64,
    /// The home is monitored already, and the patient measures: it counts as their reading.
    #[arg(long)]
    patient_measures: bool,
}

/// A measurement that the server has.
#[derive(Debug)]
pub(super) struct Arrived {
    /// Whether it counts, or is a test.
    pub(super) is_test: bool,
    /// From its arrival on the box to the receipt.
    pub(super) took: Duration,
}

impl TestArgs {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let config = self.config.load()?;
        let standing = standing::of_folder(&config.state_dir)?.standing;
        if standing == StandingKind::Live && !self.patient_measures {
            bail!(
                "this home is monitored: what is measured now counts as the patient's own reading. Let the patient measure, \
                 and say so: --patient-measures"
            );
        }
        eprintln!("take a measurement with {} now", self.device);
        let since = latest(&config, &self.device)
            .await?
            .map(|it| it.received_at);
        let arrived = arrives(&config, &self.device, since, Duration::from_secs(self.wait)).await?;
        println!("{}", describe(&self.device, &arrived));
        Ok(())
    }
}

/// Says that a measurement arrived; nothing of what was measured.
pub(super) fn describe(device: &DeviceId, arrived: &Arrived) -> String {
    let mark = if arrived.is_test { "TEST" } else { "reading" };
    format!(
        "✓ {device}: the server has the {mark}, {:.1} s after it came",
        arrived.took.as_secs_f32()
    )
}

/// Waits until a measurement of a device that arrived after `since` has its receipt.
///
/// # Errors
/// When none comes in time, or the server does not confirm it or refuses it.
pub(super) async fn arrives(
    config: &Config,
    device: &DeviceId,
    since: Option<Timestamp>,
    wait_max: Duration,
) -> anyhow::Result<Arrived> {
    let came = {
        let _waiting = waiting_for(format!("waiting for {device}"));
        let coming = comes(config, device, since);
        match timeout_at(Instant::now() + wait_max, coming).await {
            Ok(came) => came?,
            Err(_) => {
                return Err(anyhow!("none within {} s", wait_max.as_secs()))
                    .coded(ErrorCode::NoTestReading);
            }
        }
    };
    let _waiting = waiting_for("it is on the box; waiting for the server");
    let confirming = confirmed(config, device, &came);
    match timeout_at(Instant::now() + RECEIPT_WAIT_MAX, confirming).await {
        Ok(arrived) => arrived,
        Err(_) => Err(anyhow!(
            "no receipt within {} s",
            RECEIPT_WAIT_MAX.as_secs()
        ))
        .coded(ErrorCode::TestNotConfirmed),
    }
}

async fn comes(
    config: &Config,
    device: &DeviceId,
    mut since: Option<Timestamp>,
) -> anyhow::Result<LatestRecord> {
    loop {
        match latest(config, device).await? {
            Some(it) if since.is_some_and(|since| it.received_at <= since) => {}
            Some(it) if it.is_reading => return Ok(it),
            Some(failed) => {
                eprintln!("    that measurement failed; the cuff may be loose: take another one");
                since = Some(failed.received_at);
            }
            None => {}
        }
        sleep(LOOK_PERIOD).await;
    }
}

async fn confirmed(
    config: &Config,
    device: &DeviceId,
    came: &LatestRecord,
) -> anyhow::Result<Arrived> {
    loop {
        match latest(config, device).await? {
            Some(LatestRecord {
                delivery: Delivery::Receipted(at),
                is_test,
                ..
            }) => {
                let took = at.duration_since(came.received_at);
                return Ok(Arrived {
                    is_test,
                    took: took.try_into().unwrap_or_default(),
                });
            }
            Some(LatestRecord {
                delivery: Delivery::SetAside(why),
                ..
            }) => {
                return Err(anyhow!("it was set aside: {why}")).coded(ErrorCode::RecordsRefused);
            }
            _ => sleep(LOOK_PERIOD).await,
        }
    }
}

/// Asks for the latest record of a device.
///
/// # Errors
/// When the gateway does not run.
pub(super) async fn latest(
    config: &Config,
    device: &DeviceId,
) -> anyhow::Result<Option<LatestRecord>> {
    client::latest(&config.state_dir, device.clone())
        .await
        .coded(ErrorCode::NotRunning)
}
