//! Sight: a patient is found only by those who see them; for everybody else there is no such page.

use clinical::PatientId;

use super::State;
use super::error::PageError;
use super::session::Me;
use crate::audit::{Action, Entry};
use crate::rights::Right;
use crate::store::patient_page::PatientRow;
use crate::store::sight;

/// Finds a patient whose record the person sees, by the part of the address that names them. That they looked is in the
/// audit trail before anything is shown.
///
/// # Errors
/// [`PageError::NotAllowed`] when no role of the person sees records, [`PageError::NotFound`] when there is no such
/// patient or the person does not see them.
pub(crate) async fn patient(
    state: &State,
    me: &Me,
    patient: &str,
) -> Result<(PatientId, PatientRow), PageError> {
    patient_for(state, me, patient, Action::RecordViewed).await
}

/// Finds a patient as [`patient`] does, for a page that says in the trail what else it is.
///
/// # Errors
/// As [`patient`].
pub(crate) async fn patient_for(
    state: &State,
    me: &Me,
    patient: &str,
    action: Action,
) -> Result<(PatientId, PatientRow), PageError> {
    me.must(Right::SeeRecords)?;
    let id: PatientId = patient.parse().map_err(|_| PageError::NotFound)?;
    let viewer = me.viewer(state.clock.now());
    let row = sight::patient(state.store.readers(), viewer, &id).await?;
    let row = row.ok_or(PageError::NotFound)?;
    let entry = Entry::new(me.actor(), action).of(&id);
    state.trail.seen(entry).await?;
    Ok((id, row))
}
