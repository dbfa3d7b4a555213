//! The Measurement Status field of the blood pressure characteristics.

use crate::cursor::Cursor;
use crate::error::DecodeError;
use crate::surprises::Warning;

/// Is what a cuff noticed during a measurement, bits kept as sent.
///
/// A clear bit says "not detected" only where the Blood Pressure Feature says that the cuff detects it; and a cuff
/// may report a failed measurement with every bit clear. GATT Specification Supplement, Blood Pressure Measurement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BloodPressureStatus(u16);

/// Says where the pulse rate lies by the cuff's own limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PulseRange {
    /// Within the limits.
    Within,
    /// Above the upper limit.
    AboveUpperLimit,
    /// Below the lower limit.
    BelowLowerLimit,
    /// A code that is reserved for future use.
    Reserved,
}

impl BloodPressureStatus {
    /// The low six bits have a meaning.
    const BITS_DEFINED: u32 = 6;

    /// Takes the bits as they are on the wire.
    pub const fn from_bits(bits: u16) -> Self {
        Self(bits)
    }

    pub(crate) fn read(cursor: &mut Cursor<'_>) -> Result<Self, DecodeError> {
        let bits = cursor.u16("status")?;
        Ok(Self::noted(bits, cursor))
    }

    pub(crate) fn read_big_endian(cursor: &mut Cursor<'_>) -> Result<Self, DecodeError> {
        let bits = cursor.take("status").map(u16::from_be_bytes)?;
        Ok(Self::noted(bits, cursor))
    }

    fn noted(bits: u16, cursor: &mut Cursor<'_>) -> Self {
        cursor.warn_if(bits >> Self::BITS_DEFINED != 0, Warning::RfuStatus);
        Self(bits)
    }

    /// Returns the bits as they were on the wire, reserved ones included.
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// Says whether the body moved.
    pub const fn body_movement(self) -> bool {
        self.bit(0)
    }

    /// Says whether the cuff was too loose.
    pub const fn cuff_too_loose(self) -> bool {
        self.bit(1)
    }

    /// Says whether the pulse was irregular.
    pub const fn irregular_pulse(self) -> bool {
        self.bit(2)
    }

    /// Says where the pulse rate lies by the cuff's own limits.
    pub const fn pulse_range(self) -> PulseRange {
        match self.0 >> 3 & 0b11 {
            0 => PulseRange::Within,
            1 => PulseRange::AboveUpperLimit,
            2 => PulseRange::BelowLowerLimit,
            _ => PulseRange::Reserved,
        }
    }

    /// Says whether the arm was held in a wrong position.
    pub const fn improper_position(self) -> bool {
        self.bit(5)
    }

    /// Names what the status reports, in the order of its bits.
    pub fn names(self) -> Vec<&'static str> {
        let pulse_range = match self.pulse_range() {
            PulseRange::Within => None,
            PulseRange::AboveUpperLimit => Some("pulse_above_upper_limit"),
            PulseRange::BelowLowerLimit => Some("pulse_below_lower_limit"),
            PulseRange::Reserved => Some("pulse_range_rfu"),
        };
        [
            self.body_movement().then_some("body_movement"),
            self.cuff_too_loose().then_some("cuff_too_loose"),
            self.irregular_pulse().then_some("irregular_pulse"),
            pulse_range,
            self.improper_position().then_some("improper_position"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    const fn bit(self, bit: u32) -> bool {
        self.0 >> bit & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bit_has_its_name() {
        let names = |bits| BloodPressureStatus::from_bits(bits).names();
        assert_eq!(names(0), [""; 0]);
        assert_eq!(names(1), ["body_movement"]);
        assert_eq!(names(2), ["cuff_too_loose"]);
        assert_eq!(names(4), ["irregular_pulse"]);
        assert_eq!(names(0x08), ["pulse_above_upper_limit"]);
        assert_eq!(names(0x10), ["pulse_below_lower_limit"]);
        assert_eq!(names(0x18), ["pulse_range_rfu"]);
        assert_eq!(names(0x20), ["improper_position"]);
        assert_eq!(names(0xFFC0), [""; 0]);
    }
}
