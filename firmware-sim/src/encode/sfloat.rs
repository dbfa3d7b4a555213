//! The 16-bit SFLOAT: a decimal mantissa and exponent, never a float.

use super::EncodeError;

/// An IEEE 11073-20601 SFLOAT in its wire form.
///
/// The high 4 bits hold the exponent, the low 12 bits the mantissa, both two's complement. The exponent carries precision:
/// `2.0` and `2` are different bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sfloat(u16);

impl Sfloat {
    /// No value.
    pub const NAN: Self = Self(0x07FF);
    /// Not expressible at this resolution.
    pub const NRES: Self = Self(0x0800);
    /// Over range.
    pub const POSITIVE_INFINITY: Self = Self(0x07FE);
    /// Under range.
    pub const NEGATIVE_INFINITY: Self = Self(0x0802);

    /// Makes the number `mantissa * 10^exponent`.
    ///
    /// # Errors
    /// Refuses a mantissa beyond 12 bits, an exponent beyond 4 bits, and the five patterns that mean something else with exponent 0.
    pub fn new(mantissa: i32, exponent: i32) -> Result<Self, EncodeError> {
        let refused = EncodeError::Sfloat { mantissa, exponent };
        let special = exponent == 0 && matches!(mantissa, 2046 | 2047 | -2048..=-2046);
        if special || !(-2048..=2047).contains(&mantissa) || !(-8..=7).contains(&exponent) {
            return Err(refused);
        }
        let mantissa = u16::try_from(mantissa & 0x0FFF).map_err(|_| refused.clone())?;
        let exponent = u16::try_from(exponent & 0x0F).map_err(|_| refused)?;
        Ok(Self(exponent << 12 | mantissa))
    }

    /// Takes the bits as they stand, special or not.
    pub const fn from_bits(bits: u16) -> Self {
        Self(bits)
    }

    /// Returns the two bytes, least significant first.
    pub const fn to_bytes(self) -> [u8; 2] {
        self.0.to_le_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precision_is_in_the_exponent() {
        // The three spellings of two, from IEEE 11073-20601 examples.
        assert_eq!(Sfloat::new(2, 0), Ok(Sfloat::from_bits(0x0002)));
        assert_eq!(Sfloat::new(20, -1), Ok(Sfloat::from_bits(0xF014)));
        assert_eq!(Sfloat::new(200, -2), Ok(Sfloat::from_bits(0xE0C8)));
    }

    #[test]
    fn both_parts_are_signed() {
        assert_eq!(Sfloat::new(-5, 0), Ok(Sfloat::from_bits(0x0FFB)));
        assert_eq!(Sfloat::new(1, 7), Ok(Sfloat::from_bits(0x7001)));
        assert_eq!(Sfloat::new(1, -8), Ok(Sfloat::from_bits(0x8001)));
    }

    #[test]
    fn special_patterns_are_ordinary_with_another_exponent() {
        assert_eq!(Sfloat::new(2047, -1), Ok(Sfloat::from_bits(0xF7FF)));
        for mantissa in [2047, 2046, -2046, -2047, -2048] {
            assert!(Sfloat::new(mantissa, 0).is_err(), "{mantissa}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for (mantissa, exponent) in [(2048, 0), (-2049, 1), (1, 8), (1, -9)] {
            assert!(
                Sfloat::new(mantissa, exponent).is_err(),
                "{mantissa}e{exponent}"
            );
        }
    }
}
