//! Signs that BlueZ or an adapter has come or gone, which btleplug does not pass on.

use std::collections::HashMap;
use std::num::NonZeroUsize;

use futures::StreamExt;
use futures::stream::SelectAll;
use zbus::message::Type;
use zbus::{Connection, MatchRule, Message, MessageStream, ObjectPath, OwnedVariant};

use super::BLUEZ;

const ADAPTER: &str = "org.bluez.Adapter1";

/// Signals that wait to be looked at; more make the D-Bus connection wait.
const SIGNALS_LEN_MAX: NonZeroUsize = NonZeroUsize::new(64).expect("more than none");

/// Is what a sign says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::radio) enum Sign {
    /// BlueZ, or an adapter, is there anew: it is worth looking again.
    Came,
    /// BlueZ, or an adapter, is gone, and every connection through it.
    Gone,
}

/// Is the signs to come.
pub(in crate::radio) struct Signs(SelectAll<MessageStream>);

impl Signs {
    /// Asks the D-Bus for the signals that are signs.
    pub(super) async fn of(connection: &Connection) -> zbus::Result<Self> {
        let signal = || MatchRule::builder().msg_type(Type::Signal);
        let rules = [
            signal()
                .sender("org.freedesktop.DBus")
                .member("NameOwnerChanged")
                .add_arg("org.bluez")
                .build()?,
            signal()
                .sender(BLUEZ)
                .interface("org.freedesktop.DBus.ObjectManager")
                .path("/")
                .build()?,
            signal()
                .sender(BLUEZ)
                .member("PropertiesChanged")
                .add_arg(ADAPTER)
                .build()?,
        ];
        let mut streams = SelectAll::new();
        for rule in rules {
            let stream =
                MessageStream::for_match_rule(rule, connection, Some(SIGNALS_LEN_MAX)).await?;
            streams.push(stream);
        }
        Ok(Self(streams))
    }

    /// Waits for the next sign; `None` when the D-Bus is gone.
    pub(in crate::radio) async fn next(&mut self) -> Option<Sign> {
        loop {
            let message = self.0.next().await?.ok()?;
            if let Some(sign) = sign_of(&message) {
                return Some(sign);
            }
        }
    }
}

impl Signs {
    /// Waits until BlueZ or an adapter is there anew; for ever when the D-Bus is gone.
    pub(in crate::radio) async fn came(&mut self) {
        while let Some(sign) = self.next().await {
            if sign == Sign::Came {
                return;
            }
        }
        std::future::pending::<()>().await;
    }
}

fn sign_of(message: &Message) -> Option<Sign> {
    let header = message.header();
    let body = message.body();
    match header.member()?.as_str() {
        "NameOwnerChanged" => {
            let (_, _, owner): (String, String, String) = body.deserialize().ok()?;
            Some(came(!owner.is_empty()))
        }
        "InterfacesAdded" => {
            type Added<'a> = HashMap<String, HashMap<String, OwnedVariant>>;
            let (_, interfaces): (ObjectPath<'_>, Added<'_>) = body.deserialize().ok()?;
            interfaces.contains_key(ADAPTER).then_some(Sign::Came)
        }
        "InterfacesRemoved" => {
            let (_, interfaces): (ObjectPath<'_>, Vec<String>) = body.deserialize().ok()?;
            let adapter = interfaces.iter().any(|it| it == ADAPTER);
            adapter.then_some(Sign::Gone)
        }
        "PropertiesChanged" => {
            type Changed = HashMap<String, OwnedVariant>;
            let (_, changed, _): (String, Changed, Vec<String>) = body.deserialize().ok()?;
            match **changed.get("Powered")? {
                zbus::Variant::Bool(powered) => Some(came(powered)),
                _ => None,
            }
        }
        _ => None,
    }
}

fn came(is_there: bool) -> Sign {
    if is_there { Sign::Came } else { Sign::Gone }
}
