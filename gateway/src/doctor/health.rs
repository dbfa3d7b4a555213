//! What the running gateway says of itself when it is asked.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vitals::wire::{GatewayState, GatewayStatus};

use crate::clock::Clock;
use crate::outbox::{Outbox, OutboxError};
use crate::progress::Progress;
use crate::radio::RadioStatus;
use crate::uplink::{UplinkStatus, status_of};

/// How the running gateway is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Health {
    /// What it also tells the server.
    pub status: GatewayStatus,
    /// Whether it is connected to the broker.
    pub connected: bool,
    /// When the server last confirmed something, since the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt_at: Option<Timestamp>,
    /// The task that does not get on, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stuck: Option<String>,
}

/// What knows how the running gateway is.
#[derive(Debug)]
pub struct Watch {
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
        Ok(Health {
            status: status_of(GatewayState::Online, &outbox, &self.radio, now),
            connected: self.uplink.is_connected(),
            receipt_at: self.uplink.receipt_at(),
            stuck: self.progress.stuck().map(str::to_owned),
        })
    }
}
