//! Numbers as medical devices send them: decimals that keep their precision, and five that are not values.

use std::fmt;

use serde_json::Value;

/// Is a decimal number: `mantissa` times ten to the power of `exponent`.
///
/// The exponent carries precision: 2 and 2.0 are different `Decimal`s, and their text says so. Equality compares
/// the written form, not the size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    /// The digits, with their sign.
    pub mantissa: i32,
    /// The power of ten.
    pub exponent: i8,
}

impl Decimal {
    /// Makes a decimal of `mantissa` times ten to the power of `exponent`.
    pub const fn new(mantissa: i32, exponent: i8) -> Self {
        Self { mantissa, exponent }
    }
}

impl fmt::Display for Decimal {
    /// Writes the number without an exponent, trailing zeros kept: mantissa 20 and exponent -1 give "2.0".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = usize::from(self.exponent.unsigned_abs());
        if self.mantissa == 0 && self.exponent >= 0 {
            return f.write_str("0");
        }
        if self.exponent >= 0 {
            return write!(f, "{}{}", self.mantissa, "0".repeat(places));
        }
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let digits = format!(
            "{:0>width$}",
            self.mantissa.unsigned_abs(),
            width = places + 1
        );
        let (whole, fraction) = digits.split_at(digits.len() - places);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

/// Is what an SFLOAT or FLOAT field holds: a value, or the reason why there is none.
///
/// Only [`Number::Value`] may ever be judged. GATT Specification Supplement, medfloat16 and medfloat32
/// (ISO/IEEE 11073-20601).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// A value.
    Value(Decimal),
    /// No value, or not applicable.
    Nan,
    /// Cannot be expressed at this resolution.
    Nres,
    /// Above the range of the device.
    PositiveInfinity,
    /// Below the range of the device.
    NegativeInfinity,
    /// A code that is reserved for future use.
    Reserved,
}

impl Number {
    /// Reads an SFLOAT: 4 bits of exponent above 12 bits of mantissa, both two's complement, little-endian.
    pub const fn from_sfloat([low, high]: [u8; 2]) -> Self {
        let exponent = high.cast_signed() >> 4;
        let mantissa = u16::from_le_bytes([low, high]).cast_signed() << 4 >> 4;
        // The codes are special only with exponent 0: 0x17FF is the ordinary number 20470.
        match (exponent, mantissa) {
            (0, 0x07FF) => Self::Nan,
            (0, -0x0800) => Self::Nres,
            (0, 0x07FE) => Self::PositiveInfinity,
            (0, -0x07FE) => Self::NegativeInfinity,
            (0, -0x07FF) => Self::Reserved,
            _ => Self::Value(Decimal::new(mantissa as i32, exponent)),
        }
    }

    /// Reads a FLOAT: 8 bits of exponent above 24 bits of mantissa, both two's complement, little-endian.
    pub const fn from_float([low, middle, high, exponent]: [u8; 4]) -> Self {
        let exponent = exponent.cast_signed();
        let mantissa = i32::from_le_bytes([0, low, middle, high]) >> 8;
        match (exponent, mantissa) {
            (0, 0x7F_FFFF) => Self::Nan,
            (0, -0x80_0000) => Self::Nres,
            (0, 0x7F_FFFE) => Self::PositiveInfinity,
            (0, -0x7F_FFFE) => Self::NegativeInfinity,
            (0, -0x7F_FFFF) => Self::Reserved,
            _ => Self::Value(Decimal::new(mantissa, exponent)),
        }
    }

    /// Returns the value, if there is one.
    pub const fn value(self) -> Option<Decimal> {
        match self {
            Self::Value(decimal) => Some(decimal),
            _ => None,
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(decimal) => decimal.fmt(f),
            Self::Nan => f.write_str("NaN"),
            Self::Nres => f.write_str("NRes"),
            Self::PositiveInfinity => f.write_str("+INF"),
            Self::NegativeInfinity => f.write_str("-INF"),
            Self::Reserved => f.write_str("Reserved"),
        }
    }
}

impl From<Decimal> for Value {
    fn from(decimal: Decimal) -> Self {
        Self::String(decimal.to_string())
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        Self::String(number.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_keeps_the_precision_that_the_device_sent() {
        let text = |mantissa, exponent| Decimal::new(mantissa, exponent).to_string();
        assert_eq!(text(2, 0), "2");
        assert_eq!(text(20, -1), "2.0");
        assert_eq!(text(200, -2), "2.00");
        assert_eq!(text(-364, -1), "-36.4");
        assert_eq!(text(-5, -3), "-0.005");
        assert_eq!(text(0, -1), "0.0");
        assert_eq!(text(0, 5), "0");
        assert_eq!(text(-12, 2), "-1200");
        assert_eq!(text(i32::MIN, -1), "-214748364.8");
    }

    #[test]
    fn float_reaches_both_ends_of_its_range() {
        let value = |bytes| Number::from_float(bytes).value();
        assert_eq!(
            value([0xFD, 0xFF, 0x7F, 0x00]),
            Some(Decimal::new(0x7F_FFFD, 0))
        );
        assert_eq!(
            value([0x00, 0x00, 0x80, 0x80]),
            Some(Decimal::new(-0x80_0000, -128))
        );
        assert_eq!(
            value([0xFF, 0xFF, 0x7F, 0x7F]),
            Some(Decimal::new(0x7F_FFFF, 127))
        );
    }

    #[test]
    fn a_special_code_is_no_value() {
        for special in [0x07FF_u16, 0x0800, 0x07FE, 0x0802, 0x0801] {
            assert_eq!(Number::from_sfloat(special.to_le_bytes()).value(), None);
            let with_exponent = special | 0x1000;
            assert!(
                Number::from_sfloat(with_exponent.to_le_bytes())
                    .value()
                    .is_some()
            );
        }
    }
}
