//! The patient's recorded view of a plan.

use serde::{Deserialize, Serialize};

/// What the patient said to a plan, or why they were not asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is", deny_unknown_fields)]
pub enum PatientView {
    /// The patient agreed.
    Agreed,
    /// The patient did not agree.
    Disagreed {
        /// What they would rather have.
        because: String,
    },
    /// The patient was not asked.
    NotAsked {
        /// Why not.
        because: String,
    },
}
