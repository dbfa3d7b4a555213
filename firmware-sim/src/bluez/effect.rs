//! What the simulated daemon wants to be sent, as plain values.

use std::{collections::BTreeMap, time::Duration};

use zbus::Variant;

/// Properties of one interface (`a{sv}`).
pub(super) type Properties = BTreeMap<&'static str, Variant<'static>>;
/// Interfaces of one object (`a{sa{sv}}`).
pub(super) type Interfaces = BTreeMap<&'static str, Properties>;
/// A method call that waits for its answer.
pub(super) type CallId = u64;

/// One thing to send, in order.
#[derive(Debug)]
pub(super) enum Effect {
    Reply(CallId, Reply),
    Refuse(CallId, Refusal),
    /// The call is never answered.
    Hang(CallId),
    Signal(Signal),
    /// A characteristic's value; `record` is confirmed to the peer once the signal is sent.
    Value {
        path: String,
        value: Vec<u8>,
        record: Option<RecordSent>,
    },
    /// The daemon dies and comes back.
    Restart {
        down: Duration,
    },
}

/// The record that a value signal carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RecordSent {
    pub(super) peer: usize,
    pub(super) record: u64,
}

/// The body of a method return.
#[derive(Debug)]
pub(super) enum Reply {
    Empty,
    Bytes(Vec<u8>),
    Value(Variant<'static>),
    Properties(Properties),
    Objects(BTreeMap<String, Interfaces>),
    Text(String),
}

/// A D-Bus error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) name: &'static str,
    pub(super) text: String,
}

impl Refusal {
    pub(super) fn new(name: &'static str, text: &str) -> Self {
        Self {
            name,
            text: text.to_owned(),
        }
    }

    pub(super) fn failed(text: &str) -> Self {
        Self::new("org.bluez.Error.Failed", text)
    }

    pub(super) fn authentication_failed() -> Self {
        Self::new(
            "org.bluez.Error.AuthenticationFailed",
            "Authentication Failed",
        )
    }

    /// What Pair() says of a device that cannot be reached.
    pub(super) fn attempt_failed() -> Self {
        Self::new("org.bluez.Error.ConnectionAttemptFailed", "Page Timeout")
    }

    pub(super) fn does_not_exist() -> Self {
        Self::new("org.bluez.Error.DoesNotExist", "Does Not Exist")
    }

    pub(super) fn not_ready() -> Self {
        Self::new("org.bluez.Error.NotReady", "Resource Not Ready")
    }

    pub(super) fn in_progress() -> Self {
        Self::new(
            "org.bluez.Error.InProgress",
            "Operation already in progress",
        )
    }

    pub(super) fn not_connected() -> Self {
        Self::new("org.bluez.Error.NotConnected", "Not Connected")
    }

    pub(super) fn unknown_object(path: &str) -> Self {
        Self::new(
            "org.freedesktop.DBus.Error.UnknownObject",
            &format!("Unknown object {path}"),
        )
    }

    pub(super) fn unknown_method() -> Self {
        Self::new(
            "org.freedesktop.DBus.Error.UnknownMethod",
            "Method doesn't exist on this object",
        )
    }

    pub(super) fn invalid_arguments() -> Self {
        Self::new(
            "org.bluez.Error.InvalidArguments",
            "Invalid arguments in method call",
        )
    }
}

/// A broadcast.
#[derive(Debug)]
pub(super) enum Signal {
    PropertiesChanged {
        path: String,
        interface: &'static str,
        changed: Properties,
        invalidated: Vec<&'static str>,
    },
    InterfacesAdded {
        path: String,
        interfaces: Interfaces,
    },
    InterfacesRemoved {
        path: String,
        interfaces: Vec<&'static str>,
    },
}
