//! Refusals: what people asked for that cannot be done, in a sentence that they can read.

use thiserror::Error;

use crate::alert::AlertNumber;
use crate::id::PersonId;
use crate::plan::PlanVersion;

/// The longest note, in characters.
pub const NOTE_LEN_MAX: usize = 2_000;

/// Why an event cannot happen to this case. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// A case starts once.
    #[error("This patient is already being monitored.")]
    AlreadyMonitored,
    /// Nothing can happen to a case before it starts.
    #[error("This patient is not being monitored: assign a care coordinator and a plan first.")]
    NotMonitored,
    /// No open alert has this number.
    #[error("Alert {0} is not open: somebody has closed it. Reload the list.")]
    NotOpen(AlertNumber),
    /// Somebody else was faster.
    #[error("Alert {alert} was already taken by {by}.")]
    TakenBy {
        /// The alert.
        alert: AlertNumber,
        /// Who has it.
        by: PersonId,
    },
    /// An alert is closed by the person who took it.
    #[error("Alert {0} has not been taken. Take it first, then close it.")]
    NotTaken(AlertNumber),
    /// A note over [`NOTE_LEN_MAX`].
    #[error("The note is longer than {NOTE_LEN_MAX} characters. Shorten it.")]
    NoteTooLong,
    /// Plans are numbered one after the other.
    #[error("Plan version {found} does not follow version {current}.")]
    PlanOutOfOrder {
        /// The version offered.
        found: PlanVersion,
        /// The version in force.
        current: PlanVersion,
    },
}
