//! When a device advertises, and what it says of itself as its manufacturer's data.

use std::time::Duration;

use super::{Device, Moment};

/// The company number that the Bluetooth SIG keeps for tests.
const TESTS_COMPANY: u16 = 0xFFFF;
/// Omron Healthcare (Bluetooth SIG, Assigned Numbers).
const OMRON_COMPANY: u16 = 0x020E;

impl Device {
    /// Switches the radio on for `advertise_seconds`, as a measurement or the Bluetooth button does.
    pub fn switch_radio_on(&mut self, now: Moment) {
        self.advertise_until =
            Some(now.uptime + Duration::from_secs(self.config.advertise_seconds));
    }

    /// Tells whether a collector can see and reach the device.
    pub fn is_advertising(&self, now: Moment) -> bool {
        self.link.is_none() && self.advertise_until.is_some_and(|until| now.uptime < until)
    }

    /// Returns the company number and the data that the device advertises as its manufacturer's, if any.
    pub fn manufacturer_data(&self) -> Option<(u16, Vec<u8>)> {
        if self.config.omron {
            return Some(self.omron_state());
        }
        let data = &self.config.manufacturer_data;
        (!data.is_empty()).then(|| (TESTS_COMPANY, data.clone()))
    }

    /// Each User Data of one user, in standard services: whether the clock is set, the last record's number, how many are
    /// kept (StanfordSpezi/SpeziDevices, `OmronManufacturerData.swift`).
    fn omron_state(&self) -> (u16, Vec<u8>) {
        let unset = if self.clock.is_set() { 0 } else { 1 << 2 };
        let kept = u8::try_from(self.memory.len()).unwrap_or(u8::MAX);
        let [low, high] = self.memory.last_number().to_le_bytes();
        (OMRON_COMPANY, vec![0x01, 0x20 | unset, low, high, kept])
    }
}
