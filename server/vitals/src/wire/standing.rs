//! The standing of a gateway: whether what it records counts, or is a test.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::WireError;
use crate::reading::{TimeBasis, Times};

/// Where a gateway stands, as far as its records are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StandingKind {
    /// It is being set up: what it records is a test until the sign-off is accepted.
    Commissioning,
    /// What it records counts.
    Live,
    /// It was replaced or is on its way back: what it records from now on is a test.
    Ended,
}

/// What the server says of a gateway's standing. Only a word with a larger number than the last one changes anything: an
/// old one that somebody kept and sends again would turn readings into tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// Which change of the gateway's standing this is.
    pub number: u64,
    /// Where it stands since.
    pub standing: StandingKind,
    /// When the gateway took the place of another, if it did: what a device's own clock dates before that was measured
    /// for the patient and not for the installer, and counts whoever delivers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub takes_over_since: Option<Timestamp>,
}

impl Standing {
    /// The standing of a gateway that was registered by hand.
    pub const BY_HAND: Self = Self {
        number: 0,
        standing: StandingKind::Live,
        takes_over_since: None,
    };

    /// Tells whether a record is a test that the gateway makes while it stands so.
    pub fn makes_tests_of(&self, times: &Times) -> bool {
        let is_of_before =
            |since: Timestamp| times.basis != TimeBasis::Arrival && times.measured_at < since;
        match self.standing {
            StandingKind::Live => false,
            StandingKind::Ended => true,
            StandingKind::Commissioning => !self.takes_over_since.is_some_and(is_of_before),
        }
    }

    /// Reads the body of an opened envelope.
    ///
    /// # Errors
    /// A named refusal.
    pub fn from_body(body: &str) -> Result<Self, WireError> {
        Ok(serde_json::from_str(body)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(basis: TimeBasis, measured_at: &str) -> Times {
        let measured_at = measured_at.parse().unwrap();
        Times {
            device_time: None,
            measured_at,
            received_at: measured_at,
            basis,
        }
    }

    #[test]
    fn only_a_live_gateway_makes_readings_but_for_what_was_measured_before_a_replacement() {
        let since = "2026-11-27T09:00:00Z".parse().unwrap();
        let stands = |standing, takes_over_since| Standing {
            number: 1,
            standing,
            takes_over_since,
        };
        let before = times(TimeBasis::HomeZone, "2026-11-26T09:00:00Z");
        let undated = times(TimeBasis::Arrival, "2026-11-26T09:00:00Z");
        let after = times(TimeBasis::HomeZone, "2026-11-27T09:00:00Z");
        for (standing, takes_over, tests) in [
            (StandingKind::Commissioning, None, [true, true, true]),
            (
                StandingKind::Commissioning,
                Some(since),
                [false, true, true],
            ),
            (StandingKind::Live, Some(since), [false, false, false]),
            (StandingKind::Ended, Some(since), [true, true, true]),
        ] {
            let stands = stands(standing, takes_over);
            let found = [&before, &undated, &after].map(|it| stands.makes_tests_of(it));
            assert_eq!(found, tests, "{stands:?}");
        }
    }
}
