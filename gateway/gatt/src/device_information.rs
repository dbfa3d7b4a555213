//! The strings of the Device Information Service, 0x2A24 to 0x2A29.

use serde_json::Value;

use crate::cursor::Cursor;
use crate::describe::Description;
use crate::error::DecodeError;
use crate::surprises::{Surprises, Warning};

/// Says which string of a device this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InformationField {
    /// The model number, 0x2A24.
    ModelNumber,
    /// The serial number, 0x2A25.
    SerialNumber,
    /// The firmware revision, 0x2A26.
    FirmwareRevision,
    /// The hardware revision, 0x2A27.
    HardwareRevision,
    /// The software revision, 0x2A28.
    SoftwareRevision,
    /// The name of the manufacturer, 0x2A29.
    ManufacturerName,
}

/// Is one string by which a device describes itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInformation {
    /// Which string.
    pub field: InformationField,
    /// The text without the NULs that pad it; where it is not UTF-8, with a replacement character.
    pub text: String,
    /// The bytes as sent.
    pub bytes: Vec<u8>,
    /// What was unexpected in the value.
    pub surprises: Surprises,
}

impl DeviceInformation {
    /// Decodes a value of one of 0x2A24 to 0x2A29.
    ///
    /// GATT Specification Supplement, Manufacturer Name String and its like: UTF-8; devices pad it with NULs.
    ///
    /// # Errors
    ///
    /// [`DecodeError::TooLong`]; the bytes are the caller's to keep.
    pub fn decode(field: InformationField, value: &[u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::new(value)?;
        let bytes = cursor.take_rest();
        let padding = bytes.iter().rev().take_while(|&&byte| byte == 0).count();
        let text = &bytes[..bytes.len() - padding];
        cursor.warn_if(str::from_utf8(text).is_err(), Warning::InvalidUtf8);
        Ok(Self {
            field,
            text: String::from_utf8_lossy(text).into_owned(),
            bytes: bytes.to_vec(),
            surprises: cursor.finish(),
        })
    }

    pub(crate) fn describe(&self) -> Value {
        Description::default()
            .set("text", self.text.as_str())
            .surprises(&self.surprises)
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(value: &[u8]) -> DeviceInformation {
        DeviceInformation::decode(InformationField::ModelNumber, value).unwrap()
    }

    #[test]
    fn only_the_padding_goes_and_the_bytes_stay() {
        let information = decode(b"\0BM 85\0\0");
        assert_eq!(information.text, "\0BM 85");
        assert_eq!(information.bytes, b"\0BM 85\0\0");
        assert_eq!(decode(b"").text, "");
        assert_eq!(decode(b"\0\0").text, "");
    }

    #[test]
    fn text_that_is_not_utf8_is_marked() {
        let information = decode(b"M\xFCller");
        assert_eq!(information.text, "M\u{FFFD}ller");
        assert_eq!(information.surprises.warnings, [Warning::InvalidUtf8]);
        assert_eq!(information.bytes, b"M\xFCller");
    }
}
