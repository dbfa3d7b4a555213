//! The fields of which values are made.

use gatt::{DateTime, Decimal, Measured, Number};

/// Collects the bytes of one value.
#[derive(Default)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl Bytes {
    pub(crate) fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    pub(crate) fn u16(&mut self, value: u16) {
        self.0.extend(value.to_le_bytes());
    }

    pub(crate) fn u24(&mut self, value: u32) {
        self.0.extend(&value.to_le_bytes()[..3]);
    }

    pub(crate) fn u32(&mut self, value: u32) {
        self.0.extend(value.to_le_bytes());
    }

    pub(crate) fn date_time(&mut self, value: DateTime) {
        self.u16(value.year);
        self.0.extend([
            value.month,
            value.day,
            value.hours,
            value.minutes,
            value.seconds,
        ]);
    }

    /// ISO/IEEE 11073-20601: exponent in the high 4 bits, mantissa in the low 12.
    pub(crate) fn sfloat(&mut self, value: Number) {
        self.u16(match value {
            Number::Value(Decimal { mantissa, exponent }) => {
                let raw = i32::from(exponent) << 12 | mantissa & 0x0FFF;
                let [low, high, ..] = raw.to_le_bytes();
                u16::from_le_bytes([low, high])
            }
            Number::Nan => 0x07FF,
            Number::Nres => 0x0800,
            Number::PositiveInfinity => 0x07FE,
            Number::NegativeInfinity => 0x0802,
            Number::Reserved => 0x0801,
        });
    }

    /// ISO/IEEE 11073-20601: exponent in the high 8 bits, mantissa in the low 24.
    pub(crate) fn float(&mut self, value: Number) {
        match value {
            Number::Value(Decimal { mantissa, exponent }) => {
                self.0.extend(&mantissa.to_le_bytes()[..3]);
                self.0.extend(exponent.to_le_bytes());
            }
            Number::Nan => self.u32(0x007F_FFFF),
            Number::Nres => self.u32(0x0080_0000),
            Number::PositiveInfinity => self.u32(0x007F_FFFE),
            Number::NegativeInfinity => self.u32(0x0080_0002),
            Number::Reserved => self.u32(0x0080_0001),
        }
    }

    /// Writes how many steps of `step` units in the last place a decimal is.
    pub(crate) fn steps(&mut self, value: Decimal, step: i32) {
        let [low, high, ..] = (value.mantissa / step).to_le_bytes();
        self.0.extend([low, high]);
    }

    pub(crate) fn measured(&mut self, value: Measured, step: i32) {
        match value {
            Measured::Value(decimal) => self.steps(decimal, step),
            Measured::Unsuccessful => self.u16(0xFFFF),
        }
    }
}

/// Packs flags, lowest bit first.
pub(crate) fn flags(bits: &[bool]) -> u16 {
    bits.iter()
        .rev()
        .fold(0, |packed, &bit| packed << 1 | u16::from(bit))
}

/// Packs flags that fit one byte.
pub(crate) fn flags_u8(bits: &[bool]) -> u8 {
    let [low, _] = flags(bits).to_le_bytes();
    low
}
