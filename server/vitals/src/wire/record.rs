//! One record as JSON text: the text that is hashed, sealed, sent and stored, byte for byte.

use serde::{Deserialize, Serialize};

use super::vital::WireVital;
use super::{RECORD_LEN_MAX, WireError};
use crate::attempt::{Attempt, AttemptReason};
use crate::quality::{MARKS_LEN_MAX, QualityMark};
use crate::reading::{Reading, TimeBasis, Times, USER_UNKNOWN};
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<u8>,
    #[serde(default, skip_serializing_if = "is_no")]
    test: bool,
}

/// What is not a test does not say so.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_no(test: &bool) -> bool {
    !test
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
            user: record.user(),
            test: record.is_test(),
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
        let (quality, test) = (wire.quality, wire.test);
        // Two ways to say the same thing become one.
        let user = wire.user.filter(|user| *user != USER_UNKNOWN);
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
                    user,
                    test,
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
                user,
                test,
            })),
            _ => Err(serde::de::Error::custom(
                "a record has either `vital` or `attempt`",
            ))
            .map_err(|error: serde_json::Error| error.into()),
        }
    }
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
