//! Blood Pressure Measurement, 0x2A35.

use serde_json::Value;

use crate::blood_pressure_status::BloodPressureStatus;
use crate::cursor::Cursor;
use crate::date_time::DateTime;
use crate::describe::{Description, hex_u16};
use crate::error::DecodeError;
use crate::number::Number;
use crate::surprises::{Surprises, Warning};
use crate::units::PressureUnit;

const UNIT_KPA: u32 = 0;
const TIMESTAMP: u32 = 1;
const PULSE: u32 = 2;
const USER_ID: u32 = 3;
const STATUS: u32 = 4;
const FLAGS_DEFINED: u32 = 5;

/// Is one measurement of a blood pressure cuff.
///
/// A cuff that failed also reports, with [`Number::Nan`] for every value and often a clear status: only
/// [`Number::Value`]s are pressures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BloodPressureMeasurement {
    /// The unit of the three pressures.
    pub unit: PressureUnit,
    /// The systolic pressure.
    pub systolic: Number,
    /// The diastolic pressure.
    pub diastolic: Number,
    /// The mean arterial pressure; NaN or 0 where the cuff does not report it.
    pub mean_arterial: Number,
    /// When, by the cuff's clock.
    pub timestamp: Option<DateTime>,
    /// The pulse rate, per minute.
    pub pulse: Option<Number>,
    /// Whose measurement, by the cuff's numbering; 0xFF is unknown.
    pub user_id: Option<u8>,
    /// What the cuff noticed.
    pub status: Option<BloodPressureStatus>,
    /// What was unexpected in the value.
    pub surprises: Surprises,
}

