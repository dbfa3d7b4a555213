//! The method calls that BlueZ's clients make, parsed.

use std::collections::HashMap;

use zbus::{Message, ObjectPath, Variant};

use super::effect::{CallId, Refusal};

pub(super) const ADAPTER: &str = "org.bluez.Adapter1";
pub(super) const DEVICE: &str = "org.bluez.Device1";
pub(super) const SERVICE: &str = "org.bluez.GattService1";
pub(super) const CHARACTERISTIC: &str = "org.bluez.GattCharacteristic1";
pub(super) const DESCRIPTOR: &str = "org.bluez.GattDescriptor1";
pub(super) const AGENT_MANAGER: &str = "org.bluez.AgentManager1";
pub(super) const INTROSPECTABLE: &str = "org.freedesktop.DBus.Introspectable";
pub(super) const OBJECT_MANAGER: &str = "org.freedesktop.DBus.ObjectManager";
pub(super) const PEER: &str = "org.freedesktop.DBus.Peer";
pub(super) const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

/// One method call.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) id: CallId,
    /// Unique bus name of the caller, who owns discovery and notify sessions.
    pub(super) client: String,
    pub(super) path: String,
    pub(super) request: Request,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Request {
    Ping,
    Introspect,
    GetManagedObjects,
    Get {
        interface: String,
        property: String,
    },
    GetAll {
        interface: String,
    },
    SetFlag {
        interface: String,
        property: String,
        value: bool,
    },
    SetDiscoveryFilter {
        uuids: Vec<String>,
    },
    StartDiscovery,
    StopDiscovery,
    RemoveDevice {
        device: String,
    },
    Connect,
    Disconnect,
    Pair,
    CancelPairing,
    ReadValue,
    WriteValue {
        value: Vec<u8>,
    },
    StartNotify,
    StopNotify,
    RegisterAgent {
        agent: String,
    },
    DefaultAgent {
        agent: String,
    },
    UnregisterAgent {
        agent: String,
    },
}

impl Request {
    /// Reads a method call.
    ///
    /// # Errors
    /// Names BlueZ's own error for methods it does not have and arguments of other types.
    pub(super) fn parse(message: &Message) -> Result<Self, Refusal> {
        let header = message.header();
        let member = header.member().map(ToString::to_string).unwrap_or_default();
        let interface = header
            .interface()
            .map(ToString::to_string)
            .unwrap_or_default();
        match (interface.as_str(), member.as_str()) {
            (PEER, "Ping") => Ok(Self::Ping),
            (INTROSPECTABLE, "Introspect") => Ok(Self::Introspect),
            (OBJECT_MANAGER, "GetManagedObjects") => Ok(Self::GetManagedObjects),
            (PROPERTIES, _) => Self::parse_properties(message, &member),
            (ADAPTER, _) => Self::parse_adapter(message, &member),
            (DEVICE, "Connect") => Ok(Self::Connect),
            (DEVICE, "Disconnect") => Ok(Self::Disconnect),
            (DEVICE, "Pair") => Ok(Self::Pair),
            (DEVICE, "CancelPairing") => Ok(Self::CancelPairing),
            (CHARACTERISTIC | DESCRIPTOR, "ReadValue") => Ok(Self::ReadValue),
            (CHARACTERISTIC | DESCRIPTOR, "WriteValue") => {
                let body = message.body();
                let (value, _options): (Vec<u8>, HashMap<String, Variant<'_>>) = body
                    .deserialize()
                    .map_err(|_| Refusal::invalid_arguments())?;
                Ok(Self::WriteValue { value })
            }
            (CHARACTERISTIC, "StartNotify") => Ok(Self::StartNotify),
            (CHARACTERISTIC, "StopNotify") => Ok(Self::StopNotify),
            (AGENT_MANAGER, _) => Self::parse_agent_manager(message, &member),
            _ => Err(Refusal::unknown_method()),
        }
    }

    fn parse_properties(message: &Message, member: &str) -> Result<Self, Refusal> {
        match member {
            "Get" => {
                let (interface, property) = arguments(message)?;
                Ok(Self::Get {
                    interface,
                    property,
                })
            }
            "GetAll" => Ok(Self::GetAll {
                interface: arguments(message)?,
            }),
            "Set" => {
                let body = message.body();
                let (interface, property, value): (String, String, Variant<'_>) = body
                    .deserialize()
                    .map_err(|_| Refusal::invalid_arguments())?;
                let Variant::Bool(value) = value else {
                    return Err(Refusal::invalid_arguments());
                };
                Ok(Self::SetFlag {
                    interface,
                    property,
                    value,
                })
            }
            _ => Err(Refusal::unknown_method()),
        }
    }

    fn parse_adapter(message: &Message, member: &str) -> Result<Self, Refusal> {
        match member {
            "StartDiscovery" => Ok(Self::StartDiscovery),
            "StopDiscovery" => Ok(Self::StopDiscovery),
            "RemoveDevice" => Ok(Self::RemoveDevice {
                device: path_argument(message)?,
            }),
            "SetDiscoveryFilter" => {
                let body = message.body();
                let mut filter: HashMap<String, Variant<'_>> = body
                    .deserialize()
                    .map_err(|_| Refusal::invalid_arguments())?;
                let uuids = match filter.remove("UUIDs") {
                    Some(uuids) => {
                        Vec::<String>::try_from(uuids).map_err(|_| Refusal::invalid_arguments())?
                    }
                    None => Vec::new(),
                };
                Ok(Self::SetDiscoveryFilter { uuids })
            }
            _ => Err(Refusal::unknown_method()),
        }
    }

    fn parse_agent_manager(message: &Message, member: &str) -> Result<Self, Refusal> {
        match member {
            "RegisterAgent" => {
                let body = message.body();
                let (agent, _capability): (ObjectPath<'_>, String) = body
                    .deserialize()
                    .map_err(|_| Refusal::invalid_arguments())?;
                Ok(Self::RegisterAgent {
                    agent: agent.to_string(),
                })
            }
            "RequestDefaultAgent" => Ok(Self::DefaultAgent {
                agent: path_argument(message)?,
            }),
            "UnregisterAgent" => Ok(Self::UnregisterAgent {
                agent: path_argument(message)?,
            }),
            _ => Err(Refusal::unknown_method()),
        }
    }
}

fn path_argument(message: &Message) -> Result<String, Refusal> {
    let body = message.body();
    let path: ObjectPath<'_> = body
        .deserialize()
        .map_err(|_| Refusal::invalid_arguments())?;
    Ok(path.to_string())
}

fn arguments<T>(message: &Message) -> Result<T, Refusal>
where
    T: for<'a> zbus::wire::DynamicDeserialize<'a>,
{
    message
        .body()
        .deserialize()
        .map_err(|_| Refusal::invalid_arguments())
}
