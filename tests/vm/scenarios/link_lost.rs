//! The link is lost in mid-dump: the device keeps what was not confirmed, and the next session brings the rest.

use serde_json::json;

use crate::account;
use crate::guest::{CUFF, Guest};

pub(super) async fn play(guest: &mut Guest) -> anyhow::Result<()> {
    guest.start_gateway(&[CUFF]).await?;
    guest.switch_on(CUFF).await?;
    guest.tell("cuff", &json!({ "lose_link_after": 4 })).await?;
    guest.measure(150, 10).await?;
    guest.event("cuff", "disconnected").await?;
    guest.kept(10).await?;
    account::settle(guest, &["cuff"], 10).await
}
