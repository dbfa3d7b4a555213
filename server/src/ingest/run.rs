//! The ingest task: gathers arrivals into batches, settles them after the commit, and sends the receipts.

use std::time::Duration;

use anyhow::ensure;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};
use vitals::GatewayId;

use super::batch::{BatchError, Message, SetAside, Stored, store_batch};
use super::clones::{self, CloneWatch};
use crate::broker::{Arrival, Downlink};
use crate::changes::Changes;
use crate::clock::Clock;
use crate::crash;
use crate::store::Store;
use crate::store::quarantine::{Kept, QUARANTINE_LEN_MAX};

/// The most messages in one transaction.
pub const BATCH_LEN_MAX: usize = 200;
/// How long the first message of a batch waits for company.
pub const BATCH_WAIT_MAX: Duration = Duration::from_millis(20);
/// How long nothing may come before a batch is full enough. A gateway that waits for each acknowledgement before it
/// sends the next message would otherwise be slowed down to one message in [`BATCH_WAIT_MAX`].
pub const BATCH_LULL_MAX: Duration = Duration::from_millis(2);
/// The first pause after a batch of which nothing could be stored.
pub const RETRY_DELAY_MIN: Duration = Duration::from_millis(100);
/// The longest such pause. Nothing is read from the sockets meanwhile once the queue is full.
pub const RETRY_DELAY_MAX: Duration = Duration::from_secs(5);

/// What ingest works with.
#[derive(Debug)]
pub struct Ingest {
    /// What gateways send.
    pub arrivals: mpsc::Receiver<Arrival>,
    /// Where messages are stored.
    pub store: Store,
    /// The way back to the gateways.
    pub downlink: Downlink,
    /// Tells open pages.
    pub changes: Changes,
    /// The time of storing.
    pub clock: Clock,
    /// By how many seconds a device's clock must be off to be an item for whoever mends the kit.
    pub clock_wrong_from_seconds: u32,
    /// The stop: what has arrived is still stored.
    pub shutdown: CancellationToken,
}

/// Takes arrivals until the broker ends.
///
/// # Errors
/// When the broker ends before the stop.
pub async fn run(mut ingest: Ingest) -> anyhow::Result<()> {
    let mut memory = Memory::default();
    let mut batch = Vec::with_capacity(BATCH_LEN_MAX);
    while gather(&mut ingest.arrivals, &mut batch).await {
        crash::point("ingest.arrived");
        let any_stored = ingest.take(std::mem::take(&mut batch), &mut memory).await;
        match memory.trouble.pause(any_stored) {
            None => {}
            Some(pause) => tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = ingest.shutdown.cancelled() => {}
            },
        }
    }
    ensure!(
        ingest.shutdown.is_cancelled(),
        "the broker ended, so nothing can arrive any more"
    );
    Ok(())
}

/// Waits for a message, then a moment for more; `false` when none will come.
async fn gather(arrivals: &mut mpsc::Receiver<Arrival>, batch: &mut Vec<Arrival>) -> bool {
    let Some(first) = arrivals.recv().await else {
        return false;
    };
    batch.push(first);
    let fill = async {
        while batch.len() < BATCH_LEN_MAX {
            match timeout(BATCH_LULL_MAX, arrivals.recv()).await {
                Ok(Some(arrival)) => batch.push(arrival),
                Ok(None) | Err(_) => break,
            }
        }
    };
    // Running out of time is the usual end; what was received is in the batch.
    let _ = timeout(BATCH_WAIT_MAX, fill).await;
    true
}

impl Ingest {
    /// Stores a batch, or what can be stored of it; tells whether anything was. What was not stored is dropped without
    /// being settled, so it is not acknowledged and arrives again.
    async fn take(&self, batch: Vec<Arrival>, memory: &mut Memory) -> bool {
        let batch_len = batch.len();
        match self.store(&batch).await {
            Ok(stored) => {
                self.finish(batch, stored, memory).await;
                true
            }
            Err(error @ BatchError::Failed(_)) if batch_len > 1 => {
                debug!(%error, batch.len = batch_len, "a batch failed; its messages are taken one by one");
                self.take_one_by_one(batch, memory).await
            }
            Err(error) => {
                memory.trouble.log(error, batch_len);
                false
            }
        }
    }

    /// Keeps one message that cannot be stored from holding up the others.
    async fn take_one_by_one(&self, batch: Vec<Arrival>, memory: &mut Memory) -> bool {
        let mut any_stored = false;
        for arrival in batch {
            match self.store(std::slice::from_ref(&arrival)).await {
                Ok(stored) => {
                    self.finish(vec![arrival], stored, memory).await;
                    any_stored = true;
                }
                Err(error @ BatchError::Unavailable(_)) => {
                    memory.trouble.log(error, 1);
                    break;
                }
                Err(error) => memory.trouble.log(error, 1),
            }
        }
        any_stored
    }

    async fn store(&self, batch: &[Arrival]) -> Result<Stored, BatchError> {
        let messages: Vec<Message<'_>> = batch
            .iter()
            .map(|arrival| Message {
                topic: &arrival.topic,
                payload: &arrival.payload,
            })
            .collect();
        let now = self.clock.now();
        store_batch(&self.store, &messages, now, self.clock_wrong_from_seconds).await
    }

