//! The NHS number: ten digits, the last of which checks the others.

use std::str::FromStr;

use thiserror::Error;

const DIGITS_LEN: usize = 10;

/// A number whose check digit fits. It is never shown in a debug form.
#[derive(Clone, PartialEq, Eq)]
pub struct NhsNumber(String);

/// Why a text is not an NHS number. The text itself is not repeated: it may be somebody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NhsNumberError {
    /// Not ten digits.
    #[error("an NHS number has ten digits, with or without spaces")]
    NotTenDigits,
    /// The check digit does not fit.
    #[error("the NHS number's check digit does not fit: look for a mistyped digit")]
    WrongCheckDigit,
}

impl NhsNumber {
    /// Gives the ten digits without spaces.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for NhsNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NhsNumber(..)")
    }
}

impl FromStr for NhsNumber {
    type Err = NhsNumberError;

    fn from_str(text: &str) -> Result<Self, NhsNumberError> {
        let written: String = text.chars().filter(|it| *it != ' ').collect();
        let digits: Option<Vec<u32>> = written.chars().map(|it| it.to_digit(10)).collect();
        let digits = digits
            .filter(|digits| digits.len() == DIGITS_LEN)
            .ok_or(NhsNumberError::NotTenDigits)?;
        // NHS Data Dictionary, NHS NUMBER: weights 10 down to 2, modulus 11; the number fits exactly when the sum that
        // includes the check digit, with weight 1, is a multiple of 11.
        let sum: u32 = digits
            .iter()
            .zip((1..=10).rev())
            .map(|(digit, weight)| digit * weight)
            .sum();
        if sum.is_multiple_of(11) {
            Ok(Self(written))
        } else {
            Err(NhsNumberError::WrongCheckDigit)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_taken_with_and_without_spaces() {
        // The Data Dictionary's own worked example.
        let number: NhsNumber = "943 476 5919".parse().unwrap();
        assert_eq!(number.as_str(), "9434765919");
        assert_eq!("9434765919".parse::<NhsNumber>().unwrap(), number);
        assert_eq!(format!("{number:?}"), "NhsNumber(..)");
    }

    #[test]
    fn one_wrong_digit_or_two_swapped_are_found() {
        for wrong in ["943 476 5918", "944 476 5919", "934 476 5919"] {
            assert_eq!(
                wrong.parse::<NhsNumber>(),
                Err(NhsNumberError::WrongCheckDigit)
            );
        }
        for wrong in ["943 476 591", "943 476 59199", "943 476 591x", ""] {
            assert_eq!(
                wrong.parse::<NhsNumber>(),
                Err(NhsNumberError::NotTenDigits)
            );
        }
    }
}
