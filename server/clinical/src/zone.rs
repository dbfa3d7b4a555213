//! A home's time zone, as rules that travel with the plan: local time needs no database of zones.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The longest text of a zone, in characters.
pub const ZONE_LEN_MAX: usize = 64;

/// The moment of a local time that no clock reaches. [`Timestamp::MAX`] is later by a part of a second which is lost with a
/// database that counts in microseconds: jiff refuses to read it back (0.2.24, `UnixMicroseconds`).
pub const LATEST: Timestamp = Timestamp::constant(253_402_207_200, 0);

/// A time zone as POSIX writes it (IEEE Std 1003.1, 8.3, `TZ`): `GMT0BST,M3.5.0/1,M10.5.0` is the United Kingdom.
///
/// The rules are part of what is stored, so that a history is judged alike wherever and whenever it is judged again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone {
    text: String,
    rules: TimeZone,
}

/// A text that is no time zone.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is no time zone; write one like GMT0BST,M3.5.0/1,M10.5.0")]
pub struct ZoneError(String);

/// Coordinated Universal Time as POSIX writes it.
const UTC: &str = "UTC0";

impl Zone {
    /// Gives Coordinated Universal Time.
    pub fn utc() -> Self {
        Self {
            text: UTC.to_owned(),
            rules: TimeZone::UTC,
        }
    }

    /// Tells whether it is written as Coordinated Universal Time.
    pub fn is_utc(&self) -> bool {
        self.text == UTC
    }

    /// Gives local time at a moment.
    pub fn local(&self, at: Timestamp) -> DateTime {
        self.rules.to_datetime(at)
    }

    /// Gives what local time is ahead of UTC at a moment, in seconds.
    pub fn offset_seconds(&self, at: Timestamp) -> i32 {
        self.rules.to_offset(at).seconds()
    }

    /// Gives the local date at a moment.
    pub fn date(&self, at: Timestamp) -> Date {
        self.local(at).date()
    }

    /// Gives the moment of a local time. A time that a clock change skips is taken after the gap, one that it repeats is
    /// the first of the two.
    pub fn moment(&self, local: DateTime) -> Timestamp {
        self.rules
            .to_ambiguous_zoned(local)
            .compatible()
            .map_or(LATEST, |zoned| zoned.timestamp())
    }

    /// Gives the moment at which a clock on the wall first shows a local time or a later one: a time that a clock change
    /// skips is the moment of the change. A later local time is never an earlier moment, as [`Zone::moment`]'s may be.
    pub fn first_shown(&self, local: DateTime) -> Timestamp {
        let ambiguous = self.rules.to_ambiguous_zoned(local);
        let is_skipped = matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. });
        let Ok(earlier) = ambiguous.earlier() else {
            return LATEST;
        };
        if !is_skipped {
            return earlier.timestamp();
        }
        self.rules
            .following(earlier.timestamp())
            .next()
            .map_or(earlier.timestamp(), |change| change.timestamp())
    }

    /// Gives the moment at which a local date begins.
    pub fn midnight(&self, date: Date) -> Timestamp {
        self.moment(date.at(0, 0, 0, 0))
    }

    /// Gives the moment at which the day after a local date begins.
    pub fn midnight_after(&self, date: Date) -> Timestamp {
        self.midnight(date.saturating_add(1.day()))
    }
}

impl FromStr for Zone {
    type Err = ZoneError;

    fn from_str(text: &str) -> Result<Self, ZoneError> {
        let error = || ZoneError(text.chars().take(ZONE_LEN_MAX).collect());
        if text.chars().count() > ZONE_LEN_MAX {
            return Err(error());
        }
        if text == UTC {
            return Ok(Self::utc());
        }
        let rules = TimeZone::posix(text).map_err(|_| error())?;
        Ok(Self {
            text: text.to_owned(),
            rules,
        })
    }
}

impl TryFrom<String> for Zone {
    type Error = ZoneError;

    fn try_from(text: String) -> Result<Self, ZoneError> {
        text.parse()
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.text
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uk() -> Zone {
        "GMT0BST,M3.5.0/1,M10.5.0".parse().unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_that_no_clock_reaches_is_a_moment_that_is_read_back() {
        for day in [Date::MAX, Date::MIN] {
            let moment = uk().midnight_after(day);
            assert_eq!(moment, LATEST, "{day}");
            let kept = Timestamp::from_microsecond(moment.as_microsecond());
            assert_eq!(kept.unwrap(), moment, "{day}");
        }
        let shown = uk().first_shown(Date::MAX.at(0, 0, 0, 0));
        assert_eq!(shown, LATEST);
    }

    #[test]
    fn the_clocks_change_on_the_last_sundays_of_march_and_october() {
        let local = |text: &str| uk().local(at(text)).to_string();
        assert_eq!(local("2026-03-29T00:59:59Z"), "2026-03-29T00:59:59");
        assert_eq!(local("2026-03-29T01:00:00Z"), "2026-03-29T02:00:00");
        assert_eq!(local("2026-10-25T00:59:59Z"), "2026-10-25T01:59:59");
        assert_eq!(local("2026-10-25T01:00:00Z"), "2026-10-25T01:00:00");
    }

    #[test]
    fn a_skipped_time_is_after_the_gap_and_a_repeated_one_is_the_first() {
        let moment = |text: &str| uk().moment(text.parse().unwrap());
        assert_eq!(moment("2026-03-29T01:30:00"), at("2026-03-29T01:30:00Z"));
        assert_eq!(moment("2026-10-25T01:30:00"), at("2026-10-25T00:30:00Z"));
        assert_eq!(
            uk().midnight_after("2026-10-25".parse().unwrap()),
            at("2026-10-26T00:00:00Z")
        );
    }

    #[test]
    fn a_skipped_time_is_first_shown_at_the_change() {
        let shown = |text: &str| uk().first_shown(text.parse().unwrap());
        for skipped in ["01:00:00", "01:30:00", "01:59:59"] {
            assert_eq!(
                shown(&format!("2026-03-29T{skipped}")),
                at("2026-03-29T01:00:00Z")
            );
        }
        assert_eq!(shown("2026-03-29T02:00:00"), at("2026-03-29T01:00:00Z"));
        assert_eq!(shown("2026-03-29T02:30:00"), at("2026-03-29T01:30:00Z"));
        assert_eq!(shown("2026-10-25T01:30:00"), at("2026-10-25T00:30:00Z"));
        assert_eq!(shown("2026-07-01T12:00:00"), at("2026-07-01T11:00:00Z"));
    }

    #[test]
    fn a_text_that_is_no_zone_is_refused_with_an_example() {
        assert!(
            "Europe/London"
                .parse::<Zone>()
                .unwrap_err()
                .to_string()
                .contains("GMT0BST")
        );
        assert!("X".repeat(ZONE_LEN_MAX + 1).parse::<Zone>().is_err());
        let text = serde_json::to_string(&uk()).unwrap();
        assert_eq!(text, "\"GMT0BST,M3.5.0/1,M10.5.0\"");
        assert_eq!(serde_json::from_str::<Zone>(&text).unwrap(), uk());
    }
}
