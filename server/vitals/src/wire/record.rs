//! One record as JSON text: the text that is hashed, sealed, sent and stored, byte for byte.

use serde::{Deserialize, Serialize};

use super::{RECORD_LEN_MAX, WireError};
use crate::attempt::{Attempt, AttemptReason};
use crate::decimal::Decimal;
use crate::quality::{MARKS_LEN_MAX, QualityMark};
use crate::quantity::{BodyTemperature, Mass, Pressure, PulseRate, Spo2};
use crate::reading::{Reading, TimeBasis, Times, Vital};
use crate::record::Record;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireRecord {
    id: String,
    device: String,
    characteristic: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    vital: Option<WireVital>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<AttemptReason>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    quality: Vec<QualityMark>,
    raw: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_time: Option<String>,
    measured_at: String,
    received_at: String,
    time_basis: WireBasis,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum WireVital {
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
enum PressureUnit {
    #[serde(rename = "mmHg")]
    Mmhg,
    #[serde(rename = "kPa")]
    Kpa,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum MassUnit {
    Kg,
    Lb,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
enum TemperatureUnit {
    C,
    F,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum WireBasis {
    DeviceClock { offset_seconds: i64 },
    HomeZone,
    Arrival,
}

/// Writes a record as JSON text.
///
/// # Errors
/// When it is longer than [`RECORD_LEN_MAX`].
pub fn write(record: &Record) -> Result<String, WireError> {
    let text = serde_json::to_string(&WireRecord::from(record))?;
    if text.len() > RECORD_LEN_MAX {
        Err(WireError::RecordTooLong)
    } else {
        Ok(text)
    }
}

/// Reads a record from its JSON text into checked types.
///
/// # Errors
/// A named refusal: too long, malformed or unknown field, a quantity out of its bounds, an id that does not derive.
pub fn read(text: &str) -> Result<Record, WireError> {
    if text.len() > RECORD_LEN_MAX {
        return Err(WireError::RecordTooLong);
    }
    let record = Record::try_from(serde_json::from_str::<WireRecord>(text)?)?;
    if record.id_is_derived() {
        Ok(record)
    } else {
        Err(WireError::WrongId)
    }
}

impl From<&Record> for WireRecord {
    fn from(record: &Record) -> Self {
        let times = record.times();
        let (characteristic, raw) = record.source();
        let (vital, attempt, quality) = match record {
            Record::Reading(reading) => {
                (Some(WireVital::from(reading.vital)), None, &reading.quality)
            }
            Record::Attempt(attempt) => (None, Some(attempt.reason), &attempt.quality),
        };
        Self {
            id: record.id().to_string(),
            device: record.device().to_string(),
            characteristic: characteristic.to_string(),
            vital,
            attempt,
            quality: quality.clone(),
            raw: raw.to_string(),
            device_time: times.device_time.map(|time| time.to_string()),
            measured_at: times.measured_at.to_string(),
            received_at: times.received_at.to_string(),
            time_basis: times.basis.into(),
        }
    }
}

impl TryFrom<WireRecord> for Record {
    type Error = WireError;

    fn try_from(wire: WireRecord) -> Result<Self, WireError> {
        if wire.quality.len() > MARKS_LEN_MAX {
            return Err(WireError::Count {
                what: "quality marks",
                found: wire.quality.len(),
                most: MARKS_LEN_MAX,
            });
        }
        let id = wire.id.parse().map_err(|_| WireError::WrongId)?;
        let device = wire.device.parse()?;
        let characteristic = wire.characteristic.parse()?;
        let raw = wire.raw.parse()?;
        let times = Times {
            device_time: wire.device_time.map(|text| text.parse()).transpose()?,
            measured_at: wire.measured_at.parse()?,
            received_at: wire.received_at.parse()?,
            basis: wire.time_basis.into(),
        };
        let quality = wire.quality;
        match (wire.vital, wire.attempt) {
            (Some(vital), None) => {
                let vital = vital.try_into()?;
                Ok(Self::Reading(Reading {
                    id,
                    device,
                    characteristic,
                    vital,
                    quality,
                    raw,
                    times,
                }))
            }
            (None, Some(reason)) => Ok(Self::Attempt(Attempt {
                id,
                device,
                characteristic,
                reason,
                quality,
                raw,
                times,
            })),
            _ => Err(serde::de::Error::custom(
                "a record has either `vital` or `attempt`",
            ))
            .map_err(|error: serde_json::Error| error.into()),
        }
    }
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

impl From<TimeBasis> for WireBasis {
    fn from(basis: TimeBasis) -> Self {
        match basis {
            TimeBasis::DeviceClock { offset_seconds } => Self::DeviceClock { offset_seconds },
            TimeBasis::HomeZone => Self::HomeZone,
            TimeBasis::Arrival => Self::Arrival,
        }
    }
}

impl From<WireBasis> for TimeBasis {
    fn from(wire: WireBasis) -> Self {
        match wire {
            WireBasis::DeviceClock { offset_seconds } => Self::DeviceClock { offset_seconds },
            WireBasis::HomeZone => Self::HomeZone,
            WireBasis::Arrival => Self::Arrival,
        }
    }
}
