//! Bindings: which Bluetooth address belongs to which device of this home.
//!
//! An address stands in the configuration, or an installer bound it with a command; then it is in the state folder.

mod address;
mod register;
mod stored;
#[cfg(test)]
mod tests;

use anyhow::{Context, bail, ensure};
use thiserror::Error;
use vitals::DeviceId;
use vitals::enrol::JobDevice;

pub use address::{Address, NoAddress};
pub use register::Register;
pub use stored::{FILE_NAME, Stored, load};

use crate::config::{DEVICES_LEN_MAX, DeviceConfig, DeviceKind, ScaleUser};

/// Is a device as the configuration writes it.
#[derive(Debug, Clone)]
pub struct Written {
    /// The device.
    pub id: DeviceId,
    /// What it measures.
    pub kind: DeviceKind,
    /// Its address, unless an installer binds it with a command.
    pub address: Option<Address>,
    /// Who consents, on a scale that sends nothing before.
    pub scale_user: Option<ScaleUser>,
}

/// Is why a device is not bound, or not unbound.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refused {
    /// This home has no such device.
    #[error(
        "no device {0} is registered here; `gateway check-config` lists those that are, and the office registers others"
    )]
    Unknown(DeviceId),
    /// It has another address.
    #[error("device {0} is bound to another device already; forget that first")]
    Bound(DeviceId),
    /// The address is another device's.
    #[error("this is already device {0} of this home; choose another, or forget {0} first")]
    Taken(DeviceId),
    /// The operator wrote its address.
    #[error(
        "the address of device {0} stands in the gateway's configuration; remove it there and restart the gateway"
    )]
    Written(DeviceId),
    /// It has no address.
    #[error("device {0} is bound to nothing")]
    NotBound(DeviceId),
}

/// Puts together what is known of this home's devices: those that the configuration writes, those of the install job,
/// and what an installer bound with commands.
///
/// # Errors
/// When two of these contradict each other, or there are too many; the error says what to change.
pub fn merge(
    written: Vec<Written>,
    job: &[JobDevice],
    stored: &Stored,
) -> anyhow::Result<Vec<DeviceConfig>> {
    let mut devices: Vec<DeviceConfig> = Vec::with_capacity(written.len() + job.len());
    for Written {
        id,
        kind,
        address,
        scale_user,
    } in written
    {
        if let Some(other) = devices
            .iter()
            .find(|it| it.id == id || (address.is_some() && it.address == address))
        {
            bail!(
                "device {id}: its id or address is already that of device {}; remove one of the two",
                other.id
            );
        }
        devices.push(DeviceConfig {
            id,
            kind,
            is_written: address.is_some(),
            scale_user,
            address,
        });
    }
    for device in job {
        add_of_job(&mut devices, device)?;
    }
    ensure!(
        devices.len() <= DEVICES_LEN_MAX,
        "device: {} devices are listed and one gateway serves at most {DEVICES_LEN_MAX}; remove those of other homes",
        devices.len()
    );
    for (id, address) in &stored.bound {
        let file = FILE_NAME;
        bind(&mut devices, id, *address).with_context(|| {
            format!("{file} in the state folder binds device {id}, and cannot hold beside the configuration: remove {id} from {file}")
        })?;
    }
    Ok(devices)
}

fn add_of_job(devices: &mut Vec<DeviceConfig>, device: &JobDevice) -> anyhow::Result<()> {
    let JobDevice { id, kind } = device;
    let kind = DeviceKind::named(kind).with_context(|| {
        format!("device {id} of the install job is a {kind}, which this gateway does not know; install a newer one")
    })?;
    match devices.iter().find(|it| it.id == *id) {
        None => devices.push(DeviceConfig {
            id: id.clone(),
            kind,
            address: None,
            is_written: false,
            scale_user: None,
        }),
        Some(written) => ensure!(
            written.kind == kind,
            "device {id}: its kind is {} in the install job and {} here; correct it here",
            kind.name(),
            written.kind.name()
        ),
    }
    Ok(())
}

/// Binds a device to an address. That it is bound to it already is well.
///
/// # Errors
/// When the device is none of this home, is bound to another address, or the address is another device's.
pub fn bind(devices: &mut [DeviceConfig], id: &DeviceId, address: Address) -> Result<(), Refused> {
    let of_another = |it: &&DeviceConfig| it.id != *id && it.address == Some(address);
    let taken = devices.iter().find(of_another).map(|it| it.id.clone());
    let device = find(devices, id)?;
    if device.address == Some(address) {
        return Ok(());
    }
    if device.address.is_some() {
        return Err(Refused::Bound(id.clone()));
    }
    if let Some(other) = taken {
        return Err(Refused::Taken(other));
    }
    device.address = Some(address);
    Ok(())
}

/// Unbinds a device, and gives the address that it had.
///
/// # Errors
/// When the device is none of this home, is not bound, or its address stands in the configuration.
pub fn forget(devices: &mut [DeviceConfig], id: &DeviceId) -> Result<Address, Refused> {
    let device = find(devices, id)?;
    if device.is_written {
        return Err(Refused::Written(id.clone()));
    }
    device
        .address
        .take()
        .ok_or_else(|| Refused::NotBound(id.clone()))
}

fn find<'a>(
    devices: &'a mut [DeviceConfig],
    id: &DeviceId,
) -> Result<&'a mut DeviceConfig, Refused> {
    devices
        .iter_mut()
        .find(|it| it.id == *id)
        .ok_or_else(|| Refused::Unknown(id.clone()))
}
