//! An attempt: a measurement that failed or cannot be used; kept, and never judged as a value.

use serde::{Deserialize, Serialize};

use crate::id::DeviceId;
use crate::quality::QualityMark;
use crate::raw::{Characteristic, RawBytes};
use crate::reading::{ReadingId, Times};

/// Why an attempt is not a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptReason {
    /// The device reported no value: NaN, NRes, or "measurement unsuccessful".
    NoValue,
    /// The device reported a value above or below what it can measure: ±INF.
    OutOfDeviceRange,
    /// The device itself calls the value invalid or unavailable.
    DeclaredInvalid,
    /// The value comes from the device's demonstration, test or calibration mode.
    NotAPatient,
    /// The bytes follow the format but the value cannot be the quantity it claims to be.
    NotTheQuantity,
    /// The bytes do not follow the format.
    Undecodable,
    /// Decoding stopped the program more than once, so the bytes were set aside.
    SetAside,
    /// The characteristic carries nothing that becomes a reading yet.
    Unsupported,
}

/// A measurement that failed or is unusable, with everything that a reading would carry but a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Derived as a reading's id is.
    pub id: ReadingId,
    /// The registered device.
    pub device: DeviceId,
    /// Where the bytes came from.
    pub characteristic: Characteristic,
    /// Why it is not a reading.
    pub reason: AttemptReason,
    /// Doubts, sorted and without repetition.
    pub quality: Vec<QualityMark>,
    /// The bytes as the device sent them.
    pub raw: RawBytes,
    /// The times.
    pub times: Times,
    /// Who used the device, as it numbers its users; as a reading's.
    pub user: Option<u8>,
    /// Whether it was taken while its gateway was being set up, or after its time: nobody's reading, kept and never judged.
    pub test: bool,
}
