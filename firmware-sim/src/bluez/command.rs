//! What the owner of the simulation may ask of the devices, and how they stand.

use anyhow::Result;
use tokio::sync::oneshot;

use super::peer::{LinkState, Peer};
use super::{Daemon, Fault, FaultError};
use crate::device::{Delivered, Device, DeviceError, Measurement, Moment};

/// What the owner of the simulation asks for.
#[derive(Debug)]
pub(crate) enum Command {
    Measure {
        device: String,
        measurement: Measurement,
        done: oneshot::Sender<Result<(), CommandError>>,
    },
    PressButton {
        device: String,
        done: oneshot::Sender<Result<(), CommandError>>,
    },
    SetBattery {
        device: String,
        percent: u8,
        done: oneshot::Sender<Result<(), CommandError>>,
    },
    Fault {
        fault: Fault,
        done: oneshot::Sender<Result<(), CommandError>>,
    },
    Delivered {
        device: String,
        done: oneshot::Sender<Result<Vec<Delivered>, CommandError>>,
    },
    Counts {
        done: oneshot::Sender<Result<Counts, CommandError>>,
    },
}

/// How much the simulated BlueZ has had to do so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Advertisements that were passed on to programs.
    pub advertisements: u64,
    /// How often a program started discovery.
    pub scans: u64,
}

/// Says why a command was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// A name that the script does not have.
    #[error(transparent)]
    Unknown(#[from] FaultError),
    /// The device cannot measure this.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The simulation has ended.
    #[error("the simulation has ended; start it again")]
    Ended,
}

/// What a device looks like from outside.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Status {
    /// Its label.
    pub device: String,
    /// Measurements in its memory.
    pub stored: usize,
    /// Values it believes delivered.
    pub delivered: usize,
    /// Measurements overwritten before any collector saw them.
    pub overwritten: u64,
    /// Connections so far.
    pub sessions: u64,
    /// Whether a collector is connected now.
    pub connected: bool,
    /// Whether a collector's wish to connect has not been answered yet.
    pub connecting: bool,
    /// Whether it advertises now.
    pub advertising: bool,
    /// How far its own clock is ahead of UTC, in seconds; absent while it was never set.
    pub clock_ahead_s: Option<i64>,
    /// Whether a collector has set its clock.
    pub clock_set_by_collector: bool,
}

/// Gives an answer to whoever asked.
pub(super) type Answer = Box<dyn FnOnce() + Send>;

fn later<T: Send + 'static>(done: oneshot::Sender<T>, outcome: T) -> Answer {
    Box::new(move || {
        // A caller that no longer waits for the answer is not an error.
        let _ = done.send(outcome);
    })
}

impl Daemon {
    /// Does what the owner asks; the returned answer is given once everything that follows has been sent.
    pub(super) fn command(&mut self, now: Moment, command: Command) -> Answer {
        match command {
            Command::Measure {
                device,
                measurement,
                done,
            } => later(done, self.measure(now, &device, &measurement)),
            Command::PressButton { device, done } => later(
                done,
                self.with_device(now, &device, |device| device.switch_radio_on(now)),
            ),
            Command::SetBattery {
                device,
                percent,
                done,
            } => later(
                done,
                self.with_device(now, &device, |device| device.set_battery_percent(percent)),
            ),
            Command::Fault { fault, done } => {
                later(done, self.fault(now, fault).map_err(CommandError::from))
            }
            Command::Delivered { device, done } => later(
                done,
                self.with_device(now, &device, |device| device.delivered().to_vec()),
            ),
            Command::Counts { done } => later(done, Ok(self.counts())),
        }
    }

    pub(super) fn measure(
        &mut self,
        now: Moment,
        label: &str,
        measurement: &Measurement,
    ) -> Result<(), CommandError> {
        self.with_device(now, label, |device| device.measure(now, measurement))?
            .map_err(CommandError::from)
    }

    fn counts(&self) -> Counts {
        Counts {
            advertisements: self.peers.iter().map(|peer| peer.adverts).sum(),
            scans: self.adapters.iter().map(|adapter| adapter.scans).sum(),
        }
    }

    fn with_device<T>(
        &mut self,
        now: Moment,
        label: &str,
        act: impl FnOnce(&mut Device) -> T,
    ) -> Result<T, CommandError> {
        let index = self.peer_index(label)?;
        let outcome = act(self.device_of_mut(index));
        self.settle(now);
        Ok(outcome)
    }

    pub(super) fn status(&self, now: Moment) -> Vec<Status> {
        let of = |(index, device): (usize, &Device)| Status {
            device: device.config().label.clone(),
            stored: device.stored(),
            delivered: device.delivered().len(),
            overwritten: device.overwritten(),
            sessions: device.sessions(),
            connected: device.is_connected(),
            connecting: self.is_connecting(index),
            advertising: device.is_advertising(now),
            clock_ahead_s: device
                .clock()
                .ahead_of_utc(now.wall)
                .map(|ahead| ahead.as_secs()),
            clock_set_by_collector: device.clock().set_by_collector(),
        };
        self.devices.iter().enumerate().map(of).collect()
    }

    fn is_connecting(&self, device: usize) -> bool {
        let connects = |peer: &Peer| {
            let known = peer.known.as_ref();
            known.is_some_and(|it| matches!(it.link, LinkState::Connecting { .. }))
        };
        self.peers
            .iter()
            .any(|it| it.device == device && connects(it))
    }
}
