//! What a peripheral says on its standard output: one JSON object a line.

use serde_json::{Value, json};

use crate::device::Delivered;

/// Something that happened to the device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// BlueZ serves the device; it can be connected to when it advertises.
    Ready,
    /// BlueZ or the adapter is gone.
    Gone,
    /// The radio is on.
    Advertising,
    /// A collector has connected.
    Connected,
    /// The link is gone.
    Disconnected,
    /// The device and the collector share a key.
    Bonded,
    /// The device shows this to its user.
    Passkey(u32),
    /// A collector subscribed, or no longer.
    Subscribed { characteristic: u16, on: bool },
    /// A collector wrote a value.
    Written { characteristic: u16, value: Vec<u8> },
    /// An indication was confirmed.
    Delivered(Delivered),
    /// A command was carried out.
    Done,
    /// A command, or a call to BlueZ, was refused.
    Refused(String),
}

impl Event {
    /// Says it.
    pub(super) fn say(&self) {
        println!("{}", self.to_json());
    }

    fn to_json(&self) -> Value {
        match self {
            Self::Ready => json!({ "event": "ready" }),
            Self::Gone => json!({ "event": "gone" }),
            Self::Advertising => json!({ "event": "advertising" }),
            Self::Connected => json!({ "event": "connected" }),
            Self::Disconnected => json!({ "event": "disconnected" }),
            Self::Bonded => json!({ "event": "bonded" }),
            Self::Passkey(digits) => {
                json!({ "event": "passkey", "passkey": format!("{digits:06}") })
            }
            Self::Subscribed { characteristic, on } => json!({
                "event": if *on { "subscribed" } else { "unsubscribed" },
                "characteristic": format!("{characteristic:04X}"),
            }),
            Self::Written {
                characteristic,
                value,
            } => json!({
                "event": "written",
                "characteristic": format!("{characteristic:04X}"),
                "hex": hex::encode_upper(value),
            }),
            Self::Delivered(delivered) => json!({
                "event": "delivered",
                "characteristic": format!("{:04X}", delivered.characteristic),
                "hex": hex::encode_upper(&delivered.value),
                "session": delivered.session,
            }),
            Self::Done => json!({ "event": "done" }),
            Self::Refused(why) => json!({ "event": "refused", "why": why }),
        }
    }
}
