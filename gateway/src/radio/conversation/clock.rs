//! The device's clock: read at each connection, and set when it is wrong.
//!
//! What a device keeps was dated by its clock as it was when it measured. So a wrong clock is set only after the device
//! has nothing left to send, and what it sent is corrected by what the clock showed before.

use btleplug::api::{
    CharPropFlags, Characteristic as GattCharacteristic, Peripheral as _, WriteType,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Conversation, failed_or_lost};
use crate::clock::Certainty;
use crate::radio::device;
use crate::radio::failure::bounded;
use crate::radio::inquiry::{self, ToldClock};
use crate::radio::session::Outcome;

/// How far a clock may be off before it is set, unless the device wants it otherwise: setting it more often would wear
/// some devices' memory.
const OFF_SECONDS_MAX: u32 = 10;

impl Conversation<'_> {
    pub(super) async fn read_clock(&mut self) -> Outcome {
        let call_ms_max = self.means.timings.call_ms_max;
        let told = inquiry::clock(&self.peripheral, self.means.clock, call_ms_max).await;
        let outcome = match told {
            ToldClock::Nothing => failed_or_lost(&self.peripheral, call_ms_max).await,
            ToldClock::Unset(_) => Outcome::ClockUnset,
            ToldClock::Shown { offset_seconds, .. } => {
                self.clock_offset_seconds = Some(offset_seconds);
                Outcome::Done
            }
        };
        self.told_clock = told;
        outcome
    }

    /// Sets a clock that is wrong to the wall time of the home, which is what a device shows.
    pub(super) async fn set_clock(&mut self) -> Outcome {
        // A device must not be given a time that the box does not know.
        if self.means.clock.certainty() == Certainty::Unknown {
            return Outcome::Done;
        }
        let now = self.means.clock.now();
        let right_offset = -i64::from(self.means.home_time_zone.to_offset(now).seconds());
        let (at, offset_seconds) = match &self.told_clock {
            ToldClock::Nothing => return Outcome::Done,
            // Nothing was dated by it before.
            ToldClock::Unset(at) => (at, Some(right_offset)),
            ToldClock::Shown { at, offset_seconds } => {
                let off_seconds_max = self.behaviour.clock_off_seconds.unwrap_or(OFF_SECONDS_MAX);
                if offset_seconds.abs_diff(right_offset) <= u64::from(off_seconds_max) {
                    return Outcome::Done;
                }
                // What has arrived already was dated by it before.
                (at, Some(*offset_seconds))
            }
        };
        let Some(written) = value_for(at, now, self.means.home_time_zone) else {
            return Outcome::Failed;
        };
        let call_ms_max = self.means.timings.call_ms_max;
        let writing = self.peripheral.write(at, &written, WriteType::WithResponse);
        match bounded(call_ms_max, writing).await {
            Ok(()) => {
                tracing::info!(device.id = %self.means.device, "a device's clock was wrong and has been set");
                self.clock_offset_seconds = offset_seconds;
                self.told_clock = ToldClock::Nothing;
                Outcome::Done
            }
            Err(failure) => {
                tracing::info!(
                    device.id = %self.means.device,
                    error = %failure,
                    "a device's clock is wrong and cannot be set; its times are corrected all the same"
                );
                failed_or_lost(&self.peripheral, call_ms_max).await
            }
        }
    }
}

/// Gives what is to be written to set a clock; `None` when it does not let itself be set.
fn value_for(at: &GattCharacteristic, now: Timestamp, home: &TimeZone) -> Option<Vec<u8>> {
    if !at.properties.contains(CharPropFlags::WRITE) {
        return None;
    }
    device::clock_value(at, &home.to_datetime(now))
}
