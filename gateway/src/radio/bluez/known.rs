//! The devices that BlueZ knows, by whatever adapter: what they advertise, whether they are paired; and forgetting one.

use std::collections::HashMap;

use uuid::Uuid;
use zbus::{ObjectPath, OwnedVariant};

use super::{Bluez, DEVICE};
use crate::bindings::Address;
use crate::radio::failure::Failure;

const ADAPTER: &str = "org.bluez.Adapter1";

type Properties = HashMap<String, OwnedVariant>;

/// Is a device as BlueZ knows it by one adapter.
#[derive(Debug, Default)]
pub(in crate::radio) struct Known {
    /// Where it is on the D-Bus.
    pub(in crate::radio) path: String,
    /// The object path of the adapter.
    pub(in crate::radio) adapter: String,
    pub(in crate::radio) address: Option<Address>,
    pub(in crate::radio) name: Option<String>,
    /// How strongly it is heard, in dBm; only while it is.
    pub(in crate::radio) signal_dbm: Option<i16>,
    pub(in crate::radio) is_paired: bool,
    /// The services that it advertises or has, those of advertised data among them.
    pub(in crate::radio) services: Vec<Uuid>,
    pub(in crate::radio) manufacturer_data: HashMap<u16, Vec<u8>>,
    /// The first octet of its advertised Flags (Core Specification Supplement, Part A, 1.3). BlueZ 5.66 tells it only
    /// where its main.conf says `Experimental = true`.
    pub(in crate::radio) flags: Option<u8>,
}

impl Bluez {
    /// Asks for all devices that BlueZ knows.
    ///
    /// # Errors
    /// When BlueZ refuses or does not answer.
    pub(in crate::radio) async fn known(&self) -> Result<Vec<Known>, Failure> {
        let manager = "org.freedesktop.DBus.ObjectManager";
        let reply = self
            .call("/", manager, "GetManagedObjects", &(), self.call_ms_max)
            .await?;
        type Objects<'a> = HashMap<ObjectPath<'a>, HashMap<String, Properties>>;
        let body = reply.body();
        let objects: Objects<'_> = body.deserialize()?;
        let devices = objects.into_iter().filter_map(|(path, mut interfaces)| {
            let properties = interfaces.remove(DEVICE)?;
            Some(Known::of(path.as_str(), properties))
        });
        Ok(devices.collect())
    }

    /// Makes BlueZ forget a device, its bond too, by every adapter that knows it.
    ///
    /// # Errors
    /// When BlueZ refuses or does not answer. That it knows no such device is well.
    pub(in crate::radio) async fn remove(&self, address: Address) -> Result<(), Failure> {
        for known in self.known().await? {
            if known.address != Some(address) {
                continue;
            }
            let device = ObjectPath::try_from(known.path.as_str()).map_err(Failure::from)?;
            let removed = self
                .call(
                    &known.adapter,
                    ADAPTER,
                    "RemoveDevice",
                    &device,
                    self.call_ms_max,
                )
                .await;
            match removed {
                Err(Failure::Refused(why)) if why.starts_with("org.bluez.Error.DoesNotExist") => {}
                other => drop(other?),
            }
        }
        Ok(())
    }
}

impl Known {
    fn of(path: &str, mut properties: Properties) -> Self {
        let adapter = path.rsplit_once('/').map_or("", |(adapter, _)| adapter);
        let uuid = |text: &String| text.parse::<Uuid>().ok();
        let mut services: Vec<Uuid> = take::<Vec<String>>(&mut properties, "UUIDs")
            .unwrap_or_default()
            .iter()
            .filter_map(uuid)
            .collect();
        let service_data: HashMap<String, OwnedVariant> =
            take(&mut properties, "ServiceData").unwrap_or_default();
        services.extend(service_data.keys().filter_map(uuid));
        let manufacturer_data: HashMap<u16, OwnedVariant> =
            take(&mut properties, "ManufacturerData").unwrap_or_default();
        let manufacturer_data = manufacturer_data
            .into_iter()
            .filter_map(|(company, bytes)| Some((company, Vec::try_from(bytes).ok()?)));
        let is = |value: Option<bool>| value.unwrap_or_default();
        Self {
            path: path.to_owned(),
            adapter: adapter.to_owned(),
            address: take::<String>(&mut properties, "Address").and_then(|it| it.parse().ok()),
            name: take(&mut properties, "Name"),
            signal_dbm: take(&mut properties, "RSSI"),
            is_paired: is(take(&mut properties, "Paired")) || is(take(&mut properties, "Bonded")),
            services,
            manufacturer_data: manufacturer_data.collect(),
            flags: take::<Vec<u8>>(&mut properties, "AdvertisingFlags")
                .and_then(|it| it.first().copied()),
        }
    }
}

/// BlueZ leaves out what it does not know; what is of another type than it should be is as good as left out.
fn take<T: TryFrom<OwnedVariant>>(properties: &mut Properties, name: &str) -> Option<T> {
    properties.remove(name)?.try_into().ok()
}
