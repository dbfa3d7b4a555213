//! The broker's part of the configuration file: embedded, or the address of an external one.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;
use thiserror::Error;
use vitals::HostPort;

const NAME_LEN_MAX: usize = 64;

/// Which broker carries the messages: exactly one of the two tables stands in the file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BrokerConfig {
    /// `[broker.embedded]`: the server is its own broker.
    Embedded(EmbeddedConfig),
    /// `[broker.external]`: the server is a client of a broker that runs elsewhere.
    External(ExternalConfig),
}

/// Embedded, on 127.0.0.1:1883.
impl Default for BrokerConfig {
    fn default() -> Self {
        Self::Embedded(EmbeddedConfig {
            listen: PlainAddress(SocketAddr::from(([127, 0, 0, 1], 1883))),
        })
    }
}

/// `[broker.embedded]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmbeddedConfig {
    /// Where gateways connect; port 0 takes any free port.
    pub listen: PlainAddress,
}

/// `[broker.external]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "ExternalTable")]
pub struct ExternalConfig {
    /// Where the broker listens: on this machine, unless it is reached over TLS.
    pub address: HostPort,
    /// What is shown and believed in TLS; `None` where plain MQTT is spoken.
    pub tls: Option<TlsFiles>,
    /// Names this server to the broker, which keeps its session under that name: no two servers may share it.
    pub client_id: String,
    /// How the server signs in; `None` where the broker asks nobody.
    pub login: Option<Login>,
    /// Names the group of servers that take turns (`$share/<group>/…`); `None` for a single server.
    pub shared_group: Option<String>,
}

/// `[broker.external.tls]`: files in PEM, which are read for each connection.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsFiles {
    /// The certificates of the authorities that the broker's may be of.
    pub ca_file: PathBuf,
    /// This server's certificate, and those between it and its authority.
    pub certificate_file: PathBuf,
    /// The key of this server's certificate.
    pub key_file: PathBuf,
}

/// How the server signs in to an external broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The user that the broker knows.
    pub username: String,
    /// A file that holds nothing but the password; white space around it does not count.
    pub password_file: PathBuf,
}

/// An address that plain MQTT may use: on this machine only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PlainAddress(SocketAddr);

impl PlainAddress {
    /// Gives the address.
    pub fn get(self) -> SocketAddr {
        self.0
    }
}

/// Why the broker's part of the configuration is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BrokerConfigError {
    /// Not an address and a port.
    #[error("{0:?} is not an address: write an IP address and a port, such as \"127.0.0.1:1883\"")]
    NotAnAddress(String),
    /// An address that other machines can reach.
    #[error(
        "{0} is not on this machine: plain MQTT is accepted on a loopback address only, such as \
         \"127.0.0.1:1883\"; gateways on other machines connect over TLS by enrol.mqtt_listen"
    )]
    NotLoopback(SocketAddr),
    /// A broker elsewhere without TLS.
    #[error(
        "{0} is not on this machine, and MQTT without encryption does not leave it: write the table [broker.external.tls], \
         whose files `server broker-certificate` makes"
    )]
    NotEncrypted(HostPort),
    /// A file that is named from nowhere.
    #[error("{field} must be an absolute path, such as /etc/hearth-server/broker/server.pem")]
    NotAbsolute {
        /// The key in the file.
        field: &'static str,
    },
    /// A name that MQTT topics or brokers could misread.
    #[error("{field} must be 1 to {NAME_LEN_MAX} characters of a-z, A-Z, 0-9, '.', '_' and '-'")]
    NotAName {
        /// The key in the file.
        field: &'static str,
    },
    /// Half a login.
    #[error("write both username and password_file, or neither if the broker asks nobody")]
    HalfALogin,
}

impl From<PlainAddress> for SocketAddr {
    fn from(address: PlainAddress) -> Self {
        address.0
    }
}

impl TryFrom<SocketAddr> for PlainAddress {
    type Error = BrokerConfigError;

    fn try_from(address: SocketAddr) -> Result<Self, Self::Error> {
        if address.ip().is_loopback() {
            Ok(Self(address))
        } else {
            Err(BrokerConfigError::NotLoopback(address))
        }
    }
}

impl TryFrom<String> for PlainAddress {
    type Error = BrokerConfigError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.parse::<SocketAddr>() {
            Ok(address) => Self::try_from(address),
            Err(_) => Err(BrokerConfigError::NotAnAddress(text)),
        }
    }
}

impl fmt::Display for PlainAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExternalTable {
    address: HostPort,
    tls: Option<TlsFiles>,
    client_id: String,
    username: Option<String>,
    password_file: Option<PathBuf>,
    shared_group: Option<String>,
}

impl TryFrom<ExternalTable> for ExternalConfig {
    type Error = BrokerConfigError;

