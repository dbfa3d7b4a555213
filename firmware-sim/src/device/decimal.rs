//! A decimal number as a script writes it: an integer, or text with a point; never a float.

use serde::{Deserialize, Deserializer};

use crate::encode::{EncodeError, Sfloat};

/// A number `mantissa * 10^exponent` with its written precision kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    mantissa: i32,
    exponent: i32,
}

impl Decimal {
    /// Reads `"97"`, `"97.5"` or `"-3.20"`.
    ///
    /// # Errors
    /// Refuses everything else, and more digits than any device shows.
    pub fn parse(text: &str) -> Result<Self, EncodeError> {
        let refused = || EncodeError::Decimal(text.to_owned());
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = whole.strip_prefix('-').unwrap_or(whole);
        let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let pointless = text.contains('.') && fraction.is_empty();
        if digits.is_empty() || pointless || !plain(digits) || !plain(fraction) {
            return Err(refused());
        }
        let mantissa = format!("{whole}{fraction}")
            .parse()
            .map_err(|_| refused())?;
        let exponent = i32::try_from(fraction.len()).map_err(|_| refused())?;
        Ok(Self {
            mantissa,
            exponent: -exponent,
        })
    }

    /// Returns the SFLOAT with the same digits.
    ///
    /// # Errors
    /// Refuses what an SFLOAT cannot hold.
    pub fn sfloat(self) -> Result<Sfloat, EncodeError> {
        Sfloat::new(self.mantissa, self.exponent)
    }

    /// Returns how many steps of `thousandths`/1000 the number is, for fields of a fixed step.
    ///
    /// # Errors
    /// Refuses a number between two steps, below zero or beyond 16 bits.
    pub fn steps(self, thousandths: i64, step: &'static str) -> Result<u16, EncodeError> {
        let refused = || EncodeError::Step {
            value: self.to_string(),
            step,
        };
        let power = u32::try_from(self.exponent + 3).map_err(|_| refused())?;
        let thousandths_total = i64::from(self.mantissa) * 10_i64.pow(power);
        if thousandths_total % thousandths != 0 {
            return Err(refused());
        }
        u16::try_from(thousandths_total / thousandths).map_err(|_| refused())
    }
}

impl From<i32> for Decimal {
    fn from(mantissa: i32) -> Self {
        Self {
            mantissa,
            exponent: 0,
        }
    }
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}e{}", self.mantissa, self.exponent)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(
            untagged,
            expecting = "an integer, or a decimal in quotes like \"97.5\""
        )]
        enum Written {
            Integer(i32),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Integer(value) => Ok(value.into()),
            Written::Text(text) => Self::parse(&text).map_err(serde::de::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_digits_that_were_written() {
        assert_eq!(
            Decimal::parse("97.50").unwrap(),
            Decimal {
                mantissa: 9750,
                exponent: -2
            }
        );
        assert_eq!(
            Decimal::parse("-3.2").unwrap(),
            Decimal {
                mantissa: -32,
                exponent: -1
            }
        );
        for bad in ["", ".", "9.", "1e3", "+1", "9,5", "--1", "99999999999"] {
            assert!(Decimal::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn steps_must_be_whole_and_fit() {
        assert_eq!(
            Decimal::parse("61.370").unwrap().steps(5, "0.005 kg"),
            Ok(12274)
        );
        assert_eq!(Decimal::from(80).steps(5, "0.005 kg"), Ok(16000));
        assert!(
            Decimal::parse("61.371")
                .unwrap()
                .steps(5, "0.005 kg")
                .is_err()
        );
        assert!(
            Decimal::parse("327.68")
                .unwrap()
                .steps(5, "0.005 kg")
                .is_err()
        );
        assert!(
            Decimal::parse("61.37001")
                .unwrap()
                .steps(5, "0.005 kg")
                .is_err()
        );
    }
}
