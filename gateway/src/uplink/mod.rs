//! The uplink: a disposable MQTT connection, made anew from the outbox whenever anything is wrong with it.

mod back_off;
mod dial;
mod link;
mod messages;
mod session;
#[cfg(test)]
pub(crate) mod test_broker;
#[cfg(test)]
mod tests;
pub mod window;
#[cfg(test)]
mod window_tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use vitals::TagKey;

use crate::clock::Clock;
use crate::config::BrokerConfig;
use crate::enrol::OutOfTime;
use crate::keys::SigningKey;
use crate::outbox::Outbox;
use crate::progress::Beat;
use crate::radio::RadioStatus;
use crate::reporting::ReportDesk;
use crate::standing::StandingDesk;
use back_off::BackOff;
use messages::Messages;
pub(crate) use messages::{Told, status_of};
use session::{Ended, Session};

/// Everything that forwards records and takes receipts.
#[derive(Debug)]
pub struct Uplink {
    messages: Messages,
    broker: BrokerConfig,
    outbox: Arc<Outbox>,
    standing: Arc<StandingDesk>,
    reports: Arc<ReportDesk>,
    clock: Clock,
    status: Arc<UplinkStatus>,
}

/// The longest that the uplink may take to get on, beside its pauses: it tells its status every minute.
pub const AGE_MAX: Duration = Duration::from_secs(180);

/// What the uplink counts, since the program's start.
#[derive(Debug, Default)]
pub struct UplinkStatus {
    connections: AtomicU64,
    receipts_applied: AtomicU64,
    receipts_ignored: AtomicU64,
    connected: AtomicBool,
    out_of_time: AtomicBool,
    /// In microseconds since 1970; 0 before the first.
    receipt_at: AtomicI64,
    beat: Arc<Beat>,
}

impl UplinkStatus {
    /// Tells whether there is a connection now.
    pub fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed)
    }

    /// Tells whether there is none because the server's certificate is not good by this box's clock.
    pub fn is_out_of_time(&self) -> bool {
        self.out_of_time.load(Ordering::Relaxed)
    }

    /// Gives how many connections were made.
    pub fn connections(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }

    /// Gives how many receipts were applied.
    pub fn receipts_applied(&self) -> u64 {
        self.receipts_applied.load(Ordering::Relaxed)
    }

    /// Gives how many receipts were ignored: of another epoch, on another topic, or not tagged by the server.
    pub fn receipts_ignored(&self) -> u64 {
        self.receipts_ignored.load(Ordering::Relaxed)
    }

    /// Gives when the last receipt was applied.
    pub fn receipt_at(&self) -> Option<Timestamp> {
        let at = self.receipt_at.load(Ordering::Relaxed);
        Timestamp::from_microsecond(at).ok().filter(|_| at != 0)
    }

    fn receipt_applied(&self, now: Timestamp) {
        Self::count(&self.receipts_applied);
        self.receipt_at
            .store(now.as_microsecond(), Ordering::Relaxed);
    }

    /// Gives when the uplink last got on, connected or not.
    pub fn beat(&self) -> Arc<Beat> {
        Arc::clone(&self.beat)
    }

    fn connected(&self) {
        self.out_of_time.store(false, Ordering::Relaxed);
        self.connected.store(true, Ordering::Relaxed);
    }

    fn disconnected(&self) {
        self.connected.store(false, Ordering::Relaxed);
    }

    fn failed(&self, error: &anyhow::Error) {
        let out_of_time = error.downcast_ref::<OutOfTime>().is_some();
        self.out_of_time.store(out_of_time, Ordering::Relaxed);
    }

    fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

impl Uplink {
    /// Makes the uplink of an outbox; nothing is sent before it runs.
    pub fn new(
        outbox: Arc<Outbox>,
        (standing, reports): (Arc<StandingDesk>, Arc<ReportDesk>),
        broker: BrokerConfig,
        (tag_key, signing_key): (TagKey, SigningKey),
        clock: Clock,
        radio: Arc<RadioStatus>,
    ) -> Self {
        Self {
            messages: Messages::new(outbox.gateway().clone(), tag_key, signing_key, radio),
            broker,
            outbox,
            standing,
            reports,
            clock,
            status: Arc::default(),
        }
    }

    /// Gives the uplink's counters.
    pub fn status(&self) -> Arc<UplinkStatus> {
        Arc::clone(&self.status)
    }

    /// Forwards records until the program is stopped; no failure of a connection or of the broker ends it.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub async fn run(self, shutdown: CancellationToken) -> anyhow::Result<()> {
        let mut back_off = BackOff::new(self.broker.retry_delay_max);
        let mut probing = false;
        while !shutdown.is_cancelled() {
            self.status.beat.got_on();
            let began = Instant::now();
            let session = Session::new(&self, probing);
            let ended = session.run(&shutdown).await;
            self.status.disconnected();
            match ended {
                Ended::Stopped => return Ok(()),
                Ended::Failed { error, answered } => {
                    self.status.failed(&error);
                    if answered || began.elapsed() >= self.broker.retry_delay_max {
                        back_off.succeeded();
                    }
                    probing = !answered;
                    let delay = back_off.next_delay()?;
                    tracing::warn!(
                        error = format!("{error:#}"),
                        retry.delay_ms = delay.as_millis(),
                        "the uplink is down; readings stay in the outbox"
                    );
                    tokio::select! {
                        () = shutdown.cancelled() => return Ok(()),
                        () = tokio::time::sleep(delay) => {}
                    }
                }
            }
        }
        Ok(())
    }
}
