//! Configuration: the operator's TOML file, checked into types that cannot be wrong afterwards.

mod file;
#[cfg(test)]
mod tests;

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};
use jiff::tz::TimeZone;
use serde::Deserialize;
use thiserror::Error;
use vitals::{DeviceId, GatewayId};

use crate::quirks::Table;
use crate::radio::RadioTimings;

/// The most devices that one gateway listens to.
pub const DEVICES_LEN_MAX: usize = vitals::wire::DEVICES_LEN_MAX;

/// What a box without a name is called where something must stand.
const UNNAMED: &str = "not-enrolled";

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
    /// Which devices want to be treated otherwise than the specifications say.
    pub quirks: Table,
}

/// Where readings go.
#[derive(Debug, Clone)]
pub struct BrokerConfig {
    /// A loopback address, unless it is reached over TLS: plain MQTT does not leave the machine.
    pub address: SocketAddr,
    /// Where this box's certificate is, when the broker is reached over TLS.
    pub tls_folder: Option<PathBuf>,
    /// How long the line may be silent before either side asks.
    pub keep_alive: Duration,
    /// How long the server's receipt may take before the line is made anew and the records are sent again.
    pub receipt_timeout: Duration,
    /// The longest pause between two attempts to connect.
    pub retry_delay_max: Duration,
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
    /// How long the radio waits for what.
    pub timings: RadioTimings,
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

/// Why a box that was neither enrolled nor registered by hand cannot run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "this box has no name yet: enrol it with `gateway enrol`, or register it by hand and write its gateway_id"
)]
pub struct NotEnrolled;

/// Reads and checks a configuration file.
///
/// # Errors
/// When the file cannot be read, or a key is unknown, missing or out of its bounds; the error names the key.
pub fn load(path: &Path) -> anyhow::Result<Config> {
    parse(&read(path)?).with_context(|| refused(path))
}

/// Reads and checks the configuration of a box that may have no name yet, and tells whether it has one.
///
/// # Errors
/// As [`load`], but for the missing name.
pub fn load_unnamed(path: &Path) -> anyhow::Result<(Config, bool)> {
    match load(path) {
        Err(error) if error.downcast_ref::<NotEnrolled>().is_some() => {
            let unnamed = GatewayId::try_from(UNNAMED.to_owned())?;
            let config = parse_named(&read(path)?, Some(unnamed));
            config.map(|it| (it, false)).with_context(|| refused(path))
        }
        loaded => loaded.map(|it| (it, true)),
    }
}

/// Reads of a configuration only what enrolment needs: the folder of the keys. The box has no name yet.
///
/// # Errors
/// As [`load`], and when the configuration names the gateway, which then is registered by hand.
pub fn state_dir_to_enrol(path: &Path) -> anyhow::Result<PathBuf> {
    let enrolled_by_name = |text: &str| -> anyhow::Result<PathBuf> {
        let raw: file::RawConfig = toml::from_str(text)?;
        ensure!(
            raw.gateway_id.is_none(),
            "gateway_id: remove this line; a box that is enrolled gets its name from the server"
        );
        file::check_state_dir(raw.state_dir)
    };
    enrolled_by_name(&read(path)?).with_context(|| refused(path))
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| {
        format!(
            "cannot read the configuration {}; give its path with --config",
            path.display()
        )
    })
}

fn refused(path: &Path) -> String {
    format!("the configuration {} is refused", path.display())
}

/// Checks the text of a configuration.
///
/// # Errors
/// As [`load`].
pub fn parse(text: &str) -> anyhow::Result<Config> {
    parse_named(text, None)
}

fn parse_named(text: &str, name: Option<GatewayId>) -> anyhow::Result<Config> {
    let raw: file::RawConfig = toml::from_str(text)?;
    let state_dir = file::check_state_dir(raw.state_dir)?;
    let home_time_zone = TimeZone::get(&raw.home_time_zone).with_context(|| {
        format!(
            "home_time_zone: {:?} is not an IANA time zone; write one such as \"Europe/London\"",
            raw.home_time_zone
        )
    })?;
    Ok(Config {
        gateway_id: file::check_gateway_id(raw.gateway_id.or(name), &state_dir)?,
        broker: file::check_broker(&raw.broker, &state_dir)?,
        state_dir,
        home_time_zone,
        outbox: file::check_outbox(&raw.outbox)?,
        radio: file::check_radio(raw.radio)?,
        devices: file::check_devices(raw.devices)?,
        quirks: file::read_quirks(raw.devices_file.as_deref())?,
    })
}
