//! Raising: an alert is opened on evidence, unless one is open already or somebody has closed such a one lately.

use jiff::SignedDuration;

use super::work::Work;
use crate::alert::{Condition, Evidence, Grounds, Priority, Problem};
use crate::decision::Decision;
use crate::papers::Papers;

impl Work {
    /// Raises an alert on evidence, oldest first; the last piece decides how bad it is. An open alert gathers it instead.
    pub(super) fn raise(&mut self, problem: Problem, evidence: Vec<Evidence>) {
        let Some(priority) = evidence.last().and_then(Evidence::priority) else {
            return;
        };
        if self.case.alert_of(problem).is_some() {
            for evidence in evidence {
                self.weigh(problem, &evidence, None);
            }
            return;
        }
        if evidence
            .last()
            .is_some_and(|it| self.rests(problem, priority, it))
        {
            return;
        }
        let alert = self.next_alert();
        let papers = Some(Box::new(Papers::of(&evidence, self.plan())));
        let mut evidence = evidence.into_iter();
        let Some(first) = evidence.next() else { return };
        self.follow(Decision::OpenAlert {
            alert,
            problem,
            priority,
            evidence: Box::new(first),
            condition: Condition::Active,
            respond_by: self.take_by(priority),
            papers,
        });
        for evidence in evidence {
            let evidence = Box::new(evidence);
            self.follow(Decision::AddEvidence { alert, evidence });
        }
    }

    /// Tells whether a person has closed such an alert so lately that the same readings would only raise it again. What
    /// is worse, and what is no rule of readings, never rests.
    pub(super) fn rests(&self, problem: Problem, priority: Priority, evidence: &Evidence) -> bool {
        let response = self.plan().care.escalation.of(priority);
        let Some(days) = response.and_then(|it| it.rest_days) else {
            return false;
        };
        let rest = SignedDuration::from_hours(24 * i64::from(days));
        let closed = self.case.closed_alerts().iter();
        is_of_readings(evidence)
            && closed
                .filter(|it| it.outcome.is_some() && it.alert.problem == problem)
                .any(|it| {
                    it.alert.priority >= priority && self.now.duration_since(it.closed_at) < rest
                })
    }
}

/// Tells whether evidence is what limits and rules say of readings, and nothing that happened besides.
fn is_of_readings(evidence: &Evidence) -> bool {
    matches!(evidence.grounds, None | Some(Grounds::LateRule { .. }))
}
