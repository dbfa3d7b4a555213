//! Vital signs: the single numbers that limits are set on, in the units that plans are written in.

use serde::{Deserialize, Serialize};
use vitals::{Decimal, Vital};

use crate::alert::Problem;

/// One number that a plan may limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VitalSign {
    /// Systolic blood pressure, mmHg.
    Systolic,
    /// Diastolic blood pressure, mmHg.
    Diastolic,
    /// Pulse rate, per minute.
    Pulse,
    /// Oxygen saturation, percent.
    Spo2,
    /// Body weight, kg.
    Weight,
    /// Body temperature, °C.
    Temperature,
}

impl VitalSign {
    /// Every vital sign, in the order that a nurse reads them.
    pub const ALL: [Self; 6] = [
        Self::Systolic,
        Self::Diastolic,
        Self::Pulse,
        Self::Spo2,
        Self::Weight,
        Self::Temperature,
    ];

    /// Tells whether NEWS2 gives points for it.
    pub fn is_scored(self) -> bool {
        !matches!(self, Self::Diastolic | Self::Weight)
    }

    /// Gives the name that a nurse reads.
    pub fn name(self) -> &'static str {
        match self {
            Self::Systolic => "systolic",
            Self::Diastolic => "diastolic",
            Self::Pulse => "pulse",
            Self::Spo2 => "oxygen",
            Self::Weight => "weight",
            Self::Temperature => "temperature",
        }
    }

    /// Gives the unit, with the space that belongs before it.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Systolic | Self::Diastolic => " mmHg",
            Self::Pulse => " a minute",
            Self::Spo2 => "%",
            Self::Weight => " kg",
            Self::Temperature => " °C",
        }
    }

    /// Gives the problem that a breach of this sign's limits belongs to.
    pub fn problem(self) -> Problem {
        match self {
            Self::Systolic | Self::Diastolic => Problem::BloodPressure,
            Self::Pulse => Problem::Pulse,
            Self::Spo2 => Problem::Oxygen,
            Self::Weight => Problem::Weight,
            Self::Temperature => Problem::Temperature,
        }
    }

    /// Takes a measured value apart into its vital signs, converted to the units of plans.
    pub fn values_of(vital: &Vital) -> Vec<(Self, Decimal)> {
        match vital {
            Vital::BloodPressure {
                systolic,
                diastolic,
                pulse,
                ..
            } => {
                let pair = [
                    (Self::Systolic, systolic.in_mmhg()),
                    (Self::Diastolic, diastolic.in_mmhg()),
                ];
                let pulse = pulse.map(|pulse| (Self::Pulse, pulse.in_per_minute()));
                pair.into_iter().chain(pulse).collect()
            }
            Vital::Oximetry { spo2, pulse } => {
                let pulse = pulse.map(|pulse| (Self::Pulse, pulse.in_per_minute()));
                std::iter::once((Self::Spo2, spo2.in_percent()))
                    .chain(pulse)
                    .collect()
            }
            Vital::Weight { mass } => vec![(Self::Weight, mass.in_kg())],
            Vital::Temperature { temperature } => {
                vec![(Self::Temperature, temperature.in_celsius())]
            }
        }
    }
}
