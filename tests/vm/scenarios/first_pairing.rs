//! First pairing: a cuff that keeps its clock and its measurements to itself until the link is encrypted.

use anyhow::ensure;

use crate::account;
use crate::guest::{CUFF, Device, Guest};

const BONDING: Device = Device {
    device: "bond = \"required\"",
    ..CUFF
};

/// How bluetoothd notes a key made by LE Secure Connections of devices without keys and displays
/// (`MGMT_LTK_P256_UNAUTH`); one of legacy pairing has 0.
const SECURE_CONNECTIONS: &str = "Authenticated=2";

pub(super) async fn play(guest: &mut Guest) -> anyhow::Result<()> {
    guest.watch().await?;
    guest.start_gateway(&[BONDING]).await?;
    guest.switch_on(BONDING).await?;
    guest.measure(150, 3).await?;
    guest.event("cuff", "bonded").await?;
    guest.kept(3).await?;
    guest.session_ended().await?;
    let keys = "awk '/^\\[/ { key = /LongTermKey/ } key && /^Authenticated=/ { print \"bond\", $0 }' /var/lib/bluetooth/*/*/info";
    guest.machine.run(keys).await?;
    let bond: Vec<&str> = guest.machine.said_by("bond").collect();
    ensure!(
        !bond.is_empty() && bond.iter().all(|kind| *kind == SECURE_CONNECTIONS),
        "this is no bond by LE Secure Connections: {bond:?}"
    );
    account::settle(guest, &["cuff"], 3).await
}
