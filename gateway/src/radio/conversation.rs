//! Carries out a session's actions on one device, through btleplug.

use std::time::Duration;

use btleplug::api::{Central, Characteristic as GattCharacteristic, Peripheral as _, WriteType};
use btleplug::platform::{Adapter, Peripheral};
use gatt::{RecordCommand, Records};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use vitals::DeviceId;

use super::commit::Committer;
use super::failure::{Failure, bounded};
use super::session::{Action, Ending, Outcome, Session};
use super::timings::RadioTimings;
use super::values::{Value, Values};
use super::{device, inquiry};
use crate::capture::Capture;
use crate::clock::Clock;

/// Is what a conversation works with.
pub(super) struct Means<'a> {
    /// The adapter that saw the device.
    pub(super) adapter: &'a Adapter,
    /// The device's name in captures.
    pub(super) device: &'a DeviceId,
    /// How long to wait for what.
    pub(super) timings: &'a RadioTimings,
    /// The gateway's clock.
    pub(super) clock: &'a Clock,
    /// Where values go.
    pub(super) committer: &'a mut Committer,
    /// Set by whoever hears that the device's link is gone.
    pub(super) link_lost: &'a watch::Sender<bool>,
    /// Asks the conversation to come to its end.
    pub(super) shutdown: &'a CancellationToken,
}

/// Holds one session with the device, and tells how it ended and how many values were committed.
pub(super) async fn hold(peripheral: Peripheral, means: Means<'_>) -> (Ending, usize) {
    let mut conversation = Conversation {
        peripheral,
        means,
        values: None,
        subscribed: Vec::new(),
        clock_offset_seconds: None,
        taken: None,
        committed_len: 0,
        heard_any: false,
        listen_until: None,
    };
    let mut session = Session::begin();
    loop {
        let action = session.action();
        if let Action::End(ending) = action {
            return (ending, conversation.committed_len);
        }
        let outcome = conversation.carry_out(action).await;
        tracing::trace!(?action, ?outcome, "a step of a session");
        session = session.after(outcome);
    }
}

struct Conversation<'a> {
    peripheral: Peripheral,
    means: Means<'a>,
    values: Option<Values>,
    subscribed: Vec<GattCharacteristic>,
    clock_offset_seconds: Option<i64>,
    taken: Option<Value>,
    committed_len: usize,
    heard_any: bool,
    listen_until: Option<Instant>,
}

