//! Deadlines: what is due in a case by itself, with no new data.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::alert::{AlertNumber, Problem};
use crate::case::Case;
use crate::schedule::Measured;

/// Something that is due. A case has at most one of each, because each is a fact of one part of the case's state: it can
/// be neither lost nor doubled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is", deny_unknown_fields)]
pub enum Deadline {
    /// A suspicion must have been confirmed.
    Confirm {
        /// Of what.
        problem: Problem,
    },
    /// Somebody must have acted on an alert, or it comes back from where it was put aside.
    Respond {
        /// Which.
        alert: AlertNumber,
    },
    /// A reading must have come.
    WindowCloses {
        /// What.
        what: Measured,
    },
    /// The plan's review day has passed, or its last day.
    PlanTerm,
    /// A plan that was accepted for later comes in force.
    PlanBegins,
}

impl Case {
    /// Lists everything that is due, with its time.
    pub fn deadlines(&self) -> impl Iterator<Item = (Timestamp, Deadline)> + '_ {
        let suspicions = self.suspicions().map(|it| {
            let problem = it.problem;
            (it.until, Deadline::Confirm { problem })
        });
        let alerts = self.open_alerts().filter_map(|it| {
            let alert = it.number;
            Some((it.respond_by?, Deadline::Respond { alert }))
        });
        let windows = self.expected().map(|it| {
            let what = it.what;
            (it.due_at, Deadline::WindowCloses { what })
        });
        let term = self.term_due_at().map(|at| (at, Deadline::PlanTerm));
        let next_plan = self.scheduled_plan();
        let next_plan = next_plan.map(|it| (it.in_force_from, Deadline::PlanBegins));
        suspicions
            .chain(alerts)
            .chain(windows)
            .chain(term)
            .chain(next_plan)
    }

    /// Gives what is due first.
    pub fn next_deadline(&self) -> Option<(Timestamp, Deadline)> {
        self.deadlines().min()
    }
}
