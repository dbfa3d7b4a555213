//! The worklist: in which order a nurse looks at open alerts.

use serde::{Deserialize, Serialize};

/// How close an eye is kept on a patient. Worklist order, not a validated risk score; it never hides a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// As usual.
    Usual,
    /// Closer than usual.
    Closer,
    /// Closest.
    Closest,
}
