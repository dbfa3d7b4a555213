//! An alert: one open problem of one patient, which gathers evidence until a person closes it.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vitals::ReadingId;

use crate::id::PersonId;
use crate::verdict::Finding;

/// The number of an alert within its patient's case: 1 for the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AlertNumber(pub u32);

impl AlertNumber {
    /// The first alert of a case.
    pub const FIRST: Self = Self(1);

    /// Gives the number after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for AlertNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// What to do by when. The order is of severity, mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Not the patient: the kit.
    Technical,
    /// Next working day.
    Check,
    /// Today.
    Soon,
    /// Now.
    Urgent,
}

/// What is wrong. A case has at most one open alert for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// Systolic or diastolic pressure out of limits.
    BloodPressure,
    /// Pulse rate out of limits.
    Pulse,
    /// Oxygen saturation out of limits.
    Oxygen,
    /// Body weight out of limits.
    Weight,
    /// Body temperature out of limits.
    Temperature,
    /// The pulse is irregular again and again.
    PulseRhythm,
    /// Several signs or symptoms together.
    Deterioration,
}

/// Whether what raised the alert still holds: a fact apart from what people have done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Condition {
    /// The latest reading is out of limits.
    Active,
    /// A later reading was back inside the limits; a person still has to close the alert.
    Cleared {
        /// When that reading was measured.
        at: Timestamp,
    },
}

/// What people have done about an open alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Ownership {
    /// Nobody has taken it: the patient's care coordinator answers.
    New,
    /// Somebody has taken it, and answers.
    Taken {
        /// Who.
        by: PersonId,
        /// When.
        at: Timestamp,
    },
}

/// How an alert ended. Closing needs one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The patient was called and advised.
    AdviceGiven,
    /// The patient was asked to measure again.
    RepeatRequested,
    /// A prescriber changed the medicine.
    MedicineChanged,
    /// Referred to the GP, 111 or 999.
    Referred,
    /// A home visit was booked.
    VisitBooked,
    /// The equipment was at fault.
    EquipmentProblem,
    /// Not clinically relevant: the limits need changing.
    LimitsNeedChanging,
}

impl Outcome {
    /// Every outcome, in the order that they are offered.
    pub const ALL: [Self; 7] = [
        Self::AdviceGiven,
        Self::RepeatRequested,
        Self::MedicineChanged,
        Self::Referred,
        Self::VisitBooked,
        Self::EquipmentProblem,
        Self::LimitsNeedChanging,
    ];

    /// Gives the words that a nurse chooses by.
    pub fn label(self) -> &'static str {
        match self {
            Self::AdviceGiven => "Called – advice given",
            Self::RepeatRequested => "Asked for a repeat reading",
            Self::MedicineChanged => "Medicine changed by prescriber",
            Self::Referred => "Referred to GP, 111 or 999",
            Self::VisitBooked => "Home visit booked",
            Self::EquipmentProblem => "Equipment problem",
            Self::LimitsNeedChanging => "Not clinically relevant – limits need changing",
        }
    }

    /// Gives the name that forms and the journal use.
    pub fn code(self) -> &'static str {
        match self {
            Self::AdviceGiven => "advice_given",
            Self::RepeatRequested => "repeat_requested",
            Self::MedicineChanged => "medicine_changed",
            Self::Referred => "referred",
            Self::VisitBooked => "visit_booked",
            Self::EquipmentProblem => "equipment_problem",
            Self::LimitsNeedChanging => "limits_need_changing",
        }
    }

    /// Finds an outcome by its code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.code() == code)
    }
}

/// A reading that speaks for or against an alert, with what was found in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The reading.
    pub reading: ReadingId,
    /// When it was measured.
    pub measured_at: Timestamp,
    /// The findings that belong to the alert's problem.
    pub findings: Vec<Finding>,
}

impl Evidence {
    /// Gives the priority of the worst breach; `None` when every finding is inside its limits.
    pub fn priority(&self) -> Option<Priority> {
        self.findings
            .iter()
            .filter_map(|finding| finding.breach)
            .map(|breach| breach.level.priority())
            .max()
    }
}

/// One open problem of one patient.
///
/// It holds only what decisions need: the whole of the evidence is in the journal, so that a case stays small however
/// long an alert is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alert {
    /// Which alert of the patient it is.
    pub number: AlertNumber,
    /// What is wrong.
    pub problem: Problem,
    /// Never falls while the alert is open.
    pub priority: Priority,
    /// Whether it still holds.
    pub condition: Condition,
    /// Who has taken it.
    pub ownership: Ownership,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When the newest evidence was measured: an older reading never changes the condition.
    pub newest_measured_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_is_found_by_the_name_the_journal_writes() {
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::from_code(outcome.code()), Some(outcome));
            assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.code());
        }
        assert_eq!(Outcome::from_code("fine"), None);
    }

    #[test]
    fn urgent_is_worse_than_soon() {
        assert!(Priority::Urgent > Priority::Soon);
    }
}
