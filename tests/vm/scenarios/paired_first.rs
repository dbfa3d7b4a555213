//! A cuff that wants to be paired before anything is asked of it: BlueZ connects to it for that, and it is asked then.

use anyhow::ensure;

use crate::account;
use crate::guest::{CUFF, Device, Guest};

/// Of a family that drops the link unless it is paired first (config/devices.toml).
const NAMED: Device = Device {
    name: "BLEsmart_0000",
    device: "bond = \"required\"",
    ..CUFF
};

pub(super) async fn play(guest: &mut Guest) -> anyhow::Result<()> {
    guest.start_gateway(&[NAMED]).await?;
    guest.switch_on(NAMED).await?;
    guest.measure(150, 3).await?;
    guest.event("cuff", "bonded").await?;
    guest.kept(3).await?;
    guest.session_ended().await?;
    let first = guest
        .machine
        .said_by("gateway")
        .find(|said| said.contains("action=Pair") || said.contains("action=Connect"));
    ensure!(
        first.is_some_and(|said| said.contains("action=Pair")),
        "it was not paired first: {first:?}"
    );
    account::settle(guest, &["cuff"], 3).await
}
