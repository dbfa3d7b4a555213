//! Why bytes could not be decoded.

use serde_json::Value;
use thiserror::Error;

use crate::cursor::VALUE_LEN_MAX;
use crate::describe::Description;

/// Says why a value could not be decoded.
///
/// The caller still has the bytes: they are kept, whatever the error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// The value ends before or inside a field that its flags announce.
    #[error(
        "the value ends before its field `{at}` is complete; measure again, and report the device's model if it repeats"
    )]
    Truncated {
        /// The field that could not be read.
        at: &'static str,
    },
    /// The number of records has a width that no service defines.
    #[error("the number of records takes {len} bytes, not 2 or 4; ask the device again")]
    CountWidth {
        /// How many bytes the operand holds.
        len: usize,
    },
    /// The value is longer than a Bluetooth attribute can be.
    #[error(
        "the value has {len} bytes, more than the {VALUE_LEN_MAX} an attribute holds; check where the bytes came from"
    )]
    TooLong {
        /// How many bytes were given.
        len: usize,
    },
    /// There is no decoder for this characteristic.
    #[error(
        "characteristic {characteristic:04X} is not supported; check the four hexadecimal digits of its number"
    )]
    UnsupportedCharacteristic {
        /// The 16-bit number of the characteristic.
        characteristic: u16,
    },
}

impl DecodeError {
    /// Names the error in one word, as the vectors do.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Truncated { .. } => "truncated",
            Self::CountWidth { .. } => "count_width",
            Self::TooLong { .. } => "too_long",
            Self::UnsupportedCharacteristic { .. } => "unsupported_characteristic",
        }
    }

    /// Names the field at which decoding stopped; empty where no single field is to blame.
    pub const fn at(&self) -> &'static str {
        match self {
            Self::Truncated { at } => at,
            Self::CountWidth { .. }
            | Self::TooLong { .. }
            | Self::UnsupportedCharacteristic { .. } => "",
        }
    }

    /// Renders the error as JSON for support staff.
    pub fn describe(&self) -> Value {
        Description::default()
            .set("error", self.name())
            .set("at", self.at())
            .into()
    }
}
