//! What the radio says of itself, for the gateway's status message.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use btleplug::api::BDAddr;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::Instant;
use vitals::DeviceId;
use vitals::wire::{DeviceStatus, FAILURES_LEN_MAX};

use super::session::Ending;
use crate::progress::Beat;

/// How many strangers' addresses are remembered; one more makes the longest known be forgotten, and so counted anew.
const STRANGERS_LEN_MAX: usize = 256;

/// How long a stranger that keeps advertising counts only once.
const STRANGER_COUNTED_FOR: Duration = Duration::from_secs(3600);

/// Is the radio's state, shared with the task that writes the gateway's status message.
#[derive(Debug)]
pub struct RadioStatus {
    started: Instant,
    beat: Arc<Beat>,
    /// How many adapters listen.
    ready_len: AtomicUsize,
    strangers_ignored: AtomicU64,
    /// Of registered devices only, so as many as the configuration allows.
    devices: Mutex<BTreeMap<DeviceId, Known>>,
    /// Counts the notes of meetings.
    meetings: watch::Sender<u64>,
}

impl Default for RadioStatus {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            beat: Arc::default(),
            ready_len: AtomicUsize::default(),
            strangers_ignored: AtomicU64::default(),
            devices: Mutex::default(),
            meetings: watch::channel(0).0,
        }
    }
}

impl RadioStatus {
    /// Tells whether an adapter is there, powered and listening, or busy with a device.
    pub fn is_ready(&self) -> bool {
        self.ready_len.load(Ordering::Relaxed) > 0
    }

    /// Counts the devices ignored since start because they are not registered here, each at most once an hour.
    pub fn strangers_ignored(&self) -> u64 {
        self.strangers_ignored.load(Ordering::Relaxed)
    }

    /// Gives when the radio last got on, with an adapter or without.
    pub fn beat(&self) -> Arc<Beat> {
        Arc::clone(&self.beat)
    }

    /// Gives when the program started, by the gateway's clock: one that was set since tells it right too.
    pub fn started_at(&self, now: Timestamp) -> Option<Timestamp> {
        let ran = SignedDuration::try_from(self.started.elapsed()).ok()?;
        now.checked_sub(ran).ok()
    }

    /// Gives what is known of each registered device that was heard of.
    pub fn devices(&self) -> Vec<DeviceStatus> {
        self.known().values().map(|it| it.status.clone()).collect()
    }

    /// Gives what is known of one device.
    pub(super) fn device(&self, device: &DeviceId) -> Known {
        let known = self.known().get(device).cloned();
        known.unwrap_or_else(|| Known::new(device))
    }

    /// Hears of each meeting with a device.
    pub(super) fn meetings(&self) -> watch::Receiver<u64> {
        self.meetings.subscribe()
    }

    /// Notes that a device was heard, and how strongly in dBm if that is known.
    pub(super) fn heard(&self, device: &DeviceId, now: Timestamp, signal_dbm: Option<i16>) {
        self.note(device, |known| {
            known.status.seen_at = Some(now);
            known.signal_dbm = signal_dbm.or(known.signal_dbm);
        });
    }

    /// Notes that a device was seen.
    pub(super) fn saw(&self, device: &DeviceId, now: Timestamp) {
        self.heard(device, now, None);
    }

    /// Notes what came of a meeting with a device.
    pub(super) fn met(&self, device: &DeviceId, met: Met) {
        self.note(device, |known| {
            if met.values_len > 0 {
                known.value_at = Some(met.at);
            }
            known.met = Some(met);
        });
        self.meetings.send_modify(|count| *count += 1);
    }

    /// Forgets a device.
    pub(super) fn forget(&self, device: &DeviceId) {
        self.known().remove(device);
        self.meetings.send_modify(|count| *count += 1);
    }

    /// Notes what a device told of its battery.
    pub(super) fn told_battery(&self, device: &DeviceId, percent: u8) {
        self.note(device, |known| known.status.battery_percent = Some(percent));
    }

    /// Notes whether a device refused the consent of its user.
    pub(super) fn refused_consent(&self, device: &DeviceId, refused: bool) {
        self.note(device, |known| known.status.consent_refused = refused);
    }

    /// Notes that a connection to a device failed.
    pub(super) fn failed(&self, device: &DeviceId, now: Timestamp) {
        self.note(device, |known| {
            let failed_at = &mut known.status.failed_at;
            if failed_at.len() >= FAILURES_LEN_MAX {
                failed_at.remove(0);
            }
            failed_at.push(now);
        });
    }

