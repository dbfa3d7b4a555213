//! Intermediate Cuff Pressure, 0x2A36: the pressure while a measurement runs.

use serde_json::{Value, json};

use crate::blood_pressure::BloodPressureMeasurement;
use crate::blood_pressure_status::BloodPressureStatus;
use crate::date_time::DateTime;
use crate::describe::{Description, hex_u16};
use crate::error::DecodeError;
use crate::number::Number;
use crate::surprises::Surprises;
use crate::units::PressureUnit;

/// Is the pressure in a cuff at one moment of a measurement; it is never a blood pressure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntermediateCuffPressure {
    /// The unit of the pressure.
    pub unit: PressureUnit,
    /// The pressure in the cuff.
    pub cuff_pressure: Number,
    /// The two fields that the layout has and this characteristic does not use: NaN, or 0 from some devices.
    pub unused: [Number; 2],
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

impl IntermediateCuffPressure {
    /// Decodes a value of 0x2A36.
    ///
    /// GATT Specification Supplement, Intermediate Cuff Pressure: the layout is that of the Blood Pressure
    /// Measurement, and errors name its fields.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Truncated`] or [`DecodeError::TooLong`]; the bytes are the caller's to keep.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        let layout = BloodPressureMeasurement::decode(value)?;
        Ok(Self {
            unit: layout.unit,
            cuff_pressure: layout.systolic,
            unused: [layout.diastolic, layout.mean_arterial],
            timestamp: layout.timestamp,
            pulse: layout.pulse,
            user_id: layout.user_id,
            status: layout.status,
            surprises: layout.surprises,
        })
    }

    pub(crate) fn describe(&self) -> Value {
        Description::default()
            .set("unit", self.unit.symbol())
            .set("cuff_pressure", self.cuff_pressure)
            .set(
                "unused",
                json!([self.unused[0].to_string(), self.unused[1].to_string()]),
            )
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

    #[test]
    fn the_first_field_is_the_cuff_and_the_others_are_no_pressure() {
        let pressure =
            IntermediateCuffPressure::decode(&[0x00, 0x96, 0x00, 0xFF, 0x07, 0xFF, 0x07]).unwrap();
        assert_eq!(pressure.cuff_pressure, Number::Value(Decimal::new(150, 0)));
        assert_eq!(pressure.unused, [Number::Nan, Number::Nan]);
    }

    #[test]
    fn a_value_without_its_unused_fields_is_cut_short() {
        let error = IntermediateCuffPressure::decode(&[0x00, 0x96, 0x00]);
        assert_eq!(error, Err(DecodeError::Truncated { at: "dia" }));
    }
}
