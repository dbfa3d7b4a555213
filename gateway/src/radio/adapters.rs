//! Which of the machine's Bluetooth adapters are listened with.

use btleplug::api::{Central, Manager as _};
use btleplug::platform::{Adapter, Manager};

use super::failure::{Failure, bounded};

/// The most adapters that are listened with; a machine with more is no box in a home.
pub(super) const ADAPTERS_LEN_MAX: usize = 8;

/// Gives the names of the adapters that are there, such as `hci0`, in order; only the wanted one if one is wanted.
pub(super) async fn names(
    manager: &Manager,
    wanted: Option<&str>,
    call_ms_max: u64,
) -> Result<Vec<String>, Failure> {
    let mut names: Vec<String> = named(manager, call_ms_max)
        .await?
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| wanted.is_none_or(|wanted| wanted == name))
        .collect();
    names.sort();
    names.truncate(ADAPTERS_LEN_MAX);
    Ok(names)
}

/// Finds the adapter of this name.
pub(super) async fn find(
    manager: &Manager,
    wanted: &str,
    call_ms_max: u64,
) -> Result<Adapter, Failure> {
    named(manager, call_ms_max)
        .await?
        .into_iter()
        .find(|(name, _)| name == wanted)
        .map(|(_, adapter)| adapter)
        .ok_or_else(|| Failure::NoAdapter(wanted.to_owned()))
}

async fn named(manager: &Manager, call_ms_max: u64) -> Result<Vec<(String, Adapter)>, Failure> {
    let mut named = Vec::new();
    for adapter in bounded(call_ms_max, manager.adapters()).await? {
        // btleplug gives an adapter's name only as the first word of this.
        match bounded(call_ms_max, adapter.adapter_info()).await {
            Ok(info) => {
                let name = info.split_whitespace().next().unwrap_or_default();
                named.push((name.to_owned(), adapter));
            }
            // One that goes just now leaves the others.
            Err(Failure::Refused(_)) => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(named)
}
