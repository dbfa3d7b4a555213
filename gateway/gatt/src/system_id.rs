//! System ID, 0x2A23: the EUI-64 of a device.

use serde_json::Value;

use crate::cursor::Cursor;
use crate::describe::Description;
use crate::error::DecodeError;
use crate::surprises::Surprises;

/// Is the extended unique identifier of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemId {
    /// The EUI-64: the maker's 24-bit OUI above 40 bits of its own choice.
    pub eui64: u64,
    /// What was unexpected in the value.
    pub surprises: Surprises,
}

impl SystemId {
    /// Decodes a value of 0x2A23.
    ///
    /// GATT Specification Supplement, System ID: the least significant octet comes first. The size of "64" there
    /// is in bits.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Truncated`] or [`DecodeError::TooLong`]; the bytes are the caller's to keep.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::new(value)?;
        Ok(Self {
            eui64: cursor.take("eui64").map(u64::from_le_bytes)?,
            surprises: cursor.finish(),
        })
    }

    pub(crate) fn describe(&self) -> Value {
        Description::default()
            .set("eui64", format!("{:016X}", self.eui64))
            .surprises(&self.surprises)
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUE: [u8; 8] = [0xBC, 0x9A, 0x78, 0x56, 0x34, 0x12, 0x22, 0x00];

    #[test]
    fn the_makers_oui_is_sent_last_and_written_first() {
        let id = SystemId::decode(&VALUE).unwrap();
        assert_eq!(id.describe()["eui64"], "002212345678 9ABC".replace(' ', ""));
    }

    #[test]
    fn seven_bytes_are_too_few() {
        assert_eq!(
            SystemId::decode(&VALUE[..7]),
            Err(DecodeError::Truncated { at: "eui64" })
        );
    }
}
