//! Looks how the box is: asks the outbox, the radio, the uplink, the clock and the disk, and makes a state of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::state::{Kept, SHOWN_LEN_MAX, Shown, Signs, State, Trouble, Unsaved};
use crate::clock::{Certainty, Clock, is_stamp};
use crate::intake::{Saving, record_of};
use crate::outbox::{self, Outbox, OutboxError, OutboxStatus, Place};
use crate::radio::RadioStatus;
use crate::uplink::UplinkStatus;

/// Whom to ask.
#[derive(Debug, Clone)]
pub struct Sources {
    /// The outbox.
    pub outbox: Arc<Outbox>,
    /// Whether values can be saved.
    pub saving: Arc<Saving>,
    /// The connection.
    pub uplink: Arc<UplinkStatus>,
    /// The radio.
    pub radio: Arc<RadioStatus>,
    /// The clock.
    pub clock: Clock,
    /// The folder of the outbox.
    pub state_dir: PathBuf,
    /// The zone of the home.
    pub home_time_zone: TimeZone,
}

/// Looks, and remembers since when something has been so: by the time that passes, which no clock change alters.
#[derive(Debug)]
pub(super) struct Looker {
    sources: Sources,
    unsent_for_max: Duration,
    since: Mutex<Since>,
}

#[derive(Debug)]
struct Since {
    radio_ready_at: Instant,
    time_known_at: Instant,
    /// When nothing waited, or the server last confirmed something.
    confirmed_at: Instant,
    connected_at: Instant,
    receipts_applied: u64,
}

impl Looker {
    /// Begins to look.
    pub(super) fn new(sources: Sources, unsent_for_max: Duration) -> Self {
        let now = Instant::now();
        Self {
            sources,
            unsent_for_max,
            since: Mutex::new(Since {
                radio_ready_at: now,
                time_known_at: now,
                confirmed_at: now,
                connected_at: now,
                receipts_applied: 0,
            }),
        }
    }

    /// Gives the zone of the home.
    pub(super) fn home_time_zone(&self) -> &TimeZone {
        &self.sources.home_time_zone
    }

    /// Looks how the box is now.
    pub(super) async fn look(&self) -> State {
        match self.ask().await {
            Ok(state) => state,
            Err(error) => {
                tracing::error!(error = %error, "the outbox cannot be looked at");
                State {
                    now: None,
                    shown: Vec::new(),
                    waiting_len: 0,
                    connected: self.sources.uplink.is_connected(),
                    trouble: Some(Trouble::Unsaved(Unsaved::Fault)),
                }
            }
        }
    }

    async fn ask(&self) -> Result<State, OutboxError> {
        let Sources { outbox, clock, .. } = &self.sources;
        let now = match clock.certainty() {
            Certainty::Unknown => None,
            Certainty::Unconfirmed | Certainty::Known => Some(clock.now()),
        };
        let status = outbox.status().await?;
        let shown = self.shown().await?;
        let connected = self.sources.uplink.is_connected();
        let signs = self.signs(now, &status, &shown).await;
        Ok(State {
            now,
            shown,
            waiting_len: status.unreceipted_len,
            connected,
            trouble: signs.trouble(),
        })
    }

    /// What has no date yet is not a record yet, and is newer than all that are.
    async fn shown(&self) -> Result<Vec<Shown>, OutboxError> {
        let Sources { outbox, clock, .. } = &self.sources;
        let mut shown = Vec::new();
        if clock.certainty() == Certainty::Unknown {
            for leftover in outbox.leftovers(None).await? {
                // What stopped the program before is not decoded for show.
                if leftover.tries > 1 {
                    continue;
                }
                let record = record_of(&leftover.capture, &self.sources.home_time_zone);
                shown.push(Shown {
                    record,
                    kept: Kept::Here,
                    time_is_known: false,
                });
            }
            shown.reverse();
        }
        for placed in outbox.newest(SHOWN_LEN_MAX).await? {
            shown.push(Shown {
                time_is_known: !is_unsure(&placed.record),
                record: placed.record,
                kept: match placed.place {
                    Place::Waiting => Kept::Here,
                    Place::Receipted => Kept::AtServer,
                    Place::SetAside => Kept::SetAside,
                },
            });
        }
        shown.truncate(SHOWN_LEN_MAX);
        Ok(shown)
    }

    async fn signs(&self, now: Option<Timestamp>, status: &OutboxStatus, shown: &[Shown]) -> Signs {
        let Sources {
            saving,
            uplink,
            radio,
            state_dir,
            ..
        } = &self.sources;
        let disk = disk(state_dir);
        let passed = Instant::now();
        let mut since = self.since.lock().await;
        if radio.is_ready() {
            since.radio_ready_at = passed;
        }
        if now.is_some() {
            since.time_known_at = passed;
        }
        if uplink.is_connected() {
            since.connected_at = passed;
        }
        if status.unreceipted_len == 0 || uplink.receipts_applied() != since.receipts_applied {
            since.receipts_applied = uplink.receipts_applied();
            since.confirmed_at = passed;
        }
        let waited_for = now
            .zip(status.oldest_unreceipted_at)
            .and_then(|(now, oldest)| Duration::try_from(now.duration_since(oldest)).ok())
            .unwrap_or_default();
        let cut_off_for = passed - since.connected_at.min(since.confirmed_at);
        Signs {
            unsaved: saving.hindrance(),
            disk_free_bytes: disk.map(|it| it.free_bytes),
            disk_read_only: disk.is_some_and(|it| it.read_only),
            used_percent: status.used_percent,
            deaf_for: passed - since.radio_ready_at,
            timeless_for: passed - since.time_known_at,
            unsent_for: cut_off_for.max(waited_for),
            unsent_for_max: self.unsent_for_max,
            newest_is_set_aside: shown.first().is_some_and(|it| it.kept == Kept::SetAside),
            damaged_kept: outbox::damaged_are_kept(state_dir),
        }
    }
}

fn is_unsure(record: &vitals::Record) -> bool {
    let (quality, times) = match record {
        vitals::Record::Reading(reading) => (&reading.quality, &reading.times),
        vitals::Record::Attempt(attempt) => (&attempt.quality, &attempt.times),
    };
    quality.contains(&vitals::QualityMark::GatewayClockUnsure) || is_stamp(times.received_at)
}

#[derive(Debug, Clone, Copy)]
struct Disk {
    free_bytes: u64,
    read_only: bool,
}

fn disk(folder: &Path) -> Option<Disk> {
    let found = rustix::fs::statvfs(folder).ok()?;
    Some(Disk {
        free_bytes: found.f_bavail.saturating_mul(found.f_frsize),
        read_only: found.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY),
    })
}
