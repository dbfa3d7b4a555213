//! Weight Measurement, 0x2A9D.

use serde_json::Value;

use crate::cursor::Cursor;
use crate::date_time::DateTime;
use crate::describe::Description;
use crate::error::DecodeError;
use crate::measured::Measured;
use crate::number::Decimal;
use crate::surprises::Surprises;
use crate::units::MeasurementSystem;

const IMPERIAL: u32 = 0;
const TIMESTAMP: u32 = 1;
const USER_ID: u32 = 2;
const BMI_AND_HEIGHT: u32 = 3;
const FLAGS_DEFINED: u32 = 4;

/// Is one weighing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightMeasurement {
    /// The units of weight and height.
    pub system: MeasurementSystem,
    /// The weight.
    pub weight: Measured,
    /// When, by the scale's clock.
    pub timestamp: Option<DateTime>,
    /// Whose weight, by the scale's numbering; 0xFF is unknown.
    pub user_id: Option<u8>,
    /// The body mass index, in kg/m²; meaningless where the weight is unsuccessful.
    pub bmi: Option<Decimal>,
    /// The height that the scale was told; meaningless where the weight is unsuccessful.
    pub height: Option<Decimal>,
    /// What was unexpected in the value.
    pub surprises: Surprises,
}

impl WeightMeasurement {
    /// Decodes a value of 0x2A9D.
    ///
    /// GATT Specification Supplement, Weight Measurement. Only a time stamp and a user id should accompany an
    /// unsuccessful weight; scales send the rest as well, so it is read.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Truncated`] or [`DecodeError::TooLong`]; the bytes are the caller's to keep.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::new(value)?;
        let flags = cursor.flags_u8(FLAGS_DEFINED)?;
        let system = MeasurementSystem::from_flag(flags.bit(IMPERIAL));
        Ok(Self {
            system,
            weight: Measured::from_raw(cursor.u16("weight")?, |raw| system.mass(raw)),
            timestamp: cursor.when(flags.bit(TIMESTAMP), Cursor::date_time)?,
            user_id: cursor.when(flags.bit(USER_ID), |cursor| cursor.u8("user_id"))?,
            bmi: cursor
                .when(flags.bit(BMI_AND_HEIGHT), |cursor| cursor.u16("bmi"))?
                .map(|raw| Decimal::new(raw.into(), -1)),
            height: cursor
                .when(flags.bit(BMI_AND_HEIGHT), |cursor| cursor.u16("height"))?
                .map(|raw| system.height(raw)),
            surprises: cursor.finish(),
        })
    }

    pub(crate) fn describe(&self) -> Value {
        Description::default()
            .set("unit", self.system.mass_symbol())
            .set("weight", self.weight)
            .maybe("timestamp", self.timestamp)
            .maybe("user_id", self.user_id)
            .maybe("bmi", self.bmi)
            .maybe("height", self.height)
            .maybe(
                "height_unit",
                self.height.map(|_| self.system.height_symbol()),
            )
            .surprises(&self.surprises)
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surprises::Warning;

    /// Every field: 65.000 kg, user 2, BMI 21.2, 1.755 m.
    const FULL: [u8; 15] = [
        0x0E, 0xC8, 0x32, 0xE9, 0x07, 12, 31, 23, 59, 58, 2, 0xD4, 0, 0xDB, 0x06,
    ];

    #[test]
    fn every_field_that_is_missing_is_named() {
        let cuts = [
            (0, "flags"),
            (2, "weight"),
            (9, "timestamp"),
            (10, "user_id"),
            (12, "bmi"),
            (14, "height"),
        ];
        for (len, at) in cuts {
            assert_eq!(
                WeightMeasurement::decode(&FULL[..len]),
                Err(DecodeError::Truncated { at })
            );
        }
    }

    #[test]
    fn the_largest_weight_is_a_weight_and_the_next_code_is_none() {
        let weight = |value: [u8; 3]| WeightMeasurement::decode(&value).unwrap().weight;
        assert_eq!(
            weight([0, 0xFE, 0xFF]).value(),
            Some(Decimal::new(327_670, -3))
        );
        assert_eq!(
            weight([1, 0xFE, 0xFF]).value(),
            Some(Decimal::new(65_534, -2))
        );
        assert_eq!(weight([0, 0xFF, 0xFF]), Measured::Unsuccessful);
        assert_eq!(weight([0, 0xFF, 0xFF]).value(), None);
    }

    #[test]
    fn the_bit_that_some_scales_use_for_below_zero_is_kept() {
        let surprises = WeightMeasurement::decode(&[0x10, 0, 0]).unwrap().surprises;
        assert_eq!(surprises.rfu_flags, 0x10);
        assert_eq!(surprises.warnings, [Warning::RfuFlags]);
    }
}
