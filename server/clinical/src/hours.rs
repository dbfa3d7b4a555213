//! Hours of the week: when somebody is at work, written as people write opening times.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, Time, Weekday};
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::zone::Zone;

/// The most spans in a week's hours.
pub const SPANS_LEN_MAX: usize = 42;
/// How many days ahead an opening is looked for: hours repeat every week.
const DAYS_AHEAD_MAX: i64 = 8;

/// One span of hours on one or more days: `mon-fri 08:00-20:00`. `24:00` is the end of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span {
    first: Weekday,
    last: Weekday,
    from_minute: u16,
    until_minute: u16,
}

/// A text that is no span of hours.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} are no hours; write them like mon-fri 08:00-20:00 or sun 10:00-24:00")]
pub struct SpanError(String);

/// The names of weekdays, as hours and schedules are written.
pub(crate) const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];
pub(crate) const MINUTES_OF_DAY: u16 = 24 * 60;

impl Span {
    /// Tells whether the span has a weekday.
    pub fn has_day(&self, day: Weekday) -> bool {
        let day = day.to_monday_zero_offset();
        let (first, last) = (
            self.first.to_monday_zero_offset(),
            self.last.to_monday_zero_offset(),
        );
        if first <= last {
            (first..=last).contains(&day)
        } else {
            day >= first || day <= last
        }
    }

    /// Gives the moments at which the span begins and ends on a date.
    pub fn on(&self, date: Date, zone: &Zone) -> (Timestamp, Timestamp) {
        (
            moment_of(date, self.from_minute, zone),
            moment_of(date, self.until_minute, zone),
        )
    }
}

fn moment_of(date: Date, minute: u16, zone: &Zone) -> Timestamp {
    if minute >= MINUTES_OF_DAY {
        return zone.midnight_after(date);
    }
    let hour = i8::try_from(minute / 60).unwrap_or(0);
    let minute = i8::try_from(minute % 60).unwrap_or(0);
    zone.moment(date.at(hour, minute, 0, 0))
}

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        parse(text).ok_or_else(|| SpanError(text.chars().take(40).collect()))
    }
}

fn parse(text: &str) -> Option<Span> {
    let (days, times) = text.trim().split_once(' ')?;
    let (first, last) = days.split_once('-').unwrap_or((days, days));
    let (from, until) = times.trim().split_once('-')?;
    let span = Span {
        first: day(first)?,
        last: day(last)?,
        from_minute: minute(from)?,
        until_minute: minute(until)?,
    };
    (span.from_minute < span.until_minute).then_some(span)
}

/// Reads a weekday: `mon`.
pub(crate) fn day(text: &str) -> Option<Weekday> {
    let known = DAYS.iter().find(|(name, _)| *name == text)?;
    Some(known.1)
}

/// Reads a time of day as minutes since midnight: `08:00`, and `24:00` for the end of the day.
pub(crate) fn minute(text: &str) -> Option<u16> {
    if text == "24:00" {
        return Some(MINUTES_OF_DAY);
    }
    let time: Time = (text.len() == 5).then(|| format!("{text}:00").parse().ok())??;
    u16::try_from(i32::from(time.hour()) * 60 + i32::from(time.minute())).ok()
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |wanted: Weekday| {
            DAYS.iter()
                .find(|(_, it)| *it == wanted)
                .map_or("", |it| it.0)
        };
        f.write_str(name(self.first))?;
        if self.first != self.last {
            write!(f, "-{}", name(self.last))?;
        }
        let (from, until) = (self.from_minute, self.until_minute);
        write!(
            f,
            " {:02}:{:02}-{:02}:{:02}",
            from / 60,
            from % 60,
            until / 60,
            until % 60
        )
    }
}

impl TryFrom<String> for Span {
    type Error = SpanError;

    fn try_from(text: String) -> Result<Self, SpanError> {
        text.parse()
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        span.to_string()
    }
}

/// A week's hours: a list of spans. No spans means never.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hours(Vec<Span>);

impl Hours {
    /// Makes hours of at most [`SPANS_LEN_MAX`] spans; the rest is left out.
    pub fn new(spans: impl IntoIterator<Item = Span>) -> Self {
        Self(spans.into_iter().take(SPANS_LEN_MAX).collect())
    }

    /// Gives the spans.
    pub fn spans(&self) -> &[Span] {
        &self.0
    }

    /// Tells whether a moment is within the hours. A span has its first moment and not its last.
    pub fn is_open(&self, at: Timestamp, zone: &Zone) -> bool {
        let date = zone.date(at);
        self.of_day(date, zone)
            .any(|(from, until)| from <= at && at < until)
    }

