//! The object tree: managed objects, properties and introspection.

use std::{collections::BTreeMap, fmt::Write as _};

use zbus::{ObjectPath, Variant};

use super::{
    Daemon,
    effect::{Interfaces, Properties, Refusal, Reply},
    peer::{GattKind, GattObject, Known, Peer},
    request::{
        ADAPTER, AGENT_MANAGER, CHARACTERISTIC, DESCRIPTOR, DEVICE, INTROSPECTABLE, PROPERTIES,
        SERVICE,
    },
};
use crate::device::profile::{self, long_uuid};

const CLIENT_CHARACTERISTIC_CONFIGURATION: u16 = 0x2902;

impl Daemon {
    pub(super) fn managed_objects(&self) -> BTreeMap<String, Interfaces> {
        let mut objects = BTreeMap::from([(
            "/org/bluez".to_owned(),
            object(AGENT_MANAGER, Properties::new()),
        )]);
        for adapter in self.adapters.iter().filter(|adapter| adapter.present) {
            objects.insert(adapter.path(), object(ADAPTER, adapter.properties()));
        }
        for peer in &self.peers {
            let device = &self.devices[peer.device];
            let adapter_path = self.adapters[peer.adapter].path();
            let experimental = self.config.experimental;
            let properties = peer.device_properties(device, &adapter_path, experimental);
            let Some(properties) = properties else {
                continue;
            };
            objects.insert(peer.path.clone(), object(DEVICE, properties));
            objects.extend(peer.gatt_interfaces());
        }
        objects
    }

    pub(super) fn get_all(&self, path: &str, interface: &str) -> Result<Reply, Refusal> {
        self.properties_at(path, interface).map(Reply::Properties)
    }

    pub(super) fn get(
        &self,
        path: &str,
        interface: &str,
        property: &str,
    ) -> Result<Reply, Refusal> {
        let missing = Refusal::new("org.freedesktop.DBus.Error.InvalidArgs", "No such property");
        let mut properties = self.properties_at(path, interface)?;
        properties.remove(property).map(Reply::Value).ok_or(missing)
    }

    fn properties_at(&self, path: &str, interface: &str) -> Result<Properties, Refusal> {
        let mut interfaces = self
            .managed_objects()
            .remove(path)
            .ok_or_else(|| Refusal::unknown_object(path))?;
        let missing = Refusal::new(
            "org.freedesktop.DBus.Error.InvalidArgs",
            "No such interface",
        );
        interfaces.remove(interface).ok_or(missing)
    }

    pub(super) fn introspect(&self, path: &str) -> Result<Reply, Refusal> {
        let objects = self.managed_objects();
        let prefix = if path == "/" {
            "/".to_owned()
        } else {
            format!("{path}/")
        };
        let children = objects
            .keys()
            .filter_map(|other| other.strip_prefix(&prefix)?.split('/').next());
        let mut children: Vec<&str> = children.collect();
        children.dedup();
        if children.is_empty() && !objects.contains_key(path) {
            return Err(Refusal::unknown_object(path));
        }
        let mut xml = String::from("<node>");
        for interface in objects.get(path).into_iter().flat_map(BTreeMap::keys) {
            // Writing to a String cannot fail.
            let _ = write!(xml, "<interface name=\"{interface}\"></interface>");
        }
        for child in children {
            let _ = write!(xml, "<node name=\"{child}\"/>");
        }
        xml.push_str("</node>");
        Ok(Reply::Text(xml))
    }
}

impl Peer {
    /// The GATT objects with their properties, in handle order; none before services were resolved.
    pub(super) fn gatt_interfaces(&self) -> Vec<(String, Interfaces)> {
        let Some(known) = self.known.as_ref().filter(|known| known.gatt_exported) else {
            return Vec::new();
        };
        self.gatt
            .iter()
            .map(|entry| (entry.path.clone(), self.gatt_object(known, entry)))
            .collect()
    }

    fn gatt_object(&self, known: &Known, entry: &GattObject) -> Interfaces {
        match &entry.kind {
            GattKind::Service { uuid } => {
                let properties = Properties::from([
                    ("UUID", Variant::from(long_uuid(*uuid))),
                    ("Primary", Variant::from(true)),
                    ("Device", path_variant(&self.path)),
                    ("Includes", Variant::from(Vec::<ObjectPath<'static>>::new())),
                ]);
                object(SERVICE, properties)
            }
            GattKind::Characteristic {
                uuid,
                flags,
                service,
            } => {
                let flags: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
                let mut properties = Properties::from([
                    ("UUID", Variant::from(long_uuid(*uuid))),
                    ("Service", path_variant(service)),
                    ("Value", Variant::from(Vec::<u8>::new())),
                    ("Flags", Variant::from(flags)),
                    ("MTU", Variant::from(23_u16)),
                ]);
                if (profile::Characteristic {
                    uuid: *uuid,
                    flags: entry.flags(),
                })
                .subscribable()
                {
                    let notifying = known
                        .notify
                        .get(uuid)
                        .is_some_and(|clients| !clients.is_empty());
                    properties.insert("Notifying", Variant::from(notifying));
                }
                object(CHARACTERISTIC, properties)
            }
            GattKind::Configuration { of, .. } => {
                let properties = Properties::from([
                    (
                        "UUID",
                        Variant::from(long_uuid(CLIENT_CHARACTERISTIC_CONFIGURATION)),
                    ),
                    ("Characteristic", path_variant(of)),
                    ("Value", Variant::from(Vec::<u8>::new())),
                ]);
                object(DESCRIPTOR, properties)
            }
        }
    }
}

impl GattObject {
    fn flags(&self) -> &'static [&'static str] {
        match self.kind {
            GattKind::Characteristic { flags, .. } => flags,
            GattKind::Service { .. } | GattKind::Configuration { .. } => &[],
        }
    }

    /// The one BlueZ interface of the object.
    pub(super) fn interface(&self) -> &'static str {
        match self.kind {
            GattKind::Service { .. } => SERVICE,
            GattKind::Characteristic { .. } => CHARACTERISTIC,
            GattKind::Configuration { .. } => DESCRIPTOR,
        }
    }
}

/// The interfaces of an object: its own beside the two standard ones that BlueZ lists on every object.
pub(super) fn object(interface: &'static str, properties: Properties) -> Interfaces {
    Interfaces::from([
        (interface, properties),
        (INTROSPECTABLE, Properties::new()),
        (PROPERTIES, Properties::new()),
    ])
}

fn path_variant(path: &str) -> Variant<'static> {
    match ObjectPath::try_from(path.to_owned()) {
        Ok(path) => Variant::from(path),
        Err(_) => Variant::from(path.to_owned()),
    }
}
