//! Configuration: the operator's TOML file, checked into types that cannot be wrong afterwards.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use jiff::tz::TimeZone;
use serde::Deserialize;
use vitals::{DeviceId, GatewayId};

/// The most devices that one gateway listens to.
pub const DEVICES_LEN_MAX: usize = 32;

const KEEP_ALIVE_SECONDS_DEFAULT: u16 = 30;
const KEEP_ALIVE_SECONDS_MIN: u16 = 5;
const KEEP_ALIVE_SECONDS_MAX: u16 = 600;
const SIZE_MIB_DEFAULT: u32 = 256;
const SIZE_MIB_MAX: u32 = 4096;
const RETENTION_DAYS_DEFAULT: u16 = 30;
const RETENTION_DAYS_MAX: u16 = 365;

/// Everything that an operator decides about one gateway.
#[derive(Debug, Clone)]
pub struct Config {
    /// The gateway's name: its MQTT client id and a level of its topics.
    pub gateway_id: GatewayId,
    /// The folder of the outbox and the keys; only the gateway may read it.
    pub state_dir: PathBuf,
    /// The zone that a device's clock is assumed to show when it cannot be read.
    pub home_time_zone: TimeZone,
    /// Where readings go.
    pub broker: BrokerConfig,
    /// How much is kept, and how long.
    pub outbox: OutboxConfig,
    /// How devices are heard.
    pub radio: RadioConfig,
    /// The devices bound to this home; all others are strangers.
    pub devices: Vec<DeviceConfig>,
}

/// Where readings go.
#[derive(Debug, Clone)]
pub struct BrokerConfig {
    /// A loopback address: plain MQTT does not leave the machine.
    pub address: SocketAddr,
    /// How long the line may be silent before either side asks.
    pub keep_alive: Duration,
}

/// How much the outbox keeps, and how long.
#[derive(Debug, Clone)]
pub struct OutboxConfig {
    /// The largest size of the database file, in bytes.
    pub size_bytes_max: u64,
    /// How many days a record is kept after its receipt.
    pub retention_days: u16,
}

/// How devices are heard.
#[derive(Debug, Clone)]
pub struct RadioConfig {
    /// The adapter's name, such as `hci0`; `None` takes the first one.
    pub adapter: Option<String>,
}

/// A device that an installer bound to this home.
#[derive(Clone)]
pub struct DeviceConfig {
    /// The device's name in readings.
    pub id: DeviceId,
    /// The Bluetooth address in capitals, such as `AA:BB:CC:DD:EE:FF`; it stays on the gateway.
    pub address: String,
    /// What the device measures.
    pub kind: DeviceKind,
}