    /// Gives the first open moment at or after `at`; `None` when there is none within a week.
    pub fn next_open(&self, at: Timestamp, zone: &Zone) -> Option<Timestamp> {
        if self.is_open(at, zone) {
            return Some(at);
        }
        let today = zone.date(at);
        (0..DAYS_AHEAD_MAX).find_map(|days| {
            let date = today.saturating_add(days.days());
            self.of_day(date, zone)
                .map(|(from, _)| from)
                .filter(|from| *from >= at)
                .min()
        })
    }

    /// Gives the moment at which `minutes` of open time have passed since `at`; `None` when the hours are empty.
    pub fn after_open_minutes(
        &self,
        at: Timestamp,
        minutes: u32,
        zone: &Zone,
    ) -> Option<Timestamp> {
        let mut left = SignedDuration::from_mins(i64::from(minutes));
        let mut from = self.next_open(at, zone)?;
        // Every round uses up an open span; a month of minutes is more than any plan allows.
        for _ in 0..SPANS_LEN_MAX * 8 {
            let until = self.closes_after(from, zone)?;
            let open = until.duration_since(from);
            if left < open || (left == open && left.is_zero()) {
                return from.checked_add(left).ok();
            }
            left -= open;
            from = self.next_open(until, zone)?;
        }
        Some(from)
    }

    /// Gives when the span that is open at `at` ends.
    fn closes_after(&self, at: Timestamp, zone: &Zone) -> Option<Timestamp> {
        self.of_day(zone.date(at), zone)
            .filter(|(from, until)| *from <= at && at < *until)
            .map(|(_, until)| until)
            .max()
    }

    fn of_day<'a>(
        &'a self,
        date: Date,
        zone: &'a Zone,
    ) -> impl Iterator<Item = (Timestamp, Timestamp)> + 'a {
        let day = date.weekday();
        self.0
            .iter()
            .filter(move |span| span.has_day(day))
            .map(move |span| span.on(date, zone))
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("never");
        }
        let spans: Vec<String> = self.0.iter().map(Span::to_string).collect();
        f.write_str(&spans.join(", "))
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

    fn hours(spans: &[&str]) -> Hours {
        Hours::new(spans.iter().map(|it| it.parse().unwrap()))
    }

    #[test]
    fn hours_are_written_and_read_as_people_write_them() {
        let it = hours(&["mon-fri 08:00-20:00", "sun 10:00-24:00"]);
        assert_eq!(it.to_string(), "mon-fri 08:00-20:00, sun 10:00-24:00");
        for wrong in [
            "mon",
            "mon 8-20",
            "mon 20:00-08:00",
            "noday 08:00-09:00",
            "mon 25:00-26:00",
        ] {
            assert!(wrong.parse::<Span>().is_err(), "{wrong}");
        }
        let over_the_weekend: Span = "sat-mon 08:00-09:00".parse().unwrap();
        assert!(over_the_weekend.has_day(Weekday::Sunday));
        assert!(!over_the_weekend.has_day(Weekday::Tuesday));
    }

    #[test]
    fn opening_is_by_local_time_on_either_side_of_a_clock_change() {
        let it = hours(&["mon-sun 08:00-20:00"]);
        assert!(!it.is_open(at("2026-03-28T07:59:59Z"), &uk()));
        assert!(it.is_open(at("2026-03-28T08:00:00Z"), &uk()));
        assert!(it.is_open(at("2026-03-29T07:00:00Z"), &uk()));
        assert!(!it.is_open(at("2026-03-29T19:00:00Z"), &uk()));
        assert_eq!(
            it.next_open(at("2026-10-24T21:00:00Z"), &uk()),
            Some(at("2026-10-25T08:00:00Z"))
        );
    }

    #[test]
    fn open_minutes_pass_only_while_open() {
        let it = hours(&["mon-fri 09:00-17:00"]);
        let after = |from: &str, minutes| it.after_open_minutes(at(from), minutes, &uk());
        // Friday 16:50 and 30 minutes: Monday 09:20.
        assert_eq!(
            after("2026-11-20T16:50:00Z", 30),
            Some(at("2026-11-23T09:20:00Z"))
        );
        assert_eq!(
            after("2026-11-20T16:30:00Z", 30),
            Some(at("2026-11-23T09:00:00Z"))
        );
        assert_eq!(
            after("2026-11-21T12:00:00Z", 0),
            Some(at("2026-11-23T09:00:00Z"))
        );
        assert_eq!(
            Hours::default().after_open_minutes(at("2026-11-21T12:00:00Z"), 1, &uk()),
            None
        );
    }
}
