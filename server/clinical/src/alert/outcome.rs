//! Outcomes: how an alert ended.

use serde::{Deserialize, Serialize};

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
    /// Another alert is about the same; closing says which.
    Duplicate,
}

impl Outcome {
    /// Every outcome, in the order that they are offered.
    pub const ALL: [Self; 8] = [
        Self::AdviceGiven,
        Self::RepeatRequested,
        Self::MedicineChanged,
        Self::Referred,
        Self::VisitBooked,
        Self::EquipmentProblem,
        Self::LimitsNeedChanging,
        Self::Duplicate,
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
            Self::Duplicate => "Duplicate of another alert",
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
            Self::Duplicate => "duplicate",
        }
    }

    /// Tells whether somebody acted for the patient: the alert was worth having. What was done for a duplicate counts with
    /// the other alert.
    pub fn is_action(self) -> bool {
        match self {
            Self::AdviceGiven
            | Self::RepeatRequested
            | Self::MedicineChanged
            | Self::Referred
            | Self::VisitBooked => true,
            Self::EquipmentProblem | Self::LimitsNeedChanging | Self::Duplicate => false,
        }
    }

    /// Finds an outcome by its code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_for_the_patient_is_an_action() {
        let actions: Vec<&str> = Outcome::ALL
            .into_iter()
            .filter(|it| it.is_action())
            .map(Outcome::code)
            .collect();
        assert_eq!(
            actions,
            [
                "advice_given",
                "repeat_requested",
                "medicine_changed",
                "referred",
                "visit_booked"
            ]
        );
    }

    #[test]
    fn an_outcome_is_found_by_the_name_the_journal_writes() {
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::from_code(outcome.code()), Some(outcome));
            assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.code());
        }
        assert_eq!(Outcome::from_code("fine"), None);
    }
}
