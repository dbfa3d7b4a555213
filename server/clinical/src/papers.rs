//! Papers: by which rules of which plan something was decided, and what would have stopped it.

use serde::{Deserialize, Serialize};
use vitals::ReadingId;

use crate::alert::Evidence;
use crate::id::PersonId;
use crate::plan::{Plan, PlanVersion};
use crate::sentence;

/// What stands behind a decision to raise or worsen an alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Papers {
    /// The rules, by name; limits are named by their vital sign and level.
    pub rules: Vec<String>,
    /// The readings that it rests on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<ReadingId>,
    /// The plan.
    pub plan: PlanVersion,
    /// Who set it.
    pub set_by: PersonId,
    /// What would have stopped it, in a sentence.
    pub stopped_by: String,
}

impl Papers {
    /// Draws up the papers of a decision that rests on some evidence.
    pub fn of(evidence: &Evidence, plan: &Plan) -> Self {
        let mut readings: Vec<ReadingId> = evidence.reading.into_iter().collect();
        for reading in evidence.holdings.iter().flat_map(|it| &it.readings) {
            if !readings.contains(reading) {
                readings.push(*reading);
            }
        }
        Self {
            rules: sentence::rule_names(evidence),
            readings,
            plan: plan.version,
            set_by: plan.set_by.clone(),
            stopped_by: sentence::stopped_by(evidence),
        }
    }
}
