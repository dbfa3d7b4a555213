//! An alert: one open problem of one patient, which gathers evidence until a person closes it.

mod evidence;
mod offer;
mod outcome;
mod ownership;
mod problem;
mod support;

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use evidence::{Evidence, Grounds};
pub use outcome::Outcome;
pub use ownership::Ownership;
pub use problem::{Priority, Problem};
pub use support::{SUPPORTS_LEN_MAX, Support};

use crate::duty::Step;
use crate::sign::VitalSign;

/// The number of an alert within its patient's case: 1 for the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AlertNumber(pub u32);

impl AlertNumber {
    /// The first alert of a case.
    pub const FIRST: Self = Self(1);

    /// Gives the number after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for AlertNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Whether what raised the alert still holds: a fact apart from what people have done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Condition {
    /// It holds.
    #[default]
    Active,
    /// Later readings were back inside; a person still has to close the alert.
    Cleared {
        /// When the reading was measured that cleared it.
        at: Timestamp,
    },
    /// The readings that spoke for it were struck out, and nothing else speaks for it; a person still has to close the
    /// alert, and it never ends by itself.
    Struck {
        /// When the last of them was struck out.
        at: Timestamp,
    },
}

impl Condition {
    /// Tells whether it is what an alert begins with.
    pub(crate) fn is_active(&self) -> bool {
        *self == Self::Active
    }
}

/// One open problem of one patient.
///
/// It holds only what decisions need: the whole of the evidence is in the journal, so that a case stays small however
/// long an alert is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alert {
    /// Which alert of the patient it is.
    pub number: AlertNumber,
    /// What is wrong.
    pub problem: Problem,
    /// Never falls while the alert is open.
    pub priority: Priority,
    /// Whether it still holds.
    pub condition: Condition,
    /// Who has taken it.
    pub ownership: Ownership,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When the newest evidence was measured: an older reading never changes the condition.
    pub newest_measured_at: Timestamp,
    /// When somebody must have acted, or the next person is asked. `None` only under a plan without response times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub respond_by: Option<Timestamp>,
    /// How far up the chain it has gone because nobody acted.
    #[serde(default, skip_serializing_if = "is_first_step")]
    pub step: Step,
    /// How many valid readings in a row were well inside.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub inside_in_a_row: u8,
    /// The vital signs that speak for it: without a new reading of one of them nothing speaks against it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub rests_on: BTreeSet<VitalSign>,
    /// What speaks for it, as far as is remembered.
    #[serde(default, skip_serializing_if = "Support::is_unknown")]
    pub support: Support,
    /// How many times in a row nobody answered when the patient was contacted about it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unanswered: u8,
    /// When it came back from waiting for the patient or from being put aside, if nobody has taken it since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub came_back_at: Option<Timestamp>,
}

fn is_first_step(step: &Step) -> bool {
    *step == Step::default()
}

fn is_zero(count: &u8) -> bool {
    *count == 0
}

impl Alert {
    /// Tells whether nobody acted in time, so that it has gone up the chain.
    pub fn is_overdue(&self) -> bool {
        self.step != Step::default()
    }
}
