//! Battery Level, 0x2A19.

use serde_json::Value;

use crate::cursor::Cursor;
use crate::describe::Description;
use crate::error::DecodeError;
use crate::surprises::{Surprises, Warning};

/// Is the charge of a device's battery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatteryLevel {
    /// The charge, per cent; above 100 it is reserved, and marked [`Warning::OutOfRange`].
    pub percent: u8,
    /// What was unexpected in the value.
    pub surprises: Surprises,
}

impl BatteryLevel {
    /// Decodes a value of 0x2A19.
    ///
    /// GATT Specification Supplement, Battery Level: 0 to 100, all other values are reserved.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Truncated`] or [`DecodeError::TooLong`]; the bytes are the caller's to keep.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::new(value)?;
        let percent = cursor.u8("percent")?;
        cursor.warn_if(percent > 100, Warning::OutOfRange);
        Ok(Self {
            percent,
            surprises: cursor.finish(),
        })
    }

    pub(crate) fn describe(&self) -> Value {
        Description::default()
            .set("percent", self.percent)
            .surprises(&self.surprises)
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_byte_is_too_few_and_two_are_one_too_many() {
        assert_eq!(
            BatteryLevel::decode(&[]),
            Err(DecodeError::Truncated { at: "percent" })
        );
        let level = BatteryLevel::decode(&[0, 7]).unwrap();
        assert_eq!(level.percent, 0);
        assert_eq!(level.surprises.trailing_bytes, [7]);
    }
}
