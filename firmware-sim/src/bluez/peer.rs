//! One simulated device as bluetoothd knows it by one adapter: its object, its link, its notify sessions.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use zbus::{ObjectPath, Variant};

use super::effect::{CallId, Properties};
use crate::device::profile::{self, long_uuid};
use crate::device::{Device, DeviceConfig};

#[derive(Debug)]
pub(super) struct Peer {
    /// Which of the devices it is.
    pub(super) device: usize,
    /// What the script says of it, as this adapter hears it.
    pub(super) config: DeviceConfig,
    pub(super) path: String,
    pub(super) adapter: usize,
    pub(super) gatt: Vec<GattObject>,
    /// The Device1 object, while bluetoothd has one.
    pub(super) known: Option<Known>,
    pub(super) faults: PeerFaults,
    pub(super) advert_at: Option<Duration>,
    pub(super) adverts: u64,
}

/// What bluetoothd remembers about a device.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) paired: bool,
    pub(super) trusted: bool,
    pub(super) rssi: Option<i16>,
    pub(super) link: LinkState,
    /// Services were resolved once; their objects survive a disconnect.
    pub(super) gatt_exported: bool,
    /// Notify sessions by characteristic; they survive a disconnect.
    pub(super) notify: BTreeMap<u16, BTreeSet<String>>,
    pub(super) pairing: Option<(CallId, Duration)>,
    pub(super) remove_at: Option<Duration>,
}

#[derive(Debug, Default)]
pub(super) enum LinkState {
    #[default]
    Down,
    Connecting {
        waiting: Waiting,
        /// When the link stands at the earliest; it also needs a device that advertises.
        earliest: Duration,
        gives_up_at: Duration,
        refuse: bool,
        hang: bool,
    },
    Up {
        /// When services will be resolved; `None` once they are.
        resolve_at: Option<Duration>,
        disconnect: Option<(CallId, Duration)>,
        values_sent: u32,
    },
}

/// Is the call that waits for a link.
#[derive(Clone, Copy, Debug)]
pub(super) enum Waiting {
    /// Connect() is answered once the link stands.
    Connect(CallId),
    /// Pair() goes on once the link stands.
    Pair(CallId),
}

/// Faults that wait for their moment.
#[derive(Debug, Default)]
pub(super) struct PeerFaults {
    pub(super) refuse_connects: u32,
    pub(super) hang_connects: u32,
    pub(super) hide_connected: u32,
    pub(super) lose_link_after: Option<LinkLoss>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct LinkLoss {
    pub(super) values: u32,
    pub(super) last_is_confirmed: bool,
}

/// One exported GATT object below the device.
#[derive(Debug)]
pub(super) struct GattObject {
    pub(super) path: String,
    pub(super) kind: GattKind,
}

#[derive(Clone, Debug)]
pub(super) enum GattKind {
    Service {
        uuid: u16,
    },
    Characteristic {
        uuid: u16,
        flags: &'static [&'static str],
        service: String,
    },
    Configuration {
        characteristic: u16,
        of: String,
    },
}

impl Known {
    pub(super) fn connected(&self) -> bool {
        matches!(self.link, LinkState::Up { .. })
    }

    pub(super) fn resolved(&self) -> bool {
        matches!(
            self.link,
            LinkState::Up {
                resolve_at: None,
                ..
            }
        )
    }
}

impl Peer {
    pub(super) fn new(device: usize, config: DeviceConfig, adapter: usize) -> Self {
        let path = format!(
            "/org/bluez/{}/dev_{}",
            config.adapter,
            config.address.replace(':', "_")
        );
        let gatt = gatt_objects(&path, config.services());
        Self {
            device,
            config,
            path,
            adapter,
            gatt,
            known: None,
            faults: PeerFaults::default(),
            advert_at: None,
            adverts: 0,
        }
    }

    pub(super) fn connected(&self) -> bool {
        self.known.as_ref().is_some_and(Known::connected)
    }

    pub(super) fn resolved(&self) -> bool {
        self.known.as_ref().is_some_and(Known::resolved)
    }

    pub(super) fn advertised_uuid(&self) -> String {
        long_uuid(self.config.advertised_service())
    }

