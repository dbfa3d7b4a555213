//! What a device is asked at each connection: its clock and its battery level.

use btleplug::api::{Characteristic as GattCharacteristic, Peripheral as _};
use btleplug::platform::Peripheral;

use super::device;
use super::failure::bounded;
use crate::clock::Clock;

/// Is what a device tells of its clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ToldClock {
    /// It has none, or does not let it be read.
    Nothing,
    /// It has one that was never set.
    Unset(GattCharacteristic),
    /// It has one that is set.
    Shown {
        /// Where it is read, and perhaps set.
        at: GattCharacteristic,
        /// The seconds to add to what it shows, to get UTC.
        offset_seconds: i64,
    },
}

/// Asks for the device's clock.
pub(super) async fn clock(peripheral: &Peripheral, clock: &Clock, call_ms_max: u64) -> ToldClock {
    let mut unset = ToldClock::Nothing;
    for at in device::clocks(&peripheral.characteristics()) {
        let Some(value) = read(peripheral, &at, call_ms_max).await else {
            continue;
        };
        let shown = device::device_time(&value).and_then(|time| time.offset_to(clock.now()));
        match shown {
            Some(offset_seconds) => return ToldClock::Shown { at, offset_seconds },
            None => unset = ToldClock::Unset(at),
        }
    }
    unset
}

/// Asks for the device's model; `None` when it tells none.
pub(super) async fn model(peripheral: &Peripheral, call_ms_max: u64) -> Option<String> {
    let model = device::model(&peripheral.characteristics())?;
    let value = read(peripheral, &model, call_ms_max).await?;
    let text = String::from_utf8(value).ok()?;
    Some(text.trim_end_matches('\0').to_owned())
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
