//! A device's own wall clock: local time without a zone.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

/// What a device's clock said: a date and time of day, in no stated zone (GATT Specification Supplement, Date Time).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceTime(DateTime);

impl DeviceTime {
    /// Makes a device time from its fields; `None` when they are no date or time of day (an unknown year is 0).
    pub fn from_fields(
        year: u16,
        month: u8,
        day: u8,
        hour: u8,
        minute: u8,
        second: u8,
    ) -> Option<Self> {
        let small = |value: u8| i8::try_from(value).ok();
        // The characteristic allows years from 1582; earlier ones, 0 included, mean "unknown".
        let year = i16::try_from(year).ok().filter(|year| *year >= 1582)?;
        let time = DateTime::new(
            year,
            small(month)?,
            small(day)?,
            small(hour)?,
            small(minute)?,
            small(second)?,
            0,
        );
        time.ok().map(Self)
    }

    /// Gives the seconds to add to this clock, read as if it were UTC, to reach `now`.
    pub fn offset_to(&self, now: Timestamp) -> Option<i64> {
        Some(now.as_second() - self.as_if_utc()?.as_second())
    }

    /// Gives the instant that this clock showed, `offset_seconds` being what [`Self::offset_to`] gave at the connection.
    pub fn corrected_by(&self, offset_seconds: i64) -> Option<Timestamp> {
        let second = self.as_if_utc()?.as_second().checked_add(offset_seconds)?;
        Timestamp::from_second(second).ok()
    }

    /// Gives the instant under the assumption that the clock shows the local time of `zone`.
    ///
    /// In the night in which clocks are put back an hour occurs twice: the second one is meant unless it lies after
    /// `latest`. A time that is skipped when clocks are put forward is that of a clock that was not.
    pub fn in_zone(&self, zone: &TimeZone, latest: Timestamp) -> Option<Timestamp> {
        let ambiguous = zone.to_ambiguous_timestamp(self.0);
        let second = ambiguous.later().ok().filter(|it| *it <= latest);
        second.or_else(|| ambiguous.compatible().ok())
    }

    fn as_if_utc(&self) -> Option<Timestamp> {
        Offset::UTC.to_timestamp(self.0).ok()
    }
}

impl fmt::Display for DeviceTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for DeviceTime {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        text.parse().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_years_off_is_corrected_by_its_offset() {
        let shown = DeviceTime::from_fields(2017, 1, 1, 0, 10, 0).unwrap();
        let now: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
        let offset = shown.offset_to(now).unwrap();
        let earlier = DeviceTime::from_fields(2017, 1, 1, 0, 4, 30).unwrap();
        assert_eq!(
            earlier.corrected_by(offset).unwrap().to_string(),
            "2026-11-21T07:54:30Z"
        );
    }

    #[test]
    fn an_hour_that_occurs_twice_is_the_second_one_unless_that_is_still_to_come() {
        let london = TimeZone::posix("GMT0BST,M3.5.0/1,M10.5.0").unwrap();
        let shown = DeviceTime::from_fields(2026, 10, 25, 1, 30, 0).unwrap();
        for (latest, expected) in [
            ("2026-10-25T00:31:00Z", "2026-10-25T00:30:00Z"),
            ("2026-10-25T01:29:59Z", "2026-10-25T00:30:00Z"),
            ("2026-10-25T01:30:00Z", "2026-10-25T01:30:00Z"),
            ("2026-10-26T08:00:00Z", "2026-10-25T01:30:00Z"),
            ("2026-10-01T08:00:00Z", "2026-10-25T00:30:00Z"),
        ] {
            let instant = shown.in_zone(&london, latest.parse().unwrap()).unwrap();
            assert_eq!(instant.to_string(), expected, "{latest}");
        }
    }

    #[test]
    fn an_hour_that_is_skipped_is_that_of_a_clock_that_was_not_put_forward() {
        let london = TimeZone::posix("GMT0BST,M3.5.0/1,M10.5.0").unwrap();
        let shown = DeviceTime::from_fields(2026, 3, 29, 1, 30, 0).unwrap();
        for latest in ["2026-03-29T00:45:00Z", "2026-03-29T09:00:00Z"] {
            let instant = shown.in_zone(&london, latest.parse().unwrap()).unwrap();
            assert_eq!(instant.to_string(), "2026-03-29T01:30:00Z");
        }
    }

    #[test]
    fn an_unknown_year_or_a_date_that_does_not_exist_is_no_time() {
        assert_eq!(DeviceTime::from_fields(0, 4, 17, 20, 41, 59), None);
        assert_eq!(DeviceTime::from_fields(2026, 2, 30, 0, 0, 0), None);
        assert_eq!(DeviceTime::from_fields(2026, 2, 3, 24, 0, 0), None);
        assert_eq!(DeviceTime::from_fields(65535, 1, 1, 0, 0, 0), None);
    }

    #[test]
    fn it_is_written_without_a_zone() {
        let time = DeviceTime::from_fields(2024, 6, 15, 17, 17, 27).unwrap();
        assert_eq!(time.to_string(), "2024-06-15T17:17:27");
        assert_eq!("2024-06-15T17:17:27".parse::<DeviceTime>().unwrap(), time);
    }
}
