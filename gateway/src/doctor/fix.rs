//! What the doctor can mend by itself without harm: file modes, and an adapter that is switched off.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::Context;

use super::bluetooth::{self, RFKILL};
use super::identity::readable_by_others;
use crate::config::Config;

/// Mends what can be mended and says what was done, a line each.
///
/// # Errors
/// When something could not be mended; what came before it stays.
pub async fn fix(config: &Config) -> anyhow::Result<Vec<String>> {
    let mut done = Vec::new();
    let open = readable_by_others(&config.state_dir);
    for path in &open {
        let mode = if path.is_dir() { 0o700 } else { 0o600 };
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
            .with_context(|| format!("cannot change who reads {}", path.display()))?;
    }
    if !open.is_empty() {
        done.push(format!("took {} files away from other users", open.len()));
    }
    for switch in bluetooth::bluetooth_switches(Path::new(RFKILL)) {
        let soft = switch.join("soft");
        if std::fs::read_to_string(&soft).is_ok_and(|it| it.trim() == "1") {
            std::fs::write(&soft, "0").context("cannot unblock Bluetooth; be root")?;
            done.push("unblocked Bluetooth".to_owned());
        }
    }
    let adapters = bluetooth::adapters().await.unwrap_or_default();
    for adapter in adapters.iter().filter(|adapter| !adapter.powered) {
        bluetooth::switch_on(adapter)
            .await
            .context("cannot switch the adapter on")?;
        done.push("switched a Bluetooth adapter on".to_owned());
    }
    Ok(done)
}
