//! Which of the machine's Bluetooth adapters is listened with.

use btleplug::api::{Central, Manager as _};
use btleplug::platform::{Adapter, Manager};

use super::failure::{Failure, bounded};

/// Finds the adapter of this name, such as `hci0`, or else the first.
pub(super) async fn find(
    manager: &Manager,
    wanted: Option<&str>,
    call_ms_max: u64,
) -> Result<Adapter, Failure> {
    let mut named = Vec::new();
    for adapter in bounded(call_ms_max, manager.adapters()).await? {
        // btleplug gives an adapter's name only as the first word of this.
        let info = bounded(call_ms_max, adapter.adapter_info()).await?;
        let name = info.split_whitespace().next().unwrap_or_default();
        named.push((name.to_owned(), adapter));
    }
    named.sort_by(|(one, _), (other, _)| one.cmp(other));
    named
        .into_iter()
        .find(|(name, _)| wanted.is_none_or(|wanted| wanted == name))
        .map(|(_, adapter)| adapter)
        .ok_or_else(|| Failure::NoAdapter(wanted.unwrap_or_default().to_owned()))
}
