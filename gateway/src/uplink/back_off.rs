//! The pause before the next attempt to connect: doubled with each failure, spread at random, bounded.

use std::time::Duration;

use crate::clock;

const RETRY_DELAY_MIN: Duration = Duration::from_secs(1);

/// Counts failures in a row.
#[derive(Debug)]
pub(super) struct BackOff {
    delay_max: Duration,
    failures: u32,
}

impl BackOff {
    pub(super) fn new(delay_max: Duration) -> Self {
        Self {
            delay_max,
            failures: 0,
        }
    }

    pub(super) fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// A home's power cut must not bring all gateways back in the same second, so each waits between half and the whole.
    pub(super) fn next_delay(&mut self) -> anyhow::Result<Duration> {
        let whole = RETRY_DELAY_MIN
            .saturating_mul(1 << self.failures.min(16))
            .min(self.delay_max);
        self.failures = self.failures.saturating_add(1);
        let half_ms = u64::try_from(whole.as_millis() / 2).unwrap_or(u64::MAX);
        Ok(whole / 2 + Duration::from_millis(clock::random_up_to(half_ms)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_bound_and_begin_anew_after_success() {
        let mut back_off = BackOff::new(Duration::from_secs(60));
        for whole in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
            let whole = Duration::from_secs(whole);
            let delay = back_off.next_delay().unwrap();
            assert!(
                delay >= whole / 2 && delay <= whole,
                "{delay:?} of {whole:?}"
            );
        }
        back_off.succeeded();
        assert!(back_off.next_delay().unwrap() <= Duration::from_secs(1));
    }

    #[test]
    fn a_bound_under_the_first_delay_holds_from_the_first() {
        let mut back_off = BackOff::new(Duration::from_millis(100));
        assert!(back_off.next_delay().unwrap() <= Duration::from_millis(100));
    }
}
