//! Calls to bluetoothd. It asks back before it answers, so that each is made in a task of its own.

use std::collections::HashMap;

use tokio::sync::mpsc;
use zbus::{Connection, Message, ObjectPath, Variant};

use super::objects::{ADVERTISEMENT, AGENT, APPLICATION};

const BLUEZ: &str = "org.bluez";
const GATT_MANAGER: &str = "org.bluez.GattManager1";
const ADVERTISING_MANAGER: &str = "org.bluez.LEAdvertisingManager1";
const AGENT_MANAGER: &str = "org.bluez.AgentManager1";

/// What was asked of bluetoothd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// What there is.
    Objects,
    /// To take the agent for its own.
    Agent,
    /// To serve the application.
    Application,
    /// To advertise.
    Advertise,
    /// To advertise no more.
    Silence,
}

/// Is how it answered.
pub(super) type Answer = (Asked, Result<Message, zbus::Error>);

/// Asks, on behalf of one adapter.
#[derive(Clone, Debug)]
pub(super) struct Daemon {
    pub(super) connection: Connection,
    pub(super) adapter: String,
    pub(super) capability: &'static str,
    pub(super) answers: mpsc::Sender<Answer>,
}

impl Daemon {
    /// Asks; the answer comes to `answers`.
    pub(super) fn ask(&self, asked: Asked) {
        let daemon = self.clone();
        tokio::spawn(async move {
            let answer = daemon.call(asked).await;
            // Nobody waits for it any more when the program ends.
            let _ = daemon.answers.send((asked, answer)).await;
        });
    }

    async fn call(&self, asked: Asked) -> Result<Message, zbus::Error> {
        let none = HashMap::<String, Variant<'_>>::new();
        let adapter = self.adapter.as_str();
        match asked {
            Asked::Objects => {
                let manager = "org.freedesktop.DBus.ObjectManager";
                self.call_at("/", manager, "GetManagedObjects", &()).await
            }
            Asked::Agent => {
                let agent = ObjectPath::try_from(AGENT)?;
                let manager = "/org/bluez";
                let body = (&agent, self.capability);
                self.call_at(manager, AGENT_MANAGER, "RegisterAgent", &body)
                    .await?;
                self.call_at(manager, AGENT_MANAGER, "RequestDefaultAgent", &agent)
                    .await
            }
            Asked::Application => {
                let body = (ObjectPath::try_from(APPLICATION)?, none);
                self.call_at(adapter, GATT_MANAGER, "RegisterApplication", &body)
                    .await
            }
            Asked::Advertise => {
                let body = (ObjectPath::try_from(ADVERTISEMENT)?, none);
                let member = "RegisterAdvertisement";
                self.call_at(adapter, ADVERTISING_MANAGER, member, &body)
                    .await
            }
            Asked::Silence => {
                let body = ObjectPath::try_from(ADVERTISEMENT)?;
                let member = "UnregisterAdvertisement";
                self.call_at(adapter, ADVERTISING_MANAGER, member, &body)
                    .await
            }
        }
    }

    async fn call_at<B>(
        &self,
        path: &str,
        interface: &str,
        member: &str,
        body: &B,
    ) -> Result<Message, zbus::Error>
    where
        B: serde::Serialize + zbus::DynamicType,
    {
        self.connection
            .call_method(Some(BLUEZ), path, Some(interface), member, body)
            .await
    }
}
