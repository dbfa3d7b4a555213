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
        for problem in [Problem::Silence, Problem::Kit] {
            self.it_is_over(problem, self.now);
        }
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
        if let Some(alert) = self.case.alert_of(problem) {
            let (alert, evidence) = (alert.number, Box::new(evidence));
            self.follow(Decision::AddEvidence { alert, evidence });
        } else if was_urgent {
            self.open_late(judged, problem, becomes, evidence);
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
        if let (Condition::Active, Some(what)) = (condition, judged.what) {
            self.follow(Decision::WantRepeat {
                reading: judged.reading.id,
                what,
                doubt: None,
            });
        }
    }

    /// A newer reading inside the limits shows that a late breach is over.
    fn condition_since(&self, evidence: &Evidence) -> Condition {
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
