//! Two devices advertise at once: each is heard, one after the other.

use serde_json::json;

use crate::account;
use crate::guest::{CUFF, Device, Guest};

const OXIMETER: Device = Device {
    label: "oximeter",
    kind: "oximeter",
    adapter: 2,
    ..CUFF
};

pub(super) async fn play(guest: &mut Guest) -> anyhow::Result<()> {
    guest.start_gateway(&[CUFF, OXIMETER]).await?;
    guest.switch_on(CUFF).await?;
    guest.switch_on(OXIMETER).await?;
    guest.measure(150, 3).await?;
    for spo2 in [91, 92, 93] {
        let oximeter = json!({ "spo2": spo2, "pulse": 70 });
        let measure = json!({ "measure": { "device": "oximeter", "oximeter": oximeter } });
        guest.tell("oximeter", &measure).await?;
    }
    guest.kept(6).await?;
    account::settle(guest, &["cuff", "oximeter"], 6).await
}
