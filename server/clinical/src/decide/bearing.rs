//! Bearing: whether a reading says anything about what is waited for, be it a repeat or the end of an alert.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::score_inputs::score_inputs;
use super::work::Work;
use crate::alert::{Evidence, Problem};
use crate::case::Suspicion;
use crate::plan::Plan;
use crate::rules::Rule;
use crate::schedule::Measured;
use crate::sign::VitalSign;

/// Gives the vital signs that speak for a problem in a piece of evidence: what is beyond its limit, what a rule that holds
/// looks at, and what scores.
pub(crate) fn speaking(evidence: &Evidence, plan: &Plan) -> BTreeSet<VitalSign> {
    let beyond = evidence.findings.iter().filter(|it| it.breach.is_some());
    let rules = plan.care.rules.iter();
    let holds = |rule: &&Rule| evidence.holdings.iter().any(|it| it.rule == *rule.id());
    let scores = evidence.score.iter().flat_map(|it| it.score.parts());
    let scores = scores.filter(|part| part.points.get() > 0);
    beyond
        .map(|it| it.sign)
        .chain(rules.filter(holds).flat_map(Rule::signs))
        .chain(scores.filter_map(|part| part.parameter.sign()))
        .collect()
}

impl Work {
    /// Tells whether a reading is the repeat that a suspicion waits for: of a vital sign that was beyond its limit, or of
    /// the kind that was asked for. Any other reading leaves it waiting, so that a weight allays no score.
    pub(super) fn repeats(
        suspicion: &Suspicion,
        evidence: &Evidence,
        what: Option<Measured>,
    ) -> bool {
        let first = suspicion.evidence.findings.iter();
        let mut beyond = first.filter(|it| it.breach.is_some()).map(|it| it.sign);
        what == Some(suspicion.what)
            || beyond.any(|sign| evidence.findings.iter().any(|it| it.sign == sign))
    }

    /// Tells whether a reading that speaks for nothing speaks against an open alert: it must be of a vital sign that the
    /// alert rests on.
    pub(super) fn speaks_against(
        &self,
        problem: Problem,
        evidence: &Evidence,
        signs: &[VitalSign],
    ) -> bool {
        let Some(alert) = self.case.alert_of(problem) else {
            return false;
        };
        !evidence.findings.is_empty() || signs.iter().any(|sign| alert.rests_on.contains(sign))
    }

    /// Tells whether the score is under its limits by what is known now of everything that an open alert rests on. What is
    /// out of date is not known to be well.
    pub(super) fn score_is_inside(&self, problem: Problem, at: Timestamp) -> bool {
        let rule = self.plan().care.score.as_ref();
        let Some((rule, alert)) = rule.zip(self.case.alert_of(problem)) else {
            return true;
        };
        if problem != Problem::Deterioration {
            return true;
        }
        let found = rule.evaluate(&score_inputs(self.case.history(), at), at);
        let parts = found.score.parts().iter();
        let known: BTreeSet<_> = parts.filter_map(|part| part.parameter.sign()).collect();
        let mut scored = alert.rests_on.iter().filter(|sign| sign.is_scored());
        found.reached.is_none() && scored.all(|sign| known.contains(sign))
    }
}
