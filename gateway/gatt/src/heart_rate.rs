//! Heart Rate Measurement, 0x2A37.

use serde_json::Value;

use crate::cursor::Cursor;
use crate::describe::Description;
use crate::error::DecodeError;
use crate::surprises::Surprises;

const RATE_U16: u32 = 0;
const CONTACT_DETECTED: u32 = 1;
const CONTACT_SUPPORTED: u32 = 2;
const ENERGY: u32 = 3;
const RR_INTERVALS: u32 = 4;
const FLAGS_DEFINED: u32 = 5;

/// Is what a heart rate sensor measures at one moment; it carries no time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeartRateMeasurement {
    /// The heart rate, per minute.
    pub rate_bpm: u16,
    /// Whether the sensor touches the skin; `None` where it cannot tell.
    pub contact: Option<bool>,
    /// The energy expended, in kilojoules.
    pub energy_kj: Option<u16>,
    /// The times between beats in 1/1024 s, oldest first.
    pub rr_intervals_1024: Option<Vec<u16>>,
    /// What was unexpected in the value.
    pub surprises: Surprises,
}

impl HeartRateMeasurement {
    /// Decodes a value of 0x2A37.
    ///
    /// GATT Specification Supplement, Heart Rate Measurement. RR-intervals fill the value to its end; half of one
    /// is a trailing byte.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Truncated`] or [`DecodeError::TooLong`]; the bytes are the caller's to keep.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::new(value)?;
        let flags = cursor.flags_u8(FLAGS_DEFINED)?;
        let rate_bpm = if flags.bit(RATE_U16) {
            cursor.u16("hr")?
        } else {
            cursor.u8("hr")?.into()
        };
        Ok(Self {
            rate_bpm,
            contact: flags
                .bit(CONTACT_SUPPORTED)
                .then_some(flags.bit(CONTACT_DETECTED)),
            energy_kj: cursor.when(flags.bit(ENERGY), |cursor| cursor.u16("energy"))?,
            rr_intervals_1024: cursor.when(flags.bit(RR_INTERVALS), rr_intervals)?,
            surprises: cursor.finish(),
        })
    }

    pub(crate) fn describe(&self) -> Value {
        Description::default()
            .set("bpm", self.rate_bpm)
            .set("contact", self.contact)
            .maybe("energy_kj", self.energy_kj)
            .maybe("rr_1024", self.rr_intervals_1024.clone())
            .surprises(&self.surprises)
            .into()
    }
}

fn rr_intervals(cursor: &mut Cursor<'_>) -> Result<Vec<u16>, DecodeError> {
    (0..cursor.remaining() / 2)
        .map(|_| cursor.u16("rr"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_that_is_missing_is_named() {
        let value = [0x1F, 0x2C, 0x01, 0x64, 0x00];
        for (len, at) in [
            (0, "flags"),
            (1, "hr"),
            (2, "hr"),
            (3, "energy"),
            (4, "energy"),
        ] {
            assert_eq!(
                HeartRateMeasurement::decode(&value[..len]),
                Err(DecodeError::Truncated { at })
            );
        }
    }

    #[test]
    fn intervals_that_are_announced_and_missing_are_an_empty_list() {
        let measurement = HeartRateMeasurement::decode(&[0x10, 70]).unwrap();
        assert_eq!(measurement.rr_intervals_1024, Some(vec![]));
    }

    #[test]
    fn half_an_interval_is_a_trailing_byte() {
        let measurement = HeartRateMeasurement::decode(&[0x10, 70, 0x00, 0x04, 0x80]).unwrap();
        assert_eq!(measurement.rr_intervals_1024, Some(vec![1024]));
        assert_eq!(measurement.surprises.trailing_bytes, [0x80]);
    }

    #[test]
    fn contact_is_unknown_to_a_sensor_that_does_not_support_it() {
        let contact = |flags| HeartRateMeasurement::decode(&[flags, 70]).unwrap().contact;
        assert_eq!(
            [contact(0x00), contact(0x02), contact(0x04), contact(0x06)],
            [None, None, Some(false), Some(true)]
        );
    }
}
