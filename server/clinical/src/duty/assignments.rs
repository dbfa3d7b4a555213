//! Assignments: the one care coordinator of a patient, with dates.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::id::PersonId;

/// The most assignments of one patient that are kept.
pub const ASSIGNMENTS_LEN_MAX: usize = 256;

/// From when a person is a patient's care coordinator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// Who.
    pub coordinator: PersonId,
    /// From when, until the next assignment.
    pub from: Timestamp,
}

/// The care coordinators of one patient over time. There is always one: the first also holds before its date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Assignment>", into = "Vec<Assignment>")]
pub struct Assignments {
    first: Assignment,
    /// Later than the first, each later than the one before.
    next: Vec<Assignment>,
}

/// Why a list names no coordinators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AssignmentsError {
    /// The list is empty.
    #[error("A patient needs a care coordinator. Name one.")]
    Nobody,
    /// More than [`ASSIGNMENTS_LEN_MAX`].
    #[error("A patient can have {ASSIGNMENTS_LEN_MAX} assignments at most.")]
    TooMany,
}

impl Assignments {
    /// Starts with one coordinator.
    pub fn new(first: Assignment) -> Self {
        Self {
            first,
            next: Vec::new(),
        }
    }

    /// Adds an assignment; one with the same date takes the other's place.
    ///
    /// Beyond [`ASSIGNMENTS_LEN_MAX`] the oldest is forgotten: the one after it then holds before its own date.
    #[must_use]
    pub fn with(mut self, assignment: Assignment) -> Self {
        if assignment.from <= self.first.from {
            let later = std::mem::replace(&mut self.first, assignment);
            if later.from != self.first.from {
                self.next.insert(0, later);
            }
        } else {
            let place = self.next.partition_point(|it| it.from < assignment.from);
            match self.next.get_mut(place) {
                Some(same) if same.from == assignment.from => *same = assignment,
                _ => self.next.insert(place, assignment),
            }
        }
        if self.next.len() >= ASSIGNMENTS_LEN_MAX {
            self.first = self.next.remove(0);
        }
        self
    }

    /// Gives the coordinator at a moment.
    pub fn coordinator_at(&self, at: Timestamp) -> &PersonId {
        let later = self.next.partition_point(|it| it.from <= at);
        let holds = later.checked_sub(1).and_then(|last| self.next.get(last));
        &holds.unwrap_or(&self.first).coordinator
    }

    /// Tells whether a person is the coordinator at a moment or at any time after it.
    pub fn needs_from(&self, person: &PersonId, at: Timestamp) -> bool {
        self.coordinator_at(at) == person
            || self
                .changes_after(at)
                .any(|later| later.coordinator == *person)
    }

    /// Gives the assignments that begin after a moment, in order.
    pub fn changes_after(&self, at: Timestamp) -> impl Iterator<Item = &Assignment> {
        let later = self.next.partition_point(|it| it.from <= at);
        self.next.iter().skip(later)
    }
}

impl TryFrom<Vec<Assignment>> for Assignments {
    type Error = AssignmentsError;

    fn try_from(all: Vec<Assignment>) -> Result<Self, AssignmentsError> {
        if all.len() > ASSIGNMENTS_LEN_MAX {
            return Err(AssignmentsError::TooMany);
        }
        let mut all = all.into_iter();
        let first = all.next().ok_or(AssignmentsError::Nobody)?;
        Ok(all.fold(Self::new(first), Self::with))
    }
}

impl From<Assignments> for Vec<Assignment> {
    fn from(assignments: Assignments) -> Self {
        let mut all = assignments.next;
        all.insert(0, assignments.first);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(person: &str, date: &str) -> Assignment {
        Assignment {
            coordinator: person.parse().unwrap(),
            from: at(date),
        }
    }

    fn at(date: &str) -> Timestamp {
        format!("{date}T00:00:00Z").parse().unwrap()
    }

    #[test]
    fn each_holds_until_the_next_and_the_first_before_its_date() {
        let it = Assignments::new(from("ada", "2026-11-01"))
            .with(from("cyd", "2026-11-20"))
            .with(from("bob", "2026-11-10"));
        let coordinator = |date| it.coordinator_at(at(date)).as_str();
        assert_eq!(coordinator("2020-01-01"), "ada");
        assert_eq!(coordinator("2026-11-09"), "ada");
        assert_eq!(coordinator("2026-11-10"), "bob");
        assert_eq!(coordinator("2026-12-01"), "cyd");
        assert!(it.needs_from(&"cyd".parse().unwrap(), at("2026-11-02")));
        assert!(!it.needs_from(&"ada".parse().unwrap(), at("2026-11-10")));
    }

    #[test]
    fn one_with_the_same_date_takes_the_others_place() {
        let it = Assignments::new(from("ada", "2026-11-02"))
            .with(from("bob", "2026-11-02"))
            .with(from("cyd", "2026-11-03"))
            .with(from("dan", "2026-11-03"))
            .with(from("eve", "2026-11-01"));
        let people: Vec<String> = Vec::from(it)
            .iter()
            .map(|it| it.coordinator.to_string())
            .collect();
        assert_eq!(people, ["eve", "bob", "dan"]);
    }

    #[test]
    fn nobody_is_refused_and_too_many_forget_the_oldest() {
        assert_eq!(
            Assignments::try_from(Vec::new()),
            Err(AssignmentsError::Nobody)
        );
        let hours = (0..=ASSIGNMENTS_LEN_MAX).map(|hour| Assignment {
            coordinator: format!("nurse-{hour}").parse().unwrap(),
            from: Timestamp::from_second(i64::try_from(hour).unwrap() * 3_600).unwrap(),
        });
        let all: Vec<Assignment> = hours.collect();
        assert_eq!(
            Assignments::try_from(all.clone()),
            Err(AssignmentsError::TooMany)
        );
        let kept = all
            .into_iter()
            .map(Assignments::new)
            .reduce(|kept, next| kept.with(next.first))
            .unwrap();
        assert_eq!(kept.first.coordinator.as_str(), "nurse-1");
        assert_eq!(Vec::from(kept).len(), ASSIGNMENTS_LEN_MAX);
    }
}
