//! One simulated home, for use inside a process: a bus, bluetoothd and the devices around it.

use std::{path::PathBuf, sync::Arc};

use anyhow::{Context as _, Result};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
};

use crate::{
    bluez::{
        AdapterConfig, BluezConfig, Clock, Command, CommandError, Counts, Fault, FaultError,
        Server, Status,
    },
    bus::PrivateBus,
    device::{Delivered, DeviceConfig, Measurement},
};

const COMMANDS_WAITING_MAX: usize = 64;

/// What a simulated home consists of.
#[derive(Clone, Debug)]
pub struct SimConfig {
    /// Where the socket of the private bus lies.
    pub bus_dir: PathBuf,
    /// How long things take.
    pub bluez: BluezConfig,
    /// The adapters.
    pub adapters: Vec<AdapterConfig>,
    /// The devices.
    pub devices: Vec<DeviceConfig>,
}

/// A running simulation; dropping it ends the bus.
#[derive(Debug)]
pub struct Sim {
    bus: PrivateBus,
    commands: mpsc::Sender<Command>,
    status: watch::Receiver<Vec<Status>>,
    server: JoinHandle<Result<()>>,
}

impl Sim {
    /// Starts the bus and the devices; `clock` tells the true wall time, timers are tokio's.
    ///
    /// # Errors
    /// Fails when dbus-daemon cannot be started or a device names an adapter that is not there.
    pub async fn start(
        config: SimConfig,
        clock: impl Fn() -> jiff::Timestamp + Send + Sync + 'static,
    ) -> Result<Self> {
        let bus = PrivateBus::start(&config.bus_dir).await?;
        let clock: Clock = Arc::new(clock);
        let (commands, receiver) = mpsc::channel(COMMANDS_WAITING_MAX);
        let (server, status) = Server::start(
            bus.address(),
            clock,
            config.bluez,
            config.adapters,
            config.devices,
            receiver,
        )
        .await?;
        let server = tokio::spawn(server.run());
        Ok(Self {
            bus,
            commands,
            status,
            server,
        })
    }

    /// Returns the address for `DBUS_SYSTEM_BUS_ADDRESS`.
    pub fn bus_address(&self) -> &str {
        self.bus.address()
    }

    /// Lets a device measure.
    ///
    /// # Errors
    /// Refuses unknown devices and measurements that the device cannot make.
    pub async fn measure(
        &self,
        device: &str,
        measurement: Measurement,
    ) -> Result<(), CommandError> {
        self.ask(|done| Command::Measure {
            device: device.to_owned(),
            measurement,
            done,
        })
        .await
    }

    /// Presses a device's Bluetooth button: it advertises without a new measurement.
    ///
    /// # Errors
    /// Refuses unknown devices.
    pub async fn press_button(&self, device: &str) -> Result<(), CommandError> {
        self.ask(|done| Command::PressButton {
            device: device.to_owned(),
            done,
        })
        .await
    }

    /// Changes a device's battery level.
    ///
    /// # Errors
    /// Refuses unknown devices.
    pub async fn set_battery(&self, device: &str, percent: u8) -> Result<(), CommandError> {
        self.ask(|done| Command::SetBattery {
            device: device.to_owned(),
            percent,
            done,
        })
        .await
    }

    /// Injects a fault.
    ///
    /// # Errors
    /// Refuses unknown devices and adapters.
    pub async fn fault(&self, fault: Fault) -> Result<(), CommandError> {
        self.ask(|done| Command::Fault { fault, done }).await
    }

    /// Returns what a device believes was delivered and confirmed, in order.
    ///
    /// # Errors
    /// Refuses unknown devices.
    pub async fn delivered(&self, device: &str) -> Result<Vec<Delivered>, CommandError> {
        self.ask(|done| Command::Delivered {
            device: device.to_owned(),
            done,
        })
        .await
    }

    /// Returns how much the simulated BlueZ has had to do so far.
    ///
    /// # Errors
    /// Fails when the simulation has ended.
    pub async fn counts(&self) -> Result<Counts, CommandError> {
        self.ask(|done| Command::Counts { done }).await
    }

    /// Returns how each device stands.
    pub fn status(&self) -> Vec<Status> {
        self.status.borrow().clone()
    }

    /// Waits until a device stands as `wanted` says.
    ///
    /// # Errors
    /// Refuses unknown devices; fails when the simulation ends first.
    pub async fn wait_for(
        &self,
        device: &str,
        mut wanted: impl FnMut(&Status) -> bool,
    ) -> Result<Status, CommandError> {
        let mut status = self.status.clone();
        if !status.borrow().iter().any(|status| status.device == device) {
            return Err(FaultError::Device(device.to_owned()).into());
        }
        let mut found = None;
        let awaited = status.wait_for(|all| {
            found = all
                .iter()
                .find(|status| status.device == device)
                .filter(|status| wanted(status))
                .cloned();
            found.is_some()
        });
        awaited.await.map_err(|_| CommandError::Ended)?;
        found.ok_or(CommandError::Ended)
    }

    /// Returns when the simulation has ended by itself; [`Sim::shutdown`] then says why.
    pub async fn ended(&self) {
        let mut status = self.status.clone();
        while status.changed().await.is_ok() {}
    }

    /// Ends the devices and the bus.
    ///
    /// # Errors
    /// Reports what had already gone wrong.
    pub async fn shutdown(self) -> Result<()> {
        drop(self.commands);
        let outcome = self
            .server
            .await
            .context("the simulated BlueZ has panicked")?;
        self.bus.stop().await?;
        outcome
    }

    async fn ask<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<T, CommandError>>) -> Command,
    ) -> Result<T, CommandError> {
        let (done, answer) = oneshot::channel();
        self.commands
            .send(command(done))
            .await
            .map_err(|_| CommandError::Ended)?;
        answer.await.map_err(|_| CommandError::Ended)?
    }
}
