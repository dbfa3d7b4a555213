//! The adapter is unplugged and plugged in again: the same gateway goes on.

use crate::account;
use crate::guest::{CUFF, Guest};

pub(super) async fn play(guest: &mut Guest) -> anyhow::Result<()> {
    guest.start_gateway(&[CUFF]).await?;
    guest.switch_on(CUFF).await?;
    guest.measure(150, 2).await?;
    guest.kept(2).await?;
    guest.kill("btvirt").await?;
    guest.event("cuff", "gone").await?;
    guest.measure(160, 2).await?;
    guest.plug_in().await?;
    guest.event("cuff", "ready").await?;
    guest.kept(4).await?;
    account::settle(guest, &["cuff"], 4).await
}
