//! Asks: a box that tells its status is asked for a report when the office wants one.

use std::collections::BTreeMap;

use sqlx::AnyConnection;
use vitals::GatewayId;
use vitals::report::Ask;
use vitals::topic::{Kind, Topic};
use vitals::wire::{GatewayStatus, seal};

use crate::store::gateways::Gateway;
use crate::store::reports;

/// Writes the asks that are to be sent after a batch.
pub(super) async fn write(
    connection: &mut AnyConnection,
    heard: &BTreeMap<GatewayId, Option<GatewayStatus>>,
    gateways: &BTreeMap<GatewayId, Option<Gateway>>,
) -> anyhow::Result<Vec<(Topic, Vec<u8>)>> {
    let mut sealed = Vec::new();
    for (id, status) in heard {
        let Some(gateway) = gateways.get(id).and_then(Option::as_ref) else {
            continue;
        };
        if status.is_some() && reports::is_wanted(connection, id).await? {
            sealed.push(of(id, gateway)?);
        }
    }
    Ok(sealed)
}

/// Seals the office's wish for a report.
///
/// # Errors
/// When it cannot be written.
pub fn of(id: &GatewayId, gateway: &Gateway) -> anyhow::Result<(Topic, Vec<u8>)> {
    let topic = Topic::new(id.clone(), Kind::Ask);
    let payload = seal(&topic, &gateway.tag_key, &Ask {})?;
    Ok((topic, payload))
}
