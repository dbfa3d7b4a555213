//! The account: what the devices were confirmed against what the gateway durably holds.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, ensure};
use gateway::keys;
use gateway::outbox::{self, Outbox};
use serde_json::Value;
use vitals::wire::record;

use crate::guest::Guest;

/// More records than any scenario makes.
const RECORDS_LEN_MAX: usize = 1000;
const OUTBOX_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Values in hexadecimal, and how often each was seen.
type Values = BTreeMap<String, usize>;

/// Cuts the gateway's power, and checks that what its disk holds is each value that a device was confirmed, once, and
/// that so many different ones were.
///
/// # Errors
/// When a value is missing, doubled or nobody's.
pub(crate) async fn settle(
    guest: &mut Guest,
    devices: &[&str],
    measured: usize,
) -> anyhow::Result<()> {
    let mut confirmed = Values::new();
    for device in devices {
        for line in guest.machine.said_by(device) {
            let Ok(event) = serde_json::from_str::<Value>(line) else {
                continue;
            };
            if event["event"] == "delivered" {
                let hex = event["hex"].as_str().context("a value in hexadecimal")?;
                *confirmed.entry(format!("{device} {hex}")).or_default() += 1;
            }
        }
    }
    let state = guest.fetch_state().await?;
    let kept = kept(&state).await?;
    ensure!(
        confirmed.len() == measured,
        "{measured} values were measured and {} of them confirmed",
        confirmed.len()
    );
    ensure!(
        kept.values().all(|times| *times == 1),
        "a value is kept twice: {kept:?}"
    );
    ensure!(
        kept.keys().eq(confirmed.keys()),
        "the devices were confirmed {confirmed:?}, the gateway kept {kept:?}"
    );
    Ok(())
}

async fn kept(state: &Path) -> anyhow::Result<Values> {
    let sealing = keys::load_or_make(state)?.sealing;
    let file = state.join(outbox::FILE_NAME);
    let outbox = Outbox::open(&file, &"gw-vm".parse()?, sealing, OUTBOX_BYTES_MAX).await?;
    let mut kept = Values::new();
    for entry in outbox.waiting_after(None, RECORDS_LEN_MAX).await? {
        let record = record::read(&entry.record)?;
        let (_, raw) = record.source();
        *kept
            .entry(format!("{} {raw}", record.device()))
            .or_default() += 1;
    }
    outbox.close().await;
    Ok(kept)
}
