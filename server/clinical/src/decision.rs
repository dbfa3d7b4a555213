//! Decisions: everything that follows from an event.

use serde::{Deserialize, Serialize};
use vitals::{AttemptReason, ReadingId};

use crate::alert::{AlertNumber, Condition, Evidence, Outcome, Priority, Problem};
use crate::id::PersonId;
use crate::plan::Plan;
use crate::verdict::Verdict;

/// Anything that follows from an event. Written to the journal beside it, and applied to the case in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "decision")]
pub enum Decision {
    /// The reading was judged.
    Judge(Verdict),
    /// The attempt is kept and a repeat is wanted.
    AskForRepeat {
        /// The attempt.
        attempt: ReadingId,
        /// Why it is not a reading.
        reason: AttemptReason,
    },
    /// A new problem: open an alert with its first evidence.
    OpenAlert {
        /// The alert's number.
        alert: AlertNumber,
        /// What is wrong.
        problem: Problem,
        /// How bad it is.
        priority: Priority,
        /// The reading that opened it.
        evidence: Evidence,
    },
    /// One more reading that speaks for or against an open alert.
    AddEvidence {
        /// The alert.
        alert: AlertNumber,
        /// The reading.
        evidence: Evidence,
    },
    /// The problem became worse.
    Worsen {
        /// The alert.
        alert: AlertNumber,
        /// The new priority.
        to: Priority,
    },
    /// What raised the alert holds again, or no longer.
    SetCondition {
        /// The alert.
        alert: AlertNumber,
        /// The condition.
        condition: Condition,
    },
    /// A person answers for the alert from now on.
    Take {
        /// The alert.
        alert: AlertNumber,
        /// Who.
        by: PersonId,
    },
    /// The alert is over.
    Close {
        /// The alert.
        alert: AlertNumber,
        /// Who closed it.
        by: PersonId,
        /// How it ended.
        outcome: Outcome,
        /// What they wrote.
        note: String,
    },
    /// Judge by this plan from now on.
    AdoptPlan {
        /// The plan.
        plan: Plan,
    },
    /// This person answers for the patient from now on.
    AssignCoordinator {
        /// Who.
        coordinator: PersonId,
    },
}
