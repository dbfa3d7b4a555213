//! A Bluetooth address.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Is the address of a Bluetooth device. It identifies a person's device: it stays on the gateway and out of the log,
/// so the debug form leaves it out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Address([u8; 6]);

/// Says that a text is no Bluetooth address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("address must be six pairs of hexadecimal digits such as \"AA:BB:CC:DD:EE:FF\"")]
pub struct NoAddress;

impl From<[u8; 6]> for Address {
    fn from(bytes: [u8; 6]) -> Self {
        Self(bytes)
    }
}

impl From<Address> for [u8; 6] {
    fn from(address: Address) -> Self {
        address.0
    }
}

impl FromStr for Address {
    type Err = NoAddress;

    fn from_str(text: &str) -> Result<Self, NoAddress> {
        let mut bytes = [0; 6];
        let mut pairs = text.split(':');
        for byte in &mut bytes {
            let pair = pairs.next().ok_or(NoAddress)?;
            hex::decode_to_slice(pair, std::slice::from_mut(byte)).map_err(|_| NoAddress)?;
        }
        match pairs.next() {
            None => Ok(Self(bytes)),
            Some(_) => Err(NoAddress),
        }
    }
}

impl TryFrom<String> for Address {
    type Error = NoAddress;

    fn try_from(text: String) -> Result<Self, NoAddress> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.to_string()
    }
}

/// In capitals, as BlueZ writes it.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.map(|byte| format!("{byte:02X}")).join(":"))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(…)")
    }
}
