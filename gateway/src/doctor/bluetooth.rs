//! Bluetooth: whether the service runs, and whether its adapters are there and switched on.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::timeout;
use vitals::report::{ErrorCode, Finding, Group};
use zbus::{Connection, OwnedObjectPath, OwnedVariant, Variant};

use crate::config::Config;

/// The longest that the bus or BlueZ may take to answer.
const CALL_WAIT_MAX: Duration = Duration::from_secs(8);
pub(super) const RFKILL: &str = "/sys/class/rfkill";
const ADAPTER: &str = "org.bluez.Adapter1";

type Interfaces = HashMap<String, HashMap<String, OwnedVariant>>;

/// An adapter as BlueZ tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Adapter {
    pub(super) path: String,
    pub(super) powered: bool,
}

impl Adapter {
    fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

pub(super) async fn look(config: &Config) -> Vec<Finding> {
    let wanted = config.radio.adapter.as_deref();
    judge(adapters().await, blocked(Path::new(RFKILL)), wanted)
}

/// `adapters` is `None` when BlueZ does not answer.
fn judge(adapters: Option<Vec<Adapter>>, blocked: bool, wanted: Option<&str>) -> Vec<Finding> {
    let Some(adapters) = adapters else {
        let detail = "BlueZ does not answer on the system bus";
        return vec![Finding::fail(
            Group::Bluetooth,
            "service",
            ErrorCode::NoBluez,
            detail,
        )];
    };
    let mut findings = vec![Finding::pass(Group::Bluetooth, "service", "BlueZ answers")];
    let ours: Vec<&Adapter> = adapters
        .iter()
        .filter(|adapter| wanted.is_none_or(|name| name == adapter.name()))
        .collect();
    if ours.is_empty() {
        let detail = match wanted {
            Some(name) => format!(
                "no {name}, which the configuration names; there are {}",
                adapters.len()
            ),
            None => "none".to_owned(),
        };
        findings.push(Finding::fail(
            Group::Bluetooth,
            "adapter",
            ErrorCode::NoAdapter,
            detail,
        ));
    }
    for adapter in ours {
        let check = format!("adapter {}", adapter.name());
        findings.push(if adapter.powered {
            Finding::pass(Group::Bluetooth, check, "switched on")
        } else {
            let why = if blocked {
                "blocked (rfkill)"
            } else {
                "switched off"
            };
            Finding::fail(Group::Bluetooth, check, ErrorCode::AdapterOff, why)
        });
    }
    findings
}

/// Connects to the system bus; `None` when there is none.
pub(super) async fn system_bus() -> Option<Connection> {
    let connecting = Connection::system();
    timeout(CALL_WAIT_MAX, connecting).await.ok()?.ok()
}

/// Asks BlueZ for its adapters; `None` when it does not answer.
pub(super) async fn adapters() -> Option<Vec<Adapter>> {
    let connection = system_bus().await?;
    let manager = "org.freedesktop.DBus.ObjectManager";
    let asking = connection.call_method(
        Some("org.bluez"),
        "/",
        Some(manager),
        "GetManagedObjects",
        &(),
    );
    let reply = timeout(CALL_WAIT_MAX, asking).await.ok()?.ok()?;
    let body = reply.body();
    let objects: HashMap<OwnedObjectPath, Interfaces> = body.deserialize().ok()?;
    let mut adapters: Vec<Adapter> = objects
        .into_iter()
        .filter_map(|(path, interfaces)| {
            let properties = interfaces.get(ADAPTER)?;
            let powered = properties.get("Powered").map(|it| &**it);
            Some(Adapter {
                path: path.to_string(),
                powered: matches!(powered, Some(Variant::Bool(true))),
            })
        })
        .collect();
    adapters.sort_by(|a, b| a.path.cmp(&b.path));
    Some(adapters)
}

/// Switches an adapter on.
///
/// # Errors
/// When BlueZ refuses or does not answer.
pub(super) async fn switch_on(adapter: &Adapter) -> anyhow::Result<()> {
    let connection = timeout(CALL_WAIT_MAX, Connection::system()).await??;
    let properties = "org.freedesktop.DBus.Properties";
    let body = (ADAPTER, "Powered", Variant::from(true));
    let setting = connection.call_method(
        Some("org.bluez"),
        adapter.path.as_str(),
        Some(properties),
        "Set",
        &body,
    );
    timeout(CALL_WAIT_MAX, setting).await??;
    Ok(())
}

/// Tells whether the kernel keeps a Bluetooth radio off.
fn blocked(rfkill: &Path) -> bool {
    let is_blocked = |switch: &PathBuf| {
        ["soft", "hard"]
            .iter()
            .any(|it| std::fs::read_to_string(switch.join(it)).is_ok_and(|text| text.trim() == "1"))
    };
    bluetooth_switches(rfkill).iter().any(is_blocked)
}

/// Gives the kernel's switches of Bluetooth radios.
pub(super) fn bluetooth_switches(rfkill: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(rfkill).into_iter().flatten();
    let is_bluetooth = |switch: &PathBuf| {
        std::fs::read_to_string(switch.join("type")).is_ok_and(|it| it.trim() == "bluetooth")
    };
    let switches = entries.filter_map(Result::ok).map(|it| it.path());
    switches.filter(is_bluetooth).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adapter(name: &str, powered: bool) -> Adapter {
        Adapter {
            path: format!("/org/bluez/{name}"),
            powered,
        }
    }

    fn codes(findings: &[Finding]) -> Vec<Option<ErrorCode>> {
        findings.iter().map(|it| it.code).collect()
    }

    #[test]
    fn each_trouble_of_bluetooth_has_its_code() {
        let both = || Some(vec![adapter("hci0", true), adapter("hci1", false)]);
        assert_eq!(codes(&judge(None, false, None)), [Some(ErrorCode::NoBluez)]);
        let none = judge(Some(Vec::new()), false, None);
        assert_eq!(codes(&none), [None, Some(ErrorCode::NoAdapter)]);
        let other = judge(both(), false, Some("hci2"));
        assert_eq!(codes(&other), [None, Some(ErrorCode::NoAdapter)]);
        assert_eq!(codes(&judge(both(), false, Some("hci0"))), [None, None]);
        let off = judge(both(), true, None);
        assert_eq!(codes(&off), [None, None, Some(ErrorCode::AdapterOff)]);
        assert!(off[2].detail.contains("rfkill"), "{}", off[2].detail);
    }

    #[test]
    fn a_blocked_radio_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let make = |name: &str, kind: &str, soft: &str| {
            let switch = folder.path().join(name);
            std::fs::create_dir(&switch).unwrap();
            std::fs::write(switch.join("type"), kind).unwrap();
            std::fs::write(switch.join("soft"), soft).unwrap();
        };
        make("rfkill0", "wlan\n", "1\n");
        make("rfkill1", "bluetooth\n", "0\n");
        assert!(!blocked(folder.path()));
        make("rfkill2", "bluetooth\n", "1\n");
        assert!(blocked(folder.path()));
    }
}
