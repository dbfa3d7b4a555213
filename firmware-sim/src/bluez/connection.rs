//! The daemon's connection to the private bus.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use zbus::{Connection, Message, MessageStream};

use super::effect::CallId;

const NAME: &str = "org.bluez";

/// The daemon's own connection; a restart makes a new one.
pub(super) struct Bus {
    pub(super) connection: Connection,
    pub(super) messages: MessageStream,
    pub(super) name: String,
    pub(super) waiting: HashMap<CallId, Message>,
    pub(super) next_call: CallId,
}

impl Bus {
    pub(super) async fn connect(address: &str) -> Result<Self> {
        let connection = zbus::connection::Builder::address(address)
            .build()
            .await
            .context("connecting to the private bus")?;
        let messages = MessageStream::from(&connection);
        let rule = "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged'";
        let bus = "org.freedesktop.DBus";
        connection
            .call_method(
                Some(bus),
                "/org/freedesktop/DBus",
                Some(bus),
                "AddMatch",
                &rule,
            )
            .await?;
        connection
            .request_name(NAME)
            .await
            .context("taking the name org.bluez on the private bus")?;
        let name = connection
            .unique_name()
            .map(ToString::to_string)
            .unwrap_or_default();
        Ok(Self {
            connection,
            messages,
            name,
            waiting: HashMap::new(),
            next_call: 0,
        })
    }

    /// Leaves the bus as a dying daemon does: calls that wait are never answered by us.
    ///
    /// The name goes first and by a call, so that it is known to be gone when this returns.
    pub(super) async fn close(self) -> Result<()> {
        self.connection
            .release_name(NAME)
            .await
            .context("giving up the name org.bluez")?;
        drop(self.messages);
        self.connection
            .close()
            .await
            .context("closing the connection to the private bus")
    }
}

/// Returns the D-Bus client that a NameOwnerChanged signal reports as gone.
pub(super) fn client_that_left(message: &Message) -> Option<String> {
    let header = message.header();
    let member = header
        .member()
        .filter(|member| member.as_str() == "NameOwnerChanged")?;
    let body = message.body();
    let (name, _old, new): (String, String, String) = body.deserialize().ok()?;
    tracing::trace!(%member, "bus name changed hands");
    (name.starts_with(':') && new.is_empty()).then_some(name)
}
