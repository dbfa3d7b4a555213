//! What a device is asked at each connection: its clock and its battery level.

use btleplug::api::{Characteristic as GattCharacteristic, Peripheral as _};
use btleplug::platform::Peripheral;

use super::device;
use super::failure::bounded;
use crate::clock::Clock;

/// Asks for the device's clock and gives the seconds to add to it; `None` when it has none or it is not set.
pub(super) async fn clock_offset_seconds(
    peripheral: &Peripheral,
    clock: &Clock,
    call_ms_max: u64,
) -> Option<i64> {
    for source in device::clocks(&peripheral.characteristics()) {
        let shown = read(peripheral, &source, call_ms_max)
            .await
            .and_then(|value| device::device_time(&value));
        if let Some(offset_seconds) = shown.and_then(|time| time.offset_to(clock.now())) {
            return Some(offset_seconds);
        }
    }
    None
}

/// Asks for the device's battery level; `None` when it tells none.
pub(super) async fn battery_percent(peripheral: &Peripheral, call_ms_max: u64) -> Option<u8> {
    let battery = device::battery(&peripheral.characteristics())?;
    match read(peripheral, &battery, call_ms_max).await?.as_slice() {
        [percent] => Some(*percent),
        _ => None,
    }
}

async fn read(
    peripheral: &Peripheral,
    characteristic: &GattCharacteristic,
    call_ms_max: u64,
) -> Option<Vec<u8>> {
    bounded(call_ms_max, peripheral.read(characteristic))
        .await
        .ok()
}
