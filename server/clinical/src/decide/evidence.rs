//! Evidence of one current reading: its findings, the rules and the score that hold, sorted by problem.

use std::collections::BTreeMap;

use jiff::Timestamp;
use vitals::{Decimal, ReadingId};

use super::reading::Judged;
use super::score_inputs::score_inputs;
use super::work::Work;
use crate::alert::{Evidence, Problem};
use crate::rules::{Judgement, Rule};
use crate::sign::VitalSign;
use crate::verdict::Finding;

const NO_MARGIN: Decimal = Decimal::whole(0);

impl Work {
    /// Sorts what a current reading says by problem. Every problem that it is about is there, out of limits or not.
    pub(super) fn evidence_of(&self, judged: Judged<'_>) -> BTreeMap<Problem, Evidence> {
        let mut by_problem = BTreeMap::new();
        let (reading, at) = (judged.reading.id, judged.reading.measured_at);
        for finding in judged.findings {
            let evidence = entry(&mut by_problem, finding.sign.problem(), reading, at);
            evidence.findings.push(*finding);
        }
        let signs: Vec<VitalSign> = judged.findings.iter().map(|it| it.sign).collect();
        for rule in &self.plan().care.rules {
            if signs.iter().any(|sign| rule.looks_at(*sign)) {
                self.judge_by(rule, &mut by_problem, reading, at);
            }
        }
        self.judge_by_score(&signs, &mut by_problem, reading, at);
        by_problem.retain(|problem, evidence| {
            if evidence.priority().is_some() {
                return true;
            }
            // Only an open alert waits for it.
            let against = self.speaks_against(*problem, evidence, &signs);
            evidence.well_inside = against && self.is_well_inside(*problem, evidence);
            against || self.case.alert_of(*problem).is_none()
        });
        by_problem
    }

    fn judge_by(
        &self,
        rule: &Rule,
        by_problem: &mut BTreeMap<Problem, Evidence>,
        reading: ReadingId,
        at: Timestamp,
    ) {
        let judgement = rule.evaluate(self.case.history(), at);
        if self.is_waited_for(rule.problem()) || matches!(judgement, Judgement::Holds(_)) {
            let evidence = entry(by_problem, rule.problem(), reading, at);
            if let Judgement::Holds(holding) = judgement {
                evidence.holdings.push(*holding);
            }
        }
    }

    fn judge_by_score(
        &self,
        signs: &[VitalSign],
        by_problem: &mut BTreeMap<Problem, Evidence>,
        reading: ReadingId,
        at: Timestamp,
    ) {
        let Some(rule) = &self.plan().care.score else {
            return;
        };
        if !signs.iter().any(|sign| sign.is_scored()) {
            return;
        }
        let finding = rule.evaluate(&score_inputs(self.case.history(), at), at);
        if self.is_waited_for(Problem::Deterioration) || finding.reached.is_some() {
            let evidence = entry(by_problem, Problem::Deterioration, reading, at);
            evidence.score = finding.reached.is_some().then(|| Box::new(finding));
        }
    }

    /// Tells whether an open alert waits to clear, or a first breach for its repeat: what does not hold counts then too.
    fn is_waited_for(&self, problem: Problem) -> bool {
        self.case.alert_of(problem).is_some() || self.case.suspicion_of(problem).is_some()
    }

    /// Tells whether nothing of a problem is near its limit, so that its alert may clear.
    pub(super) fn is_well_inside(&self, problem: Problem, evidence: &Evidence) -> bool {
        let Some(clearing) = &self.plan().care.clearing else {
            return true;
        };
        let margin = |sign: VitalSign| clearing.margins.get(&sign).copied();
        let near_a_limit = evidence.findings.iter().any(|finding: &Finding| {
            let limits = self.plan().limits.get(&finding.sign);
            limits
                .zip(margin(finding.sign))
                .is_some_and(|(limits, margin): (_, Decimal)| {
                    limits.is_near(&finding.value, &margin)
                })
        });
        let at = evidence.measured_at;
        let rules = self.plan().care.rules.iter();
        let near_a_rule = rules.filter(|rule| rule.problem() == problem).any(|rule| {
            let margin = rule.signs().next().and_then(margin).unwrap_or(NO_MARGIN);
            let judgement = rule.evaluate_with_margin(self.case.history(), at, &margin);
            matches!(judgement, Judgement::Holds(_))
        });
        !near_a_limit && !near_a_rule && self.score_is_inside(problem, at)
    }
}

fn entry(
    by_problem: &mut BTreeMap<Problem, Evidence>,
    problem: Problem,
    reading: ReadingId,
    at: Timestamp,
) -> &mut Evidence {
    by_problem.entry(problem).or_insert_with(|| Evidence {
        reading: Some(reading),
        ..Evidence::at(at)
    })
}
