//! Weight Scale Feature, 0x2A9E: what a scale can report, and how finely it measures.

use serde_json::Value;

use crate::cursor::Cursor;
use crate::describe::Description;
use crate::error::DecodeError;
use crate::surprises::Surprises;

const BITS_DEFINED: u32 = 10;

/// Is a scale's word on what it can report.
///
/// The resolutions say how finely the scale measures. They never change the steps of 0.005 kg or 0.01 lb in which
/// the Weight Measurement is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightScaleFeature {
    bits: u32,
    /// What was unexpected in the value.
    pub surprises: Surprises,
}

impl WeightScaleFeature {
    /// Decodes a value of 0x2A9E.
    ///
    /// GATT Specification Supplement, Weight Scale Feature.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Truncated`] or [`DecodeError::TooLong`]; the bytes are the caller's to keep.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::new(value)?;
        let bits = cursor.u32("features")?;
        cursor.note_rfu_flags(bits >> BITS_DEFINED << BITS_DEFINED);
        Ok(Self {
            bits,
            surprises: cursor.finish(),
        })
    }

    /// Returns the bits as they were on the wire, reserved ones included.
    pub const fn bits(&self) -> u32 {
        self.bits
    }

    /// Says whether measurements carry a time stamp.
    pub const fn timestamp(&self) -> bool {
        self.bits & 1 == 1
    }

    /// Says whether the scale tells several users apart.
    pub const fn multiple_users(&self) -> bool {
        self.bits >> 1 & 1 == 1
    }

    /// Says whether the scale reports the body mass index.
    pub const fn bmi(&self) -> bool {
        self.bits >> 2 & 1 == 1
    }

    /// Says how finely the scale weighs.
    pub const fn weight_resolution(&self) -> &'static str {
        match self.bits >> 3 & 0b1111 {
            0 => "unspecified",
            1 => "0.5kg/1lb",
            2 => "0.2kg/0.5lb",
            3 => "0.1kg/0.2lb",
            4 => "0.05kg/0.1lb",
            5 => "0.02kg/0.05lb",
            6 => "0.01kg/0.02lb",
            7 => "0.005kg/0.01lb",
            _ => "reserved",
        }
    }

    /// Returns the code that says how finely heights are measured.
    ///
    /// 0 unspecified, 1 for 0.01 m or 1 in, 2 for 0.005 m or 0.5 in, 3 for 0.001 m or 0.1 in, others reserved.
    pub const fn height_resolution(&self) -> u32 {
        self.bits >> 7 & 0b111
    }

    pub(crate) fn describe(&self) -> Value {
        Description::default()
            .set("timestamp", self.timestamp())
            .set("multi_user", self.multiple_users())
            .set("bmi", self.bmi())
            .set("weight_resolution", self.weight_resolution())
            .set("height_resolution", self.height_resolution())
            .surprises(&self.surprises)
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resolutions_are_read_from_the_middle_of_the_bits() {
        let feature = WeightScaleFeature::decode(&[0b1010_1000, 0b1, 0, 0]).unwrap();
        assert_eq!(feature.weight_resolution(), "0.02kg/0.05lb");
        assert_eq!(feature.height_resolution(), 3);
        assert!(!feature.timestamp() && !feature.multiple_users() && !feature.bmi());
        assert_eq!(feature.surprises, Surprises::default());
    }

    #[test]
    fn reserved_bits_and_codes_are_reported() {
        let feature = WeightScaleFeature::decode(&[0b0100_0000, 0x04, 0, 0x80]).unwrap();
        assert_eq!(feature.weight_resolution(), "reserved");
        assert_eq!(feature.surprises.rfu_flags, 0x8000_0400);
        assert_eq!(feature.bits(), 0x8000_0440);
    }

    #[test]
    fn three_bytes_are_too_few() {
        let error = WeightScaleFeature::decode(&[0x3F, 0, 0]);
        assert_eq!(error, Err(DecodeError::Truncated { at: "features" }));
    }
}
