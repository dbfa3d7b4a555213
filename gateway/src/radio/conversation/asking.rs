//! What a device is asked for before and after its values.

use std::time::Duration;

use btleplug::api::{Peripheral as _, WriteType};
use gatt::{RecordCommand, Records};
use tokio::time::Instant;

use super::{Conversation, failed_or_lost};
use crate::quirks::VendorWrite;
use crate::radio::failure::{Failure, bounded};
use crate::radio::session::Outcome;
use crate::radio::{RadioTimings, device, inquiry};

impl Conversation<'_> {
    pub(super) async fn settle(&mut self) -> Outcome {
        let pause = Duration::from_millis(self.timings.settle_ms);
        tokio::select! {
            () = tokio::time::sleep(pause) => Outcome::Done,
            () = self.means.shutdown.cancelled() => Outcome::Stopping,
        }
    }

    pub(super) async fn read_battery(&mut self) -> Outcome {
        let call_ms_max = self.means.timings.call_ms_max;
        let Some(percent) = inquiry::battery_percent(&self.peripheral, call_ms_max).await else {
            return failed_or_lost(&self.peripheral, call_ms_max).await;
        };
        self.battery_percent = Some(percent);
        tracing::info!(
            device.id = %self.means.device,
            battery.percent = percent,
            "a device told its battery level"
        );
        Outcome::Done
    }

    pub(super) async fn subscribe(&mut self) -> Result<Outcome, Failure> {
        let RadioTimings {
            call_ms_max,
            session_ms_max,
            ..
        } = self.timings;
        let mut outcome = Ok(Outcome::Failed);
        for measurement in device::measurements(&self.peripheral.characteristics()) {
            // Noted before it is tried: one that is answered too late must be unsubscribed as well.
            self.subscribed.push(measurement.clone());
            let subscribed = bounded(call_ms_max, self.peripheral.subscribe(&measurement)).await;
            // One of several is enough.
            outcome = match (outcome, subscribed) {
                (_, Ok(())) | (Ok(Outcome::Done), _) => Ok(Outcome::Done),
                (_, Err(failure)) => Err(failure),
            };
        }
        self.listen_until = Some(Instant::now() + Duration::from_millis(session_ms_max));
        outcome
    }

    /// Asks for all records. The answer to it is an indication, so it is subscribed to before; what comes of it are
    /// measurements like any other, and the device falls silent after them.
    pub(super) async fn ask_for_records(&mut self) -> Result<Outcome, Failure> {
        let call_ms_max = self.means.timings.call_ms_max;
        let characteristics = self.peripheral.characteristics();
        if let Some(VendorWrite { to, bytes }) = &self.behaviour.ask
            && let Some(at) = device::with_uuid(&characteristics, *to)
        {
            let asking = self.peripheral.write(&at, bytes, WriteType::WithResponse);
            bounded(call_ms_max, asking).await?;
        }
        let Some(point) = device::record_access(&characteristics) else {
            return Ok(Outcome::Done);
        };
        self.subscribed.push(point.clone());
        bounded(call_ms_max, self.peripheral.subscribe(&point)).await?;
        let all = RecordCommand::Report(Records::All).encode();
        let asking = self.peripheral.write(&point, &all, WriteType::WithResponse);
        bounded(call_ms_max, asking).await?;
        Ok(Outcome::Done)
    }

    pub(super) async fn unsubscribe(&mut self) -> Result<Outcome, Failure> {
        let call_ms_max = self.means.timings.call_ms_max;
        let mut outcome = Ok(Outcome::Done);
        for measurement in std::mem::take(&mut self.subscribed) {
            let stopped = bounded(call_ms_max, self.peripheral.unsubscribe(&measurement)).await;
            outcome = outcome.and(stopped.map(|()| Outcome::Done));
        }
        outcome
    }
}
