//! A cuff that hangs up as soon as it is bonded, to end its setup: the next session finds the bond and takes the values.

use crate::account;
use crate::guest::{CUFF, Device, Guest};

const HASTY: Device = Device {
    device: "bond = \"required\"",
    peripheral: "hangs_up_after_bonding = true",
    ..CUFF
};

pub(super) async fn play(guest: &mut Guest) -> anyhow::Result<()> {
    guest.start_gateway(&[HASTY]).await?;
    guest.switch_on(HASTY).await?;
    guest.measure(150, 3).await?;
    guest.event("cuff", "bonded").await?;
    guest.event("cuff", "disconnected").await?;
    guest.event("cuff", "connected").await?;
    guest.kept(3).await?;
    account::settle(guest, &["cuff"], 3).await
}
