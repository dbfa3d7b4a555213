//! Three sessions in a row: BlueZ remembers a subscription, and would confirm the second session's values to the device
//! before any program is there to take them.

use crate::account;
use crate::guest::{CUFF, Guest};

pub(super) async fn play(guest: &mut Guest) -> anyhow::Result<()> {
    guest.watch().await?;
    guest.start_gateway(&[CUFF]).await?;
    guest.switch_on(CUFF).await?;
    for session in 0..3 {
        guest.measure(150 + 3 * session, 3).await?;
        guest.kept(usize::from(3 * session + 3)).await?;
        guest.session_ended().await?;
    }
    account::settle(guest, &["cuff"], 9).await
}
