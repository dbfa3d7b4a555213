//! The way by which commands on the box speak with the running gateway: a socket in its state folder.
//!
//! One command, one line of JSON; one answer, one line of JSON. Only who may use the state folder may use it.

pub mod client;
pub mod server;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use vitals::DeviceId;
use vitals::report::SignOff;

use crate::bindings::Address;
use crate::config::DeviceKind;
use crate::doctor::Health;
use crate::outbox::LatestRecord;
use crate::radio::{Candidate, DeviceReport, Meeting};

/// The socket's name in the state folder.
pub const SOCKET_NAME: &str = "control.sock";

/// The longest line, either way, in bytes: every device of a home with all that is known of it.
const LINE_LEN_MAX: u64 = 64 * 1024;

/// How many commands are served at once; more wait for their turn.
const CONNECTIONS_LEN_MAX: usize = 8;

/// The longest that a command may wait for its answer: a device may have to be brought near, and pair.
const ANSWER_WAIT: Duration = Duration::from_secs(100);

/// Is what a command asks.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// To pair a device that shows digits.
    Passkey {
        /// The registered device.
        device: DeviceId,
        /// The six digits that it shows.
        digits: String,
    },
    /// To be told how the gateway is; answered with its [`Health`].
    Health,
    /// To be told of the latest record of a device; answered with a [`LatestRecord`], if there is one.
    Latest {
        /// The device of this home.
        device: DeviceId,
    },
    /// To let the light tell this box from others for a while.
    Identify,
    /// To keep what the installer signed, and to pass it on to the server.
    SignOff(SignOff),
    /// To look for devices that are near and none of this home; answered with [`Candidate`]s.
    Look {
        /// Which kind comes first.
        kind: DeviceKind,
    },
    /// To bind a device to an address and take it up at once.
    Bind {
        /// The device of this home.
        device: DeviceId,
        /// The address of a candidate.
        address: Address,
    },
    /// To unbind a device, end its session and remove its bond; readings that it gave stay.
    Forget {
        /// The device of this home.
        device: DeviceId,
    },
    /// To tell what is known of each device of this home; answered with [`DeviceReport`]s.
    Devices,
    /// To wait until a bound device was met well; answered with a [`Meeting`].
    Await {
        /// The device of this home.
        device: DeviceId,
    },
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Passkey { device, .. } => f
                .debug_struct("Passkey")
                .field("device", device)
                .finish_non_exhaustive(),
            Self::Health => f.write_str("Health"),
            Self::Identify => f.write_str("Identify"),
            Self::Latest { device } => f.debug_struct("Latest").field("device", device).finish(),
            Self::SignOff(_) => f.write_str("SignOff"),
            Self::Look { kind } => f.debug_struct("Look").field("kind", kind).finish(),
            Self::Bind { device, .. } => f
                .debug_struct("Bind")
                .field("device", device)
                .finish_non_exhaustive(),
            Self::Forget { device } => f.debug_struct("Forget").field("device", device).finish(),
            Self::Devices => f.write_str("Devices"),
            Self::Await { device } => f.debug_struct("Await").field("device", device).finish(),
        }
    }
}

/// Is what the gateway answers to what can only be done or refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Answer {
    /// It was done.
    Done,
    /// It was not, and what to do next.
    Refused(String),
}

/// Is what the gateway answers, as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Reply {
    Done,
    Refused(String),
    Candidates(Vec<Candidate>),
    Devices(Vec<DeviceReport>),
    Meeting(Meeting),
    Health(Box<Health>),
    Latest(Option<LatestRecord>),
}

#[cfg(test)]
mod tests;
