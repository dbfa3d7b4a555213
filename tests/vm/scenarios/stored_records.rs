//! Stored records: an oximeter that sends its memory of 90 only when it is asked for it, after a bond.

use serde_json::{Value, json};

use crate::account;
use crate::guest::{CUFF, Device, Guest};

const OXIMETER: Device = Device {
    label: "oximeter",
    kind: "oximeter",
    adapter: 2,
    device: "memory = { by_request = true, keeps = true }",
    ..CUFF
};

pub(super) async fn play(guest: &mut Guest) -> anyhow::Result<()> {
    guest.start_gateway(&[OXIMETER]).await?;
    guest.switch_on(OXIMETER).await?;
    let measures: Vec<Value> = (60..150)
        .map(|pulse| {
            let oximeter = json!({ "spo2": 95, "pulse": pulse });
            json!({ "measure": { "device": "oximeter", "oximeter": oximeter } })
        })
        .collect();
    guest.tell_all("oximeter", &measures).await?;
    guest.kept(90).await?;
    account::settle(guest, &["oximeter"], 90).await
}
