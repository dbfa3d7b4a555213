//! What the running gateway says of itself when it is asked.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vitals::wire::{GatewayState, GatewayStatus};

use crate::clock::{Certainty, Clock};
use crate::config::BrokerConfig;
use crate::outbox::{Outbox, OutboxError};
use crate::progress::Progress;
use crate::radio::RadioStatus;
use crate::uplink::{Told, UplinkStatus, status_of};

/// How the running gateway is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Health {
    /// What it also tells the server.
    pub status: GatewayStatus,
    /// Whether it is connected to the broker.
    pub connected: bool,
    /// Whether it is not, because the server's certificate is not good by this box's clock.
    #[serde(default)]
    pub out_of_time: bool,
    /// How far it believes its clock.
    #[serde(default)]
    pub time: Certainty,
    /// When the server last confirmed something, since the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt_at: Option<Timestamp>,
    /// The task that does not get on, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stuck: Option<String>,
}

impl Health {
    /// Says in a few words whether it is connected, and of its clock whether that is why not.
    pub fn connection(&self) -> &'static str {
        match self.time {
            _ if self.connected => "connected",
            _ if !self.out_of_time => "not connected",
            Certainty::Unknown => {
                "not connected: this box does not know the time, and so believes no server"
            }
            Certainty::Unconfirmed | Certainty::Known => {
                "not connected: the server's certificate is not good by this box's clock"
            }
        }
    }
}

/// What knows how the running gateway is.
#[derive(Debug)]
pub struct Watch {
    /// Where it is sent, and by which certificate.
    pub broker: BrokerConfig,
    /// What waits.
    pub outbox: Arc<Outbox>,
    /// The line to the server.
    pub uplink: Arc<UplinkStatus>,
    /// The devices.
    pub radio: Arc<RadioStatus>,
    /// The tasks that must get on.
    pub progress: Progress,
    /// The time.
    pub clock: Clock,
}

impl Watch {
    /// Says how the gateway is.
    ///
    /// # Errors
    /// When the outbox cannot be read.
    pub async fn health(&self) -> Result<Health, OutboxError> {
        let outbox = self.outbox.status().await?;
        let now = self.clock.now();
        let told = Told {
            outbox: &outbox,
            certificate_ends_at: self.broker.certificate_ends_at(),
        };
        Ok(Health {
            status: status_of(GatewayState::Online, told, &self.radio, now),
            connected: self.uplink.is_connected(),
            out_of_time: self.uplink.is_out_of_time(),
            time: self.clock.certainty(),
            receipt_at: self.uplink.receipt_at(),
            stuck: self.progress.stuck().map(str::to_owned),
        })
    }
}
