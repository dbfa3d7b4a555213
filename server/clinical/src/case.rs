//! A case: everything that decisions about one patient depend on.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::alert::{Alert, AlertNumber, Condition, Evidence, Ownership, Priority, Problem};
use crate::decision::Decision;
use crate::id::PersonId;
use crate::plan::Plan;

/// One patient's plan, coordinator and open alerts. A patient without a coordinator or a plan has no case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    coordinator: PersonId,
    plan: Plan,
    open: BTreeMap<Problem, Alert>,
    next_alert: AlertNumber,
}

impl Case {
    /// Opens a case: monitoring starts.
    pub fn new(coordinator: PersonId, plan: Plan) -> Self {
        Self {
            coordinator,
            plan,
            open: BTreeMap::new(),
            next_alert: AlertNumber::FIRST,
        }
    }

    /// Gives the person who answers for the patient.
    pub fn coordinator(&self) -> &PersonId {
        &self.coordinator
    }

    /// Gives the plan in force.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Gives the open alert of a problem.
    pub fn alert_of(&self, problem: Problem) -> Option<&Alert> {
        self.open.get(&problem)
    }

    /// Gives an open alert by its number.
    pub fn alert(&self, number: AlertNumber) -> Option<&Alert> {
        self.open.values().find(|alert| alert.number == number)
    }

    /// Gives all open alerts.
    pub fn open_alerts(&self) -> impl Iterator<Item = &Alert> {
        self.open.values()
    }

    /// Gives the number that the next alert will have.
    pub fn next_alert(&self) -> AlertNumber {
        self.next_alert
    }

    /// Names the one person who answers for an open alert: who has taken it, or else the care coordinator.
    pub fn who_answers<'a>(&'a self, alert: &'a Alert) -> &'a PersonId {
        match &alert.ownership {
            Ownership::New => &self.coordinator,
            Ownership::Taken { by, .. } => by,
        }
    }

    /// Carries one decision out, made at `now`.
    #[must_use]
    pub fn apply(mut self, decision: &Decision, now: Timestamp) -> Self {
        match decision {
            Decision::Judge(_) | Decision::AskForRepeat { .. } => {}
            Decision::OpenAlert {
                alert,
                problem,
                priority,
                evidence,
            } => {
                self.open
                    .insert(*problem, opened(*alert, *problem, *priority, evidence, now));
                self.next_alert = self.next_alert.max(alert.next());
            }
            Decision::AddEvidence { alert, evidence } => self.change(*alert, |alert| {
                alert.newest_measured_at = alert.newest_measured_at.max(evidence.measured_at);
            }),
            Decision::Worsen { alert, to } => {
                self.change(*alert, |alert| alert.priority = alert.priority.max(*to));
            }
            Decision::SetCondition { alert, condition } => {
                self.change(*alert, |alert| alert.condition = *condition);
            }
            Decision::Take { alert, by } => self.change(*alert, |alert| {
                alert.ownership = Ownership::Taken {
                    by: by.clone(),
                    at: now,
                };
            }),
            Decision::Close { alert, .. } => self.open.retain(|_, open| open.number != *alert),
            Decision::AdoptPlan { plan } => self.plan = plan.clone(),
            Decision::AssignCoordinator { coordinator } => self.coordinator = coordinator.clone(),
        }
        self
    }

    fn change(&mut self, number: AlertNumber, change: impl FnOnce(&mut Alert)) {
        if let Some(alert) = self.open.values_mut().find(|alert| alert.number == number) {
            change(alert);
        }
    }
}

fn opened(
    number: AlertNumber,
    problem: Problem,
    priority: Priority,
    evidence: &Evidence,
    now: Timestamp,
) -> Alert {
    Alert {
        number,
        problem,
        priority,
        condition: Condition::Active,
        ownership: Ownership::New,
        opened_at: now,
        newest_measured_at: evidence.measured_at,
    }
}
