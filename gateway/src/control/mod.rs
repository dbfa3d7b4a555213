//! The way by which commands on the box speak with the running gateway: a socket in its state folder.
//!
//! One command, one line of JSON; one answer, one line of JSON. Only who may use the state folder may use it.

pub mod client;
pub mod server;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use vitals::DeviceId;

use crate::doctor::Health;

/// The socket's name in the state folder.
pub const SOCKET_NAME: &str = "control.sock";

/// The longest line, either way: what is known of every device that a home may have is the longest answer.
const LINE_LEN_MAX: u64 = 64 * 1024;

/// How many commands are served at once; more wait for their turn.
const CONNECTIONS_LEN_MAX: usize = 4;

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
    /// To be told how the gateway is.
    Health,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Passkey { device, .. } => f
                .debug_struct("Passkey")
                .field("device", device)
                .finish_non_exhaustive(),
            Self::Health => f.write_str("Health"),
        }
    }
}

/// Is what the gateway answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Answer {
    /// It was done.
    Done,
    /// How the gateway is.
    Health(Box<Health>),
    /// It was not, and what to do next.
    Refused(String),
}

#[cfg(test)]
mod tests;
