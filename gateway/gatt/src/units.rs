//! The units in which devices report, as their flags say.

use crate::number::Decimal;

/// Is the unit of a pressure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PressureUnit {
    /// Millimetres of mercury.
    MmHg,
    /// Kilopascals; 1 kPa is 7.500617 mmHg.
    KPa,
}

impl PressureUnit {
    pub(crate) const fn from_flag(kilopascals: bool) -> Self {
        if kilopascals { Self::KPa } else { Self::MmHg }
    }

    /// Returns the symbol of the unit.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::MmHg => "mmHg",
            Self::KPa => "kPa",
        }
    }
}

/// Is the unit of a temperature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemperatureUnit {
    /// Degrees Celsius.
    Celsius,
    /// Degrees Fahrenheit.
    Fahrenheit,
}

impl TemperatureUnit {
    pub(crate) const fn from_flag(fahrenheit: bool) -> Self {
        if fahrenheit {
            Self::Fahrenheit
        } else {
            Self::Celsius
        }
    }

    /// Returns the UCUM symbol of the unit, without its brackets.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Celsius => "Cel",
            Self::Fahrenheit => "degF",
        }
    }
}

/// Is the unit of a glucose concentration on the wire.
///
/// The GATT Specification Supplement says mg/dL and mmol/L in one place; what is sent is kg/L and mol/L.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConcentrationUnit {
    /// Kilograms per litre; times 100,000 gives mg/dL.
    KilogramPerLitre,
    /// Moles per litre; times 1,000 gives mmol/L.
    MolePerLitre,
}

impl ConcentrationUnit {
    pub(crate) const fn from_flag(moles: bool) -> Self {
        if moles {
            Self::MolePerLitre
        } else {
            Self::KilogramPerLitre
        }
    }

    /// Returns the symbol of the unit.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::KilogramPerLitre => "kg/L",
            Self::MolePerLitre => "mol/L",
        }
    }
}

/// Is the system of units in which a scale reports masses and heights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeasurementSystem {
    /// Kilograms and metres.
    Si,
    /// Pounds and inches.
    Imperial,
}

impl MeasurementSystem {
    pub(crate) const fn from_flag(imperial: bool) -> Self {
        if imperial { Self::Imperial } else { Self::Si }
    }

    /// Returns the symbol of the unit of mass.
    pub const fn mass_symbol(self) -> &'static str {
        match self {
            Self::Si => "kg",
            Self::Imperial => "lb",
        }
    }

    /// Returns the symbol of the unit of height.
    pub const fn height_symbol(self) -> &'static str {
        match self {
            Self::Si => "m",
            Self::Imperial => "in",
        }
    }

    /// Scales a mass from the wire: steps of 0.005 kg or 0.01 lb.
    ///
    /// GATT Specification Supplement, Weight Measurement. The resolution in the Weight Scale Feature says how well
    /// the scale measures; it never changes the step.
    pub(crate) fn mass(self, raw: u16) -> Decimal {
        match self {
            Self::Si => Decimal::new(i32::from(raw) * 5, -3),
            Self::Imperial => Decimal::new(raw.into(), -2),
        }
    }

    /// Scales a height from the wire: steps of 0.001 m or 0.1 in.
    pub(crate) fn height(self, raw: u16) -> Decimal {
        match self {
            Self::Si => Decimal::new(raw.into(), -3),
            Self::Imperial => Decimal::new(raw.into(), -1),
        }
    }
}
