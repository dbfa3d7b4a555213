//! A plan: one patient's versioned limits, who set them, when and why.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::PersonId;
use crate::limits::Limits;
use crate::sign::VitalSign;

/// The number of a plan: 1 for a patient's first, one more for each change. A plan is never edited in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlanVersion(pub u32);

impl std::fmt::Display for PlanVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// One patient's limits, as in force from a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Which plan of this patient it is.
    pub version: PlanVersion,
    /// The limits of each vital sign that is watched.
    pub limits: BTreeMap<VitalSign, Limits>,
    /// The clinician who set it.
    pub set_by: PersonId,
    /// Why it was set, in the clinician's words, with the source of its numbers.
    pub reason: String,
    /// From when it holds.
    pub in_force_from: Timestamp,
}
