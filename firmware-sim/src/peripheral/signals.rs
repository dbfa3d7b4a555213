//! What bluetoothd and the bus say of the adapter and of collectors.

use std::collections::HashMap;

use zbus::{Message, ObjectPath, Variant};

const ADAPTER: &str = "org.bluez.Adapter1";
const DEVICE: &str = "org.bluez.Device1";

type Changed<'a> = HashMap<String, Variant<'a>>;
type Interfaces<'a> = HashMap<String, Changed<'a>>;

/// One thing that was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// bluetoothd has come or gone.
    Daemon { here: bool },
    /// The adapter is powered or not; one that was unplugged is not.
    Powered(bool),
    /// A collector is connected or not.
    Connected(bool),
    /// The collector and the device share a key.
    Bonded,
}

/// Reads a signal; `adapter` is a path such as `/org/bluez/hci1`.
pub(super) fn heard(signal: &Message, adapter: &str) -> Vec<Heard> {
    let header = signal.header();
    let member = header.member().map(ToString::to_string).unwrap_or_default();
    let body = signal.body();
    match member.as_str() {
        "NameOwnerChanged" => {
            let named: Result<(String, String, String), _> = body.deserialize();
            let owner = named.ok().filter(|(name, _, _)| name == "org.bluez");
            let here = owner.map(|(_, _, new)| !new.is_empty());
            here.map(|here| Heard::Daemon { here })
                .into_iter()
                .collect()
        }
        "PropertiesChanged" => {
            let path = header.path().map(ToString::to_string).unwrap_or_default();
            let changed: Result<(String, Changed<'_>, Vec<String>), _> = body.deserialize();
            changed.map_or_else(
                |_| Vec::new(),
                |(interface, changed, _)| read(&path, adapter, &interface, &changed),
            )
        }
        "InterfacesAdded" => {
            let added: Result<(ObjectPath<'_>, Interfaces<'_>), _> = body.deserialize();
            added.map_or_else(
                |_| Vec::new(),
                |(path, it)| object(path.as_str(), adapter, &it),
            )
        }
        "InterfacesRemoved" => {
            let removed: Result<(ObjectPath<'_>, Vec<String>), _> = body.deserialize();
            let unplugged = removed.is_ok_and(|(path, interfaces)| {
                path.as_str() == adapter && interfaces.iter().any(|it| it == ADAPTER)
            });
            unplugged
                .then_some(Heard::Powered(false))
                .into_iter()
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Reads the answer of GetManagedObjects.
pub(super) fn objects(answer: &Message, adapter: &str) -> Vec<Heard> {
    let body = answer.body();
    let objects: Result<HashMap<ObjectPath<'_>, Interfaces<'_>>, _> = body.deserialize();
    let objects = objects.unwrap_or_default();
    objects
        .iter()
        .flat_map(|(path, interfaces)| object(path.as_str(), adapter, interfaces))
        .collect()
}

fn object(path: &str, adapter: &str, interfaces: &Interfaces<'_>) -> Vec<Heard> {
    interfaces
        .iter()
        .flat_map(|(interface, properties)| read(path, adapter, interface, properties))
        .collect()
}

fn read(path: &str, adapter: &str, interface: &str, changed: &Changed<'_>) -> Vec<Heard> {
    let flag = |name: &str| match changed.get(name) {
        Some(Variant::Bool(value)) => Some(*value),
        _ => None,
    };
    let of_adapter = interface == ADAPTER && path == adapter;
    let of_collector = interface == DEVICE
        && path
            .strip_prefix(adapter)
            .is_some_and(|rest| rest.starts_with("/dev_"));
    let powered = flag("Powered").filter(|_| of_adapter).map(Heard::Powered);
    let connected = flag("Connected")
        .filter(|_| of_collector)
        .map(Heard::Connected);
    let bonded = flag("Bonded").filter(|bonded| of_collector && *bonded);
    [powered, connected, bonded.map(|_| Heard::Bonded)]
        .into_iter()
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HCI1: &str = "/org/bluez/hci1";

    fn changed(path: &str, interface: &str, name: &str) -> Message {
        let body = (
            interface,
            HashMap::from([(name, Variant::from(true))]),
            Vec::<String>::new(),
        );
        Message::signal(path, "org.freedesktop.DBus.Properties", "PropertiesChanged")
            .build(&body)
            .unwrap()
    }

    #[test]
    fn only_the_own_adapter_and_its_collectors_count() {
        assert_eq!(
            heard(&changed(HCI1, ADAPTER, "Powered"), HCI1),
            [Heard::Powered(true)]
        );
        let collector = "/org/bluez/hci1/dev_00_AA_01_00_00_23";
        assert_eq!(
            heard(&changed(collector, DEVICE, "Bonded"), HCI1),
            [Heard::Bonded]
        );
        let other = "/org/bluez/hci10/dev_00_AA_01_00_00_23";
        assert_eq!(heard(&changed(other, DEVICE, "Connected"), HCI1), []);
        assert_eq!(
            heard(&changed("/org/bluez/hci0", ADAPTER, "Powered"), HCI1),
            []
        );
    }
}
