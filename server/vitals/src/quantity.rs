//! Checked physical quantities in the device's own units.
//!
//! The bounds say only what the quantity *can be written as* (three digits on a display, a percentage). What is
//! plausible or worrying for a person is clinical, lives in a plan, and is judged by the server.

use thiserror::Error;

use crate::decimal::Decimal;

/// Why a number is not the quantity that it was offered as.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{quantity} must be over 0 and at most {most}, found {found}")]
pub struct QuantityError {
    /// The quantity's name, such as "SpO2 in percent".
    pub quantity: &'static str,
    /// The largest value that can be written.
    pub most: i32,
    /// The value offered.
    pub found: Decimal,
}

fn within(quantity: &'static str, value: Decimal, most: i32) -> Result<Decimal, QuantityError> {
    let positive = value.compare(&Decimal::whole(0)).is_gt();
    if positive && value.compare(&Decimal::whole(most)).is_le() {
        Ok(value)
    } else {
        Err(QuantityError {
            quantity,
            most,
            found: value,
        })
    }
}

/// A pressure as the cuff reported it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressure {
    /// Millimetres of mercury.
    Mmhg(Decimal),
    /// Kilopascal.
    Kpa(Decimal),
}

impl Pressure {
    /// Checks a pressure in mmHg: three digits on a display.
    ///
    /// # Errors
    /// When the value is zero, negative or over 999.
    pub fn from_mmhg(value: Decimal) -> Result<Self, QuantityError> {
        within("pressure in mmHg", value, 999).map(Self::Mmhg)
    }

    /// Checks a pressure in kPa.
    ///
    /// # Errors
    /// When the value is zero, negative or over 133 (999 mmHg).
    pub fn from_kpa(value: Decimal) -> Result<Self, QuantityError> {
        within("pressure in kPa", value, 133).map(Self::Kpa)
    }

    /// Gives the pressure in mmHg, kPa converted by 7.500617 and rounded to 0.1 mmHg.
    pub fn in_mmhg(&self) -> Decimal {
        match self {
            Self::Mmhg(value) => *value,
            // 1 kPa = 7.500617 mmHg (conventional millimetre of mercury, 133.322387415 Pa).
            Self::Kpa(value) => value.convert(7_500_617, 1_000_000, 1).unwrap_or(*value),
        }
    }
}

/// A pulse rate, per minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PulseRate(Decimal);

impl PulseRate {
    /// Checks a pulse rate: three digits on a display.
    ///
    /// # Errors
    /// When the value is zero, negative or over 999.
    pub fn per_minute(value: Decimal) -> Result<Self, QuantityError> {
        within("pulse rate per minute", value, 999).map(Self)
    }

    /// Gives the rate per minute.
    pub fn in_per_minute(&self) -> Decimal {
        self.0
    }
}

/// Oxygen saturation measured by pulse oximetry, in percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spo2(Decimal);

impl Spo2 {
    /// Checks a saturation: a percentage.
    ///
    /// # Errors
    /// When the value is zero, negative or over 100.
    pub fn percent(value: Decimal) -> Result<Self, QuantityError> {
        within("SpO2 in percent", value, 100).map(Self)
    }

    /// Gives the saturation in percent.
    pub fn in_percent(&self) -> Decimal {
        self.0
    }
}

/// A body mass as the scale reported it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mass {
    /// Kilograms.
    Kg(Decimal),
    /// Pounds (avoirdupois).
    Lb(Decimal),
}

impl Mass {
    /// Checks a mass in kilograms.
    ///
    /// # Errors
    /// When the value is zero, negative or over 999.
    pub fn from_kg(value: Decimal) -> Result<Self, QuantityError> {
        within("mass in kg", value, 999).map(Self::Kg)
    }

    /// Checks a mass in pounds.
    ///
    /// # Errors
    /// When the value is zero, negative or over 2202 (999 kg).
    pub fn from_lb(value: Decimal) -> Result<Self, QuantityError> {
        within("mass in lb", value, 2202).map(Self::Lb)
    }

    /// Gives the mass in kilograms, pounds converted exactly and rounded to 0.01 kg.
    pub fn in_kg(&self) -> Decimal {
        match self {
            Self::Kg(value) => *value,
            // 1 lb = 0.45359237 kg exactly (international yard and pound agreement, 1959).
            Self::Lb(value) => value.convert(45_359_237, 100_000_000, 2).unwrap_or(*value),
        }
    }
}

/// A body temperature as the thermometer reported it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyTemperature {
    /// Degrees Celsius.
    Celsius(Decimal),
    /// Degrees Fahrenheit.
    Fahrenheit(Decimal),
}

impl BodyTemperature {
    /// Checks a temperature in degrees Celsius.
    ///
    /// # Errors
    /// When the value is zero, negative or over 99.
    pub fn from_celsius(value: Decimal) -> Result<Self, QuantityError> {
        within("temperature in °C", value, 99).map(Self::Celsius)
    }

    /// Checks a temperature in degrees Fahrenheit.
    ///
    /// # Errors
    /// When the value is zero, negative or over 210.
    pub fn from_fahrenheit(value: Decimal) -> Result<Self, QuantityError> {
        within("temperature in °F", value, 210).map(Self::Fahrenheit)
    }

    /// Gives the temperature in degrees Celsius, Fahrenheit rounded to 0.1 °C.
    pub fn in_celsius(&self) -> Decimal {
        match self {
            Self::Celsius(value) => *value,
            Self::Fahrenheit(value) => celsius(*value).unwrap_or(*value),
        }
    }
}

/// (F − 32) × 5 / 9 to one decimal, exactly: thousandths hold every value a thermometer sends.
fn celsius(fahrenheit: Decimal) -> Option<Decimal> {
    let above_freezing = Decimal::new(fahrenheit.thousandths() - 32_000, -3).ok()?;
    above_freezing.convert(5, 9, 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_kilopascal_cuff_is_judged_in_mmhg_and_keeps_its_unit() {
        let pressure = Pressure::from_kpa(decimal("17.6")).unwrap();
        assert_eq!(pressure.in_mmhg().to_string(), "132.0");
        assert_eq!(pressure, Pressure::Kpa(decimal("17.6")));
    }

    #[test]
    fn pounds_and_fahrenheit_convert() {
        assert_eq!(
            Mass::from_lb(decimal("150.00"))
                .unwrap()
                .in_kg()
                .to_string(),
            "68.04"
        );
        assert_eq!(
            BodyTemperature::from_fahrenheit(decimal("98.6"))
                .unwrap()
                .in_celsius()
                .to_string(),
            "37.0"
        );
    }

    #[test]
    fn what_cannot_be_written_on_the_display_is_refused() {
        assert!(Spo2::percent(decimal("100")).is_ok());
        assert!(Spo2::percent(decimal("100.1")).is_err());
        assert!(PulseRate::per_minute(decimal("179200000")).is_err());
        assert!(Pressure::from_mmhg(decimal("0")).is_err());
        assert_eq!(
            Mass::from_kg(decimal("-1")).unwrap_err().to_string(),
            "mass in kg must be over 0 and at most 999, found -1"
        );
    }
}
