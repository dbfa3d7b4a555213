//! Blood Pressure Measurement (2A35) and Blood Pressure Feature (2A49).

use super::Sfloat;

/// The unit that flag bit 0 announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PressureUnit {
    /// Millimetres of mercury.
    MmHg,
    /// Kilopascal.
    KPa,
}

/// The measurement status of 2A35, one field per bit or bit pair.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BloodPressureStatus {
    /// Bit 0.
    pub body_movement: bool,
    /// Bit 1.
    pub cuff_too_loose: bool,
    /// Bit 2.
    pub irregular_pulse: bool,
    /// Bits 3 and 4: 0 in range, 1 above the upper limit, 2 below the lower limit.
    pub pulse_range: u8,
    /// Bit 5.
    pub improper_position: bool,
}

impl BloodPressureStatus {
    /// Returns the 16 status bits.
    pub fn bits(self) -> u16 {
        u16::from(self.body_movement)
            | u16::from(self.cuff_too_loose) << 1
            | u16::from(self.irregular_pulse) << 2
            | u16::from(self.pulse_range & 0b11) << 3
            | u16::from(self.improper_position) << 5
    }
}

/// One 2A35 value; an optional field is sent, and its flag set, when it is `Some`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BloodPressure {
    /// Unit of the three pressures.
    pub unit: PressureUnit,
    /// Systolic pressure.
    pub systolic: Sfloat,
    /// Diastolic pressure.
    pub diastolic: Sfloat,
    /// Mean arterial pressure.
    pub map: Sfloat,
    /// Encoded Date Time.
    pub timestamp: Option<[u8; 7]>,
    /// Beats per minute.
    pub pulse: Option<Sfloat>,
    /// User number; 0xFF is unknown.
    pub user: Option<u8>,
    /// Measurement status.
    pub status: Option<BloodPressureStatus>,
}

impl BloodPressure {
    /// Returns the bytes that the device indicates, at most 19.
    pub fn encode(&self) -> Vec<u8> {
        // GSS 3.31 Blood Pressure Measurement: flags b0 unit, b1 time stamp, b2 pulse rate, b3 user id, b4 status.
        let flags = u8::from(self.unit == PressureUnit::KPa)
            | u8::from(self.timestamp.is_some()) << 1
            | u8::from(self.pulse.is_some()) << 2
            | u8::from(self.user.is_some()) << 3
            | u8::from(self.status.is_some()) << 4;
        let mut bytes = vec![flags];
        for pressure in [self.systolic, self.diastolic, self.map] {
            bytes.extend(pressure.to_bytes());
        }
        bytes.extend(self.timestamp.iter().flatten());
        bytes.extend(self.pulse.iter().flat_map(|pulse| pulse.to_bytes()));
        bytes.extend(self.user);
        bytes.extend(
            self.status
                .iter()
                .flat_map(|status| status.bits().to_le_bytes()),
        );
        bytes
    }
}

/// Encodes 2A49 for a cuff that detects movement, a loose cuff, an irregular pulse and the pulse range (bits 0 to 3).
pub fn blood_pressure_feature() -> [u8; 2] {
    0b1111_u16.to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_what_a_real_cuff_sent() {
        // derdilla/blood-pressure-monitor-fl, ble_measurement_data_test.dart: 124/86, MAP 97, pulse 51.
        let number = |value| Sfloat::new(value, 0).unwrap();
        let recorded = BloodPressure {
            unit: PressureUnit::MmHg,
            systolic: number(124),
            diastolic: number(86),
            map: number(97),
            timestamp: Some([0xE8, 0x07, 6, 15, 17, 17, 27]),
            pulse: Some(number(51)),
            user: None,
            status: Some(BloodPressureStatus::default()),
        };
        assert_eq!(
            hex::encode_upper(recorded.encode()),
            "167C0056006100E807060F11111B33000000"
        );
    }

    #[test]
    fn every_flag_adds_exactly_its_field() {
        let bare = BloodPressure {
            unit: PressureUnit::KPa,
            systolic: Sfloat::new(160, -1).unwrap(),
            diastolic: Sfloat::new(107, -1).unwrap(),
            map: Sfloat::NAN,
            timestamp: None,
            pulse: None,
            user: None,
            status: None,
        };
        assert_eq!(hex::encode(bare.encode()), "01a0f06bf0ff07");
        let full = BloodPressure {
            timestamp: Some([1, 2, 3, 4, 5, 6, 7]),
            pulse: Some(Sfloat::NAN),
            user: Some(0xFF),
            status: Some(BloodPressureStatus {
                body_movement: true,
                cuff_too_loose: true,
                irregular_pulse: true,
                pulse_range: 2,
                improper_position: true,
            }),
            ..bare
        };
        assert_eq!(
            hex::encode(full.encode()),
            "1fa0f06bf0ff0701020304050607ff07ff3700"
        );
        assert_eq!(full.encode().len(), 19);
    }
}
