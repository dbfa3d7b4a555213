//! A span of every day: the times at which a session counts as of the morning or of the evening.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A span of local time, the same every day: `06:00-12:00`. It has its first minute and not its last; `24:00` is the end of
/// the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DaySpan {
    from_minute: u16,
    until_minute: u16,
}

/// A text that is no span of the day.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is no part of a day; write it like 06:00-12:00")]
pub struct DaySpanError(String);

impl DaySpan {
    /// Tells whether a minute of the day is within the span.
    pub fn has(&self, minute: u16) -> bool {
        (self.from_minute..self.until_minute).contains(&minute)
    }

    /// Tells whether the span is over when another begins.
    pub fn is_before(&self, other: &Self) -> bool {
        self.until_minute <= other.from_minute
    }
}

fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str| match text.as_bytes() {
        [b'0'..=b'9', b'0'..=b'9'] => text.parse::<u16>().ok(),
        _ => None,
    };
    let (hour, minute) = (number(hour)?, number(minute)?);
    (hour < 24 && minute < 60 || hour == 24 && minute == 0).then_some(hour * 60 + minute)
}

impl FromStr for DaySpan {
    type Err = DaySpanError;

    fn from_str(text: &str) -> Result<Self, DaySpanError> {
        let span = text.split_once('-').and_then(|(from, until)| {
            let (from_minute, until_minute) = (minute(from)?, minute(until)?);
            (from_minute < until_minute).then_some(Self {
                from_minute,
                until_minute,
            })
        });
        span.ok_or_else(|| DaySpanError(text.chars().take(20).collect()))
    }
}

impl TryFrom<String> for DaySpan {
    type Error = DaySpanError;

    fn try_from(text: String) -> Result<Self, DaySpanError> {
        text.parse()
    }
}

impl From<DaySpan> for String {
    fn from(span: DaySpan) -> Self {
        span.to_string()
    }
}

impl fmt::Display for DaySpan {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_has_its_first_minute_and_not_its_last() {
        let evening: DaySpan = "18:00-24:00".parse().unwrap();
        assert!(!evening.has(1079) && evening.has(1080) && evening.has(1439));
        let morning: DaySpan = "06:00-12:00".parse().unwrap();
        assert!(morning.has(719) && !morning.has(720));
        assert!(morning.is_before(&evening) && !evening.is_before(&morning));
        assert_eq!(evening.to_string(), "18:00-24:00");
    }

    #[test]
    fn what_is_no_span_is_refused_with_an_example() {
        for text in [
            "",
            "06:00",
            "12:00-06:00",
            "06:00-06:00",
            "6:00-12:00",
            "06:00-24:01",
            "06:60-12:00",
            "+6:00-12:00",
        ] {
            let error = text.parse::<DaySpan>().unwrap_err();
            assert!(error.to_string().contains("06:00-12:00"), "{text}");
        }
    }
}
