//! Our own D-Bus client of BlueZ, for what btleplug leaves out: pairing, forgetting, and signs that BlueZ or an adapter
//! comes or goes.

mod agent;
mod known;
mod signs;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use btleplug::platform::PeripheralId;
use tokio::time::timeout;
use zbus::{Connection, ObjectPath, OwnedVariant};

pub(super) use known::Known;
pub(super) use signs::{Sign, Signs};

use super::failure::Failure;
use crate::pairing::PairingDesk;
use agent::Agent;

const BLUEZ: &str = "org.bluez";
const DEVICE: &str = "org.bluez.Device1";
const AGENT_MANAGER: &str = "org.bluez.AgentManager1";

/// Where BlueZ's objects are.
const ROOT: &str = "/org/bluez";

/// Gives the object path of a device, of which btleplug keeps the end.
pub(super) fn path_of(id: &PeripheralId) -> String {
    format!("{ROOT}/{id}")
}

/// Is a D-Bus connection of our own; BlueZ takes it for another program than btleplug's.
#[derive(Debug, Clone)]
pub(super) struct Bluez {
    connection: Connection,
    call_ms_max: u64,
}

impl Bluez {
    /// Connects to the system D-Bus and stands ready to answer about the pairing in hand.
    ///
    /// # Errors
    /// When the D-Bus is not there.
    pub(super) async fn connect(desk: Arc<PairingDesk>, call_ms_max: u64) -> Result<Self, Failure> {
        let connecting = zbus::connection::Builder::system()
            .serve_at(agent::PATH, Agent::new(desk))
            .build();
        let connection = timeout(Duration::from_millis(call_ms_max), connecting)
            .await
            .map_err(|_| Failure::Unanswered(call_ms_max))??;
        Ok(Self {
            connection,
            call_ms_max,
        })
    }

    /// Hears when BlueZ comes or goes, and this adapter, or any.
    ///
    /// # Errors
    /// When the D-Bus refuses.
    pub(super) async fn signs(&self, adapter: Option<&str>) -> Result<Signs, Failure> {
        let adapter = adapter.map(|name| format!("{ROOT}/{name}"));
        Ok(Signs::of(&self.connection, adapter).await?)
    }

    /// Pairs with a device unless it is paired, and tells whether it was not; one that is not connected is connected to.
    /// `wait_ms_max` has to leave time for somebody to enter digits.
    ///
    /// # Errors
    /// When the device or BlueZ refuses, or does not answer in time; the pairing is then given up.
    pub(super) async fn pair(&self, path: &str, wait_ms_max: u64) -> Result<bool, Failure> {
        // BlueZ hangs when a device is paired that is paired.
        if self.is_paired(path).await? {
            return Ok(false);
        }
        self.register_agent().await?;
        let paired = self
            .call(path, DEVICE, "Pair", &(), wait_ms_max)
            .await
            .map(|_| true);
        match paired {
            Err(Failure::Unanswered(ms)) => {
                // Otherwise the next pairing is refused while this one lasts.
                let _ = self
                    .call(path, DEVICE, "CancelPairing", &(), self.call_ms_max)
                    .await;
                Err(Failure::Unanswered(ms))
            }
            other => other,
        }
    }

    async fn is_paired(&self, path: &str) -> Result<bool, Failure> {
        let properties = "org.freedesktop.DBus.Properties";
        let reply = self
            .call(path, properties, "GetAll", &DEVICE, self.call_ms_max)
            .await?;
        let body = reply.body();
        let properties: HashMap<String, OwnedVariant> = body.deserialize()?;
        let is = |name: &str| {
            properties
                .get(name)
                .is_some_and(|it| matches!(**it, zbus::Variant::Bool(true)))
        };
        Ok(is("Paired") || is("Bonded"))
    }

    /// Makes our agent the one that BlueZ asks; a BlueZ that was restarted does not know it any more.
    ///
    /// # Errors
    /// When BlueZ refuses or does not answer; a device that wants to be paired cannot be, until it does.
    pub(super) async fn register_agent(&self) -> Result<(), Failure> {
        let path = ObjectPath::from_static_str_unchecked(agent::PATH);
        let body = (&path, agent::CAPABILITY);
        let registered = self
            .call(
                ROOT,
                AGENT_MANAGER,
                "RegisterAgent",
                &body,
                self.call_ms_max,
            )
            .await;
        match registered {
            Ok(_) => {}
            Err(Failure::Refused(why)) if why.starts_with("org.bluez.Error.AlreadyExists") => {
                return Ok(());
            }
            Err(failure) => return Err(failure),
        }
        let default = "RequestDefaultAgent";
        self.call(ROOT, AGENT_MANAGER, default, &path, self.call_ms_max)
            .await?;
        tracing::debug!("BlueZ asks this program about pairings");
        Ok(())
    }

    async fn call<B>(
        &self,
        path: &str,
        interface: &str,
        method: &str,
        body: &B,
        ms_max: u64,
    ) -> Result<zbus::Message, Failure>
    where
        B: serde::Serialize + zbus::wire::DynamicType + Sync,
    {
        let calling = self
            .connection
            .call_method(Some(BLUEZ), path, Some(interface), method, body);
        match timeout(Duration::from_millis(ms_max), calling).await {
            Ok(reply) => Ok(reply?),
            Err(_) => Err(Failure::Unanswered(ms_max)),
        }
    }
}
