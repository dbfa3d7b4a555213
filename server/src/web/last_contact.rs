//! The last contact with a patient, in a few words: `Called`, `No answer`, and which try it was.

use clinical::{ContactHow, ContactResult};

use super::local_time::{LocalTime, Shown};
use crate::store::worklist::AlertRow;

/// The last contact, whatever it was about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LastContact {
    /// `Called`, `No answer`.
    pub(crate) text: &'static str,
    /// When.
    pub(crate) at: Shown,
    /// `second try`.
    pub(crate) more: Option<String>,
}

impl LastContact {
    /// Puts it into words; `None` where nobody has contacted the patient, or in a way that this program does not know.
    ///
    /// # Errors
    /// When a stored time is none.
    pub(crate) fn of(row: &AlertRow, local: &LocalTime) -> Result<Option<Self>, jiff::Error> {
        let how = row.contact_how.as_deref().and_then(ContactHow::from_code);
        let result = row.contact_result.as_deref();
        let result = result.and_then(ContactResult::from_code);
        let (Some(at), Some((how, result))) = (row.contact_at, how.zip(result)) else {
            return Ok(None);
        };
        let tries = row.contact_unanswered.unwrap_or_default();
        let is_unanswered = result.is_unanswered();
        Ok(Some(Self {
            text: words(how, result),
            at: local.show_stored(at)?,
            more: is_unanswered.then(|| nth_try(tries)).flatten(),
        }))
    }
}

fn words(how: ContactHow, result: ContactResult) -> &'static str {
    match (result, how) {
        (ContactResult::NoAnswer, ContactHow::Visit) => "Nobody at home",
        (ContactResult::NoAnswer, _) => "No answer",
        (ContactResult::LeftMessage, _) => "Left a message",
        (ContactResult::SpokeWithCarer, _) => "Spoke with a carer",
        (ContactResult::SpokeWithPatient, ContactHow::Phone) => "Called",
        (ContactResult::SpokeWithPatient, ContactHow::Visit) => "Visited",
        (ContactResult::SpokeWithPatient, ContactHow::Video) => "Called by video",
        (ContactResult::SpokeWithPatient, ContactHow::Message) => "Messaged",
    }
}

/// The first try needs no number.
fn nth_try(tries: i64) -> Option<String> {
    match tries {
        ..=1 => None,
        2 => Some("second try".to_owned()),
        3 => Some("third try".to_owned()),
        more => Some(format!("try {more}")),
    }
}
