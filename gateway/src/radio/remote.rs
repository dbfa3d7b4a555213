//! What commands on the box ask of the radio: to look for devices, to take one up, to forget one, to tell of them.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, timeout};
use vitals::DeviceId;

use super::air::Air;
use super::bluez::{Bluez, Known};
use super::look::{self, Candidate};
use super::session::Ending;
use super::status::{Met, RadioStatus};
use super::timings::RadioTimings;
use crate::bindings::{Address, Refused, Register};
use crate::config::{Config, DeviceConfig, DeviceKind};
use crate::keys::StateLock;
use crate::pairing::PairingDesk;
use crate::quirks::Table;

/// How often it is looked who is heard.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// How long a device may take to be met, from a command on.
const MEET_WAIT: Duration = Duration::from_secs(90);

/// How long a session may take to come to its end once it is asked to.
const END_WAIT: Duration = Duration::from_secs(60);

/// Is the way by which commands ask the radio.
#[derive(Debug)]
pub struct Remote {
    /// What the radio's adapters share.
    pub air: Arc<Air>,
    /// What the radio says of itself.
    pub status: Arc<RadioStatus>,
    /// What is paired just now.
    pub desk: Arc<PairingDesk>,
    /// How devices break the specifications.
    pub quirks: Table,
    /// How long to look.
    pub timings: RadioTimings,
}

/// Is what the gateway knows of a device of this home, since it started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceReport {
    /// The device.
    pub id: DeviceId,
    /// What it measures.
    pub kind: DeviceKind,
    /// Whether it is bound to an address; one that is not is not heard.
    pub is_bound: bool,
    /// Whether its address stands in the configuration; else it can be forgotten by a command.
    pub is_written: bool,
    /// Whether a session with it is under way.
    pub is_in_session: bool,
    /// Whether BlueZ has a bond with it; `None` while BlueZ cannot be asked.
    pub is_paired: Option<bool>,
    /// When it was last heard.
    pub seen_at: Option<Timestamp>,
    /// How strongly it was last heard, in dBm: nearer 0 is stronger.
    pub signal_dbm: Option<i16>,
    /// Its battery's level, in percent, as it last told.
    pub battery_percent: Option<u8>,
    /// When the last connections that failed did, the latest last.
    pub failed_at: Vec<Timestamp>,
    /// What came of the last meeting.
    pub met: Option<Met>,
    /// When a value of its was last kept.
    pub value_at: Option<Timestamp>,
}

/// Is what came of waiting for a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Meeting {
    /// It was paired, where it wants that, or has said all that it had to say.
    Met(Met),
    /// It shows six digits: somebody must enter them, and then wait for it again.
    WantsDigits,
}

impl Remote {
    /// Makes it for the devices of a configuration, whose state folder this program holds.
    pub fn new(config: &Config, lock: Arc<StateLock>, status: Arc<RadioStatus>) -> Self {
        let register = Register::new(config.devices.clone(), config.state_dir.clone(), lock);
        Self {
            air: Arc::new(Air::new(Arc::new(register))),
            status,
            desk: Arc::default(),
            quirks: config.quirks.clone(),
            timings: config.radio.timings.clone(),
        }
    }

    /// Looks which devices are near and none of this home: until one of the wanted kind is heard and others had a moment
    /// to be, or for the longest that is looked.
    ///
    /// # Errors
    /// When no adapter listens, or BlueZ does not answer.
    pub async fn look(&self, kind: DeviceKind) -> anyhow::Result<Vec<Candidate>> {
        let bluez = self.bluez()?;
        let register = self.air.register();
        let mut until = Instant::now() + Duration::from_millis(self.timings.look_ms_max);
        let mut is_found = false;
        let mut found = Vec::new();
        loop {
            let heard = bluez.known().await?.into_iter().filter(|it| {
                it.address
                    .is_some_and(|address| register.at(address).is_none())
            });
            let heard = heard.filter_map(|it| Candidate::of(&it, &self.quirks));
            look::add(&mut found, heard.collect(), kind);
            let now = Instant::now();
            if !is_found && found.iter().any(|it| it.kinds.contains(&kind)) {
                is_found = true;
                until = until.min(now + Duration::from_millis(self.timings.look_settle_ms));
            }
            if now >= until {
                return Ok(found);
            }
            tokio::time::sleep_until(until.min(now + LOOK_EVERY)).await;
        }
    }

    /// Binds a device of this home to an address. It is taken up when it is next heard; the scan begins anew for that.
    ///
    /// # Errors
    /// As [`crate::bindings::Register::bind`].
    pub async fn bind(&self, device: &DeviceId, address: Address) -> anyhow::Result<()> {
        let (air, id) = (Arc::clone(&self.air), device.clone());
        tokio::task::spawn_blocking(move || air.register().bind(&id, address)).await??;
        self.air.scan_anew();
        tracing::info!(device.id = %device, "a device was bound");
        Ok(())
    }

