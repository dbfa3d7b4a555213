//! A reading: a measurement tied to a device, in UTC, with an id that derives from what was measured.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use ring::digest;
use thiserror::Error;

use crate::device_time::DeviceTime;
use crate::id::DeviceId;
use crate::quality::QualityMark;
use crate::quantity::{BodyTemperature, Mass, Pressure, PulseRate, Spo2};
use crate::raw::{Characteristic, RawBytes};

/// The user index by which a device says that it does not know who used it.
///
/// GATT Specification Supplement, Blood Pressure Measurement, Weight Measurement, Body Composition Measurement: User ID.
pub const USER_UNKNOWN: u8 = 0xFF;

const ID_LEN: usize = 16;
const ID_DOMAIN: &[u8] = b"hearth reading id v1";

/// Identifies what was measured, so that everything may arrive twice and count once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReadingId([u8; ID_LEN]);

/// A text that is not 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a reading id is 32 hexadecimal digits")]
pub struct ReadingIdError;

impl ReadingId {
    /// Derives the id from the device, the characteristic, its raw bytes and the device's time or, where it has none,
    /// the time of arrival: the first 16 bytes of a SHA-256 over these fields, each preceded by its length.
    pub fn derive(
        device: &DeviceId,
        characteristic: Characteristic,
        raw: &RawBytes,
        times: &Times,
    ) -> Self {
        let moment = match times.device_time {
            Some(time) => format!("device {time}"),
            None => format!("arrival {}", times.received_at.as_microsecond()),
        };
        let mut context = digest::Context::new(&digest::SHA256);
        let number = characteristic.0.to_be_bytes();
        for field in [
            ID_DOMAIN,
            device.as_str().as_bytes(),
            &number,
            raw.as_slice(),
            moment.as_bytes(),
        ] {
            context.update(&(field.len() as u64).to_be_bytes());
            context.update(field);
        }
        let mut id = [0; ID_LEN];
        id.copy_from_slice(&context.finish().as_ref()[..ID_LEN]);
        Self(id)
    }
}

impl fmt::Display for ReadingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl FromStr for ReadingId {
    type Err = ReadingIdError;

    fn from_str(text: &str) -> Result<Self, ReadingIdError> {
        let mut id = [0; ID_LEN];
        hex::decode_to_slice(text, &mut id).map_err(|_| ReadingIdError)?;
        Ok(Self(id))
    }
}

impl serde::Serialize for ReadingId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for ReadingId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// How `measured_at` was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeBasis {
    /// The device's time plus the offset seen when its clock was read at this connection, in seconds.
    DeviceClock {
        /// What was added to the device's time, read as if it were UTC.
        offset_seconds: i64,
    },
    /// The device's time, taken as the home's local time because its clock could not be read.
    HomeZone,
    /// The time of arrival at the gateway: the device gave no usable time.
    Arrival,
}

/// The times of a measurement that the gateway knows; the server adds `stored_at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// The device's own clock, when it gave a complete time.
    pub device_time: Option<DeviceTime>,
    /// When the measurement was taken, corrected to UTC.
    pub measured_at: Timestamp,
    /// When the gateway received it.
    pub received_at: Timestamp,
    /// How `measured_at` was found.
    pub basis: TimeBasis,
}

/// What was measured, in the device's own units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vital {
    /// A cuff's measurement.
    BloodPressure {
        /// Systolic pressure.
        systolic: Pressure,
        /// Diastolic pressure.
        diastolic: Pressure,
        /// Mean arterial pressure, when the cuff gives one.
        mean: Option<Pressure>,
        /// Pulse rate, when the cuff gives one.
        pulse: Option<PulseRate>,
    },
    /// A pulse oximeter's measurement.
    Oximetry {
        /// Oxygen saturation.
        spo2: Spo2,
        /// Pulse rate, when the oximeter gives one.
        pulse: Option<PulseRate>,
    },
    /// A scale's measurement.
    Weight {
        /// Body mass.
        mass: Mass,
    },
    /// A thermometer's measurement.
    Temperature {
        /// Body temperature.
        temperature: BodyTemperature,
    },
}

/// A measurement tied to a device, in UTC, with an id; it travels and is stored, and is never altered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Derived from the fields below; see [`ReadingId::derive`].
    pub id: ReadingId,
    /// The registered device.
    pub device: DeviceId,
    /// Where the bytes came from.
    pub characteristic: Characteristic,
    /// The value.
    pub vital: Vital,
    /// Doubts, sorted and without repetition.
    pub quality: Vec<QualityMark>,
    /// The bytes as the device sent them.
    pub raw: RawBytes,
    /// The times.
    pub times: Times,
    /// Who used the device, as it numbers its users; `None` when it does not say, or says [`USER_UNKNOWN`].
    ///
    /// A claim of whoever chose the button: GATT Specification Supplement, Blood Pressure Measurement (2A35) and Weight
    /// Measurement (2A9D), field User ID.
    pub user: Option<u8>,
    /// Whether it was taken while its gateway was being set up, or after its time: nobody's reading, kept and never judged.
    pub test: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(device_time: Option<&str>, received_at: &str) -> Times {
        let received_at = received_at.parse().unwrap();
        Times {
            device_time: device_time.map(|text| text.parse().unwrap()),
            measured_at: received_at,
            received_at,
            basis: TimeBasis::Arrival,
        }
    }

    fn id(device: &str, raw: &str, times: &Times) -> ReadingId {
        ReadingId::derive(
            &device.parse().unwrap(),
            Characteristic(0x2A35),
            &raw.parse().unwrap(),
            times,
        )
    }

    #[test]
    fn a_device_that_repeats_its_memory_yields_the_same_id() {
        let first = times(Some("2024-06-15T17:17:27"), "2026-01-01T08:00:00Z");
        let again = times(Some("2024-06-15T17:17:27"), "2026-01-02T09:30:00Z");
        assert_eq!(id("cuff-1", "167C", &first), id("cuff-1", "167C", &again));
    }

    #[test]
    fn without_a_device_time_the_arrival_tells_two_equal_values_apart() {
        let first = times(None, "2026-01-01T08:00:00Z");
        let later = times(None, "2026-01-01T08:00:01Z");
        assert_ne!(id("cuff-1", "167C", &first), id("cuff-1", "167C", &later));
    }

    #[test]
    fn another_device_or_other_bytes_are_another_reading() {
        let at = times(Some("2024-06-15T17:17:27"), "2026-01-01T08:00:00Z");
        assert_ne!(id("cuff-1", "167C", &at), id("cuff-2", "167C", &at));
        assert_ne!(id("cuff-1", "167C", &at), id("cuff-1", "167D", &at));
    }

    #[test]
    fn an_id_is_thirty_two_hexadecimal_digits() {
        let at = times(None, "2026-01-01T08:00:00Z");
        let text = id("cuff-1", "00", &at).to_string();
        assert_eq!(text.len(), 32);
        assert_eq!(text.parse::<ReadingId>().unwrap().to_string(), text);
        assert_eq!("00".parse::<ReadingId>(), Err(ReadingIdError));
    }
}
