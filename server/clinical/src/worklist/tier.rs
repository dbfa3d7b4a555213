//! The tier of a patient, worked out from terms that are all listed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::rules::TierRules;
use super::{LABEL, Tier, terms};
use crate::case::{Case, TierOverride};
use crate::rules::words::count;

/// What a term is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TermKind {
    /// The score over the latest values.
    Score,
    /// How far the last days are from what was usual.
    Drift,
    /// The worst open alert.
    OpenAlert,
    /// Days without a reading.
    NoData,
    /// Unusable measurements in a row.
    PoorQuality,
}

/// One term, also when it counts nothing: what was not known is said, never guessed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// What it is about.
    pub kind: TermKind,
    /// What it counts.
    pub points: u8,
    /// When the newest that it is from was measured or happened; `None` when there is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// What was found, in one sentence.
    pub sentence: String,
}

/// A tier with everything that it is from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkedOut {
    /// The tier by which the patient's rows are ordered.
    pub tier: Tier,
    /// The points of the terms together.
    pub points: u16,
    /// The five terms, always all.
    pub terms: Vec<Term>,
    /// The override that decided; then the points did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overridden: Option<TierOverride>,
}

/// Works out how close an eye is kept on a patient. An override decides while it holds; its end is its first moment over.
///
/// Worklist order, not a validated risk score: it is for [`super::order`] alone.
pub fn tier(case: &Case, rules: &TierRules, now: Timestamp) -> WorkedOut {
    let terms = terms::all(case, rules.settings(), now);
    let points = terms.iter().fold(0_u16, |sum, term| {
        sum.saturating_add(u16::from(term.points))
    });
    let holds = |it: &&TierOverride| it.until.is_none_or(|until| now < until);
    let overridden = case.tier().filter(holds).cloned();
    WorkedOut {
        tier: overridden
            .as_ref()
            .map_or_else(|| rules.tier_of(points), |it| it.tier),
        points,
        terms,
        overridden,
    }
}

impl WorkedOut {
    /// Says the tier to a nurse, with its label: `A closer eye: 4 points. Worklist order, not a validated risk score.`
    pub fn sentence(&self) -> String {
        let tier = crate::sentence::capitalised(self.tier.words());
        match &self.overridden {
            Some(by) => {
                let reason = by.reason.trim().trim_end_matches('.');
                format!("{tier}, set by {}: {reason}. {LABEL}", by.by)
            }
            None => format!("{tier}: {}. {LABEL}", count(self.points, "point")),
        }
    }
}
