//! Why a rota cannot be changed so, in a sentence that says what to do next.

use thiserror::Error;

use super::edit::EDITS_LEN_MAX;
use super::gaps::Gaps;
use super::rota_check::RotaError;
use crate::id::{PatientId, PersonId};

/// Why a change of a rota was refused. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DutyRefusal {
    /// The change would leave staffed hours without anybody, or nobody on call.
    #[error("{0} Add a shift or name a cover, and save it together with this change.")]
    Gaps(Box<Gaps>),
    /// The change would make no rota.
    #[error(transparent)]
    Unfit(#[from] RotaError),
    /// More than [`EDITS_LEN_MAX`] at once.
    #[error("More than {EDITS_LEN_MAX} edits at once. Save some of them first.")]
    TooManyEdits,
    /// Somebody else has changed or ended the shift meanwhile.
    #[error("This shift of {0} is no longer in the rota. Reload the page.")]
    NoSuchShift(PersonId),
    /// Somebody else has changed or ended the leave meanwhile.
    #[error("This leave of {0} is no longer in the rota. Reload the page.")]
    NoSuchLeave(PersonId),
    /// The person is not in post then.
    #[error("{0} is not in the team at that time. Choose somebody who is.")]
    NotInPost(PersonId),
    /// The leaver stands in for somebody afterwards.
    #[error("{person} covers for {absent} after leaving. Name another cover first.")]
    StillCovers {
        /// Who leaves.
        person: PersonId,
        /// Whose leave they cover.
        absent: PersonId,
    },
    /// The leaver is the care coordinator of patients afterwards.
    #[error(
        "{person} is still the care coordinator of {first}{}. Name another coordinator from then on first.", and_others(*others_len)
    )]
    StillCoordinates {
        /// Who leaves.
        person: PersonId,
        /// The patient whose id is first.
        first: PatientId,
        /// How many patients more.
        others_len: usize,
    },
}

fn and_others(len: usize) -> String {
    match len {
        0 => String::new(),
        1 => " and 1 other patient".to_owned(),
        len => format!(" and {len} other patients"),
    }
}
