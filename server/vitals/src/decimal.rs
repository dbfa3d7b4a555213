//! A decimal number as devices report it: exact, with its precision.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The most digits after the point. IEEE 11073 SFLOAT has 8, FLOAT from a thermometer 2 or 3.
pub const SCALE_MAX: u8 = 9;
/// The largest absolute mantissa: room for the widest SFLOAT (2047 × 10⁷) and to spare.
pub const MANTISSA_MAX: i64 = 999_999_999_999;

/// `mantissa / 10^scale`: a value with the number of decimals that the device gave it.
///
/// Equality is of the written form: `2.0` and `2.00` differ, because the second claims more. [`Decimal::compare`]
/// compares by value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decimal {
    mantissa: i64,
    scale: u8,
}

/// Why a text or a pair of numbers is not a [`Decimal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DecimalError {
    /// The text is not an optional minus, digits, and optionally a point and digits.
    #[error("a decimal is written like 128 or 36.60")]
    Malformed,
    /// More than [`SCALE_MAX`] decimals or a mantissa over [`MANTISSA_MAX`].
    #[error("a decimal has at most {SCALE_MAX} decimals and 12 digits")]
    OutOfBounds,
}

impl Decimal {
    /// Makes `mantissa × 10^exponent`. A positive exponent is multiplied out.
    ///
    /// # Errors
    /// When the result has too many digits or decimals.
    pub fn new(mantissa: i64, exponent: i8) -> Result<Self, DecimalError> {
        let (mantissa, scale) = if exponent > 0 {
            let factor = 10_i64.checked_pow(u32::from(exponent.unsigned_abs()));
            (
                factor
                    .and_then(|factor| mantissa.checked_mul(factor))
                    .ok_or(DecimalError::OutOfBounds)?,
                0,
            )
        } else {
            (mantissa, exponent.unsigned_abs())
        };
        if scale > SCALE_MAX || mantissa.unsigned_abs() > MANTISSA_MAX.unsigned_abs() {
            return Err(DecimalError::OutOfBounds);
        }
        Ok(Self { mantissa, scale })
    }

    /// Makes a whole number.
    pub const fn whole(value: i32) -> Self {
        Self {
            mantissa: value as i64,
            scale: 0,
        }
    }

    /// Compares by value: `2.0` equals `2.00`.
    pub fn compare(&self, other: &Self) -> Ordering {
        let widen = |it: &Self, scale: u8| {
            i128::from(it.mantissa) * 10_i128.pow(u32::from(scale - it.scale))
        };
        let scale = self.scale.max(other.scale);
        widen(self, scale).cmp(&widen(other, scale))
    }

    /// Tells whether the value is below zero.
    pub fn is_negative(&self) -> bool {
        self.mantissa < 0
    }

    /// Multiplies by `numerator / denominator` and rounds half away from zero to `scale` decimals, for unit conversion.
    ///
    /// # Errors
    /// When the result is out of bounds or the denominator is zero.
    pub fn convert(
        &self,
        numerator: i64,
        denominator: i64,
        scale: u8,
    ) -> Result<Self, DecimalError> {
        if denominator <= 0 || scale > SCALE_MAX {
            return Err(DecimalError::OutOfBounds);
        }
        let mantissa = self.scaled(numerator, denominator, scale);
        let mantissa = i64::try_from(mantissa).map_err(|_| DecimalError::OutOfBounds)?;
        if mantissa.unsigned_abs() > MANTISSA_MAX.unsigned_abs() {
            return Err(DecimalError::OutOfBounds);
        }
        Ok(Self { mantissa, scale })
    }

    /// Gives the value in thousandths: exact up to three decimals, rounded half away from zero beyond.
    pub fn thousandths(&self) -> i64 {
        // At most 10^12 × 10^3, so it always fits.
        match self.scale {
            0 => self.mantissa * 1000,
            1 => self.mantissa * 100,
            2 => self.mantissa * 10,
            3 => self.mantissa,
            _ => i64::try_from(self.scaled(1, 1, 3)).unwrap_or(i64::MAX),
        }
    }

