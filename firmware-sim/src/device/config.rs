//! What a script says about one device.

use serde::{Deserialize, Deserializer};

use super::{ClockConfig, MemoryConfig};

/// The kinds of device that can be simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// Blood pressure cuff, service 1810.
    Cuff,
    /// Pulse oximeter, service 1822.
    Oximeter,
    /// Weight scale, service 181D.
    Scale,
}

/// Whether a device wants to be bonded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bond {
    /// It serves whoever connects.
    #[default]
    NotNeeded,
    /// It serves measurements and its clock only over an encrypted link (Just Works).
    Required,
    /// It serves whoever connects and does not know how to pair.
    Declined,
}

/// The user of a scale that sends nothing before that user has consented (User Data Service).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentConfig {
    /// The user's number.
    pub user: u8,
    /// The user's code.
    pub code: u16,
    /// Whether it takes a consent and never answers it. Such a scale sends what it has to whoever subscribes.
    #[serde(default)]
    pub never_answers: bool,
}

/// One device of a home.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceConfig {
    /// The name by which the script and the control commands know it.
    pub label: String,
    /// Its kind.
    pub kind: DeviceKind,
    /// Bluetooth address, `C2:…`; choose from the locally administered range.
    pub address: String,
    /// Advertised name.
    pub name: String,
    /// The adapter that hears it.
    #[serde(default = "default_adapter")]
    pub adapter: String,
    /// The other adapters that hear it.
    #[serde(default)]
    pub also_heard: Vec<AlsoHeard>,
    /// Its clock.
    #[serde(default)]
    pub clock: ClockConfig,
    /// Battery level, percent.
    #[serde(default = "default_battery_percent")]
    pub battery_percent: u8,
    /// Manufacturer name string.
    #[serde(default = "default_manufacturer")]
    pub manufacturer: String,
    /// Model number string.
    #[serde(default = "default_model")]
    pub model: String,
    /// Serial number string.
    #[serde(default = "default_serial")]
    pub serial: String,
    /// Firmware revision string.
    #[serde(default = "default_firmware")]
    pub firmware: String,
    /// Its memory.
    #[serde(default)]
    pub memory: MemoryConfig,
    /// How long it advertises after a measurement, or after a session that left something stored.
    #[serde(default = "default_advertise_seconds")]
    pub advertise_seconds: u64,
    /// How long it waits for traffic before it hangs up.
    #[serde(default = "default_hang_up_after_idle_ms")]
    pub hang_up_after_idle_ms: u64,
    /// Pause between two indications of a dump; 0 sends the next as soon as one is confirmed.
    #[serde(default = "default_indicate_every_ms")]
    pub indicate_every_ms: u64,
    /// Whether it wants to be bonded.
    #[serde(default)]
    pub bond: Bond,
    /// Whether its button is held for pairing: it advertises in limited discoverable mode.
    #[serde(default)]
    pub pairing_mode: bool,
    /// The user without whose consent a scale sends nothing; absent, it sends to whoever subscribes.
    #[serde(default)]
    pub consent: Option<ConsentConfig>,
    /// An oximeter that speaks Nonin's own service instead of the standard one.
    #[serde(default)]
    pub nonin: bool,
    /// It advertises what it keeps, as Omron's devices do; `manufacturer_data` is then not used.
    #[serde(default)]
    pub omron: bool,
    /// Signal strength at the adapter, dBm.
    #[serde(default = "default_rssi_dbm")]
    pub rssi_dbm: i16,
    /// Advertised manufacturer data in hex, after the company number 0xFFFF that the SIG keeps for tests.
    #[serde(default, deserialize_with = "hex_bytes")]
    pub manufacturer_data: Vec<u8>,
    /// Advertised data of its own service, in hex.
    #[serde(default, deserialize_with = "hex_bytes")]
    pub service_data: Vec<u8>,
}

impl DeviceConfig {
    /// Makes a device with everything else at its default.
    pub fn new(label: &str, kind: DeviceKind, address: &str) -> Self {
        Self {
            label: label.to_owned(),
            kind,
            address: address.to_owned(),
            name: format!("Sim {label}"),
            adapter: default_adapter(),
            also_heard: Vec::new(),
            clock: ClockConfig::default(),
            battery_percent: default_battery_percent(),
            manufacturer: default_manufacturer(),
            model: default_model(),
            serial: default_serial(),
            firmware: default_firmware(),
            memory: MemoryConfig::default(),
            advertise_seconds: default_advertise_seconds(),
            hang_up_after_idle_ms: default_hang_up_after_idle_ms(),
            indicate_every_ms: default_indicate_every_ms(),
            bond: Bond::default(),
            pairing_mode: false,
            consent: None,
            nonin: false,
            omron: false,
            rssi_dbm: default_rssi_dbm(),
            manufacturer_data: Vec::new(),
            service_data: Vec::new(),
        }
    }
}

/// A further adapter that hears a device.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlsoHeard {
    /// The adapter.
    pub adapter: String,
    /// Signal strength at it, dBm.
    pub rssi_dbm: i16,
}

fn hex_bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    hex::decode(&text).map_err(serde::de::Error::custom)
}

fn default_adapter() -> String {
    "hci0".to_owned()
}

fn default_battery_percent() -> u8 {
    90
}

fn default_manufacturer() -> String {
    "Hearth Simulations".to_owned()
}

fn default_model() -> String {
    "SIM-1".to_owned()
}

fn default_serial() -> String {
    "0001".to_owned()
}

fn default_firmware() -> String {
    "1.0".to_owned()
}

fn default_advertise_seconds() -> u64 {
    60
}

fn default_hang_up_after_idle_ms() -> u64 {
    10_000
}

fn default_indicate_every_ms() -> u64 {
    10
}

fn default_rssi_dbm() -> i16 {
    -58
}
