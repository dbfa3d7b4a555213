//! The outcome of a weighing, which may be that it did not succeed.

use serde_json::Value;

use crate::number::Decimal;

/// The code by which a scale says that it could not measure.
const UNSUCCESSFUL: u16 = 0xFFFF;

/// Is a value, or the device's word that the measurement was unsuccessful.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measured {
    /// The measured value.
    Value(Decimal),
    /// The device could not measure; there is no value.
    Unsuccessful,
}

impl Measured {
    pub(crate) fn from_raw(raw: u16, scale: impl FnOnce(u16) -> Decimal) -> Self {
        if raw == UNSUCCESSFUL {
            Self::Unsuccessful
        } else {
            Self::Value(scale(raw))
        }
    }

    /// Returns the value, if there is one.
    pub const fn value(self) -> Option<Decimal> {
        match self {
            Self::Value(decimal) => Some(decimal),
            Self::Unsuccessful => None,
        }
    }
}

impl From<Measured> for Value {
    fn from(measured: Measured) -> Self {
        match measured {
            Measured::Value(decimal) => decimal.into(),
            Measured::Unsuccessful => "unsuccessful".into(),
        }
    }
}
