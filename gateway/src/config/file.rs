//! The configuration as it stands in the file, and the checks that make types of it.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use serde::Deserialize;
use vitals::{DeviceId, GatewayId};

use super::{
    BrokerConfig, DEVICES_LEN_MAX, DeviceConfig, DeviceKind, NotEnrolled, OutboxConfig, RadioConfig,
};
use crate::enrol::enrolment;
use crate::quirks::{self, Table};
use crate::radio::RadioTimings;

const KEEP_ALIVE_SECONDS_DEFAULT: u16 = 30;
const KEEP_ALIVE_SECONDS_MIN: u16 = 5;
const KEEP_ALIVE_SECONDS_MAX: u16 = 600;
const RECEIPT_TIMEOUT_SECONDS_DEFAULT: u16 = 30;
const RETRY_DELAY_SECONDS_MAX_DEFAULT: u16 = 60;
const WAIT_SECONDS_MAX: u16 = 600;
const SIZE_MIB_DEFAULT: u32 = 256;
const SIZE_MIB_MAX: u32 = 4096;
const RETENTION_DAYS_DEFAULT: u16 = 30;
const RETENTION_DAYS_MAX: u16 = 365;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawConfig {
    pub(super) gateway_id: Option<GatewayId>,
    pub(super) state_dir: PathBuf,
    pub(super) home_time_zone: String,
    pub(super) devices_file: Option<PathBuf>,
    pub(super) broker: RawBroker,
    #[serde(default)]
    pub(super) outbox: RawOutbox,
    #[serde(default)]
    pub(super) radio: RawRadio,
    #[serde(default, rename = "device")]
    pub(super) devices: Vec<RawDevice>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawBroker {
    pub(super) address: String,
    pub(super) tls: Option<bool>,
    pub(super) keep_alive_seconds: Option<u16>,
    pub(super) receipt_timeout_seconds: Option<u16>,
    pub(super) retry_delay_seconds_max: Option<u16>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawOutbox {
    pub(super) size_mib_max: Option<u32>,
    pub(super) retention_days: Option<u16>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRadio {
    pub(super) adapter: Option<String>,
    #[serde(default)]
    pub(super) timings: RadioTimings,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDevice {
    pub(super) id: DeviceId,
    pub(super) address: String,
    pub(super) kind: DeviceKind,
}

pub(super) fn check_state_dir(state_dir: PathBuf) -> anyhow::Result<PathBuf> {
    ensure!(
        state_dir.is_absolute(),
        "state_dir must be an absolute path, such as /var/lib/hearth-gateway"
    );
    Ok(state_dir)
}

/// A box has its name from the file or from its enrolment.
pub(super) fn check_gateway_id(
    named: Option<GatewayId>,
    state_dir: &Path,
) -> anyhow::Result<GatewayId> {
    let enrolled = enrolment(state_dir)?.map(|enrolment| enrolment.gateway);
    match (named, enrolled) {
        (Some(named), Some(enrolled)) if named != enrolled => bail!(
            "gateway_id: this box was enrolled as {enrolled}; remove the line that calls it {named}"
        ),
        (Some(id), _) | (None, Some(id)) => Ok(id),
        (None, None) => Err(NotEnrolled.into()),
    }
}

pub(super) fn check_broker(raw: &RawBroker, state_dir: &Path) -> anyhow::Result<BrokerConfig> {
    let address: SocketAddr = raw.address.parse().with_context(|| {
        format!(
            "broker.address: {:?} is not an IP address with a port; write one such as \"127.0.0.1:1883\"",
            raw.address
        )
    })?;
    let tls = raw.tls.unwrap_or_default();
    if !tls && !address.ip().is_loopback() {
        bail!(
            "broker.address: {address} is not on this machine, and MQTT without encryption does not leave it; write \
             tls = true below it once this box has its certificate by enrolment (gateway enrol)"
        );
    }
    let keep_alive_seconds = within(
        "broker.keep_alive_seconds",
        raw.keep_alive_seconds.unwrap_or(KEEP_ALIVE_SECONDS_DEFAULT),
        KEEP_ALIVE_SECONDS_MIN,
        KEEP_ALIVE_SECONDS_MAX,
    )?;
    let receipt_timeout_seconds = within(
        "broker.receipt_timeout_seconds",
        raw.receipt_timeout_seconds
            .unwrap_or(RECEIPT_TIMEOUT_SECONDS_DEFAULT),
        1,
        WAIT_SECONDS_MAX,
    )?;
    let retry_delay_seconds_max = within(
        "broker.retry_delay_seconds_max",
        raw.retry_delay_seconds_max
            .unwrap_or(RETRY_DELAY_SECONDS_MAX_DEFAULT),
        1,
        WAIT_SECONDS_MAX,
    )?;
    Ok(BrokerConfig {
        address,
        tls_folder: tls.then(|| state_dir.to_owned()),
        keep_alive: Duration::from_secs(keep_alive_seconds.into()),
        receipt_timeout: Duration::from_secs(receipt_timeout_seconds.into()),
        retry_delay_max: Duration::from_secs(retry_delay_seconds_max.into()),
    })
}

/// Reads the table of devices with a behaviour of their own: the operator's, else the one that is built in.
pub(super) fn read_quirks(file: Option<&Path>) -> anyhow::Result<Table> {
    let Some(file) = file else {
        return Table::parse(quirks::BUILT_IN);
    };
    ensure!(
        file.is_absolute(),
        "devices_file must be an absolute path, such as /etc/hearth-gateway/devices.toml"
    );
    let text = std::fs::read_to_string(file).with_context(|| {
        format!(
            "devices_file: cannot read {}; leave the key out to use the table that is built in",
            file.display()
        )
    })?;
    Table::parse(&text)
        .with_context(|| format!("devices_file: the table {} is refused", file.display()))
}

pub(super) fn check_outbox(raw: &RawOutbox) -> anyhow::Result<OutboxConfig> {
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

pub(super) fn check_radio(raw: RawRadio) -> anyhow::Result<RadioConfig> {
    let named = raw.adapter.as_deref().is_none_or(|name| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    ensure!(
        named,
        "radio.adapter must be an adapter's name such as \"hci0\"; leave the key out to take the first adapter"
    );
    raw.timings.check()?;
    Ok(RadioConfig {
        adapter: raw.adapter,
        timings: raw.timings,
    })
}

pub(super) fn check_devices(raw: Vec<RawDevice>) -> anyhow::Result<Vec<DeviceConfig>> {
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
