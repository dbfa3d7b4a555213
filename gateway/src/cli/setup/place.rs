//! The sixth step: is the signal good where measurements are taken, and what happens when the network is gone?

use std::time::Duration;

use tokio::time::{Instant, sleep};
use vitals::report::ErrorCode;

use super::Visit;
use crate::cli::ask::waiting_for;
use crate::cli::pair::strength;
use crate::cli::{Coded, status};
use crate::config::Config;
use crate::control::client;
use crate::setup::SIGNAL_FAIR_DBM;

/// The longest that the network may be unplugged, or take to come back, before the test of it is given up.
const UNPLUG_WAIT_MAX: Duration = Duration::from_secs(300);
const LOOK_PERIOD: Duration = Duration::from_millis(500);

pub(super) async fn look(visit: &mut Visit<'_>) -> anyhow::Result<()> {
    if visit.notes.placed {
        visit.say("✓ looked at before");
        return Ok(());
    }
    let config = visit.config()?;
    signals(visit, &config).await?;
    let unplug = "Unplug the network now, to see that nothing is lost?";
    if visit.asker.is_there() && visit.asker.confirm(unplug, "")? {
        unplugged(visit, &config).await?;
    }
    visit.notes.placed = true;
    visit.keep_notes(&config)
}

/// The signal of each device as it was heard when it measured: where it is used.
async fn signals(visit: &mut Visit<'_>, config: &Config) -> anyhow::Result<()> {
    let devices = client::devices(&config.state_dir)
        .await
        .coded(ErrorCode::NotRunning)?;
    for device in devices.into_iter().filter(|it| it.is_bound) {
        let Some(dbm) = device.signal_dbm else {
            visit.say(format!("- {}: no signal was heard yet", device.id));
            continue;
        };
        let sign = if dbm < SIGNAL_FAIR_DBM { "!" } else { "✓" };
        visit.say(format!("{sign} {}: signal {}", device.id, strength(dbm)));
        if dbm < SIGNAL_FAIR_DBM {
            visit.say(format!(
                "  {}: {}",
                ErrorCode::WeakSignal,
                ErrorCode::WeakSignal.explained().next
            ));
        }
        let noted = &mut visit.notes.signals_dbm;
        noted.retain(|(id, _)| *id != device.id);
        noted.push((device.id, dbm));
    }
    Ok(())
}

async fn unplugged(visit: &mut Visit<'_>, config: &Config) -> anyhow::Result<()> {
    {
        let _waiting = waiting_for("waiting until the network is gone: unplug it");
        connected(config, false)
            .await
            .coded(ErrorCode::NoReceipts)?;
    }
    let began = Instant::now();
    {
        let _waiting = waiting_for("plug it in again");
        connected(config, true)
            .await
            .coded(ErrorCode::Unreachable)?;
    }
    visit.say(format!(
        "✓ back {} s after it was gone; nothing was lost",
        began.elapsed().as_secs()
    ));
    Ok(())
}

async fn connected(config: &Config, wanted: bool) -> anyhow::Result<()> {
    let looking = async {
        loop {
            let health = status::health(config).await.map_err(anyhow::Error::msg)?;
            if health.connected == wanted {
                return Ok(());
            }
            sleep(LOOK_PERIOD).await;
        }
    };
    tokio::time::timeout(UNPLUG_WAIT_MAX, looking).await?
}
