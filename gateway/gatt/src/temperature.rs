//! Temperature Measurement, 0x2A1C.

use serde_json::Value;

use crate::coded_enum::coded_enum;
use crate::cursor::Cursor;
use crate::date_time::DateTime;
use crate::describe::Description;
use crate::error::DecodeError;
use crate::number::Number;
use crate::surprises::Surprises;
use crate::units::TemperatureUnit;

const FAHRENHEIT: u32 = 0;
const TIMESTAMP: u32 = 1;
const TYPE: u32 = 2;
const FLAGS_DEFINED: u32 = 3;

coded_enum! {
    /// Says where on the body a temperature was taken. GATT Specification Supplement, Temperature Type.
    TemperatureType {
        /// In the armpit.
        1 => Armpit,
        /// Of the body, place not given.
        2 => Body,
        /// In the ear.
        3 => Ear,
        /// At a finger.
        4 => Finger,
        /// In the gastrointestinal tract.
        5 => Gastrointestinal,
        /// In the mouth.
        6 => Mouth,
        /// In the rectum.
        7 => Rectum,
        /// At a toe.
        8 => Toe,
        /// At the tympanum.
        9 => Tympanum,
    }
}

/// Is one measurement of a thermometer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemperatureMeasurement {
    /// The unit of the temperature.
    pub unit: TemperatureUnit,
    /// The temperature.
    pub temperature: Number,
    /// When, by the thermometer's clock.
    pub timestamp: Option<DateTime>,
    /// Where on the body.
    pub temperature_type: Option<TemperatureType>,
    /// What was unexpected in the value.
    pub surprises: Surprises,
}

impl TemperatureMeasurement {
    /// Decodes a value of 0x2A1C.
    ///
    /// GATT Specification Supplement, Temperature Measurement.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Truncated`] or [`DecodeError::TooLong`]; the bytes are the caller's to keep.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::new(value)?;
        let flags = cursor.flags_u8(FLAGS_DEFINED)?;
        Ok(Self {
            unit: TemperatureUnit::from_flag(flags.bit(FAHRENHEIT)),
            temperature: cursor.float("temp")?,
            timestamp: cursor.when(flags.bit(TIMESTAMP), Cursor::date_time)?,
            temperature_type: cursor
                .when(flags.bit(TYPE), |cursor| cursor.u8("type"))?
                .map(TemperatureType::from_code),
            surprises: cursor.finish(),
        })
    }

    pub(crate) fn describe(&self) -> Value {
        Description::default()
            .set("unit", self.unit.symbol())
            .set("temperature", self.temperature)
            .maybe("timestamp", self.timestamp)
            .maybe("type", self.temperature_type.map(TemperatureType::code))
            .surprises(&self.surprises)
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every field: 99.4 °F in the mouth.
    const FULL: [u8; 13] = [
        0x07, 0xE2, 0x03, 0x00, 0xFF, 0xE8, 0x07, 2, 29, 23, 59, 58, 6,
    ];

    #[test]
    fn every_field_is_read_from_its_place() {
        let measurement = TemperatureMeasurement::decode(&FULL).unwrap();
        assert_eq!(measurement.unit, TemperatureUnit::Fahrenheit);
        assert_eq!(measurement.temperature.to_string(), "99.4");
        assert_eq!(
            measurement.timestamp.unwrap().to_string(),
            "2024-02-29T23:59:58"
        );
        assert_eq!(measurement.temperature_type, Some(TemperatureType::Mouth));
        assert_eq!(measurement.describe()["type"], 6);
    }

    #[test]
    fn every_field_that_is_missing_is_named() {
        for (len, at) in [(0, "flags"), (4, "temp"), (11, "timestamp"), (12, "type")] {
            assert_eq!(
                TemperatureMeasurement::decode(&FULL[..len]),
                Err(DecodeError::Truncated { at })
            );
        }
    }

    #[test]
    fn a_reserved_place_is_kept_and_reserved_flags_are_reported() {
        let measurement =
            TemperatureMeasurement::decode(&[0xFC, 0x70, 0x01, 0x00, 0xFF, 10]).unwrap();
        assert_eq!(
            measurement.temperature_type,
            Some(TemperatureType::Reserved(10))
        );
        assert_eq!(measurement.describe()["type"], 10);
        assert_eq!(measurement.surprises.rfu_flags, 0xF8);
    }
}