    /// `self × numerator / denominator × 10^scale`, rounded half away from zero; `denominator` is positive.
    fn scaled(&self, numerator: i64, denominator: i64, scale: u8) -> i128 {
        let top = i128::from(self.mantissa) * i128::from(numerator) * 10_i128.pow(u32::from(scale));
        let bottom = i128::from(denominator) * 10_i128.pow(u32::from(self.scale));
        let half = if top < 0 { -bottom / 2 } else { bottom / 2 };
        (top + half) / bottom
    }

    /// Gives the value with trailing zeros after the point removed, as people write it.
    pub fn plain(&self) -> String {
        let text = self.to_string();
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.mantissa.unsigned_abs();
        let sign = if self.mantissa < 0 { "-" } else { "" };
        if self.scale == 0 {
            return write!(f, "{sign}{digits}");
        }
        let unit = 10_u64.pow(u32::from(self.scale));
        write!(
            f,
            "{sign}{}.{:0width$}",
            digits / unit,
            digits % unit,
            width = usize::from(self.scale)
        )
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let (negative, digits) = text
            .strip_prefix('-')
            .map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = match digits.split_once('.') {
            Some((_, "")) => return Err(DecimalError::Malformed),
            Some(parts) => parts,
            None => (digits, ""),
        };
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return Err(DecimalError::Malformed);
        }
        let scale = i8::try_from(fraction.len()).map_err(|_| DecimalError::OutOfBounds)?;
        let mantissa: i64 = format!("{whole}{fraction}")
            .parse()
            .map_err(|_| DecimalError::OutOfBounds)?;
        Self::new(if negative { -mantissa } else { mantissa }, -scale)
    }
}

impl serde::Serialize for Decimal {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Decimal {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn precision_is_kept_in_writing() {
        for text in ["128", "36.60", "0.005", "-0.4", "61.370"] {
            assert_eq!(decimal(text).to_string(), text);
        }
        assert_eq!(Decimal::new(20, -1).unwrap().to_string(), "2.0");
        assert_eq!(Decimal::new(12, 1).unwrap().to_string(), "120");
        assert_eq!(decimal("61.370").plain(), "61.37");
        assert_eq!(decimal("120").plain(), "120");
    }

    #[test]
    fn value_and_written_form_compare_apart() {
        assert_ne!(decimal("2.0"), decimal("2.00"));
        assert_eq!(decimal("2.0").compare(&decimal("2.00")), Ordering::Equal);
        assert_eq!(decimal("-1").compare(&decimal("0.5")), Ordering::Less);
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "-", ".5", "5.", "1e3", "+1", "1.2.3", "NaN", "１２"] {
            assert_eq!(
                text.parse::<Decimal>(),
                Err(DecimalError::Malformed),
                "{text:?}"
            );
        }
        assert_eq!(
            "1.0000000000".parse::<Decimal>(),
            Err(DecimalError::OutOfBounds)
        );
        assert_eq!(Decimal::new(1, 127), Err(DecimalError::OutOfBounds));
        assert_eq!(Decimal::new(1, -128), Err(DecimalError::OutOfBounds));
    }

    #[test]
    fn thousandths_are_exact_up_to_three_decimals_and_rounded_beyond() {
        let thousandths = |text: &str| decimal(text).thousandths();
        assert_eq!(thousandths("128"), 128_000);
        assert_eq!(thousandths("83.5"), 83_500);
        assert_eq!(thousandths("83.55"), 83_550);
        assert_eq!(thousandths("-83.555"), -83_555);
        assert_eq!(thousandths("36.6005"), 36_601);
        assert_eq!(
            Decimal::new(MANTISSA_MAX, 0).unwrap().thousandths(),
            MANTISSA_MAX * 1000
        );
    }

    #[test]
    fn conversion_rounds_half_away_from_zero() {
        assert_eq!(decimal("2.5").convert(1, 1, 0).unwrap(), Decimal::whole(3));
        assert_eq!(
            decimal("-2.5").convert(1, 1, 0).unwrap(),
            Decimal::whole(-3)
        );
        assert_eq!(
            decimal("16.0").convert(7_500_617, 1_000_000, 1).unwrap(),
            decimal("120.0")
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(mantissa in -MANTISSA_MAX..=MANTISSA_MAX, scale in 0_i8..=9) {
            let value = Decimal::new(mantissa, -scale).unwrap();
            prop_assert_eq!(value.to_string().parse::<Decimal>().unwrap(), value);
        }

        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = text.parse::<Decimal>();
        }
    }
}
