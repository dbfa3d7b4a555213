//! A gateway's status: what it says of itself at each connection, regularly, and by its last will.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::WireError;

/// Whether the gateway speaks, or the broker speaks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GatewayState {
    /// Connected and working.
    Online,
    /// The last will: the broker lost the connection.
    Offline,
    /// Stopped on purpose.
    Stopped,
}

/// What a gateway says of itself. It holds no vital sign and no device address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewayStatus {
    /// Whether the gateway speaks, or the broker for it.
    pub state: GatewayState,
    /// When it was written, by the gateway's clock. A last will carries the time of connecting.
    pub at: Timestamp,
    /// The program's version.
    pub software_version: String,
    /// Records without a receipt.
    pub outbox_len: u64,
    /// The arrival of the oldest record without a receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest_unreceipted_at: Option<Timestamp>,
    /// How full the outbox is, in percent of its cap.
    pub outbox_used_percent: u8,
    /// Records that the server refused, kept on the gateway.
    pub refused_len: u64,
    /// Whether a Bluetooth adapter is there and powered.
    pub radio_ready: bool,
    /// Advertisements of devices that are not registered here, since start.
    pub strangers_ignored: u64,
}

impl GatewayStatus {
    /// Reads the body of an opened envelope.
    ///
    /// # Errors
    /// A named refusal.
    pub fn from_body(body: &str) -> Result<Self, WireError> {
        Ok(serde_json::from_str(body)?)
    }
}
