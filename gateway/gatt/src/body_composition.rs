//! Body Composition Measurement, 0x2A9C.

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
const BASAL_METABOLISM: u32 = 3;
const MUSCLE_PERCENT: u32 = 4;
const MUSCLE_MASS: u32 = 5;
const FAT_FREE_MASS: u32 = 6;
const SOFT_LEAN_MASS: u32 = 7;
const BODY_WATER_MASS: u32 = 8;
const IMPEDANCE: u32 = 9;
const WEIGHT: u32 = 10;
const HEIGHT: u32 = 11;
const MULTIPLE_PACKET: u32 = 12;
const FLAGS_DEFINED: u32 = 13;

/// Is one analysis of a body by a scale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyCompositionMeasurement {
    /// The units of masses and height.
    pub system: MeasurementSystem,
    /// The share of body fat, per cent.
    pub body_fat_percent: Measured,
    /// When, by the scale's clock.
    pub timestamp: Option<DateTime>,
    /// Whose body, by the scale's numbering; 0xFF is unknown.
    pub user_id: Option<u8>,
    /// The basal metabolism, in kilojoules.
    pub basal_metabolism_kj: Option<u16>,
    /// The share of muscle, per cent.
    pub muscle_percent: Option<Decimal>,
    /// The mass of muscle.
    pub muscle_mass: Option<Decimal>,
    /// The mass without fat.
    pub fat_free_mass: Option<Decimal>,
    /// The soft lean mass.
    pub soft_lean_mass: Option<Decimal>,
    /// The mass of body water.
    pub body_water_mass: Option<Decimal>,
    /// The impedance, in ohms.
    pub impedance_ohm: Option<Decimal>,
    /// The weight.
    pub weight: Option<Decimal>,
    /// The height that the scale was told.
    pub height: Option<Decimal>,
    /// Whether the measurement is spread over several values.
    pub multiple_packet: bool,
    /// What was unexpected in the value.
    pub surprises: Surprises,
}

impl BodyCompositionMeasurement {
    /// Decodes a value of 0x2A9C.
    ///
    /// GATT Specification Supplement, Body Composition Measurement. Of its two statements on impedance, 1/10 ohm
    /// is the one that devices follow.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Truncated`] or [`DecodeError::TooLong`]; the bytes are the caller's to keep.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::new(value)?;
        let flags = cursor.flags_u16(FLAGS_DEFINED)?;
        let system = MeasurementSystem::from_flag(flags.bit(IMPERIAL));
        let body_fat_percent = Measured::from_raw(cursor.u16("fat")?, tenths);
        let timestamp = cursor.when(flags.bit(TIMESTAMP), Cursor::date_time)?;
        let user_id = cursor.when(flags.bit(USER_ID), |cursor| cursor.u8("user_id"))?;
        let mut field = |bit, at| cursor.when(flags.bit(bit), |cursor| cursor.u16(at));
        Ok(Self {
            system,
            body_fat_percent,
            timestamp,
            user_id,
            basal_metabolism_kj: field(BASAL_METABOLISM, "basal_metabolism")?,
            muscle_percent: field(MUSCLE_PERCENT, "muscle_percent")?.map(tenths),
            muscle_mass: field(MUSCLE_MASS, "muscle_mass")?.map(|raw| system.mass(raw)),
            fat_free_mass: field(FAT_FREE_MASS, "fat_free_mass")?.map(|raw| system.mass(raw)),
            soft_lean_mass: field(SOFT_LEAN_MASS, "soft_lean_mass")?.map(|raw| system.mass(raw)),
            body_water_mass: field(BODY_WATER_MASS, "body_water_mass")?.map(|raw| system.mass(raw)),
            impedance_ohm: field(IMPEDANCE, "impedance")?.map(tenths),
            weight: field(WEIGHT, "weight")?.map(|raw| system.mass(raw)),
            height: field(HEIGHT, "height")?.map(|raw| system.height(raw)),
            multiple_packet: flags.bit(MULTIPLE_PACKET),
            surprises: cursor.finish(),
        })
    }

    pub(crate) fn describe(&self) -> Value {
        Description::default()
            .set("unit", self.system.mass_symbol())
            .set("body_fat_percent", self.body_fat_percent)
            .maybe("timestamp", self.timestamp)
            .maybe("user_id", self.user_id)
            .maybe("basal_metabolism_kj", self.basal_metabolism_kj)
            .maybe("muscle_percent", self.muscle_percent)
            .maybe("muscle_mass", self.muscle_mass)
            .maybe("fat_free_mass", self.fat_free_mass)
            .maybe("soft_lean_mass", self.soft_lean_mass)
            .maybe("body_water_mass", self.body_water_mass)
            .maybe("impedance_ohm", self.impedance_ohm)
            .maybe("weight", self.weight)
            .maybe("height", self.height)
            .mark("multiple_packet", self.multiple_packet)
            .surprises(&self.surprises)
            .into()
    }
}

fn tenths(raw: u16) -> Decimal {
    Decimal::new(raw.into(), -1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every field, SI; each two-byte field holds its own number in the order of the layout, times 100.
    const FULL: [u8; 30] = [
        0xFE, 0x1F, 100, 0, 0xE8, 0x07, 2, 29, 23, 59, 58, 1, 200, 0, 44, 1, 144, 1, 244, 1, 88, 2,
        188, 2, 32, 3, 132, 3, 232, 3,
    ];

    #[test]
    fn every_field_is_read_from_its_place() {
        let described = BodyCompositionMeasurement::decode(&FULL)
            .unwrap()
            .describe();
        let expected = serde_json::json!({
            "unit": "kg",
            "body_fat_percent": "10.0",
            "timestamp": "2024-02-29T23:59:58",
            "user_id": 1,
            "basal_metabolism_kj": 200,
            "muscle_percent": "30.0",
            "muscle_mass": "2.000",
            "fat_free_mass": "2.500",
            "soft_lean_mass": "3.000",
            "body_water_mass": "3.500",
            "impedance_ohm": "80.0",
            "weight": "4.500",
            "height": "1.000",
            "multiple_packet": true,
        });
        assert_eq!(described, expected);
    }

    #[test]
    fn every_field_that_is_missing_is_named() {
        let cuts = [
            (1, "flags"),
            (3, "fat"),
            (10, "timestamp"),
            (11, "user_id"),
            (13, "basal_metabolism"),
            (15, "muscle_percent"),
            (17, "muscle_mass"),
            (19, "fat_free_mass"),
            (21, "soft_lean_mass"),
            (23, "body_water_mass"),
            (25, "impedance"),
            (27, "weight"),
            (29, "height"),
        ];
        for (len, at) in cuts {
            assert_eq!(
                BodyCompositionMeasurement::decode(&FULL[..len]),
                Err(DecodeError::Truncated { at })
            );
        }
    }

    #[test]
    fn reserved_flags_are_reported() {
        let measurement = BodyCompositionMeasurement::decode(&[0x00, 0xE0, 100, 0]).unwrap();
        assert_eq!(measurement.surprises.rfu_flags, 0xE000);
    }
}
