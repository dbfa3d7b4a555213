//! PLX Spot-check Measurement, 0x2A5E: one finished measurement of a pulse oximeter.

use serde_json::Value;

use crate::cursor::Cursor;
use crate::date_time::DateTime;
use crate::describe::{Description, hex_u16, hex_u24};
use crate::error::DecodeError;
use crate::number::Number;
use crate::plx_status::{DeviceSensorStatus, MeasurementStatus};
use crate::surprises::Surprises;

const TIMESTAMP: u32 = 0;
const MEASUREMENT_STATUS: u32 = 1;
const DEVICE_STATUS: u32 = 2;
const PULSE_AMPLITUDE_INDEX: u32 = 3;
const CLOCK_NOT_SET: u32 = 4;
const FLAGS_DEFINED: u32 = 5;

/// Is one finished measurement of a pulse oximeter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlxSpotCheckMeasurement {
    /// The oxygen saturation, per cent.
    pub spo2: Number,
    /// The pulse rate, per minute.
    pub pulse: Number,
    /// When, by the oximeter's clock; not to be believed where `clock_not_set`.
    pub timestamp: Option<DateTime>,
    /// How the value came about.
    pub measurement_status: Option<MeasurementStatus>,
    /// What the device and its sensor noticed about themselves.
    pub device_status: Option<DeviceSensorStatus>,
    /// The pulse amplitude index, per cent.
    pub pulse_amplitude_index: Option<Number>,
    /// Whether the oximeter says that its clock has not been set.
    pub clock_not_set: bool,
    /// What was unexpected in the value.
    pub surprises: Surprises,
}

impl PlxSpotCheckMeasurement {
    /// Decodes a value of 0x2A5E.
    ///
    /// PLXS 1.0.1, PLX Spot-check Measurement. Its flag bits mean other things than those of the continuous
    /// measurement, and bit 4 announces no field.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Truncated`] or [`DecodeError::TooLong`]; the bytes are the caller's to keep.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::new(value)?;
        let flags = cursor.flags_u8(FLAGS_DEFINED)?;
        Ok(Self {
            spo2: cursor.sfloat("spo2")?,
            pulse: cursor.sfloat("pulse")?,
            timestamp: cursor.when(flags.bit(TIMESTAMP), Cursor::date_time)?,
            measurement_status: cursor
                .when(flags.bit(MEASUREMENT_STATUS), MeasurementStatus::read)?,
            device_status: cursor.when(flags.bit(DEVICE_STATUS), DeviceSensorStatus::read)?,
            pulse_amplitude_index: cursor.when(flags.bit(PULSE_AMPLITUDE_INDEX), |cursor| {
                cursor.sfloat("pai")
            })?,
            clock_not_set: flags.bit(CLOCK_NOT_SET),
            surprises: cursor.finish(),
        })
    }

    pub(crate) fn describe(&self) -> Value {
        let measurement_status = self.measurement_status;
        let device_status = self.device_status;
        Description::default()
            .set("spo2", self.spo2)
            .set("pulse", self.pulse)
            .maybe("timestamp", self.timestamp)
            .maybe(
                "measurement_status_raw",
                measurement_status.map(|status| hex_u16(status.bits())),
            )
            .maybe(
                "measurement_status",
                measurement_status.map(MeasurementStatus::names),
            )
            .maybe(
                "device_status_raw",
                device_status.map(|status| hex_u24(status.bits())),
            )
            .maybe(
                "device_status",
                device_status.map(DeviceSensorStatus::names),
            )
            .maybe("pai", self.pulse_amplitude_index)
            .mark("clock_not_set", self.clock_not_set)
            .surprises(&self.surprises)
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surprises::Warning;

    /// Every field: 97 %, 65 per minute, validated, low perfusion, index 8.7 %, clock not set.
    const FULL: [u8; 19] = [
        0x1F, 0x61, 0, 0x41, 0, 0xE8, 0x07, 2, 29, 23, 59, 58, 0x80, 0, 0x20, 0, 0, 0x57, 0xF0,
    ];

    #[test]
    fn every_field_is_read_from_its_place() {
        let measurement = PlxSpotCheckMeasurement::decode(&FULL).unwrap();
        assert_eq!(measurement.spo2.to_string(), "97");
        assert_eq!(measurement.pulse.to_string(), "65");
        assert_eq!(
            measurement.timestamp.unwrap().to_string(),
            "2024-02-29T23:59:58"
        );
        assert_eq!(
            measurement.measurement_status.unwrap().names(),
            ["validated"]
        );
        assert_eq!(
            measurement.device_status.unwrap().names(),
            ["low_perfusion"]
        );
        assert_eq!(
            measurement.pulse_amplitude_index.unwrap().to_string(),
            "8.7"
        );
        assert!(measurement.clock_not_set);
        assert_eq!(measurement.describe()["clock_not_set"], true);
        assert_eq!(measurement.surprises, Surprises::default());
    }

    #[test]
    fn every_field_that_is_missing_is_named() {
        let cuts = [
            (0, "flags"),
            (2, "spo2"),
            (4, "pulse"),
            (11, "timestamp"),
            (13, "measurement_status"),
            (16, "device_status"),
            (18, "pai"),
        ];
        for (len, at) in cuts {
            assert_eq!(
                PlxSpotCheckMeasurement::decode(&FULL[..len]),
                Err(DecodeError::Truncated { at })
            );
        }
    }

    #[test]
    fn reserved_bits_are_reported_and_the_unset_clock_announces_no_field() {
        let measurement =
            PlxSpotCheckMeasurement::decode(&[0xF2, 0x61, 0, 0x41, 0, 0x1F, 0]).unwrap();
        assert!(measurement.clock_not_set);
        assert_eq!(measurement.timestamp, None);
        assert_eq!(measurement.surprises.rfu_flags, 0xE0);
        assert_eq!(
            measurement.surprises.warnings,
            [Warning::RfuFlags, Warning::RfuStatus]
        );
    }
}
