//! When a measurement was taken: the device's clock, corrected to UTC, or else the time of arrival.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use vitals::{DeviceTime, QualityMark, TimeBasis, Times};

use crate::capture::Capture;

/// How far after its arrival a measurement may seem to lie before its clock is not believed.
const FUTURE_MAX: SignedDuration = SignedDuration::from_mins(5);
/// How far before its arrival a measurement may seem to lie by a clock that could not be read. Clocks that were never set
/// begin years ago (2017-01-01 was seen); nobody leaves a measurement in a device's small memory for so long.
const UNREAD_PAST_MAX: SignedDuration = SignedDuration::from_hours(5 * 366 * 24);

/// What a value says of its own time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueTime {
    /// A time by the device's clock, perhaps an incomplete one.
    Shown(gatt::DateTime),
    /// No time, or one that the device itself does not believe.
    Absent,
    /// A value of this kind is sent as it is measured and never carries a time.
    Live,
}

/// The times of a measurement, and the doubts about them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Timing {
    pub(super) times: Times,
    pub(super) marks: Vec<QualityMark>,
}

pub(super) fn of(capture: &Capture, shown: ValueTime, home: &TimeZone) -> Timing {
    let device_time = match shown {
        ValueTime::Shown(shown) => device_time_of(shown),
        ValueTime::Absent | ValueTime::Live => None,
    };
    let Some(device_time) = device_time else {
        let mut marks = vec![QualityMark::DeviceClockUnset];
        if shown != ValueTime::Live {
            marks.push(QualityMark::PossibleDuplicate);
        }
        return Timing {
            times: of_arrival(capture, None),
            marks,
        };
    };
    let (measured_at, basis, mut marks) = match capture.clock_offset_seconds {
        Some(offset_seconds) => (
            device_time.corrected_by(offset_seconds),
            TimeBasis::DeviceClock { offset_seconds },
            Vec::new(),
        ),
        None => (
            device_time.in_zone(home, latest_believed(capture.received_at)),
            TimeBasis::HomeZone,
            vec![QualityMark::DeviceClockUnread],
        ),
    };
    let Some(measured_at) = measured_at.filter(|it| !is_future(*it, capture.received_at)) else {
        marks.push(QualityMark::DeviceTimeInFuture);
        return Timing {
            times: of_arrival(capture, Some(device_time)),
            marks,
        };
    };
    if basis == TimeBasis::HomeZone && is_long_ago(measured_at, capture.received_at) {
        marks.push(QualityMark::DeviceClockUnset);
        return Timing {
            times: of_arrival(capture, Some(device_time)),
            marks,
        };
    }
    let times = Times {
        device_time: Some(device_time),
        measured_at,
        received_at: capture.received_at,
        basis,
    };
    Timing { times, marks }
}

/// The time of arrival stands in for the time of measurement.
pub(super) fn of_arrival(capture: &Capture, device_time: Option<DeviceTime>) -> Times {
    Times {
        device_time,
        measured_at: capture.received_at,
        received_at: capture.received_at,
        basis: TimeBasis::Arrival,
    }
}

fn device_time_of(shown: gatt::DateTime) -> Option<DeviceTime> {
    if !shown.is_complete() {
        return None;
    }
    DeviceTime::from_fields(
        shown.year,
        shown.month,
        shown.day,
        shown.hours,
        shown.minutes,
        shown.seconds,
    )
}

fn latest_believed(received_at: Timestamp) -> Timestamp {
    received_at.checked_add(FUTURE_MAX).unwrap_or(received_at)
}

fn is_future(measured_at: Timestamp, received_at: Timestamp) -> bool {
    measured_at > latest_believed(received_at)
}

fn is_long_ago(measured_at: Timestamp, received_at: Timestamp) -> bool {
    received_at.duration_since(measured_at) > UNREAD_PAST_MAX
}
