//! Glucose Measurement, 0x2A18.

use serde_json::Value;

use crate::coded_enum::coded_enum;
use crate::cursor::Cursor;
use crate::date_time::DateTime;
use crate::describe::{Description, hex_u16};
use crate::error::DecodeError;
use crate::glucose_status::GlucoseStatus;
use crate::number::Number;
use crate::surprises::Surprises;
use crate::units::ConcentrationUnit;

const TIME_OFFSET: u32 = 0;
const CONCENTRATION: u32 = 1;
const UNIT_MOLES: u32 = 2;
const STATUS: u32 = 3;
const CONTEXT_FOLLOWS: u32 = 4;
const FLAGS_DEFINED: u32 = 5;

coded_enum! {
    /// Says what was sampled. GATT Specification Supplement, Glucose Measurement, Type.
    SampleType {
        /// Whole blood from a capillary.
        0x1 => CapillaryWholeBlood,
        /// Plasma from a capillary.
        0x2 => CapillaryPlasma,
        /// Whole blood from a vein.
        0x3 => VenousWholeBlood,
        /// Plasma from a vein.
        0x4 => VenousPlasma,
        /// Whole blood from an artery.
        0x5 => ArterialWholeBlood,
        /// Plasma from an artery.
        0x6 => ArterialPlasma,
        /// Whole blood, source not determined.
        0x7 => UndeterminedWholeBlood,
        /// Plasma, source not determined.
        0x8 => UndeterminedPlasma,
        /// Interstitial fluid.
        0x9 => InterstitialFluid,
        /// Control solution: not from a person.
        0xA => ControlSolution,
    }
}

coded_enum! {
    /// Says where the sample was taken. GATT Specification Supplement, Glucose Measurement, Sample Location.
    SampleLocation {
        /// From a finger.
        0x1 => Finger,
        /// From an alternate site.
        0x2 => AlternateSite,
        /// From an earlobe.
        0x3 => Earlobe,
        /// From the control solution.
        0x4 => ControlSolution,
        /// Not available.
        0xF => NotAvailable,
    }
}

/// Is a glucose concentration and what it was measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Concentration {
    /// The concentration.
    pub value: Number,
    /// Its unit.
    pub unit: ConcentrationUnit,
    /// What was sampled.
    pub sample_type: SampleType,
    /// Where it was taken.
    pub location: SampleLocation,
}

impl Concentration {
    /// Says whether the meter was tested with control solution: such a value is no patient's.
    pub fn is_control_solution(&self) -> bool {
        self.sample_type == SampleType::ControlSolution
            || self.location == SampleLocation::ControlSolution
    }
}

/// Is one record of a glucose meter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlucoseMeasurement {
    /// The number of the record.
    pub sequence: u16,
    /// When, by the meter's clock before `time_offset_min`.
    pub base_time: DateTime,
    /// What to add to the base time, in minutes.
    pub time_offset_min: Option<i16>,
    /// The concentration; absent from a record that only has a status.
    pub concentration: Option<Concentration>,
    /// What the meter noticed.
    pub status: Option<GlucoseStatus>,
    /// Whether a Glucose Measurement Context with the same number follows.
    pub context_follows: bool,
    /// What was unexpected in the value.
    pub surprises: Surprises,
}

