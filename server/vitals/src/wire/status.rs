//! A gateway's status: what it says of itself at each connection, regularly, and by its last will.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::WireError;
use crate::DeviceId;

/// The most devices that one gateway serves.
pub const DEVICES_LEN_MAX: usize = 32;
/// The most failed connections whose times a status tells of one device, the latest; three make a finding.
pub const FAILURES_LEN_MAX: usize = 8;

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
    /// When the program started, by the gateway's clock as it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// A number that the program drew when it started, so that two of one name are told apart; below 2^53.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<u64>,
    /// When the certificate ends by which it connects over TLS; left out where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_ends_at: Option<Timestamp>,
    /// What it knows of each registered device that it has heard of since; at most [`DEVICES_LEN_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<DeviceStatus>,
}

/// What a gateway knows of a registered device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceStatus {
    /// The device.
    pub device: DeviceId,
    /// When it was last heard: an advertisement or a connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Timestamp>,
    /// Its battery's level, in percent, as it last told; many devices never do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub battery_percent: Option<u8>,
    /// When the last connections that failed did, the latest last; at most [`FAILURES_LEN_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed_at: Vec<Timestamp>,
    /// Whether it last refused the consent of its user (User Data Service), without which it sends nothing.
    #[serde(default, skip_serializing_if = "is_false")]
    pub consent_refused: bool,
}

impl DeviceStatus {
    /// Tells of a device of which nothing is known yet.
    pub fn new(device: DeviceId) -> Self {
        Self {
            device,
            seen_at: None,
            battery_percent: None,
            failed_at: Vec::new(),
            consent_refused: false,
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes what it may skip by reference"
)]
fn is_false(flag: &bool) -> bool {
    !*flag
}

impl GatewayStatus {
    /// Reads the body of an opened envelope.
    ///
    /// # Errors
    /// A named refusal.
    pub fn from_body(body: &str) -> Result<Self, WireError> {
        let status: Self = serde_json::from_str(body)?;
        let too_long = |it: &DeviceStatus| it.failed_at.len() > FAILURES_LEN_MAX;
        if status.devices.len() > DEVICES_LEN_MAX || status.devices.iter().any(too_long) {
            return Err(WireError::TooLong);
        }
        Ok(status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status() -> GatewayStatus {
        GatewayStatus {
            state: GatewayState::Online,
            at: Timestamp::UNIX_EPOCH,
            software_version: "0.1.0".to_owned(),
            outbox_len: 0,
            oldest_unreceipted_at: None,
            outbox_used_percent: 0,
            refused_len: 0,
            radio_ready: true,
            strangers_ignored: 0,
            started_at: None,
            run: None,
            certificate_ends_at: None,
            devices: Vec::new(),
        }
    }

    #[test]
    fn lists_without_an_end_are_refused() {
        let device = DeviceStatus::new("cuff".parse().unwrap());
        let read = |status: &GatewayStatus| {
            GatewayStatus::from_body(&serde_json::to_string(status).unwrap())
        };
        let mut full = GatewayStatus {
            devices: vec![
                DeviceStatus {
                    failed_at: vec![Timestamp::UNIX_EPOCH; FAILURES_LEN_MAX],
                    ..device.clone()
                };
                DEVICES_LEN_MAX
            ],
            ..status()
        };
        assert_eq!(read(&full).unwrap(), full);
        full.devices[0].failed_at.push(Timestamp::UNIX_EPOCH);
        assert!(matches!(read(&full), Err(WireError::TooLong)));
        let many = GatewayStatus {
            devices: vec![device; DEVICES_LEN_MAX + 1],
            ..status()
        };
        assert!(matches!(read(&many), Err(WireError::TooLong)));
    }
}
