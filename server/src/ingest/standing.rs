//! Standings: a box that tells its status, or sends while it is not live, is told where it stands.

use std::collections::BTreeMap;

use vitals::GatewayId;
use vitals::topic::{Kind, Topic};
use vitals::wire::{GatewayStatus, StandingKind, seal};

use crate::store::gateways::Gateway;

/// Writes the standings that are to be sent after a batch. A box that was registered by hand has none to be told.
pub(super) fn write(
    heard: &BTreeMap<GatewayId, Option<GatewayStatus>>,
    gateways: &BTreeMap<GatewayId, Option<Gateway>>,
) -> anyhow::Result<Vec<(Topic, Vec<u8>)>> {
    let mut sealed = Vec::new();
    for (id, status) in heard {
        let Some(gateway) = gateways.get(id).and_then(Option::as_ref) else {
            continue;
        };
        let standing = gateway.life.standing();
        let is_live = standing.standing == StandingKind::Live;
        if gateway.life.number > 0 && (status.is_some() || !is_live) {
            sealed.push(of(id, gateway)?);
        }
    }
    Ok(sealed)
}

/// Seals what a box is told of its standing.
///
/// # Errors
/// When it cannot be written.
pub fn of(id: &GatewayId, gateway: &Gateway) -> anyhow::Result<(Topic, Vec<u8>)> {
    let topic = Topic::new(id.clone(), Kind::Standing);
    let payload = seal(&topic, &gateway.tag_key, &gateway.life.standing())?;
    Ok((topic, payload))
}
