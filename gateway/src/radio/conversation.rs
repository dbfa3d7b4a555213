//! Carries out a session's actions on one device, through btleplug.

mod asking;
mod clock;
mod consent;
mod recognising;
mod taking;

use btleplug::api::{Central, Characteristic as GattCharacteristic, Peripheral as _};
use btleplug::platform::{Adapter, Peripheral};
use jiff::tz::TimeZone;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use vitals::DeviceId;

use super::bluez::{self, Bluez};
use super::commit::Committer;
use super::device;
use super::failure::{Failure, bounded};
use super::inquiry::{self, ToldClock};
use super::session::{Action, Ending, Outcome, Session};
use super::timings::RadioTimings;
use super::values::{Value, Values};
use crate::clock::Clock;
use crate::config::ScaleUser;
use crate::pairing::{Hold, PairingDesk};
use crate::progress::Beat;
use crate::quirks::{AfterPairing, Connected, Table};

/// Is what a conversation works with.
pub(super) struct Means<'a> {
    /// The adapter that saw the device.
    pub(super) adapter: &'a Adapter,
    /// Our own way to BlueZ, for pairing.
    pub(super) bluez: &'a Bluez,
    /// What BlueZ's questions about pairing are answered by.
    pub(super) desk: &'a PairingDesk,
    /// Whether the device is to be paired.
    pub(super) pairs: bool,
    /// Who consents, on a scale that sends nothing before.
    pub(super) scale_user: Option<ScaleUser>,
    /// The device's name in captures.
    pub(super) device: &'a DeviceId,
    /// How long to wait for what, unless the device wants it otherwise.
    pub(super) timings: &'a RadioTimings,
    /// How devices break the specifications.
    pub(super) quirks: &'a Table,
    /// The gateway's clock.
    pub(super) clock: &'a Clock,
    /// The zone whose wall time the home's devices show.
    pub(super) home_time_zone: &'a TimeZone,
    /// Where values go.
    pub(super) committer: &'a Committer,
    /// Set by whoever hears that BlueZ or the adapter is gone: no call to them is worth waiting for.
    pub(super) gone: &'a CancellationToken,
    /// Set by whoever hears that the device's link is gone.
    pub(super) link_lost: &'a watch::Sender<bool>,
    /// Where the adapter's listener says that it gets on.
    pub(super) beat: &'a Beat,
    /// Asks the conversation to come to its end.
    pub(super) shutdown: &'a CancellationToken,
}

/// Is what came of a session.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    /// How it ended.
    pub(super) ending: Ending,
    /// How many values were committed.
    pub(super) committed_len: usize,
    /// Whether the device was asked to pair and declined.
    pub(super) declined: bool,
    /// The battery's level, if the device told it.
    pub(super) battery_percent: Option<u8>,
}

/// Holds one session with the device, and tells what came of it.
pub(super) async fn hold(peripheral: Peripheral, means: Means<'_>) -> Held {
    let path = bluez::path_of(&peripheral.id());
    let mut conversation = Conversation {
        in_hand: means.desk.take(means.device, &path),
        path,
        peripheral,
        timings: means.timings.clone(),
        behaviour: Connected::default(),
        means,
        declined: false,
        battery_percent: None,
        values: None,
        subscribed: Vec::new(),
        told_clock: ToldClock::Nothing,
        clock_offset_seconds: None,
        taken: None,
        committed_len: 0,
        heard_any: false,
        listen_until: None,
    };
    conversation.recognise(None).await;
    let mut session = Session::begin(conversation.pairs());
    loop {
        let action = session.action();
        if let Action::End(ending) = action {
            return Held {
                ending,
                committed_len: conversation.committed_len,
                declined: conversation.declined,
                battery_percent: conversation.battery_percent,
            };
        }
        conversation.means.beat.got_on();
        let outcome = conversation.carry_out_unless_gone(action).await;
        tracing::trace!(?action, ?outcome, "a step of a session");
        session = session.after(outcome);
    }
}

struct Conversation<'a> {
    /// A device may ask to be paired by itself, as soon as it is connected.
    in_hand: Hold<'a>,
    path: String,
    peripheral: Peripheral,
    means: Means<'a>,
    /// How the device wants to be talked to, once it is recognised.
    behaviour: Connected,
    /// How long to wait for what, once it is.
    timings: RadioTimings,
    declined: bool,
    battery_percent: Option<u8>,
    values: Option<Values>,
    subscribed: Vec<GattCharacteristic>,
    told_clock: ToldClock,
    clock_offset_seconds: Option<i64>,
    taken: Option<Value>,
    committed_len: usize,
    heard_any: bool,
    listen_until: Option<Instant>,
}

impl Conversation<'_> {
    /// What was taken is committed, and what was subscribed unsubscribed, whatever is gone.
    async fn carry_out_unless_gone(&mut self, action: Action) -> Outcome {
        let gone = self.means.gone;
        match action {
            Action::AwaitValue
            | Action::Commit
            | Action::Unsubscribe
            | Action::TakeArrived
            | Action::Disconnect => self.carry_out(action).await,
            _ => tokio::select! {
                outcome = self.carry_out(action) => outcome,
                () = gone.cancelled() => Outcome::LinkLost,
            },
        }
    }

    async fn carry_out(&mut self, action: Action) -> Outcome {
        let call_ms_max = self.means.timings.call_ms_max;
        let outcome = match action {
            Action::StopScan => bounded(call_ms_max, self.means.adapter.stop_scan())
                .await
                .map(|()| Outcome::Done),
            Action::OpenStream => self.open_stream().await,
            Action::Connect => self.connect().await,
            Action::Pair => Ok(self.pair().await),
            Action::Discover => self.discover().await,
            Action::Settle => Ok(self.settle().await),
            Action::ReadClock => Ok(self.read_clock().await),
            Action::SetClock => Ok(self.set_clock().await),
            Action::ReadBattery => Ok(self.read_battery().await),
            Action::Subscribe => self.subscribe().await,
            Action::Consent => self.consent().await,
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

    async fn pair(&mut self) -> Outcome {
        let pairing = self
            .means
            .bluez
            .pair(&self.path, self.means.timings.pair_ms_max);
        let paired = tokio::select! {
            paired = pairing => paired,
            () = self.means.shutdown.cancelled() => return Outcome::Stopping,
        };
        self.in_hand.tell(paired.is_ok());
        let lets_go = self
            .behaviour
            .pairing
            .is_some_and(|it| it.then == AfterPairing::Disconnect);
        let failure = match paired {
            Ok(true) if lets_go => return Outcome::PairedToLetGo,
            Ok(_) => return Outcome::Done,
            Err(failure) => failure,
        };
        let showed_digits = self.in_hand.was_asked_for_digits();
        tracing::warn!(
            device.id = %self.means.device,
            error = %failure,
            pairing.showed_digits = showed_digits,
            "a device could not be paired"
        );
        match failure {
            Failure::Refused(_) if !showed_digits => {
                self.declined = true;
                Outcome::Declined
            }
            _ => Outcome::Failed,
        }
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
        let call_ms_max = self.means.timings.call_ms_max;
        let model = inquiry::model(&self.peripheral, call_ms_max).await;
        self.recognise(model.as_deref()).await;
        Ok(Outcome::Done)
    }
}

/// A device that does not answer may be gone, and BlueZ does not report the loss of every link.
async fn failed_or_lost(peripheral: &Peripheral, call_ms_max: u64) -> Outcome {
    match bounded(call_ms_max, peripheral.is_connected()).await {
        Ok(true) => Outcome::Failed,
        Ok(false) | Err(_) => Outcome::LinkLost,
    }
}
