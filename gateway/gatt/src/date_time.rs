//! The Date Time field: local wall time without a zone, as far as the device knows it.

use std::fmt;

use serde_json::Value;

/// Is a moment by a device's clock: local wall time, no zone, kept as sent.
///
/// Unknown parts stay 0. GATT Specification Supplement, Date Time: year 1582 to 9999, month, day, hours, minutes,
/// seconds; a year, month or day of 0 is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DateTime {
    /// The year of the Gregorian calendar; 0 is unknown.
    pub year: u16,
    /// The month, 1 to 12; 0 is unknown.
    pub month: u8,
    /// The day of the month, 1 to 31; 0 is unknown.
    pub day: u8,
    /// The hours past midnight, 0 to 23.
    pub hours: u8,
    /// The minutes past the hour, 0 to 59.
    pub minutes: u8,
    /// The seconds past the minute, 0 to 59; there is no leap second.
    pub seconds: u8,
}

/// Says how far a [`DateTime`] can be trusted to name a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// Every part is known and the moment exists.
    Complete,
    /// Year, month or day is unknown; what is known does not contradict itself.
    Incomplete,
    /// No such moment exists.
    Invalid,
}

impl DateTime {
    /// Reads the seven bytes of the field; any bytes are kept as they are.
    pub const fn from_bytes(bytes: [u8; 7]) -> Self {
        let [year_low, year_high, month, day, hours, minutes, seconds] = bytes;
        Self {
            year: u16::from_le_bytes([year_low, year_high]),
            month,
            day,
            hours,
            minutes,
            seconds,
        }
    }

    /// Writes the seven bytes of the field, as a gateway does to set a device's clock.
    pub const fn encode(self) -> [u8; 7] {
        let [year_low, year_high] = self.year.to_le_bytes();
        [
            year_low,
            year_high,
            self.month,
            self.day,
            self.hours,
            self.minutes,
            self.seconds,
        ]
    }

    /// Says whether this is a moment, part of one, or impossible.
    pub const fn validity(self) -> Validity {
        let year_possible = self.year == 0 || (self.year >= 1582 && self.year <= 9999);
        let day_possible = self.month <= 12 && self.day <= days_in_month(self.year, self.month);
        let time_possible = self.hours <= 23 && self.minutes <= 59 && self.seconds <= 59;
        if !(year_possible && day_possible && time_possible) {
            return Validity::Invalid;
        }
        if self.year == 0 || self.month == 0 || self.day == 0 {
            return Validity::Incomplete;
        }
        Validity::Complete
    }

    /// Says whether every part is known and the moment exists.
    pub const fn is_complete(self) -> bool {
        matches!(self.validity(), Validity::Complete)
    }

    /// Counts `seconds` on from midnight of 1 January of `year`.
    pub(crate) fn from_seconds_since(year: u16, seconds: u32) -> Self {
        let mut days = seconds / 86_400;
        let mut year = year;
        while days >= days_in_year(year) {
            days -= days_in_year(year);
            year += 1;
        }
        let mut month = 1;
        while days >= u32::from(days_in_month(year, month)) {
            days -= u32::from(days_in_month(year, month));
            month += 1;
        }
        // Fewer days than a month has are left, so `% 31` only tells the compiler that they fit.
        Self {
            year,
            month,
            day: (days % 31) as u8 + 1,
            hours: (seconds / 3_600 % 24) as u8,
            minutes: (seconds / 60 % 60) as u8,
            seconds: (seconds % 60) as u8,
        }
    }

    /// Returns the day of the week, 1 for Monday to 7 for Sunday, or 0 where the date is not complete.
    ///
    /// The numbering is that of the GATT Specification Supplement, Day of Week.
    pub fn day_of_week(self) -> u8 {
        if !self.is_complete() {
            return 0;
        }
        // Sakamoto's method: count the days modulo 7 in years that begin in March; 0 is Sunday.
        let year = u32::from(self.year) - u32::from(self.month < 3);
        let leap_days = year / 4 - year / 100 + year / 400;
        let month_shift = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4][usize::from(self.month - 1)];
        match ((year + leap_days + month_shift + u32::from(self.day)) % 7) as u8 {
            0 => 7,
            weekday => weekday,
        }
    }
}

