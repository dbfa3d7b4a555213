//! Pauses: when no readings are expected, and why.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ScheduleError;

/// The most pauses that one case keeps.
pub const PAUSES_LEN_MAX: usize = 64;
/// The longest pause, in days: nobody is left unwatched for ever by one entry.
pub const PAUSE_DAYS_MAX: i64 = 366;
/// The longest note of a pause, in characters.
pub const PAUSE_NOTE_LEN_MAX: usize = 200;

const SECONDS_OF_DAY: i64 = 24 * 60 * 60;

/// Why no readings are expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum PauseReason {
    /// The patient is away from home.
    Holiday,
    /// The patient is in hospital, where others watch.
    Hospital,
    /// The kit is being exchanged or mended.
    KitAway,
    /// Something else.
    Other {
        /// What, in the words of whoever paused; at most [`PAUSE_NOTE_LEN_MAX`] characters.
        note: String,
    },
}

impl PauseReason {
    /// Says the reason in a few words.
    pub fn words(&self) -> &str {
        match self {
            Self::Holiday => "on holiday",
            Self::Hospital => "in hospital",
            Self::KitAway => "the kit is away",
            Self::Other { note } => note,
        }
    }
}

/// A stretch of time in which no readings are expected. Every pause has an end: what goes on longer is paused again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub until: Timestamp,
    /// Why.
    pub reason: PauseReason,
}

impl Pause {
    /// Checks that the pause has a length, and not too great a one.
    ///
    /// # Errors
    /// A sentence that says what to change.
    pub fn check(&self) -> Result<(), ScheduleError> {
        if self.from >= self.until {
            return Err(ScheduleError::PauseEmpty);
        }
        let seconds = self.until.as_second().saturating_sub(self.from.as_second());
        if seconds > PAUSE_DAYS_MAX * SECONDS_OF_DAY {
            return Err(ScheduleError::PauseTooLong);
        }
        match &self.reason {
            PauseReason::Other { note } if note.trim().is_empty() => {
                Err(ScheduleError::PauseUnexplained)
            }
            PauseReason::Other { note } if note.chars().count() > PAUSE_NOTE_LEN_MAX => {
                Err(ScheduleError::TextTooLong("pause's note"))
            }
            _ => Ok(()),
        }
    }

    /// Tells whether a moment is within the pause.
    pub fn covers(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pause(from: &str, until: &str, reason: PauseReason) -> Pause {
        Pause {
            from: from.parse().unwrap(),
            until: until.parse().unwrap(),
            reason,
        }
    }

    #[test]
    fn a_pause_has_an_end_and_a_reason() {
        let (start, week, years) = (
            "2026-08-01T00:00:00Z",
            "2026-08-08T00:00:00Z",
            "2028-08-01T00:00:00Z",
        );
        let note = |note: String| PauseReason::Other { note };
        let said =
            |from, until, reason| pause(from, until, reason).check().unwrap_err().to_string();
        assert_eq!(pause(start, week, PauseReason::Hospital).check(), Ok(()));
        assert!(said(week, start, PauseReason::Holiday).contains("end after it begins"));
        assert!(said(start, start, PauseReason::Holiday).contains("end after it begins"));
        assert!(said(start, years, PauseReason::Holiday).contains("366 days"));
        assert!(said(start, week, note("  ".to_owned())).contains("why"));
        assert!(said(start, week, note("x".repeat(PAUSE_NOTE_LEN_MAX + 1))).contains("Shorten"));
    }

    #[test]
    fn a_pause_is_written_with_its_reason() {
        let text = r#"{"from":"2026-08-01T00:00:00Z","until":"2026-08-08T00:00:00Z","reason":{"is":"other","note":"moving house"}}"#;
        let read: Pause = serde_json::from_str(text).unwrap();
        assert_eq!(read.reason.words(), "moving house");
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
        let extra = text.replace("\"note\"", "\"nte\"");
        assert!(serde_json::from_str::<Pause>(&extra).is_err());
    }
}
