//! The value of a reading as JSON: one shape per kind of measurement, units by name, decimals as text.

use serde::{Deserialize, Serialize};

use super::WireError;
use crate::decimal::Decimal;
use crate::quantity::{BodyTemperature, Mass, Pressure, PulseRate, Spo2};
use crate::reading::Vital;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum WireVital {
    BloodPressure {
        unit: PressureUnit,
        systolic: Decimal,
        diastolic: Decimal,
        #[serde(skip_serializing_if = "Option::is_none")]
        mean: Option<Decimal>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pulse_per_minute: Option<Decimal>,
    },
    Oximetry {
        spo2_percent: Decimal,
        #[serde(skip_serializing_if = "Option::is_none")]
        pulse_per_minute: Option<Decimal>,
    },
    Weight {
        unit: MassUnit,
        mass: Decimal,
    },
    Temperature {
        unit: TemperatureUnit,
        temperature: Decimal,
    },
}

#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) enum PressureUnit {
    #[serde(rename = "mmHg")]
    Mmhg,
    #[serde(rename = "kPa")]
    Kpa,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum MassUnit {
    Kg,
    Lb,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) enum TemperatureUnit {
    C,
    F,
}

impl From<Vital> for WireVital {
    fn from(vital: Vital) -> Self {
        match vital {
            Vital::BloodPressure {
                systolic,
                diastolic,
                mean,
                pulse,
            } => {
                let (unit, systolic) = split_pressure(systolic);
                Self::BloodPressure {
                    unit,
                    systolic,
                    diastolic: split_pressure(diastolic).1,
                    mean: mean.map(|mean| split_pressure(mean).1),
                    pulse_per_minute: pulse.map(|pulse| pulse.in_per_minute()),
                }
            }
            Vital::Oximetry { spo2, pulse } => Self::Oximetry {
                spo2_percent: spo2.in_percent(),
                pulse_per_minute: pulse.map(|pulse| pulse.in_per_minute()),
            },
            Vital::Weight {
                mass: Mass::Kg(mass),
            } => Self::Weight {
                unit: MassUnit::Kg,
                mass,
            },
            Vital::Weight {
                mass: Mass::Lb(mass),
            } => Self::Weight {
                unit: MassUnit::Lb,
                mass,
            },
            Vital::Temperature {
                temperature: BodyTemperature::Celsius(temperature),
            } => Self::Temperature {
                unit: TemperatureUnit::C,
                temperature,
            },
            Vital::Temperature {
                temperature: BodyTemperature::Fahrenheit(temperature),
            } => Self::Temperature {
                unit: TemperatureUnit::F,
                temperature,
            },
        }
    }
}

impl TryFrom<WireVital> for Vital {
    type Error = WireError;

    fn try_from(wire: WireVital) -> Result<Self, WireError> {
        Ok(match wire {
            WireVital::BloodPressure {
                unit,
                systolic,
                diastolic,
                mean,
                pulse_per_minute,
            } => Self::BloodPressure {
                systolic: join_pressure(unit, systolic)?,
                diastolic: join_pressure(unit, diastolic)?,
                mean: mean.map(|mean| join_pressure(unit, mean)).transpose()?,
                pulse: pulse_per_minute.map(PulseRate::per_minute).transpose()?,
            },
            WireVital::Oximetry {
                spo2_percent,
                pulse_per_minute,
            } => Self::Oximetry {
                spo2: Spo2::percent(spo2_percent)?,
                pulse: pulse_per_minute.map(PulseRate::per_minute).transpose()?,
            },
            WireVital::Weight {
                unit: MassUnit::Kg,
                mass,
            } => Self::Weight {
                mass: Mass::from_kg(mass)?,
            },
            WireVital::Weight {
                unit: MassUnit::Lb,
                mass,
            } => Self::Weight {
                mass: Mass::from_lb(mass)?,
            },
            WireVital::Temperature {
                unit: TemperatureUnit::C,
                temperature,
            } => Self::Temperature {
                temperature: BodyTemperature::from_celsius(temperature)?,
            },
            WireVital::Temperature {
                unit: TemperatureUnit::F,
                temperature,
            } => Self::Temperature {
                temperature: BodyTemperature::from_fahrenheit(temperature)?,
            },
        })
    }
}

fn split_pressure(pressure: Pressure) -> (PressureUnit, Decimal) {
    match pressure {
        Pressure::Mmhg(value) => (PressureUnit::Mmhg, value),
        Pressure::Kpa(value) => (PressureUnit::Kpa, value),
    }
}

fn join_pressure(unit: PressureUnit, value: Decimal) -> Result<Pressure, WireError> {
    Ok(match unit {
        PressureUnit::Mmhg => Pressure::from_mmhg(value)?,
        PressureUnit::Kpa => Pressure::from_kpa(value)?,
    })
}
