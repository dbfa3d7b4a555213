//! What an alert says about who has it: its holder, and how far up the chain it has gone.

use serde::{Deserialize, Serialize};

use crate::id::PersonId;

/// How far up the chain an alert has gone because its deadlines passed. Taking it sets it back to the first.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// With whoever has it, or the patient's care coordinator, or who stands in.
    #[default]
    Coordinator,
    /// With the team lead.
    TeamLead,
    /// With the person on call.
    OnCall,
}

impl Step {
    /// Gives the step after this one; the last stays.
    pub fn next(self) -> Self {
        match self {
            Self::Coordinator => Self::TeamLead,
            Self::TeamLead | Self::OnCall => Self::OnCall,
        }
    }

    /// Names the role in a sentence: `the team lead`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Coordinator => "the care coordinator",
            Self::TeamLead => "the team lead",
            Self::OnCall => "the person on call",
        }
    }
}

/// Who an alert says has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Holder {
    /// Nobody has taken it.
    #[default]
    NotTaken,
    /// Somebody has: also while they wait for the patient, have put it aside, or have offered it to a colleague who has
    /// not accepted.
    TakenBy {
        /// Who.
        person: PersonId,
    },
    /// Somebody was asked by name and has not taken it yet.
    EscalatedTo {
        /// Who.
        person: PersonId,
    },
}

impl Holder {
    /// Names who has it; `None` when nobody has taken it.
    pub fn person(&self) -> Option<&PersonId> {
        match self {
            Self::NotTaken => None,
            Self::TakenBy { person } | Self::EscalatedTo { person } => Some(person),
        }
    }
}

/// What an alert says about who has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// Who has it.
    pub holder: Holder,
    /// How far up the chain it has gone.
    pub step: Step,
}