impl GlucoseMeasurement {
    /// Decodes a value of 0x2A18.
    ///
    /// GATT Specification Supplement, Glucose Measurement.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Truncated`] or [`DecodeError::TooLong`]; the bytes are the caller's to keep.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::new(value)?;
        let flags = cursor.flags_u8(FLAGS_DEFINED)?;
        let unit = ConcentrationUnit::from_flag(flags.bit(UNIT_MOLES));
        Ok(Self {
            sequence: cursor.u16("sequence")?,
            base_time: cursor.date_time()?,
            time_offset_min: cursor
                .when(flags.bit(TIME_OFFSET), |cursor| cursor.take("time_offset"))?
                .map(i16::from_le_bytes),
            concentration: cursor.when(flags.bit(CONCENTRATION), |cursor| {
                concentration(cursor, unit)
            })?,
            status: cursor.when(flags.bit(STATUS), GlucoseStatus::read)?,
            context_follows: flags.bit(CONTEXT_FOLLOWS),
            surprises: cursor.finish(),
        })
    }

    pub(crate) fn describe(&self) -> Value {
        let concentration = self.concentration;
        Description::default()
            .set("sequence", self.sequence)
            .set("base_time", self.base_time)
            .maybe("time_offset_min", self.time_offset_min)
            .maybe("concentration", concentration.map(|it| it.value))
            .maybe(
                "concentration_unit",
                concentration.map(|it| it.unit.symbol()),
            )
            .maybe("type", concentration.map(|it| it.sample_type.code()))
            .maybe("location", concentration.map(|it| it.location.code()))
            .maybe(
                "status_raw",
                self.status.map(|status| hex_u16(status.bits())),
            )
            .mark("context_follows", self.context_follows)
            .surprises(&self.surprises)
            .into()
    }
}

fn concentration(
    cursor: &mut Cursor<'_>,
    unit: ConcentrationUnit,
) -> Result<Concentration, DecodeError> {
    let value = cursor.sfloat("concentration")?;
    let type_and_location = cursor.u8("type")?;
    Ok(Concentration {
        value,
        unit,
        sample_type: SampleType::from_code(type_and_location & 0x0F),
        location: SampleLocation::from_code(type_and_location >> 4),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surprises::Warning;

    /// Every field: record 42, -10 minutes, 95 mg/dL from a finger, low battery.
    const FULL: [u8; 17] = [
        0x1B, 42, 0, 0xEA, 0x07, 9, 24, 14, 30, 5, 0xF6, 0xFF, 0x5F, 0xB0, 0x11, 0x01, 0x00,
    ];

    #[test]
    fn every_field_is_read_from_its_place() {
        let measurement = GlucoseMeasurement::decode(&FULL).unwrap();
        let concentration = measurement.concentration.unwrap();
        assert_eq!(measurement.sequence, 42);
        assert_eq!(measurement.time_offset_min, Some(-10));
        assert_eq!(concentration.value.to_string(), "0.00095");
        assert_eq!(concentration.sample_type, SampleType::CapillaryWholeBlood);
        assert_eq!(concentration.location, SampleLocation::Finger);
        assert!(!concentration.is_control_solution());
        assert_eq!(measurement.status.unwrap().names(), ["battery_low"]);
        assert!(measurement.context_follows);
    }

    #[test]
    fn every_field_that_is_missing_is_named() {
        let cuts = [
            (0, "flags"),
            (2, "sequence"),
            (9, "timestamp"),
            (11, "time_offset"),
            (13, "concentration"),
            (14, "type"),
            (16, "status"),
        ];
        for (len, at) in cuts {
            assert_eq!(
                GlucoseMeasurement::decode(&FULL[..len]),
                Err(DecodeError::Truncated { at })
            );
        }
    }

    #[test]
    fn either_mark_of_control_solution_is_enough() {
        for (type_and_location, is_control) in [(0x1A, true), (0x41, true), (0xF9, false)] {
            let mut value = FULL;
            value[14] = type_and_location;
            let concentration = GlucoseMeasurement::decode(&value)
                .unwrap()
                .concentration
                .unwrap();
            assert_eq!(concentration.is_control_solution(), is_control);
        }
    }

    #[test]
    fn reserved_bits_are_reported() {
        let mut value = FULL;
        value[0] |= 0xE0;
        value[16] = 0xF0;
        let surprises = GlucoseMeasurement::decode(&value).unwrap().surprises;
        assert_eq!(surprises.warnings, [Warning::RfuFlags, Warning::RfuStatus]);
    }
}
