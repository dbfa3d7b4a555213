//! What passes between BlueZ and a collector over D-Bus, in words that do not depend on paths, addresses or times.
//!
//! A watcher hears real BlueZ and the simulated one alike, so that the order of one can be held against the other's.

mod label;
mod words;

use anyhow::{Context as _, Result};
use futures::StreamExt as _;
use zbus::MessageStream;

use words::Words;

/// Hears everything that BlueZ and its clients say to each other.
#[derive(Debug)]
pub struct Watcher {
    messages: MessageStream,
    words: Words,
    spoken: std::collections::VecDeque<String>,
}

impl Watcher {
    /// Begins to hear what is said on a bus, such as `unix:path=…`, of the devices that one adapter, such as `hci0`,
    /// knows.
    ///
    /// # Errors
    /// Fails when the bus is not there or does not let its messages be heard.
    pub async fn start(bus: &str, adapter: &str) -> Result<Self> {
        let connection = zbus::connection::Builder::address(bus)
            .build()
            .await
            .context("connecting to the bus")?;
        let messages = MessageStream::from(&connection);
        let bus = "org.freedesktop.DBus";
        let monitoring = "org.freedesktop.DBus.Monitoring";
        connection
            .call_method(
                Some(bus),
                "/org/freedesktop/DBus",
                Some(monitoring),
                "BecomeMonitor",
                &(Vec::<String>::new(), 0_u32),
            )
            .await
            .context("the bus does not let its messages be heard")?;
        Ok(Self {
            messages,
            words: Words::new(adapter),
            spoken: std::collections::VecDeque::new(),
        })
    }

    /// Waits for the next thing that is said, as one line; `None` when the bus is gone.
    pub async fn next(&mut self) -> Option<String> {
        loop {
            if let Some(line) = self.spoken.pop_front() {
                return Some(line);
            }
            let message = self.messages.next().await?.ok()?;
            self.spoken.extend(self.words.of(&message));
        }
    }
}