impl BloodPressureMeasurement {
    /// Decodes a value of 0x2A35.
    ///
    /// GATT Specification Supplement, Blood Pressure Measurement.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Truncated`] or [`DecodeError::TooLong`]; the bytes are the caller's to keep.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::new(value)?;
        let flags = cursor.flags_u8(FLAGS_DEFINED)?;
        Ok(Self {
            unit: PressureUnit::from_flag(flags.bit(UNIT_KPA)),
            systolic: cursor.sfloat("sys")?,
            diastolic: cursor.sfloat("dia")?,
            mean_arterial: cursor.sfloat("map")?,
            timestamp: cursor.when(flags.bit(TIMESTAMP), Cursor::date_time)?,
            // BLS 1.1.1 §3.2.1.5: pulse rate is SFLOAT, per minute.
            pulse: cursor.when(flags.bit(PULSE), |cursor| cursor.sfloat("pulse"))?,
            user_id: cursor.when(flags.bit(USER_ID), |cursor| cursor.u8("user_id"))?,
            status: cursor.when(flags.bit(STATUS), BloodPressureStatus::read)?,
            surprises: cursor.finish(),
        })
    }

    /// Decodes a value of 0x2A35 from a device that is known to break the specification in its last fields.
    ///
    /// Some Beurer cuffs (BM85, recorded) send pulse and status big-endian, and a user id although its flag is
    /// clear. Never to be guessed from the bytes: the caller knows the model. The result carries
    /// [`Warning::BigEndianTail`].
    ///
    /// # Errors
    ///
    /// [`DecodeError::Truncated`] or [`DecodeError::TooLong`]; the bytes are the caller's to keep.
    pub fn decode_big_endian_tail(value: &[u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::new(value)?;
        cursor.warn(Warning::BigEndianTail);
        let flags = cursor.flags_u8(FLAGS_DEFINED)?;
        Ok(Self {
            unit: PressureUnit::from_flag(flags.bit(UNIT_KPA)),
            systolic: cursor.sfloat("sys")?,
            diastolic: cursor.sfloat("dia")?,
            mean_arterial: cursor.sfloat("map")?,
            timestamp: cursor.when(flags.bit(TIMESTAMP), Cursor::date_time)?,
            pulse: cursor.when(flags.bit(PULSE), |cursor| {
                let [high, low] = cursor.take("pulse")?;
                Ok(Number::from_sfloat([low, high]))
            })?,
            user_id: Some(cursor.u8("user_id")?),
            status: cursor.when(flags.bit(STATUS), BloodPressureStatus::read_big_endian)?,
            surprises: cursor.finish(),
        })
    }

    pub(crate) fn describe(&self) -> Value {
        Description::default()
            .set("unit", self.unit.symbol())
            .set("systolic", self.systolic)
            .set("diastolic", self.diastolic)
            .set("map", self.mean_arterial)
            .maybe("timestamp", self.timestamp)
            .maybe("pulse", self.pulse)
            .maybe("user_id", self.user_id)
            .maybe(
                "status_raw",
                self.status.map(|status| hex_u16(status.bits())),
            )
            .maybe("status", self.status.map(BloodPressureStatus::names))
            .surprises(&self.surprises)
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Decimal;

    /// Every optional field, in kPa: 16.0 / 10.7 (12.4), pulse 72, user 3, irregular pulse.
    const FULL: [u8; 19] = [
        0x1F, 0xA0, 0xF0, 0x6B, 0xF0, 0x7C, 0xF0, 0xE8, 0x07, 2, 29, 23, 59, 58, 0x48, 0x00, 3,
        0x04, 0x00,
    ];

    #[test]
    fn every_field_is_read_from_its_place() {
        let measurement = BloodPressureMeasurement::decode(&FULL).unwrap();
        assert_eq!(measurement.unit, PressureUnit::KPa);
        assert_eq!(measurement.systolic, Number::Value(Decimal::new(160, -1)));
        assert_eq!(measurement.diastolic, Number::Value(Decimal::new(107, -1)));
        assert_eq!(
            measurement.mean_arterial,
            Number::Value(Decimal::new(124, -1))
        );
        assert_eq!(
            measurement.timestamp.unwrap().to_string(),
            "2024-02-29T23:59:58"
        );
        assert_eq!(measurement.pulse, Some(Number::Value(Decimal::new(72, 0))));
        assert_eq!(measurement.user_id, Some(3));
        assert!(measurement.status.unwrap().irregular_pulse());
        assert_eq!(measurement.surprises, Surprises::default());
    }

    #[test]
    fn every_field_that_is_missing_is_named() {
        let cuts = [
            (0, "flags"),
            (1, "sys"),
            (4, "dia"),
            (6, "map"),
            (7, "timestamp"),
            (13, "timestamp"),
            (15, "pulse"),
            (16, "user_id"),
            (18, "status"),
        ];
        for (len, at) in cuts {
            assert_eq!(
                BloodPressureMeasurement::decode(&FULL[..len]),
                Err(DecodeError::Truncated { at })
            );
        }
    }

    #[test]
    fn reserved_bits_are_reported_and_change_nothing_else() {
        let mut value = FULL;
        value[0] |= 0xE0;
        value[18] = 0x80;
        let measurement = BloodPressureMeasurement::decode(&value).unwrap();
        assert_eq!(
            measurement.surprises.warnings,
            [Warning::RfuFlags, Warning::RfuStatus]
        );
        assert_eq!(measurement.surprises.rfu_flags, 0xE0);
        assert_eq!(measurement.status.unwrap().bits(), 0x8004);
        assert_eq!(measurement.pulse, Some(Number::Value(Decimal::new(72, 0))));
    }

    #[test]
    fn the_big_endian_tail_ends_too_early_like_any_other_value() {
        let value = [
            0x16, 0x77, 0, 0x46, 0, 0, 0, 0xEA, 0x07, 8, 11, 20, 57, 0, 0, 0x57, 1, 0, 0x40,
        ];
        for (len, at) in [
            (0, "flags"),
            (13, "timestamp"),
            (15, "pulse"),
            (16, "user_id"),
            (18, "status"),
        ] {
            assert_eq!(
                BloodPressureMeasurement::decode_big_endian_tail(&value[..len]),
                Err(DecodeError::Truncated { at })
            );
        }
        let measurement = BloodPressureMeasurement::decode_big_endian_tail(&value).unwrap();
        assert_eq!(measurement.status.unwrap().bits(), 0x0040);
        assert_eq!(
            measurement.surprises.warnings,
            [Warning::BigEndianTail, Warning::RfuStatus]
        );
    }
}