/// An unknown year may be a leap year and an unknown month may have 31 days: only the impossible is excluded.
const fn days_in_month(year: u16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year == 0 || is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

const fn days_in_year(year: u16) -> u32 {
    if is_leap(year) { 366 } else { 365 }
}

const fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            year,
            month,
            day,
            hours,
            minutes,
            seconds,
        } = self;
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}"
        )
    }
}

impl From<DateTime> for Value {
    fn from(date_time: DateTime) -> Self {
        Self::String(date_time.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(year: u16, month: u8, day: u8) -> DateTime {
        DateTime {
            year,
            month,
            day,
            hours: 0,
            minutes: 0,
            seconds: 0,
        }
    }

    #[test]
    fn an_unknown_part_is_incomplete_and_a_contradiction_is_invalid() {
        assert_eq!(date(2024, 2, 29).validity(), Validity::Complete);
        assert_eq!(date(2023, 2, 29).validity(), Validity::Invalid);
        assert_eq!(date(1900, 2, 29).validity(), Validity::Invalid);
        assert_eq!(date(2200, 2, 29).validity(), Validity::Invalid);
        assert_eq!(date(2000, 2, 29).validity(), Validity::Complete);
        assert_eq!(date(0, 2, 29).validity(), Validity::Incomplete);
        assert_eq!(date(0, 2, 30).validity(), Validity::Invalid);
        assert_eq!(date(2024, 0, 31).validity(), Validity::Incomplete);
        assert_eq!(date(2024, 5, 0).validity(), Validity::Incomplete);
        assert_eq!(date(1581, 5, 1).validity(), Validity::Invalid);
        assert_eq!(date(1582, 5, 1).validity(), Validity::Complete);
        assert_eq!(date(10_000, 5, 1).validity(), Validity::Invalid);
        assert_eq!(
            DateTime {
                hours: 24,
                ..date(2024, 5, 1)
            }
            .validity(),
            Validity::Invalid
        );
        assert_eq!(
            DateTime {
                minutes: 60,
                ..date(2024, 5, 1)
            }
            .validity(),
            Validity::Invalid
        );
        assert_eq!(
            DateTime {
                seconds: 60,
                ..date(2024, 5, 1)
            }
            .validity(),
            Validity::Invalid
        );
    }

    #[test]
    fn seconds_become_the_calendar() {
        let text = |year, seconds| DateTime::from_seconds_since(year, seconds).to_string();
        assert_eq!(text(2000, 0), "2000-01-01T00:00:00");
        assert_eq!(text(2000, 59 * 86_400), "2000-02-29T00:00:00");
        assert_eq!(text(1900, 59 * 86_400), "1900-03-01T00:00:00");
        // 1 January 1970, which is 2,208,988,800 s after 1900 (RFC 868).
        assert_eq!(text(1900, 2_208_988_800), "1970-01-01T00:00:00");
        // 1 January 2000 is 946,684,800 s after 1970, and 1,700,000,000 there is 2023-11-14T22:13:20.
        assert_eq!(
            text(2000, 1_700_000_000 - 946_684_800),
            "2023-11-14T22:13:20"
        );
        assert_eq!(text(1900, u32::MAX), "2036-02-07T06:28:15");
        assert_eq!(text(2000, 366 * 86_400 - 1), "2000-12-31T23:59:59");
    }

    #[test]
    fn the_week_begins_on_monday() {
        assert_eq!(date(2025, 1, 15).day_of_week(), 3);
        assert_eq!(date(2024, 2, 29).day_of_week(), 4);
        assert_eq!(date(2000, 1, 1).day_of_week(), 6);
        assert_eq!(date(2026, 3, 1).day_of_week(), 7);
        assert_eq!(date(0, 1, 1).day_of_week(), 0);
    }
}
