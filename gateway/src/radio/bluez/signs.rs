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
pub(in crate::radio) struct Signs {
    streams: SelectAll<MessageStream>,
    /// The object path of the adapter that they are of, besides BlueZ itself; `None` for all adapters.
    adapter: Option<String>,
}

impl Signs {
    /// Asks the D-Bus for the signals that are signs of BlueZ, and of one adapter or all.
    pub(super) async fn of(connection: &Connection, adapter: Option<String>) -> zbus::Result<Self> {
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
        Ok(Self { streams, adapter })
    }

    /// Waits for the next sign; `None` when the D-Bus is gone.
    pub(in crate::radio) async fn next(&mut self) -> Option<Sign> {
        loop {
            let message = self.streams.next().await?.ok()?;
            if let Some(sign) = self.sign_of(&message) {
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

impl Signs {
    fn sign_of(&self, message: &Message) -> Option<Sign> {
        let header = message.header();
        let body = message.body();
        let of_ours = |path: &str| self.adapter.as_deref().is_none_or(|ours| ours == path);
        match header.member()?.as_str() {
            "NameOwnerChanged" => {
                let (_, _, owner): (String, String, String) = body.deserialize().ok()?;
                Some(came(!owner.is_empty()))
            }
            "InterfacesAdded" => {
                type Added<'a> = HashMap<String, HashMap<String, OwnedVariant>>;
                let (path, interfaces): (ObjectPath<'_>, Added<'_>) = body.deserialize().ok()?;
                let adapter = interfaces.contains_key(ADAPTER) && of_ours(&path);
                adapter.then_some(Sign::Came)
            }
            "InterfacesRemoved" => {
                let (path, interfaces): (ObjectPath<'_>, Vec<String>) = body.deserialize().ok()?;
                let adapter = interfaces.iter().any(|it| it == ADAPTER) && of_ours(&path);
                adapter.then_some(Sign::Gone)
            }
            "PropertiesChanged" => {
                type Changed = HashMap<String, OwnedVariant>;
                let (_, changed, _): (String, Changed, Vec<String>) = body.deserialize().ok()?;
                header.path().filter(|path| of_ours(path))?;
                match **changed.get("Powered")? {
                    zbus::Variant::Bool(powered) => Some(came(powered)),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

fn came(is_there: bool) -> Sign {
    if is_there { Sign::Came } else { Sign::Gone }
}
