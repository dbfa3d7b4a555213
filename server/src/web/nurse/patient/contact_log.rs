//! The contact log: the last contacts with a patient, however long ago.

use clinical::{Contact, PatientId};
use jiff::Timestamp;

use super::timeline_words::{Names, contacted};
use crate::store::contacts::{self, ContactRow};
use crate::web::State;
use crate::web::local_time::{LocalTime, Shown};

/// How many contacts are shown; the timeline has the others.
const CONTACTS_MAX: i64 = 10;

/// One contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ContactView {
    /// When.
    pub(crate) at: Shown,
    /// By whom, how, and what came of it.
    pub(crate) text: String,
}

/// Reads the last contacts, newest first.
///
/// # Errors
/// When the database does not answer, or a stored time is none.
pub(super) async fn read(
    state: &State,
    id: &PatientId,
    names: &Names,
    local: &LocalTime,
) -> anyhow::Result<Vec<ContactView>> {
    let rows = contacts::of_patient(state.store.readers(), id, CONTACTS_MAX).await?;
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        let at = local.show_stored(row.at)?;
        // A way or a result that this program does not know is left to the timeline of a newer one.
        if let Some(contact) = contact(&row) {
            let (_, text, _) = contacted(&contact, names, local);
            views.push(ContactView { at, text });
        }
    }
    Ok(views)
}

fn contact(row: &ContactRow) -> Option<Contact> {
    let alert = row.alert.and_then(|number| u32::try_from(number).ok());
    let retry = row
        .retry_at
        .and_then(|us| Timestamp::from_microsecond(us).ok());
    Some(Contact {
        alert: alert.map(clinical::AlertNumber),
        by: row.by_person.parse().ok()?,
        how: row.how()?,
        result: row.result()?,
        note: row.note.clone(),
        retry_at: retry,
    })
}
