//! Nonin's oximetry, a vendor's characteristic: what its oximeters send each second while a finger is in.

use serde_json::Value;

use crate::bit_field::bit_field;
use crate::cursor::Cursor;
use crate::describe::Description;
use crate::error::DecodeError;
use crate::number::{Decimal, Number};
use crate::surprises::{Surprises, Warning};

/// The saturation by which the device says that it has none.
const SPO2_MISSING: u8 = 127;
/// The pulse rate by which the device says that it has none.
const PULSE_MISSING: u16 = 511;

bit_field! {
    /// Says how a saturation came about, bits kept as sent.
    NoninStatus(u8) {
        /// Says whether the display shows just these values.
        0 => synchronised,
        /// Says whether the signal is weak: 0.3 % modulation or less.
        1 => weak_signal,
        /// Says whether the values are good enough to be noted down (Nonin's SmartPoint).
        2 => smart_point,
        /// Says whether the device looks for a pulse.
        3 => searching,
        /// Says whether the finger is in as it should be (Nonin's CorrectCheck).
        4 => finger_in,
        /// Says whether the batteries are low.
        5 => low_battery,
        /// Says whether the connection is encrypted.
        6 => encrypted,
    }
}

/// Is what a Nonin oximeter measures at one moment; it carries no time. All of it is big-endian.
///
/// Nonin's specification 113142-000-02 Rev B, as read by M. Villarroel's `ble_nco_spec_decoder.swift`, with the missing
/// values and the meaning of the status from Nonin's own sample application for the 3230 (`PulseOximeterClass.m`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoninOximetry {
    /// How the values came about.
    pub status: NoninStatus,
    /// The voltage of the batteries.
    pub battery_volts: Decimal,
    /// The pulse amplitude index, per cent.
    pub pulse_amplitude_index: Decimal,
    /// Seconds since the device began to measure.
    pub counter: u16,
    /// The oxygen saturation, per cent.
    pub spo2: Number,
    /// The pulse rate, per minute.
    pub pulse: Number,
    /// What was unexpected in the value.
    pub surprises: Surprises,
}

impl NoninOximetry {
    /// Decodes a value of 0aad7ea0-0d60-11e2-8e3c-0002a5d5c51b.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Truncated`] or [`DecodeError::TooLong`]; the bytes are the caller's to keep.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::new(value)?;
        let len = cursor.u8("length")?;
        cursor.warn_if(usize::from(len) != value.len(), Warning::OutOfRange);
        let status = NoninStatus::from_bits(cursor.u8("status")?);
        cursor.warn_if(status.reserved() != 0, Warning::RfuStatus);
        Ok(Self {
            status,
            battery_volts: Decimal::new(cursor.u8("battery_volts")?.into(), -1),
            pulse_amplitude_index: Decimal::new(big_endian(&mut cursor, "pai")?.into(), -2),
            counter: big_endian(&mut cursor, "counter")?,
            spo2: match cursor.u8("spo2")? {
                SPO2_MISSING => Number::Nan,
                percent => Number::Value(Decimal::new(percent.into(), 0)),
            },
            pulse: match big_endian(&mut cursor, "pulse")? {
                PULSE_MISSING => Number::Nan,
                rate => Number::Value(Decimal::new(rate.into(), 0)),
            },
            surprises: cursor.finish(),
        })
    }

    pub(crate) fn describe(&self) -> Value {
        Description::default()
            .set("spo2", self.spo2)
            .set("pulse", self.pulse)
            .set("pai", self.pulse_amplitude_index)
            .set("counter", self.counter)
            .set("battery_volts", self.battery_volts)
            .set("status", self.status.names())
            .surprises(&self.surprises)
            .into()
    }
}

fn big_endian(cursor: &mut Cursor<'_>, at: &'static str) -> Result<u16, DecodeError> {
    cursor.take(at).map(u16::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// What the public simulator of a 3230 sends (`bleno`, `processMeasurement`) for 97 % and 300 per minute.
    const FULL: [u8; 10] = [0x0A, 0x15, 0x1E, 5, 73, 0, 9, 97, 0x01, 0x2C];

    fn described(value: &[u8]) -> Value {
        NoninOximetry::decode(value).unwrap().describe()
    }

    #[test]
    fn every_field_is_read_from_its_place_and_big_endian() {
        let expected = json!({
            "spo2": "97", "pulse": "300", "pai": "13.53", "counter": 9, "battery_volts": "3.0",
            "status": ["synchronised", "smart_point", "finger_in"],
        });
        assert_eq!(described(&FULL), expected);
    }

    #[test]
    fn what_is_missing_is_no_value() {
        let mut missing = FULL;
        missing[7..].copy_from_slice(&[127, 0x01, 0xFF]);
        let told = described(&missing);
        assert_eq!(
            (&told["spo2"], &told["pulse"]),
            (&json!("NaN"), &json!("NaN"))
        );
    }

    #[test]
    fn every_field_that_is_cut_off_is_named() {
        let cuts = [
            (0, "length"),
            (1, "status"),
            (2, "battery_volts"),
            (4, "pai"),
            (6, "counter"),
            (7, "spo2"),
            (9, "pulse"),
        ];
        for (len, at) in cuts {
            assert_eq!(
                NoninOximetry::decode(&FULL[..len]),
                Err(DecodeError::Truncated { at })
            );
        }
    }

    #[test]
    fn a_wrong_length_and_reserved_bits_are_said() {
        let mut other = FULL;
        (other[0], other[1]) = (11, 0x95);
        let warnings = NoninOximetry::decode(&other).unwrap().surprises.warnings;
        assert_eq!(warnings, [Warning::OutOfRange, Warning::RfuStatus]);
        let longer = [FULL.as_slice(), &[1]].concat();
        let surprises = NoninOximetry::decode(&longer).unwrap().surprises;
        assert_eq!(surprises.trailing_bytes, [1]);
    }
}
