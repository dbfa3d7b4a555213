//! Devices' clocks: how far one is off, as the gateway saw it when it took a reading.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vitals::{Reading, TimeBasis, Times};

use crate::zone::Zone;

/// What a device's clock showed, and from when it counts as wrong: the limit of the day travels along, so that a replay
/// judges as was judged then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceClock {
    /// The seconds to add to what it showed, read as UTC, to get UTC.
    pub offset_seconds: i64,
    /// By how many seconds it must be off to be wrong.
    pub wrong_from_seconds: u32,
}

impl DeviceClock {
    /// Gives what a reading tells of its device's clock; `None` when it tells nothing. A device time that the gateway did
    /// not believe, years ago or in the future, tells by how much at least.
    pub fn of(reading: &Reading, wrong_from_seconds: u32) -> Option<Self> {
        let Times {
            device_time,
            received_at,
            basis,
            ..
        } = reading.times;
        let offset_seconds = match (basis, device_time) {
            (TimeBasis::DeviceClock { offset_seconds }, _) => Some(offset_seconds),
            (TimeBasis::Arrival, Some(shown)) => shown.offset_to(received_at),
            (TimeBasis::HomeZone | TimeBasis::Arrival, _) => None,
        };
        Some(Self {
            offset_seconds: offset_seconds?,
            wrong_from_seconds,
        })
    }

    /// Gives how far the clock was ahead of the home's wall time, in seconds; less than 0 when it was behind.
    pub fn ahead_seconds(&self, at: Timestamp, home: &Zone) -> i64 {
        let right = i64::from(home.offset_seconds(at));
        self.offset_seconds.saturating_add(right).saturating_neg()
    }

    /// Gives how far the clock was ahead of the home's wall time where that is wrong; `None` for one that is right.
    pub fn wrong_by_seconds(&self, at: Timestamp, home: &Zone) -> Option<i64> {
        let ahead = self.ahead_seconds(at, home);
        (ahead.unsigned_abs() >= u64::from(self.wrong_from_seconds)).then_some(ahead)
    }
}
