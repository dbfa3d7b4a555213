//! Blood Pressure Feature, 0x2A49: what a cuff can detect.

use serde_json::Value;

use crate::bit_field::bit_field;
use crate::cursor::Cursor;
use crate::describe::{Description, hex_u16};
use crate::error::DecodeError;
use crate::surprises::Surprises;

bit_field! {
    /// Names what a cuff supports. GATT Specification Supplement, Blood Pressure Feature.
    BloodPressureFeatures(u16) {
        /// Says whether the cuff detects movement of the body.
        0 => body_movement_detection,
        /// Says whether the cuff detects that it is too loose.
        1 => cuff_fit_detection,
        /// Says whether the cuff detects an irregular pulse.
        2 => irregular_pulse_detection,
        /// Says whether the cuff judges the range of the pulse rate.
        3 => pulse_range_detection,
        /// Says whether the cuff detects a wrong position of the arm.
        4 => position_detection,
        /// Says whether the cuff keeps several bonds.
        5 => multiple_bonds,
        /// Says whether the cuff protects values with an end-to-end checksum.
        6 => e2e_crc,
        /// Says whether the cuff has the User Data Service.
        7 => user_data_service,
        /// Says whether the cuff reports the time that it shows to its user.
        8 => user_facing_time,
    }
}

/// Is a cuff's word on what it can detect.
///
/// A clear status bit means "not detected" only where the feature is set here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BloodPressureFeature {
    /// What the cuff supports.
    pub features: BloodPressureFeatures,
    /// What was unexpected in the value.
    pub surprises: Surprises,
}

impl BloodPressureFeature {
    /// Decodes a value of 0x2A49.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Truncated`] or [`DecodeError::TooLong`]; the bytes are the caller's to keep.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::new(value)?;
        let features = BloodPressureFeatures::from_bits(cursor.u16("features")?);
        cursor.note_rfu_flags(features.reserved().into());
        Ok(Self {
            features,
            surprises: cursor.finish(),
        })
    }

    pub(crate) fn describe(&self) -> Value {
        Description::default()
            .set("features_raw", hex_u16(self.features.bits()))
            .set("features", self.features.names())
            .surprises(&self.surprises)
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surprises::Warning;

    #[test]
    fn features_have_names_and_reserved_bits_are_reported() {
        let feature = BloodPressureFeature::decode(&[0x05, 0x81]).unwrap();
        let names = [
            "body_movement_detection",
            "irregular_pulse_detection",
            "user_facing_time",
        ];
        assert_eq!(feature.features.names(), names);
        assert_eq!(feature.features.bits(), 0x8105);
        assert_eq!(feature.surprises.warnings, [Warning::RfuFlags]);
        assert_eq!(feature.surprises.rfu_flags, 0x8000);
    }

    #[test]
    fn one_byte_is_too_few() {
        assert_eq!(
            BloodPressureFeature::decode(&[5]),
            Err(DecodeError::Truncated { at: "features" })
        );
    }
}