    /// The advertised Flags (Core Specification Supplement, Part A, 1.3): LE only; limited discoverable, or general.
    fn advertised_flags(&self) -> u8 {
        match self.config.pairing_mode {
            true => 0x05,
            false => 0x06,
        }
    }

    pub(super) fn characteristic_path(&self, wanted: u16) -> Option<&str> {
        self.gatt.iter().find_map(|object| match object.kind {
            GattKind::Characteristic { uuid, .. } if uuid == wanted => Some(object.path.as_str()),
            _ => None,
        })
    }

    /// The UUIDs property: what is advertised, or everything once services were resolved.
    pub(super) fn uuids(&self) -> Vec<String> {
        if self.known.as_ref().is_some_and(|known| known.gatt_exported) {
            self.config
                .services()
                .iter()
                .map(|service| long_uuid(service.uuid))
                .collect()
        } else {
            vec![self.advertised_uuid()]
        }
    }

    /// The properties that an advertisement changes.
    pub(super) fn advert_properties(&self, device: &Device) -> Properties {
        let config = &self.config;
        let mut properties = Properties::new();
        if let Some(rssi) = self.known.as_ref().and_then(|known| known.rssi) {
            properties.insert("RSSI", Variant::from(rssi));
        }
        if let Some((company, data)) = device.manufacturer_data() {
            let data = HashMap::from([(company, Variant::from(data))]);
            properties.insert("ManufacturerData", Variant::from(data));
        }
        if !config.service_data.is_empty() {
            let data = HashMap::from([(
                self.advertised_uuid(),
                Variant::from(config.service_data.clone()),
            )]);
            properties.insert("ServiceData", Variant::from(data));
        }
        properties
    }

    /// All properties of the Device1 object.
    pub(super) fn device_properties(
        &self,
        device: &Device,
        adapter_path: &str,
        experimental: bool,
    ) -> Option<Properties> {
        let known = self.known.as_ref()?;
        let config = &self.config;
        let text = |text: &str| Variant::from(text.to_owned());
        let mut properties = self.advert_properties(device);
        properties.extend([
            ("Address", text(&config.address)),
            ("AddressType", text("random")),
            ("Name", text(&config.name)),
            ("Alias", text(&config.name)),
            ("Paired", Variant::from(known.paired)),
            ("Bonded", Variant::from(known.paired)),
            ("Trusted", Variant::from(known.trusted)),
            ("Blocked", Variant::from(false)),
            ("LegacyPairing", Variant::from(false)),
            ("Connected", Variant::from(known.connected())),
            ("ServicesResolved", Variant::from(known.resolved())),
            ("UUIDs", Variant::from(self.uuids())),
        ]);
        if experimental {
            let flags = Variant::from(vec![self.advertised_flags()]);
            properties.insert("AdvertisingFlags", flags);
        }
        if let Ok(adapter) = ObjectPath::try_from(adapter_path.to_owned()) {
            properties.insert("Adapter", Variant::from(adapter));
        }
        Some(properties)
    }
}

/// Lays out the attribute table: handles count up as a server's do, and name the objects.
fn gatt_objects(device: &str, services: &[profile::Service]) -> Vec<GattObject> {
    let mut objects = Vec::new();
    let mut handle: u16 = 0x0010;
    for service in services {
        let service_path = format!("{device}/service{handle:04x}");
        objects.push(GattObject {
            path: service_path.clone(),
            kind: GattKind::Service { uuid: service.uuid },
        });
        handle += 1;
        for characteristic in service.characteristics {
            let path = format!("{service_path}/char{handle:04x}");
            let kind = GattKind::Characteristic {
                uuid: characteristic.uuid,
                flags: characteristic.flags,
                service: service_path.clone(),
            };
            objects.push(GattObject {
                path: path.clone(),
                kind,
            });
            // Declaration and value take one handle each.
            handle += 2;
            if characteristic.subscribable() {
                let kind = GattKind::Configuration {
                    characteristic: characteristic.uuid,
                    of: path.clone(),
                };
                objects.push(GattObject {
                    path: format!("{path}/desc{handle:04x}"),
                    kind,
                });
                handle += 1;
            }
        }
    }
    objects
}
