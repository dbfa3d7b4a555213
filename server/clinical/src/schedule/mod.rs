//! A schedule: which readings a plan expects, when, and when a missing one is noticed.

mod error;
mod expected;
mod measured;
mod pause;
mod window;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use error::ScheduleError;
pub use expected::{Due, Expected, GRACE_MINUTES_MAX, MissedStep, SOURCE_LEN_MAX, WINDOWS_LEN_MAX};
pub use measured::Measured;
pub use pause::{PAUSE_DAYS_MAX, PAUSE_NOTE_LEN_MAX, PAUSES_LEN_MAX, Pause, PauseReason};
pub use window::{Days, Window, WindowError};

use crate::zone::Zone;

/// The readings that a patient is asked for; a part of the plan. An empty schedule expects none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// One entry for each kind of reading, in the order that a nurse reads them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expected: Vec<Expected>,
}

impl Schedule {
    /// Checks every entry, and that no kind of reading is expected twice.
    ///
    /// # Errors
    /// A sentence that says what to change.
    pub fn check(&self) -> Result<(), ScheduleError> {
        for (place, it) in self.expected.iter().enumerate() {
            let earlier = self.expected.iter().take(place);
            if earlier.clone().any(|other| other.what == it.what) {
                return Err(ScheduleError::Twice(it.what));
            }
            it.check()?;
        }
        Ok(())
    }

    /// Finds what is expected of one kind of reading.
    pub fn of(&self, what: Measured) -> Option<&Expected> {
        self.expected.iter().find(|it| it.what == what)
    }

    /// Gives each kind's next window that opens after a moment, the soonest due first.
    pub fn next_windows(&self, after: Timestamp, zone: &Zone, pauses: &[Pause]) -> Vec<Due> {
        let next = |it: &Expected| it.next_window(after, zone, pauses);
        let mut due: Vec<Due> = self.expected.iter().filter_map(next).collect();
        due.sort_by_key(|it| (it.due_at, it.what));
        due
    }

    /// Gives the window of one kind that is open at a moment, if any.
    pub fn window_at(
        &self,
        what: Measured,
        at: Timestamp,
        zone: &Zone,
        pauses: &[Pause],
    ) -> Option<Due> {
        self.of(what)?.window_at(at, zone, pauses)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"expected":[
        {"what":"weight","every":"daily","windows":["06:00-10:00"],"grace_minutes":60,
         "nudge_after":1,"check_after":3,"source":"ESC: weigh every morning"},
        {"what":"blood_pressure","every":"mon, thu","windows":["06:00-12:00","18:00-24:00"],
         "grace_minutes":60,"nudge_after":2,"check_after":4,"source":"BIHS diary"}]}"#;

    fn schedule() -> Schedule {
        serde_json::from_str(TEXT).unwrap()
    }

    fn uk() -> Zone {
        "GMT0BST,M3.5.0/1,M10.5.0".parse().unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn each_kind_has_its_next_window_the_soonest_due_first() {
        assert_eq!(schedule().check(), Ok(()));
        // 2026-01-07 is a Wednesday.
        let next = schedule().next_windows(at("2026-01-07T12:00:00Z"), &uk(), &[]);
        let due: Vec<_> = next.iter().map(|it| (it.what, it.due_at)).collect();
        assert_eq!(
            due,
            [
                (Measured::Weight, at("2026-01-08T11:00:00Z")),
                (Measured::BloodPressure, at("2026-01-08T13:00:00Z")),
            ]
        );
        let now = at("2026-01-08T18:00:00Z");
        let open = |what| schedule().window_at(what, now, &uk(), &[]);
        assert_eq!(
            open(Measured::BloodPressure).map(|it| it.closes),
            Some(at("2026-01-09T00:00:00Z"))
        );
        assert_eq!(open(Measured::Weight), None);
        assert_eq!(open(Measured::Oximetry), None);
    }

    #[test]
    fn one_kind_is_expected_once_and_unknown_words_are_refused() {
        let mut twice = schedule();
        twice.expected.push(schedule().expected.remove(0));
        let said = twice.check().unwrap_err().to_string();
        assert!(said.contains("weight is expected twice"), "{said}");
        let wrong = TEXT.replace("grace_minutes", "grace");
        assert!(serde_json::from_str::<Schedule>(&wrong).is_err());
        let text = serde_json::to_string(&schedule()).unwrap();
        assert_eq!(serde_json::from_str::<Schedule>(&text).unwrap(), schedule());
        assert_eq!(serde_json::to_string(&Schedule::default()).unwrap(), "{}");
    }
}
