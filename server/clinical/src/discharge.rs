//! Discharge: monitoring ends, for a reason.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::PersonId;

/// Why monitoring ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DischargeReason {
    /// It has done its work.
    GoalsMet,
    /// Others care for the patient now.
    OtherCare,
    /// The patient does not want it any more.
    PatientsWish,
    /// The patient has moved out of the area.
    MovedAway,
    /// The patient has died.
    Died,
    /// Something else, which the note says.
    Other,
}

impl DischargeReason {
    /// Every reason, in the order that they are offered.
    pub const ALL: [Self; 6] = [
        Self::GoalsMet,
        Self::OtherCare,
        Self::PatientsWish,
        Self::MovedAway,
        Self::Died,
        Self::Other,
    ];

    /// Gives the words that a nurse chooses by.
    pub fn label(self) -> &'static str {
        match self {
            Self::GoalsMet => "Monitoring is no longer needed",
            Self::OtherCare => "Moved to other care",
            Self::PatientsWish => "The patient's wish",
            Self::MovedAway => "Moved out of the area",
            Self::Died => "Died",
            Self::Other => "Another reason",
        }
    }

    /// Says it within a sentence: `moved to other care`.
    pub fn words(self) -> &'static str {
        match self {
            Self::GoalsMet => "monitoring is no longer needed",
            Self::OtherCare => "moved to other care",
            Self::PatientsWish => "the patient's wish",
            Self::MovedAway => "moved out of the area",
            Self::Died => "died",
            Self::Other => "another reason",
        }
    }

    /// Gives the name that forms, the database and the journal use.
    pub fn code(self) -> &'static str {
        match self {
            Self::GoalsMet => "goals_met",
            Self::OtherCare => "other_care",
            Self::PatientsWish => "patients_wish",
            Self::MovedAway => "moved_away",
            Self::Died => "died",
            Self::Other => "other",
        }
    }

    /// Finds a reason by its code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.code() == code)
    }
}

/// The end of monitoring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Discharge {
    /// Who ended it.
    pub by: PersonId,
    /// Why.
    pub reason: DischargeReason,
    /// What they wrote; [`DischargeReason::Other`] asks for it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// That a patient is discharged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Discharged {
    /// Since when.
    pub at: Timestamp,
    /// Why.
    pub reason: DischargeReason,
    /// Whether somebody was told that readings arrive all the same: once is enough.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub heard: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_what_the_journal_writes() {
        for reason in DischargeReason::ALL {
            assert_eq!(DischargeReason::from_code(reason.code()), Some(reason));
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.code());
        }
        assert_eq!(DischargeReason::from_code("bored"), None);
    }
}
