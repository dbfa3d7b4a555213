//! Once: what a form asks for happens once, however often the form is sent.

use clinical::{AlertNumber, Event, PatientId, Refusal};

use crate::store::alert_actions::{self, Action};
use crate::web::State;
use crate::web::error::PageError;
use crate::web::session::Me;

/// Bytes of the random id that a form carries.
const ID_LEN: usize = 16;

/// What became of what a form asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Once {
    /// It was done.
    Done,
    /// The same form had done it before; nothing was done now.
    Before,
    /// The case refused it.
    Refused(Refusal),
}

/// Makes the id of a new form.
///
/// # Errors
/// When the system gives no entropy.
pub(super) fn new_id(state: &State) -> anyhow::Result<String> {
    let mut bytes = [0; ID_LEN];
    state.clock.fill_random(&mut bytes)?;
    Ok(hex::encode(bytes))
}

/// Lets an event of a form happen to an alert, unless the same form has done so before. The note of it is written with the
/// event or not at all: what was refused may be sent again.
///
/// # Errors
/// [`PageError::BadForm`] when the id is none of ours; otherwise when the database fails.
pub(super) async fn happen(
    state: &State,
    me: &Me,
    (patient, alert): (&PatientId, AlertNumber),
    event: &Event,
    id: &str,
) -> Result<Once, PageError> {
    if id.len() != 2 * ID_LEN || hex::decode(id).is_err() {
        return Err(PageError::BadForm);
    }
    let now = state.clock.now();
    let mut write = state.store.write().await?;
    let action = Action {
        person: &me.id,
        id,
        patient,
        alert,
    };
    if !alert_actions::begin(&mut write, action, now).await? {
        return Ok(Once::Before);
    }
    Ok(match state.happen_with(write, me, patient, event).await? {
        Ok(_) => Once::Done,
        Err(refusal) => Once::Refused(refusal),
    })
}
