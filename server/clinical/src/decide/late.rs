//! Late readings: they say how the patient was, so they never raise a burst of "now".

use std::collections::BTreeMap;

use super::reading::Judged;
use super::work::Work;
use crate::alert::{Condition, Evidence, Grounds, Priority, Problem};
use crate::decision::Decision;
use crate::papers::Papers;
use crate::verdict::Finding;

impl Work {
    /// Weighs a late reading: it is evidence of an open alert, and an urgent one makes one item where there is none.
    pub(super) fn late(&mut self, judged: Judged<'_>) {
        self.is_heard(judged.what, judged.reading.measured_at);
        let mut by_problem: BTreeMap<Problem, Vec<Finding>> = BTreeMap::new();
        for finding in judged.findings {
            let problem = finding.sign.problem();
            by_problem.entry(problem).or_default().push(*finding);
        }
        for (problem, findings) in by_problem {
            self.late_problem(judged, problem, findings);
        }
    }

    fn late_problem(&mut self, judged: Judged<'_>, problem: Problem, findings: Vec<Finding>) {
        let lateness = self.plan().care.lateness.as_ref();
        let becomes = lateness.map_or(Priority::Soon, |it| it.urgent_becomes);
        let was_urgent = findings.iter().any(Finding::is_urgent);
        let evidence = Evidence {
            reading: Some(judged.reading.id),
            grounds: was_urgent.then_some(Grounds::LateUrgent { priority: becomes }),
            late: true,
            findings,
            ..Evidence::at(judged.reading.measured_at)
        };
        if self.case.alert_of(problem).is_some() {
            self.weigh_late(judged, problem, &evidence);
        } else if was_urgent {
            self.open_late(judged, problem, becomes, evidence);
        }
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
        let is_cleared = matches!(alert.condition, Condition::Cleared { .. });
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
