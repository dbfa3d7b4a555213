//! Weight Measurement (2A9D) and Weight Scale Feature (2A9E).

/// The unit that flag bit 0 announces, with the raw weight in its wire step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeightUnit {
    /// Steps of 0.005 kg.
    Si,
    /// Steps of 0.01 lb.
    Imperial,
}

/// Body mass index and height, which share one flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bmi {
    /// Steps of 0.1.
    pub bmi: u16,
    /// Steps of 0.001 m (SI) or 0.1 inch.
    pub height: u16,
}

/// One 2A9D value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight {
    /// Unit of weight and height.
    pub unit: WeightUnit,
    /// Steps of the unit; 0xFFFF is an unsuccessful measurement.
    pub weight: u16,
    /// Encoded Date Time.
    pub timestamp: Option<[u8; 7]>,
    /// User number; 0xFF is unknown.
    pub user: Option<u8>,
    /// Body mass index and height.
    pub bmi: Option<Bmi>,
}

impl Weight {
    /// The raw weight of a measurement that did not succeed.
    pub const UNSUCCESSFUL: u16 = 0xFFFF;

    /// Returns the bytes that the device indicates.
    pub fn encode(&self) -> Vec<u8> {
        // GSS Weight Measurement: b0 imperial, b1 time stamp, b2 user id, b3 BMI and height.
        let flags = u8::from(self.unit == WeightUnit::Imperial)
            | u8::from(self.timestamp.is_some()) << 1
            | u8::from(self.user.is_some()) << 2
            | u8::from(self.bmi.is_some()) << 3;
        let mut bytes = vec![flags];
        bytes.extend(self.weight.to_le_bytes());
        bytes.extend(self.timestamp.iter().flatten());
        bytes.extend(self.user);
        for field in self.bmi.iter().flat_map(|bmi| [bmi.bmi, bmi.height]) {
            bytes.extend(field.to_le_bytes());
        }
        bytes
    }
}

/// Encodes 2A9E: time stamps, several users, BMI (bits 0 to 2), weight shown in steps of 0.1 kg (3 in bits 3 to 6).
///
/// Informational only: the wire step stays 0.005 kg.
pub fn weight_scale_feature() -> [u8; 4] {
    (0b111_u32 | 3 << 3).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_what_a_real_scale_sent() {
        // oliexdev/openScale issue 219, Beurer BF600: 61.370 kg, user 2, BMI 21.2, 1.700 m.
        let recorded = Weight {
            unit: WeightUnit::Si,
            weight: 12274,
            timestamp: Some([0xE5, 0x07, 7, 23, 21, 33, 31]),
            user: Some(2),
            bmi: Some(Bmi {
                bmi: 212,
                height: 1700,
            }),
        };
        assert_eq!(
            hex::encode_upper(recorded.encode()),
            "0EF22FE507071715211F02D400A406"
        );
    }

    #[test]
    fn an_unsuccessful_measurement_is_all_ones() {
        let failed = Weight {
            unit: WeightUnit::Imperial,
            weight: Weight::UNSUCCESSFUL,
            timestamp: None,
            user: None,
            bmi: None,
        };
        assert_eq!(hex::encode(failed.encode()), "01ffff");
    }

    #[test]
    fn the_feature_holds_its_resolution_in_bits_3_to_6() {
        assert_eq!(weight_scale_feature(), [0b0001_1111, 0, 0, 0]);
    }
}
