//! The stream's clock: minutes since its first midnight, which is a Monday in winter, so that local time is UTC.

use jiff::{SignedDuration, Timestamp};

/// Minutes since the stream's first midnight.
pub(crate) type Minute = i64;

pub(crate) const HOUR: Minute = 60;
pub(crate) const DAY: Minute = 24 * HOUR;

/// The first midnight: Monday 2 November 2026.
const START: &str = "2026-11-02T00:00:00Z";

/// Gives the moment of a minute.
pub(crate) fn moment(minute: Minute) -> Timestamp {
    let start: Timestamp = START.parse().unwrap();
    start + SignedDuration::from_mins(minute)
}

/// Gives the minute of a moment, the next one when it lies between two.
pub(crate) fn minute(at: Timestamp) -> Minute {
    let seconds = at.duration_since(moment(0)).as_secs();
    seconds.div_euclid(60) + i64::from(seconds.rem_euclid(60) > 0)
}

pub(crate) fn day(minute: Minute) -> i64 {
    minute.div_euclid(DAY)
}
