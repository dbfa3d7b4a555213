//! A ledger: what is due by the decisions that were recorded, kept apart from the case.

use std::collections::BTreeMap;

use clinical::{Case, Deadline, Decision};
use jiff::Timestamp;

use super::{Lawful, must};

/// Everything that is due, by its decisions alone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ledger(BTreeMap<Deadline, Timestamp>);

impl Ledger {
    /// Opens a ledger at the beginning of monitoring.
    pub(crate) fn opened(case: &Case) -> Self {
        Self(case.deadlines().map(|(at, what)| (what, at)).collect())
    }

    /// Enters a decision. The plan's term is the plan's own, and is read off the case.
    pub(crate) fn enter(&mut self, decision: &Decision, after: &Case) {
        match decision {
            Decision::Suspect(it) => {
                let problem = it.problem;
                self.0.insert(Deadline::Confirm { problem }, it.until);
            }
            Decision::EndSuspicion { problem, .. } | Decision::ForgetSuspicion { problem } => {
                let problem = *problem;
                self.0.remove(&Deadline::Confirm { problem });
            }
            Decision::Expect { due } => {
                let what = due.what;
                self.0.insert(Deadline::WindowCloses { what }, due.due_at);
            }
            Decision::ExpectNothing { what } => {
                let what = *what;
                self.0.remove(&Deadline::WindowCloses { what });
            }
            Decision::SchedulePlan { plan } => {
                self.0.insert(Deadline::PlanBegins, plan.in_force_from);
            }
            Decision::DropScheduledPlan => {
                self.0.remove(&Deadline::PlanBegins);
            }
            Decision::AdoptPlan { plan } => {
                let is_kept = |what: &Deadline| match what {
                    Deadline::WindowCloses { what } => plan.care.schedule.of(*what).is_some(),
                    _ => true,
                };
                self.0.retain(|what, _| is_kept(what));
                self.enter_term(after);
            }
            Decision::NoteTerm { .. } | Decision::Discharge(_) | Decision::StartAgain => {
                self.enter_term(after);
            }
            other => self.enter_alert(other),
        }
    }

    fn enter_alert(&mut self, decision: &Decision) {
        let (alert, by) = match decision {
            Decision::OpenAlert {
                alert, respond_by, ..
            }
            | Decision::Take {
                alert, respond_by, ..
            }
            | Decision::SetOwnership {
                alert, respond_by, ..
            }
            | Decision::StepUp {
                alert, respond_by, ..
            }
            | Decision::Reopen {
                alert, respond_by, ..
            } => (*alert, *respond_by),
            Decision::Worsen {
                alert,
                respond_by: Some(by),
                ..
            } => (*alert, Some(*by)),
            Decision::Close { alert, .. } | Decision::EndByItself { alert } => (*alert, None),
            _ => return,
        };
        self.set(Deadline::Respond { alert }, by);
    }

    fn enter_term(&mut self, after: &Case) {
        self.set(Deadline::PlanTerm, after.term_due_at());
    }

    fn set(&mut self, what: Deadline, at: Option<Timestamp>) {
        match at {
            Some(at) => self.0.insert(what, at),
            None => self.0.remove(&what),
        };
    }

    /// No deadline is lost or doubled: what the case says is due is what decisions made due, each once.
    pub(crate) fn is_the_cases(&self, case: &Case) -> Lawful {
        let mut found: Vec<(Deadline, Timestamp)> =
            case.deadlines().map(|(at, what)| (what, at)).collect();
        found.sort_unstable();
        let entered: Vec<_> = self.0.iter().map(|(what, at)| (*what, *at)).collect();
        must(found == entered, || {
            format!("no deadline is lost or doubled: {found:?}, and decisions made {entered:?} due")
        })
    }
}
