//! PLX Spot-check (2A5E), PLX Continuous (2A5F) and PLX Features (2A60).

use super::Sfloat;

/// How a spot-check names its moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpotClock {
    /// No time stamp field.
    Absent,
    /// An encoded Date Time.
    Stamp([u8; 7]),
    /// A Date Time from a clock that was never set: flag bit 4 says so.
    NotSet([u8; 7]),
}

/// One 2A5E value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlxSpotCheck {
    /// Oxygen saturation, percent.
    pub spo2: Sfloat,
    /// Pulse rate per minute.
    pub pulse: Sfloat,
    /// Time stamp.
    pub clock: SpotClock,
    /// Measurement status bits.
    pub measurement_status: Option<u16>,
    /// Device and sensor status, the low 24 bits.
    pub sensor_status: Option<u32>,
    /// Pulse amplitude index, percent.
    pub amplitude_index: Option<Sfloat>,
}

impl PlxSpotCheck {
    /// Returns the bytes that the device indicates.
    pub fn encode(&self) -> Vec<u8> {
        // PLXS 1.0.1 §3.1.1: b0 time stamp, b1 measurement status, b2 device status, b3 amplitude index, b4 clock not set.
        let (stamp, clock_flags) = match self.clock {
            SpotClock::Absent => (None, 0),
            SpotClock::Stamp(stamp) => (Some(stamp), 1),
            SpotClock::NotSet(stamp) => (Some(stamp), 1 | 1 << 4),
        };
        let flags = clock_flags
            | u8::from(self.measurement_status.is_some()) << 1
            | u8::from(self.sensor_status.is_some()) << 2
            | u8::from(self.amplitude_index.is_some()) << 3;
        let mut bytes = vec![flags];
        bytes.extend(self.spo2.to_bytes());
        bytes.extend(self.pulse.to_bytes());
        bytes.extend(stamp.iter().flatten());
        push_statuses(
            &mut bytes,
            self.measurement_status,
            self.sensor_status,
            self.amplitude_index,
        );
        bytes
    }
}

/// One 2A5F value; it has no time stamp, and its flag bits mean other things than those of 2A5E.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlxContinuous {
    /// Saturation (percent) and pulse rate (per minute), normal averaging.
    pub normal: (Sfloat, Sfloat),
    /// The same with fast averaging.
    pub fast: Option<(Sfloat, Sfloat)>,
    /// The same with slow averaging.
    pub slow: Option<(Sfloat, Sfloat)>,
    /// Measurement status bits.
    pub measurement_status: Option<u16>,
    /// Device and sensor status, the low 24 bits.
    pub sensor_status: Option<u32>,
    /// Pulse amplitude index, percent.
    pub amplitude_index: Option<Sfloat>,
}

impl PlxContinuous {
    /// Returns the bytes that the device notifies.
    pub fn encode(&self) -> Vec<u8> {
        // PLXS 1.0.1 §3.2.1: b0 fast, b1 slow, b2 measurement status, b3 device status, b4 amplitude index.
        let flags = u8::from(self.fast.is_some())
            | u8::from(self.slow.is_some()) << 1
            | u8::from(self.measurement_status.is_some()) << 2
            | u8::from(self.sensor_status.is_some()) << 3
            | u8::from(self.amplitude_index.is_some()) << 4;
        let mut bytes = vec![flags];
        for (spo2, pulse) in [Some(self.normal), self.fast, self.slow]
            .into_iter()
            .flatten()
        {
            bytes.extend(spo2.to_bytes());
            bytes.extend(pulse.to_bytes());
        }
        push_statuses(
            &mut bytes,
            self.measurement_status,
            self.sensor_status,
            self.amplitude_index,
        );
        bytes
    }
}

/// Encodes 2A60 for an oximeter that stores time-stamped spot-checks and announces both status masks (bits 0 to 3).
pub fn plx_features() -> Vec<u8> {
    let measurement_mask: u16 = 0b1111_1111_1110_0000;
    let sensor_mask: u32 = 0xFFFF;
    let mut bytes = 0b1111_u16.to_le_bytes().to_vec();
    push_statuses(&mut bytes, Some(measurement_mask), Some(sensor_mask), None);
    bytes
}

fn push_statuses(
    bytes: &mut Vec<u8>,
    measurement: Option<u16>,
    sensor: Option<u32>,
    index: Option<Sfloat>,
) {
    bytes.extend(measurement.iter().flat_map(|status| status.to_le_bytes()));
    bytes.extend(
        sensor
            .iter()
            .flat_map(|status| status.to_le_bytes().into_iter().take(3)),
    );
    bytes.extend(index.iter().flat_map(|index| index.to_bytes()));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(value: i32) -> Sfloat {
        Sfloat::new(value, 0).unwrap()
    }

    #[test]
    fn a_spot_check_carries_its_fields_in_flag_order() {
        let mut spot = PlxSpotCheck {
            spo2: number(97),
            pulse: number(72),
            clock: SpotClock::Absent,
            measurement_status: None,
            sensor_status: None,
            amplitude_index: None,
        };
        assert_eq!(hex::encode(spot.encode()), "0061004800");
        spot.clock = SpotClock::Stamp([0xE8, 7, 6, 15, 17, 17, 27]);
        spot.measurement_status = Some(1 << 7);
        spot.sensor_status = Some(1 << 5);
        spot.amplitude_index = Some(Sfloat::new(25, -1).unwrap());
        assert_eq!(
            hex::encode(spot.encode()),
            "0f61004800e807060f11111b800020000019f0"
        );
    }

    #[test]
    fn an_unset_clock_is_announced_without_a_field_of_its_own() {
        let spot = PlxSpotCheck {
            spo2: number(97),
            pulse: number(72),
            clock: SpotClock::NotSet([0; 7]),
            measurement_status: None,
            sensor_status: None,
            amplitude_index: None,
        };
        assert_eq!(hex::encode(spot.encode()), "116100480000000000000000");
    }

    #[test]
    fn continuous_uses_the_same_bits_for_other_fields() {
        let sample = PlxContinuous {
            normal: (number(91), number(88)),
            fast: Some((number(90), number(89))),
            slow: Some((number(92), number(87))),
            measurement_status: Some(0x20),
            sensor_status: Some(0x01_02_03),
            amplitude_index: Some(number(3)),
        };
        assert_eq!(
            hex::encode(sample.encode()),
            "1f5b0058005a0059005c0057002000030201".to_owned() + "0300"
        );
        let bare = PlxContinuous {
            fast: None,
            slow: None,
            measurement_status: None,
            sensor_status: None,
            amplitude_index: None,
            ..sample
        };
        assert_eq!(hex::encode(bare.encode()), "005b005800");
    }

    #[test]
    fn features_announce_both_masks() {
        assert_eq!(hex::encode(plx_features()), "0f00e0ffffff00");
    }
}