    /// Unbinds a device, ends its session in order, and makes BlueZ forget it; readings that it gave stay.
    ///
    /// # Errors
    /// As [`crate::bindings::Register::forget`]; also when BlueZ does not forget it: then it is unbound all the same.
    pub async fn forget(&self, device: &DeviceId) -> anyhow::Result<()> {
        let (air, id) = (Arc::clone(&self.air), device.clone());
        let address = tokio::task::spawn_blocking(move || air.register().forget(&id)).await??;
        tracing::info!(device.id = %device, "a device was forgotten");
        let ended = timeout(END_WAIT, self.air.forget(device, address)).await;
        self.status.forget(device);
        ended
            .context("its session does not end; it is unbound all the same: restart the gateway")?;
        let removed = match self.bluez() {
            Ok(bluez) => bluez.remove(address).await.map_err(anyhow::Error::from),
            Err(error) => Err(error),
        };
        removed.context(
            "it is unbound, but BlueZ still knows it; remove it there: `bluetoothctl devices`, then `bluetoothctl remove`",
        )
    }

    /// Tells what is known of each device of this home.
    pub async fn devices(&self) -> Vec<DeviceReport> {
        let at_bluez = match self.bluez() {
            Ok(bluez) => bluez.known().await.ok(),
            Err(_) => None,
        };
        let devices = self.air.register().devices().into_iter();
        devices
            .map(|device| self.report(device, at_bluez.as_deref()))
            .collect()
    }

    fn report(&self, device: DeviceConfig, at_bluez: Option<&[Known]>) -> DeviceReport {
        let DeviceConfig {
            id,
            kind,
            address,
            is_written,
            ..
        } = device;
        let known = self.status.device(&id);
        let is_paired = |at: &[Known]| at.iter().any(|it| it.is_paired && it.address == address);
        DeviceReport {
            id,
            kind,
            is_bound: address.is_some(),
            is_written,
            is_in_session: address.is_some_and(|it| self.air.is_in_session(it)),
            is_paired: at_bluez.map(|at| address.is_some() && is_paired(at)),
            seen_at: known.status.seen_at,
            signal_dbm: known.signal_dbm,
            battery_percent: known.status.battery_percent,
            failed_at: known.status.failed_at,
            met: known.met,
            value_at: known.value_at,
        }
    }

    /// Waits until a bound device has been met well since it was bound, or since the start; at once if it has.
    ///
    /// # Errors
    /// When it is not bound, or is not met in time; the error says what to do.
    pub async fn meet(&self, device: &DeviceId) -> anyhow::Result<Meeting> {
        let mut meetings = self.status.meetings();
        let mut at_desk = self.desk.changes();
        let meeting = async {
            loop {
                meetings.borrow_and_update();
                at_desk.borrow_and_update();
                let known = self.air.register().device(device);
                match known.map(|it| it.address.is_some()) {
                    None => bail!(Refused::Unknown(device.clone())),
                    Some(false) => bail!(Refused::NotBound(device.clone())),
                    Some(true) => {}
                }
                if let Some(met) = self.status.device(device).met.filter(|it| went_well(*it)) {
                    return Ok(Meeting::Met(met));
                }
                if self.desk.wants_digits(device) {
                    return Ok(Meeting::WantsDigits);
                }
                tokio::select! {
                    changed = meetings.changed() => changed?,
                    changed = at_desk.changed() => changed?,
                }
            }
        };
        match timeout(MEET_WAIT, meeting).await {
            Ok(met) => met,
            Err(_) => bail!(why_not_met(self.status.device(device).met)),
        }
    }

    fn bluez(&self) -> anyhow::Result<Bluez> {
        let bluez = self.air.bluez.borrow().clone();
        bluez.filter(|_| self.status.is_ready()).context(
            "no Bluetooth adapter listens; plug one in, or see `systemctl status bluetooth` and `rfkill list`",
        )
    }
}

fn went_well(met: Met) -> bool {
    met.values_len > 0 || matches!(met.ending, Ending::Drained | Ending::Paired)
}

fn why_not_met(last: Option<Met>) -> &'static str {
    match last.map(|it| it.ending) {
        None => {
            "the device was not heard; put it within a metre, press its button or measure, and try again"
        }
        Some(Ending::NotPaired) => {
            "the device was heard and could not be paired; hold its button until it is in pairing mode, and try again"
        }
        Some(_) => {
            "the device was heard and the connection failed; put it within a metre, measure, and try again"
        }
    }
}

#[cfg(test)]
mod tests;
