//! Calls from bluetoothd: what a collector does, as methods of the peripheral's objects.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use zbus::{Connection, Message, Variant};

use super::{
    agent,
    events::Event,
    objects::{ADVERTISEMENT, APPLICATION, CHARACTERISTIC, Objects, Properties, Tree},
};
use crate::device::{AttError, Device, Moment};

/// What is to be answered.
enum Answer {
    Nothing,
    Bytes(Vec<u8>),
    Objects(Objects),
    Properties(Properties),
    Refusal(&'static str),
}

/// What the call means to the device beyond its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing.
    Nothing,
    /// The indication that was sent last has been confirmed.
    Confirmed,
}

/// Carries a call out on the device, says what happened, and answers.
///
/// # Errors
/// When the bus takes no answer.
pub(super) async fn take(
    connection: &Connection,
    tree: &Tree,
    device: &mut Device,
    now: Moment,
    call: &Message,
) -> Result<Effect> {
    let header = call.header();
    let text = |part: Option<String>| part.unwrap_or_default();
    let path = text(header.path().map(ToString::to_string));
    let interface = text(header.interface().map(ToString::to_string));
    let member = text(header.member().map(ToString::to_string));
    let mut effect = Effect::Nothing;
    let answer = match (interface.as_str(), member.as_str()) {
        ("org.freedesktop.DBus.ObjectManager", "GetManagedObjects") if path == APPLICATION => {
            Answer::Objects(tree.objects().context("laying the objects out")?)
        }
        ("org.freedesktop.DBus.Properties", "GetAll") if path == ADVERTISEMENT => {
            Answer::Properties(tree.advertisement())
        }
        ("org.bluez.LEAdvertisement1", _) => Answer::Nothing,
        (agent::INTERFACE, _) => {
            let (shown, agreed) = agent::asked(call, tree.adapter());
            shown.iter().for_each(Event::say);
            if agreed {
                Answer::Nothing
            } else {
                Answer::Refusal("org.bluez.Error.Rejected")
            }
        }
        (CHARACTERISTIC, member) => match tree.characteristic(&path) {
            Some(_) if member == "Confirm" => {
                effect = Effect::Confirmed;
                Answer::Nothing
            }
            Some(characteristic) => used(device, now, characteristic, member, call),
            None => Answer::Refusal("org.bluez.Error.DoesNotExist"),
        },
        _ => Answer::Refusal("org.freedesktop.DBus.Error.UnknownMethod"),
    };
    // One that is only told, as by the bus itself, wants no answer.
    if !call
        .primary_header()
        .flags()
        .contains(zbus::message::Flags::NO_REPLY_EXPECTED)
    {
        connection
            .send(&reply(call, answer)?)
            .await
            .context("answering bluetoothd")?;
    }
    Ok(effect)
}

fn used(
    device: &mut Device,
    now: Moment,
    characteristic: u16,
    member: &str,
    call: &Message,
) -> Answer {
    match member {
        "ReadValue" => match device.read(now, characteristic) {
            Ok(value) => Answer::Bytes(value),
            Err(error) => refusal(error),
        },
        "WriteValue" => {
            let body = call.body();
            let written: Result<(Vec<u8>, HashMap<String, Variant<'_>>), _> = body.deserialize();
            let Ok((value, _)) = written else {
                return Answer::Refusal("org.bluez.Error.InvalidArguments");
            };
            match device.write(now, characteristic, &value) {
                Ok(()) => {
                    Event::Written {
                        characteristic,
                        value,
                    }
                    .say();
                    Answer::Nothing
                }
                Err(error) => refusal(error),
            }
        }
        "StartNotify" | "StopNotify" => {
            let on = member == "StartNotify";
            device.subscribe(now, characteristic, on);
            Event::Subscribed { characteristic, on }.say();
            Answer::Nothing
        }
        _ => Answer::Refusal("org.freedesktop.DBus.Error.UnknownMethod"),
    }
}

/// bluetoothd makes ATT codes of these names; it knows no name for those of a profile.
fn refusal(error: AttError) -> Answer {
    Answer::Refusal(match error {
        AttError::NotPermitted => "org.bluez.Error.NotPermitted",
        AttError::InvalidLength => "org.bluez.Error.InvalidValueLength",
        AttError::OutOfRange | AttError::ImproperlyConfigured => "org.bluez.Error.Failed",
    })
}

fn reply(call: &Message, answer: Answer) -> Result<Message> {
    let header = call.header();
    let builder = Message::method_return(&header);
    Ok(match answer {
        Answer::Nothing => builder.build(&())?,
        Answer::Bytes(bytes) => builder.build(&bytes)?,
        Answer::Objects(objects) => builder.build(&objects)?,
        Answer::Properties(properties) => builder.build(&properties)?,
        Answer::Refusal(name) => Message::error(&header, name).build(&"refused")?,
    })
}