    fn note(&self, device: &DeviceId, note: impl FnOnce(&mut Known)) {
        let mut known = self.known();
        note(
            known
                .entry(device.clone())
                .or_insert_with(|| Known::new(device)),
        );
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<DeviceId, Known>> {
        // Each note is whole, so a panic elsewhere has not spoilt them.
        self.devices.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn got_on(&self) {
        self.beat.got_on();
    }

    /// Says that an adapter listens, until what this gives is dropped.
    pub(super) fn ready(&self) -> Ready<'_> {
        self.ready_len.fetch_add(1, Ordering::Relaxed);
        Ready(self)
    }

    pub(super) fn count_stranger(&self) {
        self.strangers_ignored.fetch_add(1, Ordering::Relaxed);
    }
}

/// Is an adapter's listening.
pub(super) struct Ready<'a>(&'a RadioStatus);

impl Drop for Ready<'_> {
    fn drop(&mut self) {
        self.0.ready_len.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Is what is known of a registered device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    /// What the server is told.
    pub(super) status: DeviceStatus,
    /// How strongly it was last heard, in dBm.
    pub(super) signal_dbm: Option<i16>,
    /// What came of the last meeting.
    pub(super) met: Option<Met>,
    /// When a value of its was last committed.
    pub(super) value_at: Option<Timestamp>,
}

impl Known {
    fn new(device: &DeviceId) -> Self {
        Self {
            status: DeviceStatus::new(device.clone()),
            signal_dbm: None,
            met: None,
            value_at: None,
        }
    }
}

/// Is what came of a meeting with a device: a session, or a measurement that it advertised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Met {
    /// When it ended.
    pub at: Timestamp,
    /// How it ended.
    pub ending: Ending,
    /// How many values were committed.
    pub values_len: usize,
}

impl Met {
    /// Is a measurement that was advertised.
    pub(super) fn by_advertisement(at: Timestamp) -> Self {
        Self {
            at,
            ending: Ending::Drained,
            values_len: 1,
        }
    }
}

/// Is the addresses of strangers that have been counted lately.
#[derive(Debug, Default)]
pub(super) struct Strangers(HashMap<BDAddr, Instant>);

impl Strangers {
    /// Tells whether the stranger is to be counted, and remembers it.
    pub(super) fn is_news(&mut self, address: BDAddr, now: Instant) -> bool {
        if let Some(counted_at) = self.0.get(&address)
            && now.duration_since(*counted_at) < STRANGER_COUNTED_FOR
        {
            return false;
        }
        if self.0.len() >= STRANGERS_LEN_MAX && !self.0.contains_key(&address) {
            let oldest = self.0.iter().min_by_key(|(_, at)| **at).map(|(it, _)| *it);
            oldest.map(|oldest| self.0.remove(&oldest));
        }
        self.0.insert(address, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(number: u16) -> BDAddr {
        let [high, low] = number.to_be_bytes();
        BDAddr::from([2, 0, 0, 0, high, low])
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_known_of_a_device_is_its_latest_and_bounded() {
        let status = RadioStatus::default();
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        let cuff: DeviceId = "cuff".parse().unwrap();
        status.saw(&cuff, at(1));
        status.saw(&cuff, at(2));
        status.told_battery(&cuff, 40);
        for seconds in 0..20 {
            status.failed(&cuff, at(seconds));
        }
        let known = &status.devices()[0];
        assert_eq!(known.seen_at, Some(at(2)));
        assert_eq!(known.battery_percent, Some(40));
        assert_eq!(known.failed_at.len(), FAILURES_LEN_MAX);
        assert_eq!(known.failed_at.last(), Some(&at(19)));
        status.heard(&cuff, at(21), Some(-60));
        status.met(&cuff, Met::by_advertisement(at(22)));
        status.saw(&cuff, at(23));
        let known = status.device(&cuff);
        assert_eq!(
            (known.signal_dbm, known.value_at),
            (Some(-60), Some(at(22)))
        );
        status.forget(&cuff);
        assert!(status.devices().is_empty());
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(status.started_at(at(100)), Some(at(40)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stranger_counts_once_an_hour() {
        let mut strangers = Strangers::default();
        let start = Instant::now();
        assert!(strangers.is_news(address(1), start));
        assert!(!strangers.is_news(address(1), start + Duration::from_secs(3599)));
        assert!(strangers.is_news(address(2), start));
        assert!(strangers.is_news(address(1), start + Duration::from_secs(3600)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_crowd_of_strangers_takes_bounded_room() {
        let mut strangers = Strangers::default();
        let start = Instant::now();
        for number in 0..1000 {
            let now = start + Duration::from_millis(number.into());
            assert!(strangers.is_news(address(number), now));
        }
        assert_eq!(strangers.0.len(), STRANGERS_LEN_MAX);
        let now = start + Duration::from_secs(2);
        assert!(
            !strangers.is_news(address(999), now),
            "the latest is remembered"
        );
        assert!(
            strangers.is_news(address(0), now),
            "the first was forgotten"
        );
    }
}
