//! A cuff whose clock was never set: the gateway sets it before it takes a value, and what is measured then is dated.

use anyhow::{Context, ensure};

use crate::account;
use crate::guest::{CUFF, Device, Guest};

const UNSET: Device = Device {
    device: "clock = { unset = true }",
    ..CUFF
};

/// How far the clock may be off after it was set; it has whole seconds, and an emulated machine is slow.
const OFF_SECONDS_MAX: i64 = 10;

pub(super) async fn play(guest: &mut Guest) -> anyhow::Result<()> {
    guest.start_gateway(&[UNSET]).await?;
    guest.switch_on(UNSET).await?;
    guest.measure(150, 1).await?;
    let written = guest.event("cuff", "written").await?;
    ensure!(
        written["characteristic"] == "2A08",
        "this is not Date Time: {written}"
    );
    let bytes = hex::decode(written["hex"].as_str().context("a value")?)?;
    let fields: [u8; 7] = bytes.as_slice().try_into().context("seven bytes")?;
    let shown = gatt::DateTime::from_bytes(fields);
    let shown = vitals::DeviceTime::from_fields(
        shown.year,
        shown.month,
        shown.day,
        shown.hours,
        shown.minutes,
        shown.seconds,
    );
    // The machine's clock is this one's, and the home is in London.
    let now = gateway::clock::Clock::system().now();
    let off = shown
        .and_then(|shown| shown.offset_to(now))
        .context("a moment")?;
    let summer = 3600;
    ensure!(
        off.abs() <= OFF_SECONDS_MAX || (off + summer).abs() <= OFF_SECONDS_MAX,
        "the clock was set wrong by {off} s"
    );
    guest.kept(1).await?;
    guest.measure(160, 1).await?;
    guest.kept(2).await?;
    account::settle(guest, &["cuff"], 2).await
}
