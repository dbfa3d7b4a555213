//! The tier: how close an eye is kept on a patient, with every term that it is worked out from.

use clinical::worklist::WorkedOut;

use super::timeline_words::Names;
use crate::web::local_time::{LocalTime, Shown};
use crate::web::words;

/// One term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TermView {
    /// What was found.
    pub(crate) sentence: String,
    /// `2 points`.
    pub(crate) points: String,
    /// When the newest that it is from was measured or happened.
    pub(crate) at: Option<Shown>,
}

/// A tier, ready to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TierView {
    /// `as usual`, `a closer eye`, `the closest eye`.
    pub(crate) tier: &'static str,
    /// `4 points`.
    pub(crate) points: String,
    /// All terms.
    pub(crate) terms: Vec<TermView>,
    /// Who set it instead, why and until when.
    pub(crate) overridden: Option<String>,
}

impl TierView {
    /// Puts a tier into words.
    pub(crate) fn new(found: &WorkedOut, names: &Names, local: &LocalTime) -> Self {
        let points = |points: u16| words::count(i64::from(points), "point", "points");
        let terms = found.terms.iter().map(|term| TermView {
            sentence: term.sentence.clone(),
            points: points(term.points.into()),
            at: term.at.map(|at| local.show(at)),
        });
        let overridden = found.overridden.as_ref().map(|it| {
            let until = it.until.map_or_else(
                || "until it is taken back".to_owned(),
                |until| format!("until {}", local.show(until).text),
            );
            let (by, at) = (names.of(&it.by), local.show(it.at).text);
            format!("Set by {by}, {at}, {until}: {}", it.reason)
        });
        Self {
            tier: found.tier.words(),
            points: points(found.points),
            terms: terms.collect(),
            overridden,
        }
    }
}
