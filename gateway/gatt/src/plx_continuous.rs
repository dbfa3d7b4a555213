//! PLX Continuous Measurement, 0x2A5F: a pulse oximeter while it measures.

use serde_json::Value;

use crate::cursor::Cursor;
use crate::describe::{Description, hex_u16, hex_u24};
use crate::error::DecodeError;
use crate::number::Number;
use crate::plx_status::{DeviceSensorStatus, MeasurementStatus};
use crate::surprises::Surprises;

const FAST: u32 = 0;
const SLOW: u32 = 1;
const MEASUREMENT_STATUS: u32 = 2;
const DEVICE_STATUS: u32 = 3;
const PULSE_AMPLITUDE_INDEX: u32 = 4;
const FLAGS_DEFINED: u32 = 5;

/// Is a saturation and the pulse rate that goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpO2AndPulse {
    /// The oxygen saturation, per cent.
    pub spo2: Number,
    /// The pulse rate, per minute.
    pub pulse: Number,
}

/// Is what a pulse oximeter measures at one moment; it carries no time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlxContinuousMeasurement {
    /// The values at the oximeter's normal response.
    pub normal: SpO2AndPulse,
    /// The values at its fast response.
    pub fast: Option<SpO2AndPulse>,
    /// The values at its slow response.
    pub slow: Option<SpO2AndPulse>,
    /// How the values came about.
    pub measurement_status: Option<MeasurementStatus>,
    /// What the device and its sensor noticed about themselves.
    pub device_status: Option<DeviceSensorStatus>,
    /// The pulse amplitude index, per cent.
    pub pulse_amplitude_index: Option<Number>,
    /// What was unexpected in the value.
    pub surprises: Surprises,
}

impl PlxContinuousMeasurement {
    /// Decodes a value of 0x2A5F.
    ///
    /// PLXS 1.0.1, PLX Continuous Measurement. Its flag bits mean other things than those of the spot-check.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Truncated`] or [`DecodeError::TooLong`]; the bytes are the caller's to keep.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::new(value)?;
        let flags = cursor.flags_u8(FLAGS_DEFINED)?;
        Ok(Self {
            normal: pair(&mut cursor, "spo2", "pulse")?,
            fast: cursor.when(flags.bit(FAST), |cursor| {
                pair(cursor, "fast_spo2", "fast_pulse")
            })?,
            slow: cursor.when(flags.bit(SLOW), |cursor| {
                pair(cursor, "slow_spo2", "slow_pulse")
            })?,
            measurement_status: cursor
                .when(flags.bit(MEASUREMENT_STATUS), MeasurementStatus::read)?,
            device_status: cursor.when(flags.bit(DEVICE_STATUS), DeviceSensorStatus::read)?,
            pulse_amplitude_index: cursor.when(flags.bit(PULSE_AMPLITUDE_INDEX), |cursor| {
                cursor.sfloat("pai")
            })?,
            surprises: cursor.finish(),
        })
    }

    pub(crate) fn describe(&self) -> Value {
        let measurement_status = self.measurement_status;
        let device_status = self.device_status;
        Description::default()
            .set("spo2", self.normal.spo2)
            .set("pulse", self.normal.pulse)
            .maybe("fast_spo2", self.fast.map(|fast| fast.spo2))
            .maybe("fast_pulse", self.fast.map(|fast| fast.pulse))
            .maybe("slow_spo2", self.slow.map(|slow| slow.spo2))
            .maybe("slow_pulse", self.slow.map(|slow| slow.pulse))
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
            .surprises(&self.surprises)
            .into()
    }
}

fn pair(
    cursor: &mut Cursor<'_>,
    spo2_at: &'static str,
    pulse_at: &'static str,
) -> Result<SpO2AndPulse, DecodeError> {
    Ok(SpO2AndPulse {
        spo2: cursor.sfloat(spo2_at)?,
        pulse: cursor.sfloat(pulse_at)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every field: normal 97/65, fast 96/66, slow 98/64, ongoing, poor signal, index 8.7 %.
    const FULL: [u8; 20] = [
        0x1F, 0x61, 0, 0x41, 0, 0x60, 0, 0x42, 0, 0x62, 0, 0x40, 0, 0x20, 0, 0x10, 0, 0, 0x57, 0xF0,
    ];

    #[test]
    fn every_field_is_read_from_its_place() {
        let described = PlxContinuousMeasurement::decode(&FULL).unwrap().describe();
        let expected = serde_json::json!({
            "spo2": "97", "pulse": "65",
            "fast_spo2": "96", "fast_pulse": "66",
            "slow_spo2": "98", "slow_pulse": "64",
            "measurement_status_raw": "0x0020", "measurement_status": ["ongoing"],
            "device_status_raw": "0x000010", "device_status": ["poor_signal"],
            "pai": "8.7",
        });
        assert_eq!(described, expected);
    }

    #[test]
    fn every_field_that_is_missing_is_named() {
        let cuts = [
            (0, "flags"),
            (2, "spo2"),
            (4, "pulse"),
            (6, "fast_spo2"),
            (8, "fast_pulse"),
            (10, "slow_spo2"),
            (12, "slow_pulse"),
            (14, "measurement_status"),
            (17, "device_status"),
            (19, "pai"),
        ];
        for (len, at) in cuts {
            assert_eq!(
                PlxContinuousMeasurement::decode(&FULL[..len]),
                Err(DecodeError::Truncated { at })
            );
        }
    }

    #[test]
    fn the_same_flags_mean_other_fields_than_in_a_spot_check() {
        let value = [0x01, 0x61, 0, 0x41, 0, 0xE8, 0x07, 2, 29, 23, 59, 58];
        let measurement = PlxContinuousMeasurement::decode(&value).unwrap();
        assert!(measurement.fast.is_some());
        assert_eq!(measurement.surprises.trailing_bytes, [23, 59, 58]);
    }
}
