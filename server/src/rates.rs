//! Rates: how often somebody may come, as token buckets. Pure: the time is an argument.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use jiff::{SignedDuration, Timestamp};

/// How often somebody may come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    /// A token comes back after each such time.
    pub(crate) every: SignedDuration,
    /// How many tokens a full bucket holds: so many may come at once.
    pub(crate) burst: i32,
}

/// One bucket, by the time at which it is full again: the generic cell rate algorithm.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    full_at: Timestamp,
}

impl Bucket {
    /// Takes a token, or says how long it takes until there is one.
    fn take(&mut self, rate: Rate, now: Timestamp) -> Result<(), SignedDuration> {
        let missing = self.full_at.duration_since(now);
        let capacity = rate.every * rate.burst;
        // Nothing misses more than all: then the clock was put back, and nobody shall wait for what it shows.
        let missing = if missing.is_negative() || missing > capacity {
            SignedDuration::ZERO
        } else {
            missing
        };
        let after = missing + rate.every;
        if after > capacity {
            return Err(after - capacity);
        }
        self.full_at = now.saturating_add(after).unwrap_or(Timestamp::MAX);
        Ok(())
    }
}

/// A bucket for each of many, up to a bound: who has not come for the longest time is forgotten first.
#[derive(Debug)]
pub(crate) struct Buckets<K> {
    rate: Rate,
    len_max: usize,
    buckets: HashMap<K, (Bucket, u64)>,
    by_use: BTreeMap<u64, K>,
    uses: u64,
}

impl<K: Hash + Eq + Clone> Buckets<K> {
    /// Makes full buckets for whoever comes.
    pub(crate) fn new(rate: Rate, len_max: usize) -> Self {
        Self {
            rate,
            len_max,
            buckets: HashMap::new(),
            by_use: BTreeMap::new(),
            uses: 0,
        }
    }

    /// Takes a token out of the bucket of one.
    ///
    /// # Errors
    /// When it is empty: how long it takes until a token is back.
    pub(crate) fn take(&mut self, key: &K, now: Timestamp) -> Result<(), SignedDuration> {
        self.uses += 1;
        let full = Bucket { full_at: now };
        let (mut bucket, last_use) = self.buckets.get(key).copied().unwrap_or((full, 0));
        let taken = bucket.take(self.rate, now);
        self.by_use.remove(&last_use);
        self.by_use.insert(self.uses, key.clone());
        self.buckets.insert(key.clone(), (bucket, self.uses));
        if self.buckets.len() > self.len_max
            && let Some((_, longest_ago)) = self.by_use.pop_first()
        {
            self.buckets.remove(&longest_ago);
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        every: SignedDuration::from_millis(100),
        burst: 5,
    };

    fn at(ms: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH
            + SignedDuration::from_hours(500_000)
            + SignedDuration::from_millis(ms)
    }

    fn empty(key: u32) -> Buckets<u32> {
        let mut buckets = Buckets::new(RATE, 3);
        for _ in 0..RATE.burst {
            assert_eq!(buckets.take(&key, at(0)), Ok(()));
        }
        buckets
    }

    #[test]
    fn a_burst_is_let_through_and_then_one_for_each_step_of_time() {
        let mut buckets = empty(1);
        let wait = buckets.take(&1, at(30)).unwrap_err();
        assert_eq!(wait, SignedDuration::from_millis(70));
        assert!(buckets.take(&1, at(99)).is_err());
        assert_eq!(buckets.take(&1, at(100)), Ok(()));
        assert!(buckets.take(&1, at(100)).is_err());
    }

    #[test]
    fn being_refused_costs_nothing_and_rest_fills_the_bucket_no_further_than_full() {
        let mut buckets = empty(1);
        for _ in 0..100 {
            assert!(buckets.take(&1, at(50)).is_err());
        }
        for _ in 0..RATE.burst {
            assert_eq!(buckets.take(&1, at(60_000)), Ok(()));
        }
        assert!(buckets.take(&1, at(60_000)).is_err());
    }

    #[test]
    fn each_has_a_bucket_of_their_own() {
        let mut buckets = empty(1);
        assert!(buckets.take(&1, at(0)).is_err());
        assert_eq!(buckets.take(&2, at(0)), Ok(()));
    }

    #[test]
    fn who_has_not_come_for_the_longest_time_is_forgotten() {
        let mut buckets = empty(1);
        for key in [2, 3] {
            assert_eq!(buckets.take(&key, at(0)), Ok(()));
        }
        assert!(buckets.take(&1, at(0)).is_err(), "1 has come just now");
        assert_eq!(buckets.take(&4, at(0)), Ok(()));
        assert_eq!(buckets.buckets.len(), 3);
        assert_eq!(buckets.by_use.len(), 3);
        assert!(!buckets.buckets.contains_key(&2));
        assert!(buckets.take(&1, at(0)).is_err(), "1 is still known");
    }

    #[test]
    fn a_clock_that_is_put_back_makes_nobody_wait() {
        let mut buckets = empty(1);
        assert_eq!(buckets.take(&1, at(-3_600_000)), Ok(()));
    }
}
