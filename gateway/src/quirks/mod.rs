//! Quirks: how devices want to be treated otherwise than the specifications say, as data.
//!
//! The table is a file, `config/devices.toml`, built in and replaceable. Parsing leaves nothing that contradicts itself.

mod file;
mod matching;
#[cfg(test)]
mod tests;

use gatt::Dialect;
use uuid::Uuid;

use crate::radio::RadioTimings;

pub use matching::{Seen, Table};

/// The table that is built in.
pub const BUILT_IN: &str = include_str!("../../../config/devices.toml");

/// How a device is treated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Behaviour {
    /// Its measurements are in what it advertises, and it is never connected to.
    Advertised(Advertised),
    /// It is connected to.
    Connected(Connected),
}

/// Which way of advertising measurements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Advertised {
    /// Service data of 0x181D or 0x181B.
    XiaomiScale,
}

/// How a device is talked to. The default is what the specifications say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Connected {
    /// How it writes its values.
    pub dialect: Dialect,
    /// How it is paired with; `None` pairs it once it is connected, and goes on. Who must do what for it, BlueZ asks.
    pub pairing: Option<Pairing>,
    /// By how many seconds its clock must be wrong to be set; `None` leaves it to what is usual.
    pub clock_off_seconds: Option<u32>,
    /// What is written to it so that it sends its measurements.
    pub ask: Option<VendorWrite>,
    /// Whether it is silent until a user has consented.
    pub consent: bool,
    waits: Waits,
}

/// How a device is paired with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pairing {
    /// When it is begun.
    pub when: PairingMoment,
    /// What follows it.
    pub then: AfterPairing,
}

/// When a pairing is begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PairingMoment {
    /// As soon as the link stands.
    BeforeDiscovery,
    /// When the services are known.
    AfterDiscovery,
}

/// What follows a pairing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterPairing {
    /// The session goes on.
    Stay,
    /// The gateway hangs up, which is what finishes the pairing for the device.
    Disconnect,
}

/// Bytes written to a vendor's characteristic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VendorWrite {
    /// The characteristic.
    pub to: Uuid,
    /// The bytes: at least one, and what fits into one packet.
    pub bytes: Vec<u8>,
}

/// The waits that are the device's own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Waits {
    settle_ms: Option<u64>,
    first_value_ms: Option<u64>,
    idle_ms: Option<u64>,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self::Connected(Connected::default())
    }
}

impl Behaviour {
    /// Gives how the device writes its values.
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Advertised(Advertised::XiaomiScale) => Dialect::Standard,
            Self::Connected(it) => it.dialect,
        }
    }
}

impl Connected {
    /// Gives the radio's timings as they hold for this device: its own waits, and a session long enough for them.
    pub fn timings(&self, usual: &RadioTimings) -> RadioTimings {
        let first_value_ms = self.waits.first_value_ms.unwrap_or(usual.first_value_ms);
        let idle_ms = self.waits.idle_ms.unwrap_or(usual.idle_ms);
        RadioTimings {
            settle_ms: self.waits.settle_ms.unwrap_or(usual.settle_ms),
            first_value_ms,
            idle_ms,
            session_ms_max: usual
                .session_ms_max
                .max(first_value_ms.saturating_add(idle_ms)),
            ..usual.clone()
        }
    }
}
