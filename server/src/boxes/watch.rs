//! The watch over boxes: whoever's standing was changed, by any program, is told; whoever's report is wanted is asked; a
//! replaced box is retired in time.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info};
use vitals::GatewayId;

use super::steps::{self, Word};
use crate::broker::Downlink;
use crate::clock::Clock;
use crate::ingest::{ask_of, standing_of};
use crate::store::{Store, boxes, gateways, reports};

/// How often boxes are looked at.
pub const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How long a change is told again: a box that was not connected then is told when it connects.
const TOLD_FOR: SignedDuration = SignedDuration::from_secs(10);
/// How long a replaced box may deliver what it recorded until then.
///
/// One hour: the installer is there as long, and a box that is connected delivers thousands of records in a second.
pub const DRAIN_TIME: SignedDuration = SignedDuration::from_hours(1);

/// What the watch works with.
#[derive(Debug)]
pub struct Watch {
    /// Where boxes are kept.
    pub store: Store,
    /// The way to them.
    pub downlink: Downlink,
    /// The time.
    pub clock: Clock,
    /// The stop.
    pub shutdown: CancellationToken,
}

/// Looks at the boxes until shutdown. What cannot be read now is looked at again.
///
/// # Errors
/// Never: every failure is logged and tried again.
pub async fn run(watch: Watch) -> anyhow::Result<()> {
    let mut look = interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_failing = false;
    loop {
        tokio::select! {
            () = watch.shutdown.cancelled() => return Ok(()),
            _ = look.tick() => {}
        }
        match watch.look().await {
            Ok(()) => is_failing = false,
            Err(error) if is_failing => {
                debug!(
                    error = format!("{error:#}"),
                    "boxes still cannot be looked at"
                );
            }
            Err(error) => {
                is_failing = true;
                error!(
                    error = format!("{error:#}"),
                    "boxes cannot be looked at: they are told later where they stand"
                );
            }
        }
    }
}

impl Watch {
    /// Takes what it works with.
    pub fn new(
        store: &Store,
        downlink: &Downlink,
        clock: &Clock,
        shutdown: &CancellationToken,
    ) -> Self {
        Self {
            store: store.clone(),
            downlink: downlink.clone(),
            clock: clock.clone(),
            shutdown: shutdown.clone(),
        }
    }

    async fn look(&self) -> anyhow::Result<()> {
        let now = self.clock.now();
        let retired = retire(&self.store, now).await?;
        for id in retired {
            info!(gateway.id = %id, "a replaced box had its time to deliver, and is retired");
        }
        self.tell(now).await
    }

    async fn tell(&self, now: Timestamp) -> anyhow::Result<()> {
        let since = now.checked_sub(TOLD_FOR).unwrap_or(Timestamp::MIN);
        let mut connection = self.store.readers().acquire().await?;
        for id in boxes::changed_since(&mut connection, since).await? {
            let Some(gateway) = gateways::by_id(&mut connection, &id).await? else {
                continue;
            };
            let (topic, payload) = standing_of(&id, &gateway)?;
            if let Err(error) = self.downlink.send(&topic, payload).await {
                debug!(gateway.id = %id, %error, "a box is not told now where it stands; it is when it connects");
            }
        }
        for id in reports::wanted_since(&mut connection, since).await? {
            let Some(gateway) = gateways::by_id(&mut connection, &id).await? else {
                continue;
            };
            let (topic, payload) = ask_of(&id, &gateway)?;
            if let Err(error) = self.downlink.send(&topic, payload).await {
                debug!(gateway.id = %id, %error, "a box is not asked for a report now; it is at its next status");
            }
        }
        Ok(())
    }
}

/// Retires the replaced boxes whose time to deliver is over, and names them.
///
/// # Errors
/// When the database fails.
pub async fn retire(store: &Store, now: Timestamp) -> anyhow::Result<Vec<GatewayId>> {
    let before = now.checked_sub(DRAIN_TIME).unwrap_or(Timestamp::MIN);
    let mut reader = store.readers().acquire().await?;
    let due = boxes::draining_since(&mut reader, before).await?;
    drop(reader);
    if due.is_empty() {
        return Ok(due);
    }
    let mut write = store.write().await?;
    let word = Word {
        by: "the server",
        why: "its time to deliver what it had recorded is over",
    };
    for id in &due {
        steps::revoke(&mut write, id, word, now).await?;
    }
    write.commit().await?;
    Ok(due)
}
