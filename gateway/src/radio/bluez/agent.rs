//! The pairing agent: answers what BlueZ asks while a device is being paired.
//!
//! It agrees only to what concerns the registered device in hand: whoever else asks to be paired is refused.

use std::sync::Arc;

use zbus::ObjectPath;

use crate::pairing::PairingDesk;

/// Where the agent is found on our D-Bus connection.
pub(super) const PATH: &str = "/uk/hearth/agent";

/// What the box can do by itself: nobody sees a number on it, but an installer can enter one (org.bluez.Agent1).
pub(super) const CAPABILITY: &str = "KeyboardOnly";

/// Answers BlueZ's questions.
#[derive(Debug)]
pub(super) struct Agent {
    desk: Arc<PairingDesk>,
}

impl Agent {
    /// Makes an agent that answers by what is in hand.
    pub(super) fn new(desk: Arc<PairingDesk>) -> Self {
        Self { desk }
    }

    fn agree(&self, device: &ObjectPath<'_>, question: &str) -> Result<(), Refused> {
        let agreed = self.desk.is_in_hand(device.as_str());
        tracing::debug!(question, agreed, "BlueZ asks about a pairing");
        if agreed {
            Ok(())
        } else {
            Err(Refused::Rejected(
                "this device is not being paired".to_owned(),
            ))
        }
    }
}

/// Is how an agent refuses.
#[derive(Debug, zbus::DBusError)]
#[zbus(prefix = "org.bluez.Error")]
pub(super) enum Refused {
    /// Of zbus itself.
    #[zbus(error)]
    ZBus(zbus::Error),
    /// It is not agreed to.
    Rejected(String),
    /// Nobody answered.
    Canceled(String),
}

#[zbus::interface(name = "org.bluez.Agent1")]
impl Agent {
    /// Is asked by a device that shows six digits.
    async fn request_passkey(&self, device: ObjectPath<'_>) -> Result<u32, Refused> {
        self.agree(&device, "passkey")?;
        tracing::info!(
            "a device shows six digits; enter them with `gateway pair passkey` while it shows them"
        );
        match self.desk.digits(device.as_str()).await {
            Some(passkey) => Ok(passkey.number()),
            None => Err(Refused::Canceled("nobody entered the digits".to_owned())),
        }
    }

    /// Is asked about a number that both sides show; the box shows none, so this is Just Works.
    async fn request_confirmation(
        &self,
        device: ObjectPath<'_>,
        _passkey: u32,
    ) -> Result<(), Refused> {
        self.agree(&device, "confirmation")
    }

    /// Is asked about a device that begins a pairing itself.
    async fn request_authorization(&self, device: ObjectPath<'_>) -> Result<(), Refused> {
        self.agree(&device, "authorization")
    }

    /// Is asked about a service that a device wants to use on the box; the box offers none.
    async fn authorize_service(
        &self,
        _device: ObjectPath<'_>,
        _uuid: String,
    ) -> Result<(), Refused> {
        Err(Refused::Rejected("the box offers no service".to_owned()))
    }

    /// Is asked by devices older than Bluetooth LE.
    async fn request_pin_code(&self, _device: ObjectPath<'_>) -> Result<String, Refused> {
        Err(Refused::Rejected("only Bluetooth LE is spoken".to_owned()))
    }

    /// Says that a question is not asked any more.
    async fn cancel(&self) {
        self.desk.cancel();
    }

    /// Says that BlueZ no longer uses this agent; it is registered again before the next pairing.
    async fn release(&self) {}
}