    fn try_from(table: ExternalTable) -> Result<Self, Self::Error> {
        let login = match (table.username, table.password_file) {
            (Some(username), Some(password_file)) => Some(Login {
                username,
                password_file,
            }),
            (None, None) => None,
            _ => return Err(BrokerConfigError::HalfALogin),
        };
        match &table.tls {
            Some(files) => files.check()?,
            None if table.address.is_on_this_machine() => {}
            None => return Err(BrokerConfigError::NotEncrypted(table.address)),
        }
        Ok(Self {
            address: table.address,
            tls: table.tls,
            client_id: name("client_id", table.client_id)?,
            login,
            shared_group: table
                .shared_group
                .map(|group| name("shared_group", group))
                .transpose()?,
        })
    }
}

impl TlsFiles {
    fn check(&self) -> Result<(), BrokerConfigError> {
        for (field, path) in [
            ("ca_file", &self.ca_file),
            ("certificate_file", &self.certificate_file),
            ("key_file", &self.key_file),
        ] {
            if !path.is_absolute() {
                return Err(BrokerConfigError::NotAbsolute { field });
            }
        }
        Ok(())
    }
}

fn name(field: &'static str, text: String) -> Result<String, BrokerConfigError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if (1..=NAME_LEN_MAX).contains(&text.len()) && text.bytes().all(plain) {
        Ok(text)
    } else {
        Err(BrokerConfigError::NotAName { field })
    }
}

impl BrokerConfig {
    /// Says in words how gateways are heard.
    pub fn explain(&self) -> String {
        match self {
            Self::Embedded(config) => {
                format!("connect to the embedded broker at {}", config.listen)
            }
            Self::External(config) => format!(
                "are heard through the broker at {}{}, as client {}",
                config.address,
                if config.tls.is_some() {
                    " over TLS"
                } else {
                    ""
                },
                config.client_id
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct File {
        broker: BrokerConfig,
    }

    fn read(text: &str) -> Result<BrokerConfig, String> {
        toml::from_str::<File>(text)
            .map(|file| file.broker)
            .map_err(|error| error.to_string())
    }

    fn over_tls(folder: &str) -> String {
        format!(
            "[broker.external]\naddress = \"mqtt.hearth.example:8883\"\nclient_id = \"a\"\n[broker.external.tls]\n\
             ca_file = \"{folder}/ca.pem\"\ncertificate_file = \"{folder}/server.pem\"\nkey_file = \"{folder}/server.key\""
        )
    }

    #[test]
    fn either_broker_is_read() {
        assert_eq!(
            read("[broker.embedded]\nlisten = \"127.0.0.1:1883\"").unwrap(),
            BrokerConfig::default()
        );
        let text = "[broker.external]\naddress = \"[::1]:1884\"\nclient_id = \"server-1\"\n\
                    username = \"hearth\"\npassword_file = \"/etc/p\"\nshared_group = \"ingest\"";
        let BrokerConfig::External(config) = read(text).unwrap() else {
            panic!("must be external");
        };
        assert_eq!(config.address.to_string(), "[::1]:1884");
        assert_eq!(config.login.unwrap().password_file, PathBuf::from("/etc/p"));
        assert_eq!(config.shared_group.as_deref(), Some("ingest"));
        assert_eq!(config.tls, None);
        let BrokerConfig::External(config) = read(&over_tls("/e")).unwrap() else {
            panic!("must be external");
        };
        assert_eq!(config.address.to_string(), "mqtt.hearth.example:8883");
        assert_eq!(config.tls.unwrap().key_file, PathBuf::from("/e/server.key"));
    }

    #[test]
    fn a_refusal_says_what_to_do() {
        let external = "[broker.external]\naddress = \"127.0.0.1:1884\"\n";
        for (text, said) in [
            (
                "[broker.embedded]\nlisten = \"0.0.0.0:1883\"".to_owned(),
                "over TLS by enrol.mqtt_listen",
            ),
            (
                "[broker.embedded]\nlisten = \"localhost\"".to_owned(),
                "write an IP address and a port",
            ),
            (
                "[broker.embedded]\nlisten = \"127.0.0.1:1\"\nport = 1".to_owned(),
                "unknown field `port`",
            ),
            (
                format!("[broker.embedded]\nlisten = \"127.0.0.1:1\"\n{external}client_id = \"a\""),
                "embedded",
            ),
            (
                "[broker.external]\naddress = \"192.0.2.1:1883\"\nclient_id = \"a\"".to_owned(),
                "[broker.external.tls]",
            ),
            (over_tls("e"), "ca_file must be an absolute path"),
            (
                "[broker.external]\naddress = \"mqtt\"\nclient_id = \"a\"".to_owned(),
                "mqtt.hearth.example:8883",
            ),
            (
                format!("{external}client_id = \"a/b\""),
                "client_id must be",
            ),
            (
                format!("{external}client_id = \"a\"\nshared_group = \"+\""),
                "shared_group must be",
            ),
            (
                format!("{external}client_id = \"a\"\nusername = \"u\""),
                "both username and password_file",
            ),
            ("[broker.cloud]\n".to_owned(), "unknown variant `cloud`"),
        ] {
            let error = read(&text).unwrap_err();
            assert!(error.contains(said), "{text}\n{error}");
        }
    }
}
