//! Simulated devices as pure state machines: time is an argument, and what to do next is a returned action.

mod action;
mod advertising;
mod clock;
mod config;
mod decimal;
mod gatt_server;
mod machine;
mod measurement;
mod memory;
pub mod profile;
mod record_access;
mod user_control;

use std::time::Duration;

pub use action::{Action, Delivered};
pub use clock::{ClockConfig, DeviceClock};
pub use config::{AlsoHeard, Bond, ConsentConfig, DeviceConfig, DeviceKind};
pub use decimal::Decimal;
pub use machine::Device;
pub use measurement::{
    ContinuousMeasurement, CuffMeasurement, Measurement, OximeterMeasurement, ScaleMeasurement,
};
pub use memory::{DumpOrder, MemoryConfig};

use crate::encode::EncodeError;

/// A moment of the simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// True wall time.
    pub wall: jiff::Timestamp,
    /// Time since the simulation started, which never jumps.
    pub uptime: Duration,
}

/// Says why a device refuses a measurement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// The measurement belongs to another kind of device.
    #[error("a {0:?} cannot measure this; use the key of its own kind, `failed` or `raw`")]
    OtherKind(DeviceKind),
    /// The values do not fit the wire format.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// The ATT error codes that the devices answer with (Core 5.4, Vol 3, Part F, 3.4.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttError {
    /// The characteristic has no such operation.
    NotPermitted,
    /// The value has the wrong length.
    InvalidLength,
    /// The value names nothing possible.
    OutOfRange,
    /// The collector has not subscribed to what its request is answered by.
    ImproperlyConfigured,
}

impl AttError {
    /// Returns the code on the wire.
    pub fn code(self) -> u8 {
        match self {
            Self::NotPermitted => 0x03,
            Self::InvalidLength => 0x0D,
            Self::OutOfRange => 0xFF,
            // Core Specification Supplement, Part B, 1.2.
            Self::ImproperlyConfigured => 0xFD,
        }
    }
}
