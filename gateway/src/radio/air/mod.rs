//! What the adapters share: who is registered, who is spoken with, who rests, what was taken last.

mod ears;
mod sessions;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use btleplug::api::BDAddr;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use vitals::DeviceId;

use super::advertised::{Latest, Outcome};
use super::bluez::Bluez;
use super::conversation::Held;
use super::quiet::Quiet;
use super::session::Ending;
use super::status::Strangers;
use super::timings::RadioTimings;
use crate::bindings::{Address, Register};
use ears::Ears;
pub(super) use sessions::Claim;
use sessions::Sessions;

/// Is what the adapters share, among themselves and with commands.
#[derive(Debug)]
pub struct Air {
    register: Arc<Register>,
    /// Our own way to BlueZ, once there is one.
    pub(super) bluez: watch::Sender<Option<Bluez>>,
    /// Counts the times that a fresh scan was asked for.
    scans: watch::Sender<u64>,
    sessions: Sessions,
    ears: Mutex<Ears>,
    quiet: Mutex<Quiet>,
    /// Devices that serve whoever connects, and decline to pair.
    open: Mutex<HashSet<Address>>,
    latest: Mutex<Latest>,
    strangers: Mutex<Strangers>,
}

impl Air {
    /// Makes it for the devices of this home.
    pub fn new(register: Arc<Register>) -> Self {
        Self {
            register,
            bluez: watch::channel(None).0,
            scans: watch::channel(0).0,
            sessions: Sessions::default(),
            ears: Mutex::default(),
            quiet: Mutex::default(),
            open: Mutex::default(),
            latest: Mutex::default(),
            strangers: Mutex::default(),
        }
    }

    /// Gives the devices of this home.
    pub fn register(&self) -> &Register {
        &self.register
    }

    /// Asks every adapter to begin its scan anew: a device whose signal does not waver is only reported by a fresh one.
    pub(super) fn scan_anew(&self) {
        self.scans.send_modify(|count| *count += 1);
    }

    /// Hears when a fresh scan is asked for.
    pub(super) fn scans(&self) -> watch::Receiver<u64> {
        self.scans.subscribe()
    }

    /// Gives the device that is bound to an address.
    pub(super) fn device_at(&self, address: BDAddr) -> Option<DeviceId> {
        self.register.at(of(address))
    }

    /// Tells whether a device is left alone, or in a session already.
    pub(super) fn leaves_alone(&self, address: BDAddr) -> bool {
        self.sessions.has(of(address)) || lock(&self.quiet).covers(address, Instant::now())
    }

    /// Notes how strongly an adapter hears a device.
    pub(super) fn hears(&self, adapter: &str, address: BDAddr, signal_dbm: i16) {
        lock(&self.ears).hears(adapter, of(address), signal_dbm, Instant::now());
    }

    /// Tells whether another adapter, which is free, hears the device clearly better.
    pub(super) fn is_better_elsewhere(&self, adapter: &str, address: BDAddr) -> bool {
        lock(&self.ears).is_better_elsewhere(adapter, of(address), Instant::now())
    }

    /// Notes that an adapter does not listen any more.
    pub(super) fn is_deaf(&self, adapter: &str) {
        lock(&self.ears).is_deaf(adapter);
    }

    /// Takes a registered device for one session by an adapter; `None` when it is another's, or not registered any more.
    pub(super) fn claim(
        &self,
        adapter: &str,
        address: BDAddr,
        shutdown: &CancellationToken,
    ) -> Option<Claim<'_>> {
        let registered = || self.device_at(address);
        let claim = self.sessions.claim(of(address), registered, shutdown)?;
        lock(&self.ears).set_busy(adapter, true);
        Some(claim)
    }

    /// Tells whether the device is to be paired.
    pub(super) fn pairs(&self, address: BDAddr) -> bool {
        !lock(&self.open).contains(&of(address))
    }

    /// Remembers what came of a session: how long the device is left alone, and whether it is asked to pair again.
    pub(super) fn ended(&self, adapter: &str, address: BDAddr, held: Held, timings: &RadioTimings) {
        lock(&self.ears).set_busy(adapter, false);
        if held.declined && held.committed_len > 0 {
            lock(&self.open).insert(of(address));
        } else if held.ending == Ending::Failed {
            lock(&self.open).remove(&of(address));
        }
        lock(&self.quiet).begin(address, held.ending, timings, Instant::now());
    }

    /// Tells whether an advertised measurement is another than the last one of the device, and notes it.
    pub(super) fn is_news(&self, device: &DeviceId, outcome: &Outcome) -> bool {
        lock(&self.latest).is_news(device, outcome)
    }

    /// Tells whether a stranger is to be counted.
    pub(super) fn is_new_stranger(&self, address: BDAddr) -> bool {
        lock(&self.strangers).is_news(address, Instant::now())
    }

    /// Tells whether a device is in a session.
    pub(super) fn is_in_session(&self, address: Address) -> bool {
        self.sessions.has(address)
    }

    /// Ends the session with a device in order, and forgets what was remembered of the device.
    pub(super) async fn forget(&self, device: &DeviceId, address: Address) {
        self.sessions.end(address).await;
        lock(&self.quiet).forget(BDAddr::from(<[u8; 6]>::from(address)));
        lock(&self.open).remove(&address);
        lock(&self.latest).forget(device);
    }
}

fn of(address: BDAddr) -> Address {
    address.into_inner().into()
}

/// What is kept is whole after each change, so a panic elsewhere has not spoilt it.
fn lock<T>(it: &Mutex<T>) -> MutexGuard<'_, T> {
    it.lock().unwrap_or_else(PoisonError::into_inner)
}
