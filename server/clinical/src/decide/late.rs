//! Late readings: they say how the patient was, so they never raise a burst of "now".

use std::collections::BTreeMap;

use super::reading::Judged;
use super::score_inputs::score_inputs;
use super::work::Work;
use crate::alert::{Condition, Evidence, Grounds, Priority, Problem};
use crate::decision::Decision;
use crate::papers::Papers;
use crate::rules::{Judgement, Rule};
use crate::verdict::Finding;

impl Work {
    /// Weighs a late reading: it is evidence of an open alert, and an urgent one makes one item where there is none. So does
    /// a rule that holds by it, when nothing newer is known: what grows over days is found in a home that delivers once a day.
    pub(super) fn late(&mut self, judged: Judged<'_>) {
        self.is_heard(judged.what, judged.reading.measured_at);
        let mut by_problem = self.late_findings(judged);
        self.add_late_rules(judged, &mut by_problem);
        for (problem, evidence) in by_problem {
            self.late_problem(judged, problem, evidence);
        }
    }

    /// Weighs a late reading that cannot be believed as it is: its values may be so, and no rule counts it.
    pub(super) fn late_doubtful(&mut self, judged: Judged<'_>) {
        self.is_heard(judged.what, judged.reading.measured_at);
        for (problem, evidence) in self.late_findings(judged) {
            self.late_problem(judged, problem, evidence);
        }
    }

    pub(super) fn late_findings(&self, judged: Judged<'_>) -> BTreeMap<Problem, Evidence> {
        let mut by_problem = BTreeMap::new();
        for finding in judged.findings {
            let evidence = entry(&mut by_problem, finding.sign.problem(), judged);
            evidence.findings.push(*finding);
        }
        by_problem
    }

    pub(super) fn add_late_rules(
        &self,
        judged: Judged<'_>,
        by_problem: &mut BTreeMap<Problem, Evidence>,
    ) {
        let (history, at) = (self.case.history(), judged.reading.measured_at);
        let looks_at = |rule: &&Rule| judged.findings.iter().any(|it| rule.looks_at(it.sign));
        for rule in self.plan().care.rules.iter().filter(looks_at) {
            if let Judgement::Holds(holding) = rule.evaluate(history, at) {
                let evidence = entry(by_problem, rule.problem(), judged);
                evidence.holdings.push(*holding);
            }
        }
        let scores = judged.findings.iter().any(|it| it.sign.is_scored());
        if let Some(rule) = self.plan().care.score.as_ref().filter(|_| scores) {
            let finding = rule.evaluate(&score_inputs(history, at), at);
            if finding.reached.is_some() {
                let evidence = entry(by_problem, Problem::Deterioration, judged);
                evidence.score = Some(Box::new(finding));
            }
        }
    }

    pub(super) fn late_problem(
        &mut self,
        judged: Judged<'_>,
        problem: Problem,
        mut evidence: Evidence,
    ) {
        let lateness = self.plan().care.lateness.as_ref();
        let becomes = lateness.map_or(Priority::Soon, |it| it.urgent_becomes);
        let was = evidence.priority();
        let by_rule = !evidence.holdings.is_empty() || evidence.score.is_some();
        evidence.late = true;
        evidence.grounds = match was {
            Some(Priority::Urgent) => Some(Grounds::LateUrgent { priority: becomes }),
            Some(was) if by_rule && self.is_newest(judged) => Some(Grounds::LateRule {
                priority: was.min(becomes),
            }),
            _ => None,
        };
        if self.case.alert_of(problem).is_some() {
            self.weigh_late(judged, problem, &evidence);
        } else if let Some(priority) = evidence.priority()
            && !self.rests(problem, priority, &evidence)
        {
            self.open_late(judged, problem, priority, evidence);
        }
    }

    /// Tells whether nothing newer is known of any of a reading's vital signs.
    fn is_newest(&self, judged: Judged<'_>) -> bool {
        judged.findings.iter().all(|it| {
            let latest = self.case.history().latest(it.sign);
            latest.is_none_or(|it| it.at() <= judged.reading.measured_at)
        })
    }

    /// Adds late evidence to an open alert. An urgent value makes it no milder than a late one alone would be, and active
    /// again if it is newer than what cleared it; nothing late clears.
    fn weigh_late(&mut self, judged: Judged<'_>, problem: Problem, evidence: &Evidence) {
        let Some(alert) = self.case.alert_of(problem) else {
            return;
        };
        let (alert, priority) = (alert.clone(), evidence.priority());
        self.follow(Decision::AddEvidence {
            alert: alert.number,
            evidence: Box::new(evidence.clone()),
        });
        let Some(priority) = priority else { return };
        if priority > alert.priority {
            self.raise_priority(problem, priority, evidence);
        }
        let is_cleared = alert.condition != Condition::Active;
        if is_cleared && evidence.measured_at >= alert.newest_measured_at {
            self.follow(Decision::SetCondition {
                alert: alert.number,
                condition: Condition::Active,
            });
            self.ask_to_repeat(judged);
        }
    }

    fn ask_to_repeat(&mut self, judged: Judged<'_>) {
        let reading = judged.reading.id;
        if let Some(what) = judged.what.filter(|_| !self.asks_to_repeat(reading)) {
            let doubt = None;
            self.follow(Decision::WantRepeat {
                reading,
                what,
                doubt,
            });
        }
    }

    fn open_late(
        &mut self,
        judged: Judged<'_>,
        problem: Problem,
        priority: Priority,
        evidence: Evidence,
    ) {
        let condition = self.condition_since(&evidence);
        let papers = Some(Box::new(Papers::of(
            std::slice::from_ref(&evidence),
            self.plan(),
        )));
        self.follow(Decision::OpenAlert {
            alert: self.next_alert(),
            problem,
            priority,
            evidence: Box::new(evidence),
            condition,
            respond_by: self.take_by(priority),
            papers,
        });
        if condition == Condition::Active {
            self.ask_to_repeat(judged);
        }
    }

    /// A newer reading inside the limits shows that a late breach is over.
    pub(super) fn condition_since(&self, evidence: &Evidence) -> Condition {
        let newer_inside = |finding: &Finding| {
            let latest = self.case.history().latest(finding.sign)?;
            let now = Finding::of(finding.sign, *latest.value(), self.plan());
            (latest.at() > evidence.measured_at && now.breach.is_none()).then_some(latest.at())
        };
        let breaches = evidence.findings.iter().filter(|it| it.breach.is_some());
        let inside_since: Option<Vec<_>> = breaches.map(newer_inside).collect();
        match inside_since.and_then(|times| times.into_iter().min()) {
            Some(at) => Condition::Cleared { at },
            None => Condition::Active,
        }
    }
}

fn entry<'a>(
    by_problem: &'a mut BTreeMap<Problem, Evidence>,
    problem: Problem,
    judged: Judged<'_>,
) -> &'a mut Evidence {
    by_problem.entry(problem).or_insert_with(|| Evidence {
        reading: Some(judged.reading.id),
        ..Evidence::at(judged.reading.measured_at)
    })
}