/// A Bluetooth address identifies a person's device, so the debug form leaves it out.
impl fmt::Debug for DeviceConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceConfig")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// What a device measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// Blood pressure.
    Cuff,
    /// Oxygen saturation.
    Oximeter,
    /// Body mass.
    Scale,
    /// Body temperature.
    Thermometer,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawConfig {
    gateway_id: GatewayId,
    state_dir: PathBuf,
    home_time_zone: String,
    broker: RawBroker,
    #[serde(default)]
    outbox: RawOutbox,
    #[serde(default)]
    radio: RawRadio,
    #[serde(default, rename = "device")]
    devices: Vec<RawDevice>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBroker {
    address: String,
    keep_alive_seconds: Option<u16>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOutbox {
    size_mib_max: Option<u32>,
    retention_days: Option<u16>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRadio {
    adapter: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDevice {
    id: DeviceId,
    address: String,
    kind: DeviceKind,
}

/// Reads and checks a configuration file.
///
/// # Errors
/// When the file cannot be read, or a key is unknown, missing or out of its bounds; the error names the key.
pub fn load(path: &Path) -> anyhow::Result<Config> {
    let text = std::fs::read_to_string(path).with_context(|| {
        format!(
            "cannot read the configuration {}; give its path with --config",
            path.display()
        )
    })?;
    parse(&text).with_context(|| format!("the configuration {} is refused", path.display()))
}

/// Checks the text of a configuration.
///
/// # Errors
/// As [`load`].
pub fn parse(text: &str) -> anyhow::Result<Config> {
    let raw: RawConfig = toml::from_str(text)?;
    ensure!(
        raw.state_dir.is_absolute(),
        "state_dir must be an absolute path, such as /var/lib/hearth-gateway"
    );
    let home_time_zone = TimeZone::get(&raw.home_time_zone).with_context(|| {
        format!(
            "home_time_zone: {:?} is not an IANA time zone; write one such as \"Europe/London\"",
            raw.home_time_zone
        )
    })?;
    Ok(Config {
        gateway_id: raw.gateway_id,
        state_dir: raw.state_dir,
        home_time_zone,
        broker: check_broker(&raw.broker)?,
        outbox: check_outbox(&raw.outbox)?,
        radio: check_radio(raw.radio)?,
        devices: check_devices(raw.devices)?,
    })
}

fn check_broker(raw: &RawBroker) -> anyhow::Result<BrokerConfig> {
    let address: SocketAddr = raw.address.parse().with_context(|| {
        format!(
            "broker.address: {:?} is not an IP address with a port; write one such as \"127.0.0.1:1883\"",
            raw.address
        )
    })?;
    if !address.ip().is_loopback() {
        bail!(
            "broker.address: {address} is not on this machine, and this version speaks MQTT without encryption; \
             use a loopback address such as \"127.0.0.1:1883\" (certificates for a remote broker come with enrolment)"
        );
    }
    let keep_alive_seconds = within(
        "broker.keep_alive_seconds",
        raw.keep_alive_seconds.unwrap_or(KEEP_ALIVE_SECONDS_DEFAULT),
        KEEP_ALIVE_SECONDS_MIN,
        KEEP_ALIVE_SECONDS_MAX,
    )?;
    Ok(BrokerConfig {
        address,
        keep_alive: Duration::from_secs(keep_alive_seconds.into()),
    })
}

fn check_outbox(raw: &RawOutbox) -> anyhow::Result<OutboxConfig> {
    let size_mib_max = within(
        "outbox.size_mib_max",
        raw.size_mib_max.unwrap_or(SIZE_MIB_DEFAULT),
        1,
        SIZE_MIB_MAX,
    )?;
    let retention_days = within(
        "outbox.retention_days",
        raw.retention_days.unwrap_or(RETENTION_DAYS_DEFAULT),
        1,
        RETENTION_DAYS_MAX,
    )?;
    Ok(OutboxConfig {
        size_bytes_max: u64::from(size_mib_max) * 1024 * 1024,
        retention_days,
    })
}

fn check_radio(raw: RawRadio) -> anyhow::Result<RadioConfig> {
    let named = raw.adapter.as_deref().is_none_or(|name| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    ensure!(
        named,
        "radio.adapter must be an adapter's name such as \"hci0\"; leave the key out to take the first adapter"
    );
    Ok(RadioConfig {
        adapter: raw.adapter,
    })
}

fn check_devices(raw: Vec<RawDevice>) -> anyhow::Result<Vec<DeviceConfig>> {
    ensure!(
        raw.len() <= DEVICES_LEN_MAX,
        "device: {} devices are listed and one gateway serves at most {DEVICES_LEN_MAX}; remove those of other homes",
        raw.len()
    );
    let mut devices: Vec<DeviceConfig> = Vec::with_capacity(raw.len());
    for RawDevice { id, address, kind } in raw {
        let address = address.to_ascii_uppercase();
        ensure!(
            is_bluetooth_address(&address),
            "device {id}: address must be six pairs of hexadecimal digits such as \"AA:BB:CC:DD:EE:FF\""
        );
        if let Some(other) = devices
            .iter()
            .find(|it| it.id == id || it.address == address)
        {
            bail!(
                "device {id}: its id or address is already that of device {}; remove one of the two",
                other.id
            );
        }
        devices.push(DeviceConfig { id, address, kind });
    }
    Ok(devices)
}

fn within<T: Copy + PartialOrd + fmt::Display>(
    key: &str,
    value: T,
    least: T,
    most: T,
) -> anyhow::Result<T> {
    ensure!(
        value >= least && value <= most,
        "{key} must be {least} to {most}, found {value}"
    );
    Ok(value)
}

fn is_bluetooth_address(text: &str) -> bool {
    let pairs: Vec<&str> = text.split(':').collect();
    let is_pair = |pair: &&str| pair.len() == 2 && pair.bytes().all(|it| it.is_ascii_hexdigit());
    pairs.len() == 6 && pairs.iter().all(is_pair)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str = r#"
        gateway_id = "gw-1"
        state_dir = "/tmp/gw-1"
        home_time_zone = "Europe/London"
        [broker]
        address = "127.0.0.1:1883"
    "#;

    fn refusal(text: &str) -> String {
        format!("{:#}", parse(text).unwrap_err())
    }

    #[test]
    fn the_sample_loads() {
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/gateway.toml");
        let config = load(&sample).unwrap();
        assert_eq!(config.gateway_id.as_str(), "gateway-1");
        assert_eq!(config.devices.len(), 3);
        assert_eq!(config.outbox.size_bytes_max, 256 * 1024 * 1024);
    }

    #[test]
    fn what_is_left_out_has_a_default() {
        let config = parse(LEAST).unwrap();
        assert_eq!(config.broker.keep_alive, Duration::from_secs(30));
        assert_eq!(config.outbox.retention_days, 30);
        assert!(config.radio.adapter.is_none());
        assert!(config.devices.is_empty());
    }

    #[test]
    fn an_unknown_key_is_named() {
        let text = format!("{LEAST}\nkeep_alive = 5\n");
        assert!(
            refusal(&text).contains("unknown field `keep_alive`"),
            "{}",
            refusal(&text)
        );
    }

    #[test]
    fn a_broker_on_another_machine_is_refused_with_the_reason() {
        let error = refusal(&LEAST.replace("127.0.0.1", "192.0.2.7"));
        assert!(
            error.contains("broker.address") && error.contains("enrolment"),
            "{error}"
        );
        assert!(parse(&LEAST.replace("127.0.0.1", "[::1]")).is_ok());
    }

    #[test]
    fn each_refusal_names_its_key() {
        for (text, key) in [
            (LEAST.replace("/tmp", "tmp"), "state_dir"),
            (LEAST.replace("Europe/London", "London"), "home_time_zone"),
            (LEAST.replace("gw-1\"\n", "GW\"\n"), "gateway id"),
            (
                format!("{LEAST}\nkeep_alive_seconds = 1"),
                "broker.keep_alive_seconds",
            ),
            (
                format!("{LEAST}\n[outbox]\nsize_mib_max = 0"),
                "outbox.size_mib_max",
            ),
            (
                format!("{LEAST}\n[outbox]\nretention_days = 0"),
                "outbox.retention_days",
            ),
            (
                format!("{LEAST}\n[radio]\nadapter = \"/dev\""),
                "radio.adapter",
            ),
            (
                format!("{LEAST}\n[[device]]\nid = \"a\"\naddress = \"1:2\"\nkind = \"cuff\""),
                "device a: address",
            ),
        ] {
            let error = refusal(&text);
            assert!(error.contains(key), "{key} is not in: {error}");
        }
    }

    #[test]
    fn two_devices_cannot_share_an_address() {
        let device = |id: &str, address: &str| {
            format!("[[device]]\nid = \"{id}\"\naddress = \"{address}\"\nkind = \"scale\"\n")
        };
        let text = format!(
            "{LEAST}\n{}{}",
            device("a", "00:00:5e:00:53:01"),
            device("b", "00:00:5E:00:53:01")
        );
        assert!(refusal(&text).contains("device b"), "{}", refusal(&text));
    }

    #[test]
    fn a_device_address_is_not_in_the_debug_form() {
        let text = format!(
            "{LEAST}\n[[device]]\nid = \"a\"\naddress = \"00:00:5E:00:53:01\"\nkind = \"cuff\""
        );
        let shown = format!("{:?}", parse(&text).unwrap());
        assert!(!shown.contains("5E:00"), "{shown}");
    }
}
