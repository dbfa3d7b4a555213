//! The parts of a case that are not alerts: suspicions, rows of unusable measurements, what is expected.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::alert::{Alert, Evidence, Outcome, Priority, Problem};
use crate::id::PersonId;
use crate::schedule::{Due, Measured};
use crate::silence::Finding;
use crate::worklist::Tier;

/// A first breach that waits for its repeat. Silence does not cancel it: without a valid repeat in time it is raised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suspicion {
    /// Of what.
    pub problem: Problem,
    /// How bad it is if it is so.
    pub priority: Priority,
    /// What to measure again.
    pub what: Measured,
    /// The first breach.
    pub evidence: Evidence,
    /// When the repeat was asked for.
    pub asked_at: Timestamp,
    /// When the wait is over.
    pub until: Timestamp,
    /// When an urgent value in doubt was measured that waits with this one, later than it: what was measured before that
    /// allays neither.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubted_at: Option<Timestamp>,
}

impl Suspicion {
    /// Gives when the newest was measured of what waits.
    pub fn newest_at(&self) -> Timestamp {
        self.doubted_at.map_or(self.evidence.measured_at, |it| {
            it.max(self.evidence.measured_at)
        })
    }
}

/// Unusable measurements, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unusable {
    /// How many.
    pub in_a_row: u8,
    /// When the last one was stored.
    pub last_at: Timestamp,
}

/// A window in which a reading is expected, and how many such windows have passed without one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expecting {
    /// The window.
    pub due: Due,
    /// How many windows in a row had no reading for which the patient or the kit is the cause.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub missed: u16,
    /// Whether the last of them was missed because of something that an installer has to mend.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub to_mend: bool,
    /// The window that was missed last: what comes late may fill it, and more may become known about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_missed: Option<Box<MissedWindow>>,
}

/// A window that closed without its reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MissedWindow {
    /// The window.
    pub due: Due,
    /// The likely cause.
    pub finding: Finding,
}

fn is_zero(count: &u16) -> bool {
    *count == 0
}

/// An alert that was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosedAlert {
    /// As it was when it was closed.
    pub alert: Alert,
    /// How it ended; `None` when it ended by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// When.
    pub closed_at: Timestamp,
}

/// Which ends of the plan's term were noted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TermNoted {
    /// The review was asked for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub review: bool,
    /// The last day has passed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub end: bool,
}

impl TermNoted {
    /// Tells whether nothing was noted.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// A tier that a clinician set against the one that was worked out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierOverride {
    /// The tier.
    pub tier: Tier,
    /// Who set it.
    pub by: PersonId,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// Until when it holds; without an end until it is taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}
