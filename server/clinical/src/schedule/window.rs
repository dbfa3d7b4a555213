//! Windows: on which days, and between which times, a reading is expected.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::hours::{self, MINUTES_OF_DAY};
use crate::zone::Zone;

/// A text that is no window, or no list of days.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WindowError {
    /// No window.
    #[error("{0:?} is no window; write it like 06:00-12:00, within one day, up to 24:00")]
    Window(String),
    /// No days.
    #[error("{0:?} are no days; write daily, or weekdays like mon, wed, fri")]
    Days(String),
}

/// A stretch of local time within one day: `06:00-12:00`. `24:00` is the end of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Window {
    from_minute: u16,
    until_minute: u16,
}

impl Window {
    /// Tells whether this window has closed when another opens, on one day.
    pub fn is_before(&self, other: &Self) -> bool {
        self.until_minute <= other.from_minute
    }

    /// Gives the moments at which the window opens and closes on a date, as clocks on the wall show them.
    ///
    /// `None` for a window wholly within an hour that a clock change skips: that day has no such time.
    pub fn on(&self, date: Date, zone: &Zone) -> Option<(Timestamp, Timestamp)> {
        let opens = moment(date, self.from_minute, zone);
        let closes = moment(date, self.until_minute, zone);
        (opens < closes).then_some((opens, closes))
    }
}

fn moment(date: Date, minute: u16, zone: &Zone) -> Timestamp {
    let (date, minute) = if minute < MINUTES_OF_DAY {
        (date, minute)
    } else {
        (date.tomorrow().unwrap_or(Date::MAX), 0)
    };
    let hour = i8::try_from(minute / 60).unwrap_or(0);
    let minute = i8::try_from(minute % 60).unwrap_or(0);
    zone.first_shown(date.at(hour, minute, 0, 0))
}

impl FromStr for Window {
    type Err = WindowError;

    fn from_str(text: &str) -> Result<Self, WindowError> {
        let parse = || {
            let (from, until) = text.split_once('-')?;
            let window = Self {
                from_minute: hours::minute(from.trim())?,
                until_minute: hours::minute(until.trim())?,
            };
            (window.from_minute < window.until_minute).then_some(window)
        };
        parse().ok_or_else(|| WindowError::Window(shortened(text)))
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, until) = (self.from_minute, self.until_minute);
        write!(
            f,
            "{:02}:{:02}-{:02}:{:02}",
            from / 60,
            from % 60,
            until / 60,
            until % 60
        )
    }
}

/// Days of the week: `daily`, or a list like `mon, wed, fri`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Days([bool; 7]);

impl Days {
    /// Every day.
    pub const DAILY: Self = Self([true; 7]);

    /// Tells whether a weekday is among them.
    pub fn has(&self, day: Weekday) -> bool {
        hours::DAYS
            .iter()
            .zip(self.0)
            .any(|((_, named), is_in)| is_in && *named == day)
    }
}

impl FromStr for Days {
    type Err = WindowError;

    fn from_str(text: &str) -> Result<Self, WindowError> {
        if text.trim() == "daily" {
            return Ok(Self::DAILY);
        }
        let error = || WindowError::Days(shortened(text));
        let mut days = [false; 7];
        for name in text.split(',') {
            let named = hours::day(name.trim()).ok_or_else(error)?;
            for ((_, day), is_in) in hours::DAYS.iter().zip(&mut days) {
                *is_in |= *day == named;
            }
        }
        Ok(Self(days))
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::DAILY {
            return f.write_str("daily");
        }
        let names = hours::DAYS.iter().zip(self.0).filter(|(_, is_in)| *is_in);
        let names: Vec<&str> = names.map(|((name, _), _)| *name).collect();
        f.write_str(&names.join(", "))
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

macro_rules! text_form {
    ($($name:ident),+) => { $(
        impl TryFrom<String> for $name {
            type Error = WindowError;

            fn try_from(text: String) -> Result<Self, WindowError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(it: $name) -> Self {
                it.to_string()
            }
        }
    )+ };
}

text_form!(Window, Days);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_and_days_are_written_as_people_write_them() {
        for text in ["06:00-12:00", "18:00-24:00", "00:00-24:00"] {
            assert_eq!(text.parse::<Window>().unwrap().to_string(), text);
        }
        for wrong in [
            "06:00",
            "12:00-06:00",
            "22:00-02:00",
            "06:00-06:00",
            "6-12",
            "06:00-25:00",
        ] {
            let error = wrong.parse::<Window>().unwrap_err().to_string();
            assert!(error.contains(wrong) && error.contains("06:00-12:00"));
        }
        for text in ["daily", "mon, wed, fri", "sun"] {
            assert_eq!(text.parse::<Days>().unwrap().to_string(), text);
        }
        for wrong in ["", "sometimes", "mon wed", "mon,"] {
            assert!(wrong.parse::<Days>().is_err(), "{wrong}");
        }
        let days: Days = "fri,mon,mon".parse().unwrap();
        assert!(days.has(Weekday::Monday) && !days.has(Weekday::Sunday));
        assert_eq!(days.to_string(), "mon, fri");
    }
}
