//! The worklist: in which order a nurse looks at open alerts.
//!
//! [`arrange`] puts rows in order and never leaves one out. [`tier`] works out how close an eye is kept on a patient, from
//! terms that are all listed; it is one of the last keys of the order and nothing else.

mod ladder;
mod order;
mod rules;
mod terms;
mod tier;

use serde::{Deserialize, Serialize};

pub use ladder::{LADDER_LEN_MAX, Ladder, LadderError, Rung};
pub use order::{Row, arrange, order};
pub use rules::{
    AGE_HOURS_MAX, DRIFT_SIGNS_LEN_MAX, Drift, DriftSign, NoData, OpenAlert, PoorQuality,
    ScoreBands, TierRules, TierRulesError, TierSettings,
};
pub use tier::{Term, TermKind, WorkedOut, tier};

/// What stands beside every tier that is shown.
pub const LABEL: &str = "Worklist order, not a validated risk score.";

/// How close an eye is kept on a patient. Worklist order, not a validated risk score; it never hides a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// As usual.
    Usual,
    /// Closer than usual.
    Closer,
    /// Closest.
    Closest,
}

impl Tier {
    /// Every tier, the closest first.
    pub const ALL: [Self; 3] = [Self::Closest, Self::Closer, Self::Usual];

    /// Gives the words that a nurse reads.
    pub fn words(self) -> &'static str {
        match self {
            Self::Usual => "as usual",
            Self::Closer => "a closer eye",
            Self::Closest => "the closest eye",
        }
    }
}
