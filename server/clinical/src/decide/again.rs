//! Judging again: a reading that comes late or out of order finds its place, and may complete what a rule looks for.

use super::reading::Judged;
use super::standing;
use super::work::Work;
use crate::alert::Evidence;
use crate::event::ReadingStored;
use crate::history::Point;
use crate::rules::{Holding, Judgement, Rule, RuleId};

impl Work {
    /// Names the rules that hold by the newest readings, if this one is older than they; `None` if it is the newest.
    pub(super) fn held_by_newer(&self, reading: &ReadingStored) -> Option<Vec<RuleId>> {
        let history = self.case.history();
        let newest = |sign| history.latest(sign).map(Point::at);
        let mut signs = reading.values.iter();
        signs
            .any(|(sign, _)| newest(*sign) > Some(reading.measured_at))
            .then(|| self.holding(reading).map(|(it, _)| it.rule).collect())
    }

    /// Judges the newest readings again by the rules that an older one has completed.
    pub(super) fn judge_again(&mut self, judged: Judged<'_>, before: &[RuleId]) {
        let now_holding: Vec<Evidence> = self
            .holding(judged.reading)
            .filter(|(holding, _)| !before.contains(&holding.rule))
            .map(|(holding, newest)| Evidence {
                reading: Some(newest.reading()),
                holdings: vec![holding],
                ..Evidence::at(newest.at())
            })
            .collect();
        for evidence in now_holding {
            let Some(problem) = evidence.holdings.first().map(|it| it.problem) else {
                continue;
            };
            // A rule is no repeat: a breach that is as bad goes on waiting for its own.
            let suspicion = self.case.suspicion_of(problem);
            if suspicion.is_none_or(|it| evidence.priority() > Some(it.priority)) {
                self.consider(problem, evidence, judged.what);
            }
        }
    }

    /// Gives what holds now of the rules that look at a reading's signs, with the newest reading of each.
    fn holding<'a>(
        &'a self,
        reading: &'a ReadingStored,
    ) -> impl Iterator<Item = (Holding, &'a Point)> + 'a {
        let looks_at = |rule: &&Rule| reading.values.iter().any(|(sign, _)| rule.looks_at(*sign));
        let rules = self.plan().care.rules.iter().filter(looks_at);
        rules.filter_map(|rule| {
            let newest = rule.signs().filter_map(|it| self.case.history().latest(it));
            let newest = newest.max_by_key(|it| it.at())?;
            if standing::is_late(&self.case, newest.at(), self.now) {
                return None;
            }
            match rule.evaluate(self.case.history(), newest.at()) {
                Judgement::Holds(holding) => Some((*holding, newest)),
                Judgement::DoesNotHold | Judgement::NotEnoughYet(_) => None,
            }
        })
    }
}
