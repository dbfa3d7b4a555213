//! Date Time, 0x2A08: the clock of a device.

use serde_json::Value;

use crate::cursor::Cursor;
use crate::date_time::DateTime;
use crate::describe::Description;
use crate::error::DecodeError;
use crate::surprises::Surprises;

/// Is what a device's clock says: local wall time, no zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceDateTime {
    /// The moment by the device's clock.
    pub date_time: DateTime,
    /// What was unexpected in the value.
    pub surprises: Surprises,
}

impl DeviceDateTime {
    /// Decodes a value of 0x2A08.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Truncated`] or [`DecodeError::TooLong`]; the bytes are the caller's to keep.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::new(value)?;
        Ok(Self {
            date_time: cursor.date_time()?,
            surprises: cursor.finish(),
        })
    }

    pub(crate) fn describe(&self) -> Value {
        Description::default()
            .set("datetime", self.date_time)
            .surprises(&self.surprises)
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_to_set_a_clock_reads_back_from_it() {
        let bytes = [0xE8, 0x07, 2, 29, 23, 59, 58];
        let clock = DeviceDateTime::decode(&bytes).unwrap();
        assert_eq!(clock.date_time.to_string(), "2024-02-29T23:59:58");
        assert_eq!(clock.date_time.encode(), bytes);
    }
}
