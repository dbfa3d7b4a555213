//! Encoders of the characteristics that the simulated devices send, written from the specification alone.

mod blood_pressure;
mod date_time;
mod information;
mod pulse_oximeter;
mod sfloat;
mod weight;

pub use blood_pressure::{
    BloodPressure, BloodPressureStatus, PressureUnit, blood_pressure_feature,
};
pub use date_time::{AdjustReason, current_time, date_time, parse_current_time, parse_date_time};
pub use information::{battery_level, information_string};
pub use pulse_oximeter::{PlxContinuous, PlxSpotCheck, SpotClock, plx_features};
pub use sfloat::Sfloat;
pub use weight::{Bmi, Weight, WeightUnit, weight_scale_feature};

/// Says why a value cannot be put into the bytes of a characteristic.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// The mantissa or exponent does not fit an SFLOAT, or would collide with a special value.
    #[error(
        "{mantissa}e{exponent} does not fit a 16-bit SFLOAT; use -2046..=2046 and an exponent -8..=7"
    )]
    Sfloat {
        /// Decimal mantissa.
        mantissa: i32,
        /// Power of ten.
        exponent: i32,
    },
    /// The text is not a plain decimal number.
    #[error("{0:?} is not a decimal number; write it like 97 or \"97.5\"")]
    Decimal(String),
    /// The value is finer or larger than the step and width of its field.
    #[error("{value} is not a multiple of {step} that fits 16 bits")]
    Step {
        /// The value as it was written.
        value: String,
        /// The step of the field, with its unit.
        step: &'static str,
    },
    /// A received date and time has the wrong length or fields out of range.
    #[error("a date and time of {0} bytes cannot be read")]
    DateTime(usize),
}
