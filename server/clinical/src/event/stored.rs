//! Stored readings and attempts: the facts of them that judgement needs.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vitals::{
    Attempt, AttemptReason, Characteristic, Decimal, DeviceId, QualityMark, Reading, ReadingId,
};

use crate::device_clock::DeviceClock;
use crate::schedule::Measured;
use crate::sign::VitalSign;

/// The facts of a stored reading that judgement needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadingStored {
    /// The reading.
    pub id: ReadingId,
    /// Its vital signs, in the units of plans.
    pub values: Vec<(VitalSign, Decimal)>,
    /// Its quality marks.
    pub quality: Vec<QualityMark>,
    /// When it was measured.
    pub measured_at: Timestamp,
    /// When the gateway received it.
    pub received_at: Timestamp,
    /// The device that measured; `None` in rows from before it was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// Who used the device, as it numbers its users; `None` when it does not say or does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<u8>,
    /// The number that this patient has on the device, by its registration; `None` where the device is theirs alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registered_user: Option<u8>,
    /// What the device's clock showed; `None` where it tells nothing, and in rows from before it was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<DeviceClock>,
    /// A drill travels the whole way and is about nobody.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub drill: bool,
}

impl From<&Reading> for ReadingStored {
    fn from(reading: &Reading) -> Self {
        Self {
            id: reading.id,
            values: VitalSign::values_of(&reading.vital),
            quality: reading.quality.clone(),
            measured_at: reading.times.measured_at,
            received_at: reading.times.received_at,
            device: Some(reading.device.clone()),
            user: reading.user,
            registered_user: None,
            clock: None,
            drill: false,
        }
    }
}

/// The facts of a stored attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttemptStored {
    /// The attempt.
    pub id: ReadingId,
    /// Why it is not a reading.
    pub reason: AttemptReason,
    /// Its quality marks.
    pub quality: Vec<QualityMark>,
    /// When it was made.
    pub measured_at: Timestamp,
    /// The device that measured; `None` in rows from before it was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// Who used the device, as it numbers its users; `None` when it does not say or does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<u8>,
    /// What was to be measured; `None` in rows from before it was noted, and where the bytes do not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what: Option<Measured>,
}

impl From<&Attempt> for AttemptStored {
    fn from(attempt: &Attempt) -> Self {
        Self {
            id: attempt.id,
            reason: attempt.reason,
            quality: attempt.quality.clone(),
            measured_at: attempt.times.measured_at,
            device: Some(attempt.device.clone()),
            user: attempt.user,
            what: measured_by(attempt.characteristic),
        }
    }
}

/// Gives what a characteristic measures (Bluetooth Assigned Numbers, 3.8; 0x0001 is Nonin's, see [`Characteristic`]).
fn measured_by(characteristic: Characteristic) -> Option<Measured> {
    match characteristic.0 {
        0x2A35 | 0x2A36 | 0x2B34 => Some(Measured::BloodPressure),
        0x2A5E | 0x2A5F | 0x0001 => Some(Measured::Oximetry),
        0x2A9C | 0x2A9D => Some(Measured::Weight),
        0x2A1C | 0x2A1E => Some(Measured::Temperature),
        _ => None,
    }
}
