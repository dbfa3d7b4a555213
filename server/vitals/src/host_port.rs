//! Where another program is reached: the name of a host or an IP address, and a port.

// The forms of addresses alone: there is no way to a network in here.
use core::net::{IpAddr, SocketAddr};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The longest name of a host, in bytes (RFC 1035, 2.3.4).
pub const NAME_LEN_MAX: usize = 253;
const LABEL_LEN_MAX: usize = 63;
/// The one name that means this machine everywhere (RFC 6761, 6.3).
const THIS_MACHINE: &str = "localhost";

/// A host and a port. A name is looked up at each connection, never here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HostPort {
    host: Host,
    port: u16,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Host {
    Ip(IpAddr),
    Name(String),
}

/// Why a text names no host and port.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{0:?} is no address: write the name of a host or an IP address, and a port, such as \"mqtt.hearth.example:8883\" or \
     \"127.0.0.1:1883\""
)]
pub struct HostPortError(String);

impl HostPort {
    /// Gives the name or the IP address, the latter without brackets.
    pub fn host(&self) -> String {
        match &self.host {
            Host::Ip(address) => address.to_string(),
            Host::Name(name) => name.clone(),
        }
    }

    /// Gives the port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Tells whether what is sent there never leaves this machine.
    pub fn is_on_this_machine(&self) -> bool {
        match &self.host {
            Host::Ip(address) => address.is_loopback(),
            Host::Name(name) => name == THIS_MACHINE,
        }
    }
}

impl From<SocketAddr> for HostPort {
    fn from(address: SocketAddr) -> Self {
        Self {
            host: Host::Ip(address.ip()),
            port: address.port(),
        }
    }
}

impl FromStr for HostPort {
    type Err = HostPortError;

    fn from_str(text: &str) -> Result<Self, HostPortError> {
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Ok(address.into());
        }
        let read = || {
            let (name, port) = text.rsplit_once(':')?;
            let port = port.parse().ok().filter(|port| *port > 0)?;
            let host = Host::Name(name.to_ascii_lowercase());
            is_name(name).then_some(Self { host, port })
        };
        read().ok_or_else(|| HostPortError(text.to_owned()))
    }
}

/// The last label of a name is never a number: what looks like a broken IPv4 address is none.
fn is_name(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=LABEL_LEN_MAX).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let last = text.rsplit('.').next().unwrap_or_default();
    text.len() <= NAME_LEN_MAX
        && text.split('.').all(is_label)
        && !last.bytes().all(|byte| byte.is_ascii_digit())
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Ip(address) => SocketAddr::new(*address, self.port).fmt(f),
            Host::Name(name) => write!(f, "{name}:{}", self.port),
        }
    }
}

impl TryFrom<String> for HostPort {
    type Error = HostPortError;

    fn try_from(text: String) -> Result<Self, HostPortError> {
        text.parse()
    }
}

impl From<HostPort> for String {
    fn from(address: HostPort) -> Self {
        address.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<HostPort, HostPortError> {
        text.parse()
    }

    #[test]
    fn names_and_addresses_are_read_and_shown_as_they_were_written() {
        for (text, host, port, is_here) in [
            ("127.0.0.1:1883", "127.0.0.1", 1883, true),
            ("[::1]:1883", "::1", 1883, true),
            ("192.0.2.7:8883", "192.0.2.7", 8883, false),
            ("localhost:1", "localhost", 1, true),
            (
                "mqtt.hearth.example:8883",
                "mqtt.hearth.example",
                8883,
                false,
            ),
            ("xn--bcher-kva.example:1", "xn--bcher-kva.example", 1, false),
            ("localhost.example:1", "localhost.example", 1, false),
        ] {
            let it = read(text).unwrap();
            assert_eq!((it.host().as_str(), it.port()), (host, port));
            assert_eq!(it.is_on_this_machine(), is_here, "{text}");
            assert_eq!(it.to_string(), text);
        }
        assert_eq!(read("LocalHost:1"), read("localhost:1"));
    }

    #[test]
    fn what_is_neither_is_refused_with_an_example() {
        let long = format!("{}:1", "a.".repeat(NAME_LEN_MAX) + "a");
        for wrong in [
            "",
            "localhost",
            "localhost:",
            "localhost:0",
            "localhost:65536",
            ":1883",
            "::1:1883",
            "[::1]",
            "a b:1",
            "-a:1",
            "a-:1",
            "a..b:1",
            "a_b:1",
            "b\u{fc}cher.example:1",
            "256.0.0.1:1",
            "http://a:1",
            &long,
        ] {
            let error = read(wrong).unwrap_err().to_string();
            assert!(error.contains("mqtt.hearth.example:8883"), "{error}");
        }
    }
}
