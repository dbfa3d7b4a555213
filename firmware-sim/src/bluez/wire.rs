//! Effects as D-Bus messages.

use std::collections::BTreeMap;

use anyhow::Result;
use zbus::{Message, ObjectPath, Variant};

use super::{
    effect::{Refusal, Reply, Signal},
    request::{CHARACTERISTIC, OBJECT_MANAGER, PROPERTIES},
};

/// Builds the answer to a call.
pub(super) fn reply(call: &Message, sender: &str, reply: Reply) -> Result<Message> {
    let header = call.header();
    let builder = Message::method_return(&header).sender(sender);
    let message = match reply {
        Reply::Empty => builder.build(&())?,
        Reply::Bytes(bytes) => builder.build(&bytes)?,
        Reply::Value(value) => builder.build(&value)?,
        Reply::Properties(properties) => builder.build(&properties)?,
        Reply::Text(text) => builder.build(&text)?,
        Reply::Objects(objects) => {
            let objects: Result<BTreeMap<ObjectPath<'_>, _>, _> = objects
                .into_iter()
                .map(|(path, interfaces)| ObjectPath::try_from(path).map(|path| (path, interfaces)))
                .collect();
            builder.build(&objects?)?
        }
    };
    Ok(message)
}

/// Builds the refusal of a call.
pub(super) fn refusal(call: &Message, sender: &str, refusal: &Refusal) -> Result<Message> {
    Ok(Message::error(&call.header(), refusal.name)
        .sender(sender)
        .build(&refusal.text)?)
}

/// Builds a broadcast.
pub(super) fn signal(sender: &str, signal: Signal) -> Result<Message> {
    let message = match signal {
        Signal::PropertiesChanged {
            path,
            interface,
            changed,
            invalidated,
        } => Message::signal(path, PROPERTIES, "PropertiesChanged")
            .sender(sender)
            .build(&(interface, changed, invalidated))?,
        Signal::InterfacesAdded { path, interfaces } => {
            Message::signal("/", OBJECT_MANAGER, "InterfacesAdded")
                .sender(sender)
                .build(&(ObjectPath::try_from(path)?, interfaces))?
        }
        Signal::InterfacesRemoved { path, interfaces } => {
            Message::signal("/", OBJECT_MANAGER, "InterfacesRemoved")
                .sender(sender)
                .build(&(ObjectPath::try_from(path)?, interfaces))?
        }
    };
    Ok(message)
}

/// Builds the signal that carries one characteristic value.
pub(super) fn value(sender: &str, path: String, value: Vec<u8>) -> Result<Message> {
    let changed = BTreeMap::from([("Value", Variant::from(value))]);
    signal(
        sender,
        Signal::PropertiesChanged {
            path,
            interface: CHARACTERISTIC,
            changed,
            invalidated: Vec::new(),
        },
    )
}
