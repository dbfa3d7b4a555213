//! The pairing agent: what the device's buttons and display say to a collector that wants to pair.

use zbus::{Message, ObjectPath};

use super::{Pairing, events::Event};

/// The interface of an agent.
pub(super) const INTERFACE: &str = "org.bluez.Agent1";

impl Pairing {
    /// Returns what the device can show and take in, in BlueZ's words.
    pub(super) fn capability(self) -> &'static str {
        match self {
            Self::JustWorks => "NoInputNoOutput",
            Self::Passkey => "DisplayOnly",
        }
    }
}

/// Returns what the device shows because of a call, and whether it agrees to what is asked.
pub(super) fn asked(call: &Message) -> (Option<Event>, bool) {
    let header = call.header();
    let member = header.member().map(ToString::to_string).unwrap_or_default();
    match member.as_str() {
        "DisplayPasskey" => {
            let body = call.body();
            let shown: Result<(ObjectPath<'_>, u32, u16), _> = body.deserialize();
            // BlueZ says it again for each key that is pressed.
            let first = shown.ok().filter(|(_, _, entered)| *entered == 0);
            (first.map(|(_, digits, _)| Event::Passkey(digits)), true)
        }
        "RequestConfirmation"
        | "RequestAuthorization"
        | "AuthorizeService"
        | "Cancel"
        | "Release" => (None, true),
        // It has no keys.
        _ => (None, false),
    }
}
