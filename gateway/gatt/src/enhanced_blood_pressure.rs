//! Enhanced Blood Pressure Measurement, 0x2B34.

use serde_json::Value;

use crate::blood_pressure_status::BloodPressureStatus;
use crate::cursor::Cursor;
use crate::date_time::DateTime;
use crate::describe::{Description, hex_u16};
use crate::error::DecodeError;
use crate::number::Number;
use crate::surprises::Surprises;
use crate::units::PressureUnit;

const UNIT_KPA: u32 = 0;
const TIMESTAMP: u32 = 1;
const PULSE: u32 = 2;
const USER_ID: u32 = 3;
const STATUS: u32 = 4;
const USER_FACING_TIME: u32 = 5;
const EPOCH_2000: u32 = 6;
const FLAGS_DEFINED: u32 = 7;

/// Is the moment from which a cuff counts seconds: midnight of 1 January.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Epoch {
    /// Of the year 1900.
    Year1900,
    /// Of the year 2000.
    Year2000,
}

impl Epoch {
    const fn year(self) -> u16 {
        match self {
            Self::Year1900 => 1900,
            Self::Year2000 => 2000,
        }
    }

    const fn date(self) -> &'static str {
        match self {
            Self::Year1900 => "1900-01-01",
            Self::Year2000 => "2000-01-01",
        }
    }
}

/// Is one measurement of a cuff that counts time in seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnhancedBloodPressureMeasurement {
    /// The unit of the three pressures.
    pub unit: PressureUnit,
    /// The systolic pressure.
    pub systolic: Number,
    /// The diastolic pressure.
    pub diastolic: Number,
    /// The mean arterial pressure; NaN or 0 where the cuff does not report it.
    pub mean_arterial: Number,
    /// From when the seconds count.
    pub epoch: Epoch,
    /// When, in seconds since the epoch, by the cuff's base time; it may be UTC.
    pub timestamp_s: Option<u32>,
    /// The pulse rate, per minute.
    pub pulse: Option<Number>,
    /// Whose measurement, by the cuff's numbering; 0xFF is unknown.
    pub user_id: Option<u8>,
    /// What the cuff noticed.
    pub status: Option<BloodPressureStatus>,
    /// When, in seconds since the epoch, as shown to the user: zone, daylight saving and adjustments applied.
    pub user_facing_time_s: Option<u32>,
    /// What was unexpected in the value.
    pub surprises: Surprises,
}

impl EnhancedBloodPressureMeasurement {
    /// Decodes a value of 0x2B34.
    ///
    /// GATT Specification Supplement, Enhanced Blood Pressure Measurement.
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
            epoch: if flags.bit(EPOCH_2000) {
                Epoch::Year2000
            } else {
                Epoch::Year1900
            },
            timestamp_s: cursor.when(flags.bit(TIMESTAMP), |cursor| cursor.u32("timestamp"))?,
            pulse: cursor.when(flags.bit(PULSE), |cursor| cursor.sfloat("pulse"))?,
            user_id: cursor.when(flags.bit(USER_ID), |cursor| cursor.u8("user_id"))?,
            status: cursor.when(flags.bit(STATUS), BloodPressureStatus::read)?,
            user_facing_time_s: cursor.when(flags.bit(USER_FACING_TIME), |cursor| {
                cursor.u32("user_facing_time")
            })?,
            surprises: cursor.finish(),
        })
    }

    /// Returns the base time as a date; whether it is UTC, the value does not say.
    pub fn timestamp(&self) -> Option<DateTime> {
        let seconds = self.timestamp_s?;
        Some(DateTime::from_seconds_since(self.epoch.year(), seconds))
    }

    /// Returns the time that was shown to the user as a date: local wall time, no zone.
    pub fn user_facing_time(&self) -> Option<DateTime> {
        let seconds = self.user_facing_time_s?;
        Some(DateTime::from_seconds_since(self.epoch.year(), seconds))
    }

    pub(crate) fn describe(&self) -> Value {
        let counts_seconds = self.timestamp_s.is_some() || self.user_facing_time_s.is_some();
        Description::default()
            .set("unit", self.unit.symbol())
            .set("systolic", self.systolic)
            .set("diastolic", self.diastolic)
            .set("map", self.mean_arterial)
            .maybe("timestamp_s", self.timestamp_s)
            .maybe("epoch", counts_seconds.then(|| self.epoch.date()))
            .maybe("pulse", self.pulse)
            .maybe("user_id", self.user_id)
            .maybe(
                "status_raw",
                self.status.map(|status| hex_u16(status.bits())),
            )
            .maybe("status", self.status.map(BloodPressureStatus::names))
            .maybe("user_facing_time_s", self.user_facing_time_s)
            .surprises(&self.surprises)
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surprises::Warning;

    /// Every optional field, epoch 2000: 1 day and 1 day plus 2 hours.
    const FULL: [u8; 20] = [
        0x7E, 0x78, 0, 0x50, 0, 0x5D, 0, 0x80, 0x51, 0x01, 0, 0x48, 0, 1, 0, 0, 0xA0, 0x6D, 0x01, 0,
    ];

    #[test]
    fn both_times_become_dates_of_the_epoch() {
        let text = |time: Option<DateTime>| time.map(|time| time.to_string());
        let measurement = EnhancedBloodPressureMeasurement::decode(&FULL).unwrap();
        assert_eq!(
            text(measurement.timestamp()).as_deref(),
            Some("2000-01-02T00:00:00")
        );
        assert_eq!(
            text(measurement.user_facing_time()).as_deref(),
            Some("2000-01-02T02:00:00")
        );

        let mut of_1900 = FULL;
        of_1900[0] = 0x3E;
        let measurement = EnhancedBloodPressureMeasurement::decode(&of_1900).unwrap();
        assert_eq!(
            text(measurement.timestamp()).as_deref(),
            Some("1900-01-02T00:00:00")
        );
    }

    #[test]
    fn every_field_that_is_missing_is_named() {
        let cuts = [
            (0, "flags"),
            (2, "sys"),
            (4, "dia"),
            (6, "map"),
            (10, "timestamp"),
            (12, "pulse"),
            (13, "user_id"),
            (15, "status"),
            (19, "user_facing_time"),
        ];
        for (len, at) in cuts {
            let error = EnhancedBloodPressureMeasurement::decode(&FULL[..len]);
            assert_eq!(error, Err(DecodeError::Truncated { at }));
        }
    }

    #[test]
    fn the_one_reserved_bit_is_reported() {
        let measurement =
            EnhancedBloodPressureMeasurement::decode(&[0x80, 1, 0, 2, 0, 3, 0]).unwrap();
        assert_eq!(measurement.surprises.warnings, [Warning::RfuFlags]);
        assert_eq!(measurement.timestamp(), None);
    }
}
