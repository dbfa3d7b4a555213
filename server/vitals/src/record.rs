//! A record: what one value from a device became, a reading or a failed attempt.

use crate::attempt::Attempt;
use crate::id::DeviceId;
use crate::raw::{Characteristic, RawBytes};
use crate::reading::{Reading, ReadingId, Times};

/// Everything that a gateway numbers, chains and forwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// A usable value.
    Reading(Reading),
    /// A failed or unusable measurement.
    Attempt(Attempt),
}

impl Record {
    /// Gives the id that makes a second arrival harmless.
    pub fn id(&self) -> ReadingId {
        match self {
            Self::Reading(reading) => reading.id,
            Self::Attempt(attempt) => attempt.id,
        }
    }

    /// Gives the device that sent the value.
    pub fn device(&self) -> &DeviceId {
        match self {
            Self::Reading(reading) => &reading.device,
            Self::Attempt(attempt) => &attempt.device,
        }
    }

    /// Gives the times of the measurement.
    pub fn times(&self) -> &Times {
        match self {
            Self::Reading(reading) => &reading.times,
            Self::Attempt(attempt) => &attempt.times,
        }
    }

    /// Gives who used the device, as it numbers its users; `None` when it does not say or does not know.
    pub fn user(&self) -> Option<u8> {
        match self {
            Self::Reading(reading) => reading.user,
            Self::Attempt(attempt) => attempt.user,
        }
    }

    /// Tells whether it says of itself that it is a test.
    pub fn is_test(&self) -> bool {
        match self {
            Self::Reading(reading) => reading.test,
            Self::Attempt(attempt) => attempt.test,
        }
    }

    /// Marks it as a test, or not. Its id stays: what a device repeats is known whatever it was then.
    #[must_use]
    pub fn marked(mut self, test: bool) -> Self {
        match &mut self {
            Self::Reading(reading) => reading.test = test,
            Self::Attempt(attempt) => attempt.test = test,
        }
        self
    }

    /// Tells whether the id is the one that its own fields derive to.
    pub fn id_is_derived(&self) -> bool {
        let (characteristic, raw) = self.source();
        ReadingId::derive(self.device(), characteristic, raw, self.times()) == self.id()
    }

    /// Gives the characteristic and the bytes that the record was made of.
    pub fn source(&self) -> (Characteristic, &RawBytes) {
        match self {
            Self::Reading(reading) => (reading.characteristic, &reading.raw),
            Self::Attempt(attempt) => (attempt.characteristic, &attempt.raw),
        }
    }
}
