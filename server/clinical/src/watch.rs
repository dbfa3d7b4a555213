//! Watch: a nurse's one line about a patient on whom whoever comes next keeps an eye, until a time.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::id::PersonId;
use crate::refusal::Refusal;

/// The longest line, in characters.
pub const WATCH_NOTE_LEN_MAX: usize = 200;
/// The longest watch, in days: what goes on longer is written again, or belongs in the plan.
pub const WATCH_DAYS_MAX: i64 = 14;

/// One line about a patient, until a time. Another one takes its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watch {
    /// What to keep an eye on.
    pub note: String,
    /// Until when.
    pub until: Timestamp,
    /// Who asks.
    pub by: PersonId,
}

impl Watch {
    /// Checks that it is one line of a fitting length, and ends in time.
    ///
    /// # Errors
    /// A sentence that says what to change.
    pub fn check(&self, now: Timestamp) -> Result<(), Refusal> {
        if self.note.trim().is_empty() {
            return Err(Refusal::WatchNoteMissing);
        }
        if self.note.chars().count() > WATCH_NOTE_LEN_MAX || self.note.contains(['\n', '\r']) {
            return Err(Refusal::WatchNoteTooLong);
        }
        if self.until <= now {
            return Err(Refusal::TimeHasPassed);
        }
        let longest = SignedDuration::from_hours(24 * WATCH_DAYS_MAX);
        if self.until.duration_since(now) > longest {
            return Err(Refusal::WatchTooLong);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watch_is_one_line_and_has_an_end() {
        let now: Timestamp = "2026-11-22T08:00:00Z".parse().unwrap();
        let said = |note: &str, hours: i64| {
            let until = now + SignedDuration::from_hours(hours);
            let by = "ann".parse().unwrap();
            let note = note.to_owned();
            let checked = Watch { note, until, by }.check(now);
            checked.err().map(|it| it.to_string()).unwrap_or_default()
        };
        assert_eq!(said("Breathless on the stairs", 24 * WATCH_DAYS_MAX), "");
        assert!(said(" ", 2).starts_with("Say what to keep an eye on"));
        assert!(said("one\ntwo", 2).contains("one line"));
        let long = "x".repeat(WATCH_NOTE_LEN_MAX + 1);
        assert!(said(&long, 2).contains("200 characters"));
        assert!(said("Dizzy", 0).contains("has passed"));
        assert!(said("Dizzy", 24 * WATCH_DAYS_MAX + 1).contains("14 days"));
    }
}
