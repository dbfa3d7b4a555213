//! The objects that bluetoothd reads from the peripheral: services, characteristics, the advertisement.

use std::collections::BTreeMap;

use zbus::{ObjectPath, Variant};

use crate::device::Bond;
use crate::device::profile::{self, long_uuid};

use super::{Pairing, PeripheralConfig};

/// Where the GATT application is.
pub(super) const APPLICATION: &str = "/hearth";
/// Where the advertisement is.
pub(super) const ADVERTISEMENT: &str = "/hearth/advertisement";
/// Where the pairing agent is.
pub(super) const AGENT: &str = "/hearth/agent";
/// The interface of a characteristic.
pub(super) const CHARACTERISTIC: &str = "org.bluez.GattCharacteristic1";

const SERVICE: &str = "org.bluez.GattService1";

/// Properties of one interface (`a{sv}`).
pub(super) type Properties = BTreeMap<&'static str, Variant<'static>>;
/// All objects (`a{oa{sa{sv}}}`).
pub(super) type Objects = BTreeMap<ObjectPath<'static>, BTreeMap<&'static str, Properties>>;

/// The tree of one device.
#[derive(Debug)]
pub(super) struct Tree {
    config: PeripheralConfig,
    adapter: String,
    characteristics: Vec<(String, u16)>,
}

impl Tree {
    /// Lays the tree out.
    pub(super) fn new(config: &PeripheralConfig) -> Self {
        let mut characteristics = Vec::new();
        for (at, service) in config.device.services().iter().enumerate() {
            for (below, offered) in service.characteristics.iter().enumerate() {
                // bluetoothd gives handles in the order of paths.
                let path = format!("{}/char{below:04}", service_path(at));
                characteristics.push((path, offered.uuid));
            }
        }
        Self {
            config: config.clone(),
            adapter: format!("/org/bluez/{}", config.device.adapter),
            characteristics,
        }
    }

    /// Returns where bluetoothd has the adapter that the device is.
    pub(super) fn adapter(&self) -> &str {
        &self.adapter
    }

    /// Returns the characteristic at a path.
    pub(super) fn characteristic(&self, path: &str) -> Option<u16> {
        let found = self.characteristics.iter().find(|(at, _)| at == path);
        found.map(|(_, uuid)| *uuid)
    }

    /// Returns where a characteristic is.
    pub(super) fn path(&self, characteristic: u16) -> Option<&str> {
        let found = self
            .characteristics
            .iter()
            .find(|(_, uuid)| *uuid == characteristic);
        found.map(|(path, _)| path.as_str())
    }

    /// Returns what GetManagedObjects answers.
    pub(super) fn objects(&self) -> Result<Objects, zbus::Error> {
        let mut objects = Objects::new();
        for (at, service) in self.config.device.services().iter().enumerate() {
            let path = ObjectPath::try_from(service_path(at))?;
            let properties = Properties::from([
                ("UUID", long_uuid(service.uuid).into()),
                ("Primary", true.into()),
            ]);
            objects.insert(path.clone(), BTreeMap::from([(SERVICE, properties)]));
            for offered in service.characteristics {
                let properties = Properties::from([
                    ("UUID", long_uuid(offered.uuid).into()),
                    ("Service", path.clone().into()),
                    ("Flags", self.flags(offered.uuid, offered.flags).into()),
                ]);
                let Some(path) = self.path(offered.uuid) else {
                    continue;
                };
                objects.insert(
                    ObjectPath::try_from(path.to_owned())?,
                    BTreeMap::from([(CHARACTERISTIC, properties)]),
                );
            }
        }
        Ok(objects)
    }

    /// Returns the properties of the advertisement.
    pub(super) fn advertisement(&self) -> Properties {
        let device = &self.config.device;
        Properties::from([
            ("Type", "peripheral".into()),
            (
                "ServiceUUIDs",
                vec![long_uuid(device.advertised_service())].into(),
            ),
            ("LocalName", device.name.clone().into()),
            ("Discoverable", true.into()),
        ])
    }

    /// A device that wants a bond keeps its measurements, its clock and its records to itself until it has one; who
    /// tries is answered "insufficient authentication", which makes BlueZ pair by itself.
    fn flags(&self, uuid: u16, offered: &[&'static str]) -> Vec<String> {
        let kept = uuid == self.config.device.kind.record_characteristic()
            || matches!(
                uuid,
                profile::DATE_TIME
                    | profile::CURRENT_TIME
                    | profile::RECORD_ACCESS
                    | profile::PLX_CONTINUOUS
            );
        let level = match (self.config.device.bond, self.config.pairing) {
            (Bond::Required, Pairing::JustWorks) if kept => "encrypt-",
            (Bond::Required, Pairing::Passkey) if kept => "encrypt-authenticated-",
            _ => "",
        };
        offered
            .iter()
            .map(|flag| format!("{level}{flag}"))
            .collect()
    }
}

fn service_path(at: usize) -> String {
    format!("{APPLICATION}/service{at:04}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::{DeviceConfig, DeviceKind};

    fn tree(bond: Bond, pairing: Pairing) -> Tree {
        let device = DeviceConfig {
            bond,
            ..DeviceConfig::new("cuff", DeviceKind::Cuff, "C2:00:00:00:00:01")
        };
        Tree::new(&PeripheralConfig {
            device,
            pairing,
            hangs_up_after_bonding: false,
        })
    }

    #[test]
    fn every_characteristic_of_the_device_has_an_object_below_its_service() {
        let tree = tree(Bond::NotNeeded, Pairing::JustWorks);
        let objects = tree.objects().unwrap();
        let path = tree.path(profile::BLOOD_PRESSURE_MEASUREMENT).unwrap();
        assert_eq!(
            tree.characteristic(path),
            Some(profile::BLOOD_PRESSURE_MEASUREMENT)
        );
        assert_eq!(objects.len(), 3 + tree.characteristics.len());
    }

    #[test]
    fn a_bond_is_asked_for_only_by_what_is_kept() {
        let open = tree(Bond::NotNeeded, Pairing::JustWorks);
        assert_eq!(open.flags(profile::DATE_TIME, &["read"]), ["read"]);
        let kept = tree(Bond::Required, Pairing::JustWorks);
        assert_eq!(kept.flags(profile::DATE_TIME, &["read"]), ["encrypt-read"]);
        assert_eq!(kept.flags(profile::MODEL_NUMBER, &["read"]), ["read"]);
        let shown = tree(Bond::Required, Pairing::Passkey);
        assert_eq!(
            shown.flags(profile::DATE_TIME, &["read"]),
            ["encrypt-authenticated-read"]
        );
    }
}
