//! The devices of this home while the gateway runs: bound and unbound by commands, looked up by whoever hears them.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vitals::DeviceId;

use super::{Address, Stored};
use crate::config::DeviceConfig;
use crate::keys::StateLock;

/// Is the devices of this home. What changes is on the disk before it holds.
#[derive(Debug)]
pub struct Register {
    devices: Mutex<Vec<DeviceConfig>>,
    /// Held while a change is made: one at a time.
    store: Mutex<Store>,
}

#[derive(Debug)]
struct Store {
    state_dir: PathBuf,
    lock: Arc<StateLock>,
}

impl Register {
    /// Takes the devices as the configuration gives them, and the state folder, which this program holds.
    pub fn new(devices: Vec<DeviceConfig>, state_dir: PathBuf, lock: Arc<StateLock>) -> Self {
        Self {
            devices: Mutex::new(devices),
            store: Mutex::new(Store { state_dir, lock }),
        }
    }

    /// Gives all devices of this home, bound or not.
    pub fn devices(&self) -> Vec<DeviceConfig> {
        self.known().clone()
    }

    /// Gives a device of this home.
    pub fn device(&self, id: &DeviceId) -> Option<DeviceConfig> {
        self.known().iter().find(|it| it.id == *id).cloned()
    }

    /// Gives the device that is bound to this address.
    pub fn at(&self, address: Address) -> Option<DeviceId> {
        let known = self.known();
        let bound = known.iter().find(|it| it.address == Some(address));
        bound.map(|it| it.id.clone())
    }

    /// Binds a device to an address. Waits for the disk.
    ///
    /// # Errors
    /// As [`super::bind`], and when it cannot be written; then nothing has changed.
    pub fn bind(&self, id: &DeviceId, address: Address) -> anyhow::Result<()> {
        self.change(|devices| Ok(super::bind(devices, id, address)?))
    }

    /// Unbinds a device and gives the address that it had. Waits for the disk.
    ///
    /// # Errors
    /// As [`super::forget`], and when it cannot be written; then nothing has changed.
    pub fn forget(&self, id: &DeviceId) -> anyhow::Result<Address> {
        self.change(|devices| Ok(super::forget(devices, id)?))
    }

    fn change<T>(
        &self,
        change: impl FnOnce(&mut [DeviceConfig]) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let mut devices = self.devices();
        let changed = change(&mut devices)?;
        Stored::of(&devices).save(&store.state_dir, &store.lock)?;
        *self.known() = devices;
        Ok(changed)
    }

    fn known(&self) -> MutexGuard<'_, Vec<DeviceConfig>> {
        // It is replaced whole, so a panic elsewhere has not spoilt it.
        self.devices.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
