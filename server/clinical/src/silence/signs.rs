//! Signs: what is known of a home and its surroundings when a window has closed empty.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The last thing that is known of a gateway's connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LastWord {
    /// It was connected and working.
    Online,
    /// The broker lost the connection and spoke for it.
    LastWill,
    /// It said that it stops, on purpose.
    Stopped,
}

/// A stretch of time; open while it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stretch {
    /// When it began.
    pub from: Timestamp,
    /// When it ended, if it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// A time in which the broker or the server could not be reached by anyone.
pub type Outage = Stretch;

/// Something that a gateway usually hears over and over, so that not hearing it says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Presence {
    /// How many minutes usually pass between two hearings, by the days before.
    pub every_minutes: u32,
    /// The longest silence that reaches into the time since the window opened; open if it goes on.
    pub quiet: Stretch,
}

/// What is known of the gateway.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewaySigns {
    /// When its last message arrived, of any kind; a last will is none. `None` when it was never heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard_at: Option<Timestamp>,
    /// The last thing known of its connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_word: Option<LastWord>,
    /// The longest silence about the window that is over, from its last message before to the first after. What an outage
    /// of ours explains is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was_quiet: Option<Stretch>,
    /// When its program or machine last started, as it tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restarted_at: Option<Timestamp>,
    /// Records that it took in from devices during `was_quiet`, by their time of arrival at the gateway.
    #[serde(default)]
    pub received_meanwhile: u32,
    /// Since when it has not known the time, by its last status; it sends no reading until it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_unknown_since: Option<Timestamp>,
    /// Its clock minus the server's, in seconds, as seen at its last status; `None` while it does not know the time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_offset_seconds: Option<i64>,
    /// The longest stretch since the window opened in which it said that it has no working Bluetooth adapter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub radio_down: Option<Stretch>,
    /// Strangers' devices, by its count of them; `None` where it hardly hears any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strangers: Option<Presence>,
    /// Records without a receipt, as it last told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outbox_len: Option<u64>,
}

/// What is known of the device whose reading is missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceSigns {
    /// When the gateway last heard it: an advertisement or a connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Timestamp>,
    /// How it is heard when nobody uses it; `None` for a device that is only heard in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unused: Option<Presence>,
    /// Its battery's level, in percent, as it last told; many devices never do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub battery_percent: Option<u8>,
    /// Whether it last said that its battery is low.
    #[serde(default)]
    pub battery_low: bool,
    /// Attempts since the window opened that gave no usable value.
    #[serde(default)]
    pub failed_attempts: u32,
    /// Connections to it since the window opened that failed.
    #[serde(default)]
    pub connection_failures: u32,
    /// Whether it last refused the consent of its user, without which it sends nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub consent_refused: bool,
    /// Whether its last reading was marked for its clock: not set, not read, or in the future.
    #[serde(default)]
    pub clock_trouble: bool,
    /// Readings that arrived while the window was open and are dated outside it.
    #[serde(default)]
    pub misdated: u32,
    /// Readings of this window that arrived after it was found empty.
    #[serde(default)]
    pub arrived_late: u32,
}

/// What is known of the other devices of the same home.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HomeSigns {
    /// Whether any other device was used since the window opened: it gave a reading or an attempt, or tried to connect.
    /// `None` for a home with one device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub others_used: Option<bool>,
    /// How the other device that is heard most often is heard when nobody uses it; `None` without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub others_unused: Option<Presence>,
    /// Connections to other devices since the window opened that failed.
    #[serde(default)]
    pub others_connection_failures: u32,
}

/// What is known of all homes, and of our own machines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Surroundings {
    /// Homes with a gateway that should be heard.
    #[serde(default)]
    pub homes: u32,
    /// Those of them that went quiet within one short span and are quiet still.
    #[serde(default)]
    pub homes_quiet: u32,
    /// The last time that the broker could not be reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broker_down: Option<Outage>,
    /// The last time that this server did not run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_down: Option<Outage>,
}

/// Everything that is known, for one empty window of one patient.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signs {
    /// The gateway.
    #[serde(default)]
    pub gateway: GatewaySigns,
    /// The device whose reading is missing.
    #[serde(default)]
    pub device: DeviceSigns,
    /// The other devices.
    #[serde(default)]
    pub home: HomeSigns,
    /// All homes, and ours.
    #[serde(default)]
    pub around: Surroundings,
    /// Whether readings are paused.
    #[serde(default)]
    pub paused: bool,
}
