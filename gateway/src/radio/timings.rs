//! How long the radio waits for what.

use std::time::Duration;

use anyhow::ensure;
use serde::Deserialize;

const TIMING_MS_MAX: u64 = 3_600_000;

/// The most calls that BlueZ may leave unanswered one after the other in one step of a session.
const CALLS_LEN_MAX: u64 = 8;

/// What a busy machine may add.
const AGE_SLACK: Duration = Duration::from_secs(30);

/// Is how long the radio waits for what, in milliseconds; each has a default that suits real devices.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RadioTimings {
    /// How often the scan is started afresh; also how soon a lost adapter or a restarted BlueZ is noticed.
    pub scan_refresh_ms: u64,
    /// How long a stream of events is relied on; btleplug's was seen to fall silent after hours (its issue 332).
    pub events_kept_ms: u64,
    /// The longest that a quick call to BlueZ may take.
    pub call_ms_max: u64,
    /// The longest that a connection, or finding a device's services, may take.
    pub connect_ms_max: u64,
    /// The longest that a pairing may take, somebody's entering of digits included.
    pub pair_ms_max: u64,
    /// The pause between finding services and using them.
    pub settle_ms: u64,
    /// How long the first value of a session is waited for.
    pub first_value_ms: u64,
    /// How long each further value is waited for.
    pub idle_ms: u64,
    /// The longest that a session waits for values in all.
    pub session_ms_max: u64,
    /// The longest that a value may take to be committed.
    pub commit_ms_max: u64,
    /// How long a command looks for new devices.
    pub look_ms_max: u64,
    /// How long it goes on looking once one of the wanted kind is found.
    pub look_settle_ms: u64,
    /// How long a device is left alone after a session that drained it; many advertise on for a while.
    pub quiet_ms: u64,
    /// How long a device is left alone after a session that failed; doubled with each failure up to `quiet_ms`.
    pub failure_quiet_ms: u64,
    /// The pause before a lost adapter is looked for again; doubled with each failure.
    pub retry_delay_ms: u64,
    /// The longest such pause.
    pub retry_delay_ms_max: u64,
}

impl Default for RadioTimings {
    fn default() -> Self {
        Self {
            scan_refresh_ms: 8_000,
            events_kept_ms: 600_000,
            call_ms_max: 8_000,
            connect_ms_max: 28_000,
            pair_ms_max: 60_000,
            settle_ms: 100,
            first_value_ms: 10_000,
            idle_ms: 2_000,
            session_ms_max: 120_000,
            commit_ms_max: 20_000,
            look_ms_max: 30_000,
            look_settle_ms: 3_000,
            quiet_ms: 40_000,
            failure_quiet_ms: 2_000,
            retry_delay_ms: 1_000,
            retry_delay_ms_max: 30_000,
        }
    }
}

impl RadioTimings {
    /// Gives the longest that the radio may take to get on: no step of a session is longer than the longest of these,
    /// and a device may be subscribed to, or let go of, by several calls.
    pub fn age_max(&self) -> Duration {
        let longest_ms = [
            self.scan_refresh_ms,
            self.connect_ms_max,
            self.pair_ms_max,
            self.first_value_ms,
            self.idle_ms,
            self.commit_ms_max,
            self.retry_delay_ms_max,
            CALLS_LEN_MAX * self.call_ms_max,
        ]
        .into_iter()
        .max();
        Duration::from_millis(longest_ms.unwrap_or_default()) + AGE_SLACK
    }

    /// Refuses timings that would make the radio spin or stand still.
    ///
    /// # Errors
    /// When a time is 0 or longer than an hour; the error names the key.
    pub fn check(&self) -> anyhow::Result<()> {
        for (key, value_ms) in [
            ("scan_refresh_ms", self.scan_refresh_ms),
            ("events_kept_ms", self.events_kept_ms),
            ("call_ms_max", self.call_ms_max),
            ("connect_ms_max", self.connect_ms_max),
            ("pair_ms_max", self.pair_ms_max),
            ("settle_ms", self.settle_ms),
            ("first_value_ms", self.first_value_ms),
            ("idle_ms", self.idle_ms),
            ("session_ms_max", self.session_ms_max),
            ("commit_ms_max", self.commit_ms_max),
            ("look_ms_max", self.look_ms_max),
            ("look_settle_ms", self.look_settle_ms),
            ("quiet_ms", self.quiet_ms),
            ("failure_quiet_ms", self.failure_quiet_ms),
            ("retry_delay_ms", self.retry_delay_ms),
            ("retry_delay_ms_max", self.retry_delay_ms_max),
        ] {
            ensure!(
                (1..=TIMING_MS_MAX).contains(&value_ms),
                "radio.timings.{key} must be 1 to {TIMING_MS_MAX}, found {value_ms}"
            );
        }
        Ok(())
    }
}

/// Doubles `first_ms` for each failure already behind, up to `most_ms`.
pub(super) fn backed_off(first_ms: u64, most_ms: u64, failures: u32) -> Duration {
    let factor = 1_u64.checked_shl(failures).unwrap_or(u64::MAX);
    Duration::from_millis(first_ms.saturating_mul(factor).min(most_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_optional_checked_and_never_unknown() {
        let timings: RadioTimings = toml::from_str("idle_ms = 50").unwrap();
        assert_eq!(timings.idle_ms, 50);
        assert_eq!(timings.quiet_ms, RadioTimings::default().quiet_ms);
        timings.check().unwrap();
        assert!(toml::from_str::<RadioTimings>("idle = 50").is_err());
        for text in ["idle_ms = 0", "quiet_ms = 3600001"] {
            let timings: RadioTimings = toml::from_str(text).unwrap();
            let error = timings.check().unwrap_err().to_string();
            assert!(error.contains("radio.timings."), "{error}");
        }
    }

    #[test]
    fn a_pause_doubles_up_to_its_bound() {
        let pauses: Vec<u128> = [0, 1, 2, 3, 70]
            .map(|failures| backed_off(2, 10, failures).as_millis())
            .into();
        assert_eq!(pauses, [2, 4, 8, 10, 10]);
    }
}
