//! Times as people read them: in the configured zone, 24-hour, with how long ago.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// For how many minutes a time to come, or gone by, is said in minutes.
const IN_MINUTES_MAX: i64 = 120;

/// One moment, ready to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    /// For machines: UTC, ISO 8601.
    pub(crate) iso: String,
    /// For people: `14:20` today, `Sat 14 Mar, 14:20` on another day.
    pub(crate) text: String,
    /// `12 min ago`.
    pub(crate) ago: String,
}

/// Shows moments in one zone, as seen at one moment.
#[derive(Debug, Clone)]
pub(crate) struct LocalTime {
    zone: TimeZone,
    now: Timestamp,
}

impl LocalTime {
    /// Looks from `now`, in `zone`.
    pub(crate) fn new(zone: TimeZone, now: Timestamp) -> Self {
        Self { zone, now }
    }

    /// Gives the moment from which it looks.
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    /// Gives a moment in the zone.
    pub(crate) fn zoned(&self, at: Timestamp) -> Zoned {
        at.to_zoned(self.zone.clone())
    }

    /// Gives today's date in the zone.
    pub(crate) fn today(&self) -> Date {
        self.zoned(self.now).date()
    }

    /// Shows a moment.
    pub(crate) fn show(&self, at: Timestamp) -> Shown {
        let at = Timestamp::from_second(at.as_second()).unwrap_or(at);
        Shown {
            iso: at.to_string(),
            text: self.text(at),
            ago: ago(at, self.now),
        }
    }

    /// Says how long there still is, or how late it is: `in 12 min`, `18 min late`.
    pub(crate) fn due(&self, at: Timestamp) -> String {
        due(at, self.now)
    }

    /// Shows a stored moment, in microseconds UTC.
    ///
    /// # Errors
    /// When it is no moment that a timestamp can hold.
    pub(crate) fn show_stored(&self, at_us: i64) -> Result<Shown, jiff::Error> {
        Timestamp::from_microsecond(at_us).map(|at| self.show(at))
    }

    /// Shows the time of day with its seconds: `14:32:05`.
    pub(crate) fn clock(&self) -> String {
        self.zoned(self.now).strftime("%H:%M:%S").to_string()
    }

    /// Shows the day alone: `14 Mar`.
    pub(crate) fn day(&self, at: Timestamp) -> String {
        self.zoned(at).strftime("%-d %b").to_string()
    }

    /// Gives the moment at which a day begins in the zone.
    pub(crate) fn midnight(&self, date: Date) -> Option<Timestamp> {
        let start = date.to_zoned(self.zone.clone()).ok()?;
        Some(start.timestamp())
    }

    fn text(&self, at: Timestamp) -> String {
        let zoned = self.zoned(at);
        let format = if zoned.date() == self.today() {
            "%H:%M"
        } else if zoned.year() == self.today().year() {
            "%a %-d %b, %H:%M"
        } else {
            "%a %-d %b %Y, %H:%M"
        };
        let text = zoned.strftime(format).to_string();
        // When the clocks go back an hour comes twice: the abbreviation (BST, GMT) says which one is meant.
        if self
            .zone
            .to_ambiguous_timestamp(zoned.datetime())
            .is_ambiguous()
        {
            format!("{text} {}", zoned.strftime("%Z"))
        } else {
            text
        }
    }
}

/// Says how long ago a moment was. The page's script says it in the same words.
fn ago(at: Timestamp, now: Timestamp) -> String {
    let minutes = (now.as_second() - at.as_second()).div_euclid(60);
    match minutes {
        ..=-2 => "in the future".to_owned(),
        -1..=0 => "just now".to_owned(),
        1..=59 => format!("{minutes} min ago"),
        60..=2879 => format!("{} h ago", minutes / 60),
        _ => format!("{} days ago", minutes / 1440),
    }
}

