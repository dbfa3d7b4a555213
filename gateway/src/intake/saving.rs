//! Whether values can be saved, for the page and the light at home.

use std::sync::{Mutex, PoisonError};

use crate::home::state::Unsaved;
use crate::outbox::OutboxError;

/// Why the last value could not be saved, if it could not.
#[derive(Debug, Default)]
pub struct Saving(Mutex<Option<Unsaved>>);

impl Saving {
    /// Tells why the last value could not be saved; `None` when it was, or there was none yet.
    pub fn hindrance(&self) -> Option<Unsaved> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes how saving went.
    pub(super) fn went<T>(&self, outcome: &Result<T, OutboxError>) {
        let hindrance = outcome.as_ref().err().map(|error| match error {
            OutboxError::Full | OutboxError::DiskFull => Unsaved::Full,
            OutboxError::ReadOnly => Unsaved::ReadOnly,
            _ => Unsaved::Fault,
        });
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = hindrance;
    }
}
