//! The configuration as it stands in the file, and the checks that make types of it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use gatt::{CONSENT_CODE_MAX, ConsentCode, USER_ID_UNKNOWN};
use serde::Deserialize;
use vitals::{DeviceId, GatewayId, HostPort};

use super::{
    BrokerConfig, DeviceConfig, DeviceKind, EnrolConfig, NotEnrolled, OutboxConfig, RadioConfig,
    ScaleUser,
};
use crate::bindings::{self, Written};
use crate::enrol::Enrolment;
use crate::home;
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
    pub(super) enrol: Option<RawEnrol>,
    #[serde(default)]
    pub(super) outbox: RawOutbox,
    #[serde(default)]
    pub(super) radio: RawRadio,
    #[serde(default)]
    pub(super) clock: RawClock,
    #[serde(default)]
    pub(super) home: home::config::RawHome,
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEnrol {
    pub(super) server: String,
    pub(super) ca_fingerprint: String,
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

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawClock {
    synchronised_file: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDevice {
    pub(super) id: DeviceId,
    pub(super) address: Option<String>,
    pub(super) kind: DeviceKind,
    pub(super) consent_user: Option<u8>,
    pub(super) consent_code: Option<u16>,
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
    enrolment: Option<Enrolment>,
) -> anyhow::Result<GatewayId> {
    let enrolled = enrolment.map(|enrolment| enrolment.gateway);
    match (named, enrolled) {
        (Some(named), Some(enrolled)) if named != enrolled => bail!(
            "gateway_id: this box was enrolled as {enrolled}; remove the line that calls it {named}"
        ),
        (Some(id), _) | (None, Some(id)) => Ok(id),
        (None, None) => Err(NotEnrolled.into()),
    }
}

pub(super) fn check_broker(raw: &RawBroker, state_dir: &Path) -> anyhow::Result<BrokerConfig> {
    let address: HostPort = raw.address.parse().context("broker.address")?;
    let tls = raw.tls.unwrap_or_default();
    if !tls && !address.is_on_this_machine() {
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

pub(super) fn check_enrol(raw: &RawEnrol) -> anyhow::Result<EnrolConfig> {
    Ok(EnrolConfig {
        server: raw.server.parse().context("enrol.server")?,
        ca_fingerprint: raw.ca_fingerprint.parse().context("enrol.ca_fingerprint")?,
    })
}

pub(super) fn check_clock(raw: RawClock) -> anyhow::Result<Option<PathBuf>> {
    ensure!(
        raw.synchronised_file
            .as_deref()
            .is_none_or(Path::is_absolute),
        "clock.synchronised_file must be an absolute path, such as /run/systemd/timesync/synchronized"
    );
    Ok(raw.synchronised_file)
}

/// Reads the table of devices with a behaviour of their own: the operator's, else the one that is built in.
pub(super) fn read_quirks(file: Option<&Path>) -> anyhow::Result<Table> {
    let Some(file) = file else {
        return Table::parse(quirks::BUILT_IN);
    };
    ensure!(
        file.is_absolute(),
        "devices_file must be an absolute path, such as /etc/hearth/devices.toml"
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
        "radio.adapter must be an adapter's name such as \"hci0\"; leave the key out to take all that are there"
    );
    raw.timings.check()?;
    Ok(RadioConfig {
        adapter: raw.adapter,
        timings: raw.timings,
    })
}

/// Puts together the devices of the file, of the enrolment, and what was bound by commands.
pub(super) fn check_devices(
    raw: Vec<RawDevice>,
    enrolment: Option<&Enrolment>,
    state_dir: &Path,
) -> anyhow::Result<Vec<DeviceConfig>> {
    let mut written = Vec::with_capacity(raw.len());
    for raw in raw {
        let scale_user = check_scale_user(&raw)?;
        let RawDevice {
            id, address, kind, ..
        } = raw;
        let address = address.map(|text| text.parse()).transpose();
        written.push(Written {
            address: address.with_context(|| format!("device {id}"))?,
            id,
            kind,
            scale_user,
        });
    }
    let job = enrolment.map_or(&[][..], |it| &it.devices);
    bindings::merge(written, job, &bindings::load(state_dir)?)
}

fn check_scale_user(raw: &RawDevice) -> anyhow::Result<Option<ScaleUser>> {
    let id = &raw.id;
    let (index, code) = match (raw.consent_user, raw.consent_code) {
        (None, None) => return Ok(None),
        (Some(index), Some(code)) => (index, code),
        _ => bail!(
            "device {id}: consent_user and consent_code belong together; write both, as the scale shows them, or none"
        ),
    };
    ensure!(
        raw.kind == DeviceKind::Scale,
        "device {id}: consent_user is for a scale that sends nothing before its user consents; remove it and consent_code"
    );
    ensure!(
        index != USER_ID_UNKNOWN,
        "device {id}: consent_user must be 0 to {}, the user's number on the scale",
        USER_ID_UNKNOWN - 1
    );
    let consent_code = ConsentCode::new(code).with_context(|| {
        format!("device {id}: consent_code must be 0 to {CONSENT_CODE_MAX}, the user's code on the scale")
    })?;
    Ok(Some(ScaleUser {
        index,
        consent_code,
    }))
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
