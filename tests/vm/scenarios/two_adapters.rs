//! A gateway that listens with every adapter: a cuff that two of them hear is never met by both.

use crate::account;
use crate::guest::{CUFF, Guest};

pub(super) async fn play(guest: &mut Guest) -> anyhow::Result<()> {
    // The third hears the cuff as well as the first does; the second is the cuff's own.
    guest.start_gateway_on("", &[CUFF]).await?;
    guest.switch_on(CUFF).await?;
    for session in 0..3 {
        guest.measure(150 + 10 * session, 3).await?;
        guest.kept(3 * (usize::from(session) + 1)).await?;
        guest.session_ended().await?;
    }
    account::settle(guest, &["cuff"], 9).await
}
