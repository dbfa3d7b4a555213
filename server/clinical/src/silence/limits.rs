//! The numbers by which silence is judged: data, the same for every home of a server.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// From when a sign counts. All of it is a design proposal that whoever runs the service approves; `config/silence.toml`
/// gives each number its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SilenceLimits {
    /// A gateway unheard for so many minutes is quiet \[D\]: it sends a status every few minutes at most.
    pub gateway_quiet_minutes: u32,
    /// A silence that is over explains an empty window when it took so much of it, in percent, or lasted over its
    /// close \[D\].
    pub quiet_share_percent: u8,
    /// A gateway that had power and internet is heard so many minutes after it started \[D\]: a router takes up to ten.
    pub start_minutes_max: u32,
    /// An outage of ours explains missing readings until so many minutes after its end \[D\]: outboxes empty meanwhile.
    pub settle_minutes: u32,
    /// A battery at or under so many percent may be why a device is not heard \[D\].
    pub battery_low_percent: u8,
    /// A clock that is wrong by more seconds puts readings into the wrong window \[D\].
    pub clock_wrong_seconds: u32,
    /// A device's clock that is off by so many seconds or more is an item for whoever mends the kit \[D\].
    pub device_clock_wrong_seconds: u32,
    /// So many failed attempts are the device's fault rather than the patient's \[D, with BLS status bits: a technical item
    /// after two bad attempts\].
    pub failed_attempts_min: u32,
    /// So many failed connections are a fault, and fewer are the noise of radio \[D\].
    pub connection_failures_min: u32,
    /// What is usually heard over and over is absent when so many of its usual gaps pass without a word \[D\]; twice as
    /// many, for a silence that is over.
    pub absent_gaps_min: u32,
    /// Fewer homes than this are never an incident \[D\].
    pub incident_homes_min: u32,
    /// So many percent of all homes, or of one team's, are an incident \[D\].
    pub incident_share_percent: u8,
    /// Homes that went quiet within so many minutes went quiet together \[D\]: a last will comes one and a half
    /// keep-alives late.
    pub incident_span_minutes: u32,
    /// An incident is over when so many percent of its homes are back \[D\].
    pub incident_over_percent: u8,
    /// Who proposed and who approved these numbers.
    pub source: String,
}

/// Why limits cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SilenceLimitsError {
    /// A limit that everything would reach.
    #[error("{0} is 0, which everything reaches. Give at least 1.")]
    Zero(&'static str),
    /// More than the whole.
    #[error("{0} is over 100 percent.")]
    OverAHundred(&'static str),
    /// More than a week of minutes, or of seconds.
    #[error("{0} is longer than a week.")]
    TooLong(&'static str),
    /// Numbers without a source.
    #[error("Say where the numbers are from, in source.")]
    NoSource,
}

const MINUTES_MAX: u32 = 7 * 24 * 60;
const SECONDS_MAX: u32 = MINUTES_MAX * 60;

impl SilenceLimits {
    /// Checks that no limit is reached by everything or by nothing.
    ///
    /// # Errors
    /// A sentence that says what to change.
    pub fn check(&self) -> Result<(), SilenceLimitsError> {
        for (name, value, most) in self.amounts() {
            if value == 0 {
                return Err(SilenceLimitsError::Zero(name));
            }
            if value > most {
                return Err(SilenceLimitsError::TooLong(name));
            }
        }
        for (name, value) in self.percents() {
            if value == 0 {
                return Err(SilenceLimitsError::Zero(name));
            }
            if value > 100 {
                return Err(SilenceLimitsError::OverAHundred(name));
            }
        }
        if self.source.trim().is_empty() {
            return Err(SilenceLimitsError::NoSource);
        }
        Ok(())
    }

    fn amounts(&self) -> [(&'static str, u32, u32); 10] {
        [
            (
                "gateway_quiet_minutes",
                self.gateway_quiet_minutes,
                MINUTES_MAX,
            ),
            ("start_minutes_max", self.start_minutes_max, MINUTES_MAX),
            ("settle_minutes", self.settle_minutes, MINUTES_MAX),
            ("clock_wrong_seconds", self.clock_wrong_seconds, SECONDS_MAX),
            (
                "device_clock_wrong_seconds",
                self.device_clock_wrong_seconds,
                SECONDS_MAX,
            ),
            ("failed_attempts_min", self.failed_attempts_min, u32::MAX),
            (
                "connection_failures_min",
                self.connection_failures_min,
                u32::MAX,
            ),
            ("absent_gaps_min", self.absent_gaps_min, u32::MAX),
            ("incident_homes_min", self.incident_homes_min, u32::MAX),
            (
                "incident_span_minutes",
                self.incident_span_minutes,
                MINUTES_MAX,
            ),
        ]
    }

    fn percents(&self) -> [(&'static str, u8); 4] {
        [
            ("quiet_share_percent", self.quiet_share_percent),
            ("battery_low_percent", self.battery_low_percent),
            ("incident_share_percent", self.incident_share_percent),
            ("incident_over_percent", self.incident_over_percent),
        ]
    }

    /// Tells whether so many homes of so many are an incident rather than a chance.
    pub fn is_many(&self, quiet: u64, of: u64) -> bool {
        let share = u64::from(self.incident_share_percent);
        quiet >= u64::from(self.incident_homes_min)
            && quiet.saturating_mul(100) >= of.saturating_mul(share)
    }
}
