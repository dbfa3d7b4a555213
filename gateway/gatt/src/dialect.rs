//! Dialects: how a device is known to write what the specification says otherwise.

use crate::blood_pressure::BloodPressureMeasurement;
use crate::characteristic as uuid;
use crate::error::DecodeError;
use crate::measurement::{Measurement, decode};

/// Names how a device writes its values. Never guessed from the bytes: the caller knows the model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// As the specification says.
    #[default]
    Standard,
    /// A blood pressure ends in a big-endian pulse, a user id without its flag, and a big-endian status.
    BigEndianTail,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Self; 2] = [Self::Standard, Self::BigEndianTail];

    /// Names the dialect in one word, as files and stored captures do.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::BigEndianTail => "big_endian_tail",
        }
    }

    /// Finds the dialect with a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// Decodes a value of the characteristic with this 16-bit number, as a device of this dialect means it.
    ///
    /// # Errors
    ///
    /// As [`decode`].
    pub fn decode(self, characteristic: u16, value: &[u8]) -> Result<Measurement, DecodeError> {
        match (self, characteristic) {
            (Self::BigEndianTail, uuid::BLOOD_PRESSURE_MEASUREMENT) => {
                BloodPressureMeasurement::decode_big_endian_tail(value)
                    .map(Measurement::BloodPressure)
            }
            (Self::Standard | Self::BigEndianTail, _) => decode(characteristic, value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_dialect_is_found_by_its_name() {
        for dialect in Dialect::ALL {
            assert_eq!(Dialect::from_name(dialect.name()), Some(dialect));
        }
        assert_eq!(Dialect::from_name("Standard"), None);
    }

    #[test]
    fn a_dialect_changes_only_what_it_is_about() {
        let weight = [0, 0xC8, 0x32];
        assert_eq!(
            Dialect::BigEndianTail.decode(0x2A9D, &weight),
            decode(0x2A9D, &weight)
        );
        // Recorded from a Beurer BM85: see tests/vectors/gatt.json.
        let cuff = [
            0x56, 0x77, 0, 0x46, 0, 0, 0, 0xEA, 7, 8, 11, 20, 57, 0, 0, 0x57, 1, 0, 0x40,
        ];
        assert_eq!(
            Dialect::Standard.decode(0x2A35, &cuff),
            decode(0x2A35, &cuff)
        );
        assert_ne!(
            Dialect::BigEndianTail.decode(0x2A35, &cuff),
            decode(0x2A35, &cuff)
        );
    }
}
