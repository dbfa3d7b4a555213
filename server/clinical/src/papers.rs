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
    /// Draws up the papers of a decision that rests on some pieces of evidence.
    pub fn of(evidence: &[Evidence], plan: &Plan) -> Self {
        let mut papers = Self {
            rules: Vec::new(),
            readings: Vec::new(),
            plan: plan.version,
            set_by: plan.set_by.clone(),
            stopped_by: String::new(),
        };
        let mut stopped_by = Vec::new();
        for piece in evidence {
            add_new(&mut papers.rules, sentence::rule_names(piece));
            add_new(&mut papers.readings, piece.reading);
            let of_rules = piece.holdings.iter().flat_map(|it| &it.readings);
            add_new(&mut papers.readings, of_rules.copied());
            add_new(&mut stopped_by, Some(sentence::stopped_by(piece)));
        }
        stopped_by.retain(|it| !it.is_empty());
        papers.stopped_by = stopped_by.join("; ");
        papers
    }
}

/// Adds what is not there yet.
fn add_new<T: PartialEq>(list: &mut Vec<T>, more: impl IntoIterator<Item = T>) {
    for it in more {
        if !list.contains(&it) {
            list.push(it);
        }
    }
}
