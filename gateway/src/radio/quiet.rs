//! Which devices are left alone for a while after a session.

use std::collections::HashMap;
use std::time::Duration;

use btleplug::api::BDAddr;
use tokio::time::Instant;

use super::session::Ending;
use super::timings::{RadioTimings, backed_off};

/// Is the registered devices that are left alone, and until when.
#[derive(Debug, Default)]
pub(super) struct Quiet(HashMap<BDAddr, Rest>);

#[derive(Debug, Clone, Copy)]
struct Rest {
    until: Instant,
    failures: u32,
}

impl Quiet {
    /// Tells whether the device is left alone now.
    pub(super) fn covers(&self, address: BDAddr, now: Instant) -> bool {
        self.0.get(&address).is_some_and(|rest| now < rest.until)
    }

    /// Forgets a device: it is not left alone.
    pub(super) fn forget(&mut self, address: BDAddr) {
        self.0.remove(&address);
    }

    /// Leaves the device alone for as long as the session's end asks for.
    ///
    /// A device that was drained often advertises on, and would be connected to again and again; a lost link is
    /// tried again soon, since the device may hold more and be gone in seconds.
    pub(super) fn begin(
        &mut self,
        address: BDAddr,
        ending: Ending,
        timings: &RadioTimings,
        now: Instant,
    ) {
        let failures_before = self.0.get(&address).map_or(0, |rest| rest.failures);
        let (failures, wait) = match ending {
            Ending::Drained => (0, Duration::from_millis(timings.quiet_ms)),
            // It comes back at once, to be asked for what it has.
            Ending::Paired => (0, Duration::from_millis(timings.failure_quiet_ms)),
            Ending::LinkLost
            | Ending::Failed
            | Ending::NotPaired
            | Ending::NotConsented
            | Ending::Refused
            | Ending::Stopped => (
                failures_before.saturating_add(1),
                backed_off(timings.failure_quiet_ms, timings.quiet_ms, failures_before),
            ),
        };
        let until = now + wait;
        self.0.insert(address, Rest { until, failures });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_drained_device_rests_long_and_a_failing_one_ever_longer() {
        let timings = RadioTimings::default();
        let address = BDAddr::from([2, 0, 0, 0, 0, 1]);
        let seconds = Duration::from_secs;
        let mut quiet = Quiet::default();
        let start = Instant::now();
        assert!(!quiet.covers(address, start));

        quiet.begin(address, Ending::Drained, &timings, start);
        assert!(quiet.covers(address, start + seconds(39)));
        assert!(!quiet.covers(address, start + seconds(40)));

        let mut now = start + seconds(60);
        for rests_seconds in [2, 4, 8, 16, 32, 40, 40] {
            quiet.begin(address, Ending::LinkLost, &timings, now);
            assert!(quiet.covers(address, now + seconds(rests_seconds - 1)));
            now += seconds(rests_seconds);
            assert!(!quiet.covers(address, now));
        }

        quiet.begin(address, Ending::Drained, &timings, now);
        quiet.begin(address, Ending::Failed, &timings, now);
        assert!(
            !quiet.covers(address, now + seconds(2)),
            "a success forgives"
        );
        quiet.forget(address);
        assert!(!quiet.covers(address, now));
    }
}
