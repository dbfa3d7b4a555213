//! What the radio says of itself, for the gateway's status message.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use btleplug::api::BDAddr;
use tokio::time::Instant;

/// How many strangers' addresses are remembered; one more makes the longest known be forgotten, and so counted anew.
const STRANGERS_LEN_MAX: usize = 256;

/// How long a stranger that keeps advertising counts only once.
const STRANGER_COUNTED_FOR: Duration = Duration::from_secs(3600);

/// Is the radio's state, shared with the task that writes the gateway's status message.
#[derive(Debug, Default)]
pub struct RadioStatus {
    ready: AtomicBool,
    strangers_ignored: AtomicU64,
}

impl RadioStatus {
    /// Tells whether an adapter is there, powered and listening, or busy with a device.
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed)
    }

    /// Counts the devices ignored since start because they are not registered here, each at most once an hour.
    pub fn strangers_ignored(&self) -> u64 {
        self.strangers_ignored.load(Ordering::Relaxed)
    }

    pub(super) fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Relaxed);
    }

    pub(super) fn count_stranger(&self) {
        self.strangers_ignored.fetch_add(1, Ordering::Relaxed);
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