    /// After the commit: acknowledge, then send the receipts, then tell the pages.
    async fn finish(&self, batch: Vec<Arrival>, stored: Stored, memory: &mut Memory) {
        crash::point("ingest.committed");
        for arrival in batch {
            // The connection may be gone; then the message arrives again and is known.
            let _ = arrival.settled.send(());
        }
        crash::point("ingest.settled");
        for (topic, payload) in stored.receipts {
            if let Err(error) = self.downlink.publish(&topic, payload).await {
                debug!(gateway.id = %topic.gateway, %error, "a receipt was not sent; the gateway will ask by sending again");
            }
        }
        for (topic, payload) in stored.standings {
            if let Err(error) = self.downlink.send(&topic, payload).await {
                debug!(gateway.id = %topic.gateway, %error, "a gateway was not told where it stands; it is with its next status");
            }
        }
        crash::point("ingest.receipted");
        for patient in stored.patients {
            self.changes.announce(patient);
        }
        for it in &stored.set_aside {
            log_set_aside(it);
            if it.kept == Some(Kept::No) {
                memory.trouble.count_unkept(&it.gateway);
            }
        }
        for (gateway, life) in &stored.lives {
            let now = self.clock.now();
            if let Some(sign) = memory.clones.saw(gateway, *life, now) {
                clones::raise(&self.store, gateway, sign, now).await;
            }
        }
    }
}

fn log_set_aside(it: &SetAside) {
    let (gateway, kind, reason) = (&it.gateway, it.kind, it.reason);
    if it.reason == "sequence_conflict" && it.kept != Some(Kept::Before) {
        error!(
            gateway.id = %gateway, message.kind = kind, refusal.name = reason,
            "a number was used twice with different content: look whether this gateway was copied or its key was stolen"
        );
    } else if it.kept != Some(Kept::Before) {
        warn!(
            gateway.id = %gateway, message.kind = kind, refusal.name = reason,
            "something from a gateway was refused and set aside"
        );
    }
}

/// What is remembered from batch to batch.
#[derive(Debug, Default)]
struct Memory {
    trouble: Trouble,
    clones: CloneWatch,
}

/// What has gone wrong.
#[derive(Debug, Default)]
struct Trouble {
    pause: Option<Duration>,
    unsettled: usize,
    unkept: u64,
}

impl Trouble {
    /// Logs the first of a row of failures, not each.
    fn log(&mut self, error: BatchError, unsettled: usize) {
        if self.unsettled == 0 {
            let error = anyhow::Error::new(error);
            error!(
                error = format!("{error:#}"),
                "messages cannot be stored: they are not acknowledged and will be sent again; see whether the database \
                 runs and its disk has room"
            );
        }
        self.unsettled += unsettled;
    }

    /// Counts what the quarantine had no room for, since the start.
    fn count_unkept(&mut self, gateway: &GatewayId) {
        self.unkept += 1;
        error!(
            gateway.id = %gateway, quarantine.len_max = QUARANTINE_LEN_MAX, quarantine.unkept = self.unkept,
            "the quarantine is full, so a refused message was not kept: find out what sends them"
        );
    }

    /// Gives how long to wait before the next batch: longer each time nothing could be stored.
    fn pause(&mut self, any_stored: bool) -> Option<Duration> {
        if any_stored {
            if self.pause.take().is_some() {
                info!(
                    messages.unsettled = self.unsettled,
                    "messages are stored again"
                );
            }
            self.unsettled = 0;
        } else {
            let pause = self.pause.map_or(RETRY_DELAY_MIN, |pause| pause * 2);
            self.pause = Some(pause.min(RETRY_DELAY_MAX));
        }
        self.pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;
    use tokio::time::Instant;
    use vitals::topic::{Kind, Topic};

    fn arrival() -> Arrival {
        Arrival {
            topic: Topic::new("gw-1".parse().unwrap(), Kind::Status),
            payload: Vec::new(),
            settled: oneshot::channel().0,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_batch_ends_at_its_length_at_a_lull_and_in_time() {
        let (queue, mut arrivals) = mpsc::channel(BATCH_LEN_MAX + 1);
        let mut batch = Vec::new();
        for _ in 0..=BATCH_LEN_MAX {
            queue.send(arrival()).await.unwrap();
        }
        assert!(gather(&mut arrivals, &mut batch).await);
        assert_eq!(batch.len(), BATCH_LEN_MAX, "the bound");

        batch.clear();
        let began = Instant::now();
        assert!(gather(&mut arrivals, &mut batch).await);
        assert_eq!((batch.len(), began.elapsed()), (1, BATCH_LULL_MAX));

        batch.clear();
        let began = Instant::now();
        let trickle = async {
            let mut every = tokio::time::interval(Duration::from_millis(1));
            loop {
                every.tick().await;
                queue.send(arrival()).await.unwrap();
            }
        };
        tokio::select! {
            more = gather(&mut arrivals, &mut batch) => assert!(more),
            () = trickle => {}
        }
        assert_eq!(began.elapsed(), BATCH_WAIT_MAX);
        assert!(batch.len() >= 20, "{}", batch.len());

        batch.clear();
        drop(queue);
        while gather(&mut arrivals, &mut batch).await {}
        assert!(!gather(&mut arrivals, &mut batch).await, "the broker ended");
    }

    #[test]
    fn the_pause_grows_to_its_bound_and_ends_with_the_first_success() {
        let mut trouble = Trouble::default();
        assert_eq!(trouble.pause(false), Some(RETRY_DELAY_MIN));
        assert_eq!(trouble.pause(false), Some(RETRY_DELAY_MIN * 2));
        for _ in 0..20 {
            trouble.pause(false);
        }
        assert_eq!(trouble.pause(false), Some(RETRY_DELAY_MAX));
        assert_eq!(trouble.pause(true), None);
        assert_eq!(trouble.pause(false), Some(RETRY_DELAY_MIN));
    }
}
