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
///
/// bluetoothd asks the default agent for every adapter, but the device speaks for its own only: what a gateway must
/// agree to is asked of a gateway's agent, or refused.
pub(super) fn asked(call: &Message, adapter: &str) -> (Option<Event>, bool) {
    let header = call.header();
    let member = header.member().map(ToString::to_string).unwrap_or_default();
    let about_us = first_path(call).is_some_and(|path| path.starts_with(adapter));
    match member.as_str() {
        "Cancel" | "Release" => (None, true),
        _ if !about_us => (None, false),
        "DisplayPasskey" => {
            let body = call.body();
            let shown: Result<(ObjectPath<'_>, u32, u16), _> = body.deserialize();
            // BlueZ says it again for each key that is pressed.
            let first = shown.ok().filter(|(_, _, entered)| *entered == 0);
            (first.map(|(_, digits, _)| Event::Passkey(digits)), true)
        }
        "RequestConfirmation" | "RequestAuthorization" | "AuthorizeService" => (None, true),
        // It has no keys.
        _ => (None, false),
    }
}

/// Each of an agent's questions begins with the collector that it is about, with other arguments after it or none.
fn first_path(call: &Message) -> Option<String> {
    let body = call.body();
    let alone: Result<ObjectPath<'_>, _> = body.deserialize();
    let with_number: Result<(ObjectPath<'_>, u32), _> = body.deserialize();
    let with_two: Result<(ObjectPath<'_>, u32, u16), _> = body.deserialize();
    let with_text: Result<(ObjectPath<'_>, String), _> = body.deserialize();
    let path = alone
        .or(with_number.map(|(path, _)| path))
        .or(with_two.map(|(path, ..)| path))
        .or(with_text.map(|(path, _)| path));
    Some(path.ok()?.to_string())
}
