//! A wrong passkey: nothing is bonded and nothing taken; with the right one, everything is.

use anyhow::ensure;

use crate::account;
use crate::guest::{CUFF, Device, Guest};

const SHOWING: Device = Device {
    device: "bond = \"required\"",
    peripheral: "pairing = \"passkey\"",
    ..CUFF
};

pub(super) async fn play(guest: &mut Guest) -> anyhow::Result<()> {
    guest.start_gateway(&[SHOWING]).await?;
    guest.switch_on(SHOWING).await?;
    guest.measure(150, 2).await?;
    for right in [false, true] {
        let shown = guest.event("cuff", "passkey").await?;
        let digits: u32 = shown["passkey"].as_str().unwrap_or_default().parse()?;
        let entered = if right {
            digits
        } else {
            (digits + 1) % 1_000_000
        };
        // As the installer does; the gateway waits for it while the device shows the digits.
        let enter =
            format!("echo {entered:06} | gateway pair passkey --config /run/gateway.toml cuff");
        let expected = if right { enter } else { format!("! ({enter})") };
        guest.machine.run(&expected).await?;
        if !right {
            guest.event("cuff", "disconnected").await?;
            let bonded = guest
                .machine
                .said_by("cuff")
                .any(|it| it.contains("bonded"));
            ensure!(!bonded, "the cuff took a wrong passkey");
        }
    }
    guest.event("cuff", "bonded").await?;
    guest.kept(2).await?;
    account::settle(guest, &["cuff"], 2).await
}
