//! Problems: what can be wrong, and how soon a person must look.

use serde::{Deserialize, Serialize};

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

impl Priority {
    /// Every priority, the worst first.
    pub const ALL: [Self; 4] = [Self::Urgent, Self::Soon, Self::Check, Self::Technical];

    /// Gives the name that a nurse reads.
    pub fn name(self) -> &'static str {
        match self {
            Self::Technical => "technical",
            Self::Check => "check",
            Self::Soon => "soon",
            Self::Urgent => "urgent",
        }
    }
}

/// What is wrong. A case has at most one open alert for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// Systolic or diastolic pressure.
    BloodPressure,
    /// Pulse rate.
    Pulse,
    /// Oxygen saturation.
    Oxygen,
    /// Body weight.
    Weight,
    /// Body temperature.
    Temperature,
    /// An irregular pulse that comes back.
    PulseRhythm,
    /// Several vital signs or answers that are worse together than each alone.
    Deterioration,
    /// Readings that are not usable, one after the other.
    Measuring,
    /// Readings that may be another person's.
    Identity,
    /// Expected readings are missing, and nothing but the patient explains it.
    Silence,
    /// Expected readings are missing because of a device, the gateway or the home.
    Kit,
    /// The plan's review is due, or the plan has ended.
    PlanReview,
}

impl Problem {
    /// Every problem.
    pub const ALL: [Self; 12] = [
        Self::BloodPressure,
        Self::Pulse,
        Self::Oxygen,
        Self::Weight,
        Self::Temperature,
        Self::PulseRhythm,
        Self::Deterioration,
        Self::Measuring,
        Self::Identity,
        Self::Silence,
        Self::Kit,
        Self::PlanReview,
    ];

    /// Gives the name that a nurse reads.
    pub fn name(self) -> &'static str {
        match self {
            Self::BloodPressure => "blood pressure",
            Self::Pulse => "pulse",
            Self::Oxygen => "oxygen",
            Self::Weight => "weight",
            Self::Temperature => "temperature",
            Self::PulseRhythm => "irregular pulse",
            Self::Deterioration => "several signs together",
            Self::Measuring => "measuring goes wrong",
            Self::Identity => "perhaps another person",
            Self::Silence => "no readings",
            Self::Kit => "equipment",
            Self::PlanReview => "plan review",
        }
    }

    /// Gives the name that the database and forms use; the journal writes the same.
    pub fn code(self) -> &'static str {
        match self {
            Self::BloodPressure => "blood_pressure",
            Self::Pulse => "pulse",
            Self::Oxygen => "oxygen",
            Self::Weight => "weight",
            Self::Temperature => "temperature",
            Self::PulseRhythm => "pulse_rhythm",
            Self::Deterioration => "deterioration",
            Self::Measuring => "measuring",
            Self::Identity => "identity",
            Self::Silence => "silence",
            Self::Kit => "kit",
            Self::PlanReview => "plan_review",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urgent_is_worst_and_the_kit_is_last() {
        assert!(Priority::ALL.is_sorted_by(|a, b| a > b));
    }

    #[test]
    fn codes_are_what_the_journal_writes() {
        for problem in Problem::ALL {
            assert_eq!(serde_json::to_value(problem).unwrap(), problem.code());
        }
    }
}