impl Conversation<'_> {
    async fn carry_out(&mut self, action: Action) -> Outcome {
        let call_ms_max = self.means.timings.call_ms_max;
        let outcome = match action {
            Action::StopScan => bounded(call_ms_max, self.means.adapter.stop_scan())
                .await
                .map(|()| Outcome::Done),
            Action::OpenStream => self.open_stream().await,
            Action::Connect => self.connect().await,
            Action::Discover => self.discover().await,
            Action::Settle => Ok(self.settle().await),
            Action::ReadClock => Ok(self.read_clock().await),
            Action::ReadBattery => Ok(self.read_battery().await),
            Action::Subscribe => self.subscribe().await,
            Action::AskForRecords => self.ask_for_records().await,
            Action::AwaitValue => Ok(self.await_value().await),
            Action::TakeArrived => Ok(self.take_arrived()),
            Action::Commit => Ok(self.commit().await),
            Action::Unsubscribe => self.unsubscribe().await,
            Action::Disconnect => bounded(call_ms_max, self.peripheral.disconnect())
                .await
                .map(|()| Outcome::Done),
            Action::End(_) => Ok(Outcome::Done),
        };
        outcome.unwrap_or_else(|failure| {
            tracing::info!(
                device.id = %self.means.device,
                ?action,
                error = %failure,
                "a step of a session failed"
            );
            match failure {
                Failure::ConnectAborted => Outcome::ConnectAborted,
                _ => Outcome::Failed,
            }
        })
    }

    async fn open_stream(&mut self) -> Result<Outcome, Failure> {
        let call_ms_max = self.means.timings.call_ms_max;
        self.values = Some(Values::open(&self.peripheral, call_ms_max).await?);
        Ok(Outcome::Done)
    }

    async fn connect(&mut self) -> Result<Outcome, Failure> {
        let connect_ms_max = self.means.timings.connect_ms_max;
        let connected = bounded(connect_ms_max, self.peripheral.connect());
        let outcome = tokio::select! {
            connected = connected => connected.map(|()| Outcome::Done),
            () = self.means.shutdown.cancelled() => Ok(Outcome::Stopping),
        };
        // What was heard of the link before this was of an earlier connection.
        self.means.link_lost.send_replace(false);
        outcome
    }

    async fn discover(&mut self) -> Result<Outcome, Failure> {
        let connect_ms_max = self.means.timings.connect_ms_max;
        tokio::select! {
            found = bounded(connect_ms_max, self.peripheral.discover_services()) => found?,
            () = self.means.shutdown.cancelled() => return Ok(Outcome::Stopping),
        }
        if device::measurements(&self.peripheral.characteristics()).is_empty() {
            tracing::warn!(
                device.id = %self.means.device,
                "the device offers no measurement that this gateway knows; register a supported device instead"
            );
            return Ok(Outcome::Failed);
        }
        Ok(Outcome::Done)
    }

    async fn settle(&mut self) -> Outcome {
        let pause = Duration::from_millis(self.means.timings.settle_ms);
        tokio::select! {
            () = tokio::time::sleep(pause) => Outcome::Done,
            () = self.means.shutdown.cancelled() => Outcome::Stopping,
        }
    }

    async fn read_clock(&mut self) -> Outcome {
        let call_ms_max = self.means.timings.call_ms_max;
        self.clock_offset_seconds =
            inquiry::clock_offset_seconds(&self.peripheral, self.means.clock, call_ms_max).await;
        match self.clock_offset_seconds {
            Some(_) => Outcome::Done,
            None => Outcome::Failed,
        }
    }

    async fn read_battery(&mut self) -> Outcome {
        let call_ms_max = self.means.timings.call_ms_max;
        let Some(percent) = inquiry::battery_percent(&self.peripheral, call_ms_max).await else {
            return Outcome::Failed;
        };
        tracing::info!(
            device.id = %self.means.device,
            battery.percent = percent,
            "a device told its battery level"
        );
        Outcome::Done
    }

    async fn subscribe(&mut self) -> Result<Outcome, Failure> {
        let timings = self.means.timings;
        let mut outcome = Ok(Outcome::Failed);
        for measurement in device::measurements(&self.peripheral.characteristics()) {
            // Noted before it is tried: one that is answered too late must be unsubscribed as well.
            self.subscribed.push(measurement.clone());
            let subscribed =
                bounded(timings.call_ms_max, self.peripheral.subscribe(&measurement)).await;
            // One of several is enough.
            outcome = match (outcome, subscribed) {
                (_, Ok(())) | (Ok(Outcome::Done), _) => Ok(Outcome::Done),
                (_, Err(failure)) => Err(failure),
            };
        }
        self.listen_until = Some(Instant::now() + Duration::from_millis(timings.session_ms_max));
        outcome
    }

    /// Asks for all records. The answer to it is an indication, so it is subscribed to before; what comes of it are
    /// measurements like any other, and the device falls silent after them.
    async fn ask_for_records(&mut self) -> Result<Outcome, Failure> {
        let call_ms_max = self.means.timings.call_ms_max;
        let Some(point) = device::record_access(&self.peripheral.characteristics()) else {
            return Ok(Outcome::Done);
        };
        self.subscribed.push(point.clone());
        bounded(call_ms_max, self.peripheral.subscribe(&point)).await?;
        let all = RecordCommand::Report(Records::All).encode();
        let asking = self.peripheral.write(&point, &all, WriteType::WithResponse);
        bounded(call_ms_max, asking).await?;
        Ok(Outcome::Done)
    }

    async fn await_value(&mut self) -> Outcome {
        let timings = self.means.timings;
        let now = Instant::now();
        let (Some(values), Some(listen_until)) = (&mut self.values, self.listen_until) else {
            return Outcome::Failed;
        };
        if now >= listen_until {
            return Outcome::Idle;
        }
        let wait_ms = if self.heard_any {
            timings.idle_ms
        } else {
            timings.first_value_ms
        };
        let until = listen_until.min(now + Duration::from_millis(wait_ms));
        let mut link_lost = self.means.link_lost.subscribe();
        tokio::select! {
            biased;
            value = values.next() => return match value {
                Some(value) => self.took(value),
                None => Outcome::LinkLost,
            },
            () = self.means.shutdown.cancelled() => return Outcome::Stopping,
            _ = link_lost.wait_for(|lost| *lost) => return Outcome::LinkLost,
            () = tokio::time::sleep_until(until) => {}
        }
        // BlueZ does not report the loss of every link.
        match bounded(timings.call_ms_max, self.peripheral.is_connected()).await {
            Ok(true) => Outcome::Idle,
            Ok(false) | Err(_) => Outcome::LinkLost,
        }
    }

    fn take_arrived(&mut self) -> Outcome {
        match self.values.as_mut().and_then(Values::arrived) {
            Some(value) => self.took(value),
            None => Outcome::Idle,
        }
    }

    fn took(&mut self, value: Value) -> Outcome {
        self.taken = Some(value);
        self.heard_any = true;
        Outcome::Value
    }

    async fn commit(&mut self) -> Outcome {
        let Some((characteristic, raw)) = self.taken.take() else {
            return Outcome::Failed;
        };
        let capture = Capture {
            device: self.means.device.clone(),
            characteristic,
            raw,
            received_at: self.means.clock.now(),
            clock_offset_seconds: self.clock_offset_seconds,
            dialect: gatt::Dialect::default(),
        };
        if self.means.committer.commit(capture).await {
            self.committed_len += 1;
            Outcome::Done
        } else {
            Outcome::Failed
        }
    }

    async fn unsubscribe(&mut self) -> Result<Outcome, Failure> {
        let call_ms_max = self.means.timings.call_ms_max;
        let mut outcome = Ok(Outcome::Done);
        for measurement in std::mem::take(&mut self.subscribed) {
            let stopped = bounded(call_ms_max, self.peripheral.unsubscribe(&measurement)).await;
            outcome = outcome.and(stopped.map(|()| Outcome::Done));
        }
        outcome
    }
}