/// Says how long there still is. The page's script says it in the same words.
fn due(at: Timestamp, now: Timestamp) -> String {
    let seconds = at.as_second() - now.as_second();
    let span = |seconds: i64| match seconds / 60 {
        minutes if minutes < IN_MINUTES_MAX => format!("{minutes} min"),
        minutes if minutes < 2880 => format!("{} h", minutes / 60),
        minutes => format!("{} days", minutes / 1440),
    };
    match seconds {
        ..=-60 => format!("{} late", span(-seconds)),
        -59..60 => "due now".to_owned(),
        _ => format!("in {}", span(seconds)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn london(now: &str) -> LocalTime {
        LocalTime::new(TimeZone::get("Europe/London").unwrap(), at(now))
    }

    #[test]
    fn summer_time_is_shown_as_the_clock_on_the_wall() {
        let local = london("2026-07-01T13:32:05Z");
        assert_eq!(local.clock(), "14:32:05");
        let shown = local.show(at("2026-07-01T12:20:30.5Z"));
        assert_eq!(shown.text, "13:20");
        assert_eq!(shown.iso, "2026-07-01T12:20:30Z");
        assert_eq!(shown.ago, "1 h ago");
        assert_eq!(
            local.show(at("2026-03-01T08:05:00Z")).text,
            "Sun 1 Mar, 08:05"
        );
        assert_eq!(
            local.show(at("2025-12-31T08:05:00Z")).text,
            "Wed 31 Dec 2025, 08:05"
        );
    }

    #[test]
    fn the_day_changes_at_local_midnight() {
        let local = london("2026-06-30T23:30:00Z");
        assert_eq!(local.today().to_string(), "2026-07-01");
        assert_eq!(local.show(at("2026-06-30T23:05:00Z")).text, "00:05");
    }

    #[test]
    fn the_hour_that_comes_twice_says_which_one_it_was() {
        let local = london("2026-10-25T12:00:00Z");
        assert_eq!(local.show(at("2026-10-25T00:30:00Z")).text, "01:30 BST");
        assert_eq!(local.show(at("2026-10-25T01:30:00Z")).text, "01:30 GMT");
        assert_eq!(local.show(at("2026-10-25T02:30:00Z")).text, "02:30");
    }

    #[test]
    fn how_long_ago_is_said_in_the_largest_fitting_unit() {
        let now = at("2026-07-03T12:00:00Z");
        for (then, words) in [
            ("2026-07-03T11:59:30Z", "just now"),
            ("2026-07-03T12:00:50Z", "just now"),
            ("2026-07-03T12:05:00Z", "in the future"),
            ("2026-07-03T11:01:00Z", "59 min ago"),
            ("2026-07-03T11:00:00Z", "1 h ago"),
            ("2026-07-01T13:00:00Z", "47 h ago"),
            ("2026-07-01T12:00:00Z", "2 days ago"),
        ] {
            assert_eq!(ago(at(then), now), words, "{then}");
        }
    }

    #[test]
    fn how_long_there_is_and_how_late_it_is_are_said_alike() {
        let now = at("2026-07-03T12:00:00Z");
        for (then, words) in [
            ("2026-07-03T12:12:30Z", "in 12 min"),
            ("2026-07-03T12:01:00Z", "in 1 min"),
            ("2026-07-03T12:00:59Z", "due now"),
            ("2026-07-03T11:59:01Z", "due now"),
            ("2026-07-03T11:59:00Z", "1 min late"),
            ("2026-07-03T11:42:00Z", "18 min late"),
            ("2026-07-03T13:59:00Z", "in 119 min"),
            ("2026-07-03T14:00:00Z", "in 2 h"),
            ("2026-07-05T11:59:00Z", "in 47 h"),
            ("2026-07-05T12:00:00Z", "in 2 days"),
            ("2026-07-01T12:00:00Z", "2 days late"),
        ] {
            assert_eq!(due(at(then), now), words, "{then}");
        }
    }
}
