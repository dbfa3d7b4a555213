//! One D-Bus message as a line of words, if it says something of a device's session.

use std::collections::{BTreeMap, HashMap};

use zbus::{Message, ObjectPath, Variant, message::Type};

use super::label::Labels;

const DEVICE: &str = "org.bluez.Device1";
const SERVICE: &str = "org.bluez.GattService1";
const CHARACTERISTIC: &str = "org.bluez.GattCharacteristic1";
const DESCRIPTOR: &str = "org.bluez.GattDescriptor1";

/// Calls that were not answered yet; a client has few at a time.
const CALLS_LEN_MAX: usize = 1024;

/// What of a device tells how a session goes. Its signal strength and advertisement do not.
const TOLD: [&str; 7] = [
    "Connected",
    "ServicesResolved",
    "UUIDs",
    "Paired",
    "Bonded",
    "Value",
    "Notifying",
];

type Changed<'a> = BTreeMap<String, Variant<'a>>;

/// Understands messages, with what must be remembered for it.
#[derive(Debug)]
pub(super) struct Words {
    labels: Labels,
    /// Who called, the call's number, and what it was.
    calls: HashMap<(String, u32), String>,
}

impl Words {
    pub(super) fn new(adapter: &str) -> Self {
        Self {
            labels: Labels::new(adapter),
            calls: HashMap::new(),
        }
    }

    /// Gives the lines that a message amounts to.
    pub(super) fn of(&mut self, message: &Message) -> Option<String> {
        match message.message_type() {
            Type::MethodCall => self.call(message),
            Type::MethodReturn => Some(format!("reply {}", self.answered(message)?)),
            Type::Error => {
                let call = self.answered(message)?;
                let header = message.header();
                Some(format!("error {call} {}", header.error_name()?))
            }
            Type::Signal => self.signal(message),
        }
    }

    fn call(&mut self, message: &Message) -> Option<String> {
        let header = message.header();
        let interface = header.interface()?.to_string();
        if ![DEVICE, CHARACTERISTIC, DESCRIPTOR].contains(&interface.as_str()) {
            return None;
        }
        let object = self.labels.of(header.path()?.as_str())?;
        let call = format!("{object} {}", header.member()?);
        if self.calls.len() >= CALLS_LEN_MAX {
            self.calls.clear();
        }
        let caller = header.sender()?.to_string();
        let number = message.primary_header().serial_num().get();
        self.calls.insert((caller, number), call.clone());
        Some(format!("call  {call}"))
    }

    fn answered(&mut self, message: &Message) -> Option<String> {
        let header = message.header();
        let caller = header.destination()?.to_string();
        self.calls.remove(&(caller, header.reply_serial()?.get()))
    }

    fn signal(&mut self, message: &Message) -> Option<String> {
        let header = message.header();
        let body = message.body();
        match header.member()?.as_str() {
            "PropertiesChanged" => {
                let object = self.labels.of(header.path()?.as_str())?;
                let (_, changed, _): (String, Changed<'_>, Vec<String>) =
                    body.deserialize().ok()?;
                let told: Vec<String> = changed
                    .iter()
                    .filter(|(name, _)| TOLD.contains(&name.as_str()))
                    .map(|(name, value)| match value {
                        Variant::Bool(flag) => format!("{name}={flag}"),
                        _ => name.clone(),
                    })
                    .collect();
                (!told.is_empty()).then(|| format!("now   {object} {}", told.join(" ")))
            }
            "InterfacesAdded" => {
                let (path, interfaces): (ObjectPath<'_>, BTreeMap<String, Changed<'_>>) =
                    body.deserialize().ok()?;
                let of_gatt = [SERVICE, CHARACTERISTIC, DESCRIPTOR];
                let found = of_gatt.iter().find_map(|it| interfaces.get(*it));
                if let Some(Variant::Str(uuid)) = found.and_then(|it| it.get("UUID")) {
                    self.labels.learn(path.as_str(), uuid.as_str());
                }
                let known = found.is_some() || interfaces.contains_key(DEVICE);
                let object = self.labels.of(path.as_str()).filter(|_| known)?;
                Some(format!("new   {object}"))
            }
            "InterfacesRemoved" => {
                let (path, interfaces): (ObjectPath<'_>, Vec<String>) = body.deserialize().ok()?;
                let of_session = [DEVICE, SERVICE, CHARACTERISTIC, DESCRIPTOR];
                let gone = interfaces
                    .iter()
                    .any(|it| of_session.contains(&it.as_str()));
                let object = self.labels.of(path.as_str()).filter(|_| gone)?;
                Some(format!("gone  {object}"))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "/org/bluez/hci0/dev_00_AA_01_01_00_01";

    #[test]
    fn a_call_is_told_and_its_answer_names_it() {
        let mut words = Words::new("hci0");
        let call = Message::method_call(PATH, "Connect")
            .interface(DEVICE)
            .sender(":1.7")
            .build(&())
            .unwrap();
        assert_eq!(words.of(&call).unwrap(), "call  device Connect");
        let refused = Message::error(&call.header(), "org.bluez.Error.Failed")
            .build(&"no")
            .unwrap();
        assert_eq!(
            words.of(&refused).unwrap(),
            "error device Connect org.bluez.Error.Failed"
        );
        assert_eq!(words.of(&refused), None, "answered once");
    }

    #[test]
    fn of_what_changes_only_the_session_is_told() {
        let mut words = Words::new("hci0");
        let mut changed = |properties: &[(&str, Variant<'static>)]| {
            let properties: Changed<'_> = properties
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect();
            let signal =
                Message::signal(PATH, "org.freedesktop.DBus.Properties", "PropertiesChanged");
            let body = (DEVICE, properties, Vec::<String>::new());
            words.of(&signal.build(&body).unwrap())
        };
        assert_eq!(changed(&[("RSSI", 4_i16.into())]), None);
        assert_eq!(
            changed(&[
                ("ServicesResolved", true.into()),
                ("UUIDs", vec!["x"].into())
            ])
            .unwrap(),
            "now   device ServicesResolved=true UUIDs"
        );
    }
}
