//! The task that owns the daemon: messages, commands and timers go in, effects go out on the bus.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use futures::StreamExt as _;
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};
use zbus::{Message, message::Type};

use super::{
    AdapterConfig, BluezConfig, Command, Daemon, Status,
    connection::{Bus, client_that_left},
    effect::Effect,
    request::{Call, Request},
    wire,
};
use crate::device::{Device, DeviceConfig, Moment};

/// Tells the wall time.
pub(crate) type Clock = Arc<dyn Fn() -> jiff::Timestamp + Send + Sync>;

/// Everything the task needs.
pub(crate) struct Server {
    daemon: Daemon,
    address: String,
    clock: Clock,
    started: Instant,
    bus: Option<Bus>,
    back_at: Option<Duration>,
    commands: mpsc::Receiver<Command>,
    status: watch::Sender<Vec<Status>>,
}

enum Input {
    Message(Message),
    Command(Option<Command>),
    Timer,
    BusLost,
}

impl Server {
    /// Connects to the bus, takes BlueZ's name and shows the adapters.
    ///
    /// # Errors
    /// Fails when the bus cannot be reached or a device names an adapter that is not there.
    pub(crate) async fn start(
        address: &str,
        clock: Clock,
        config: BluezConfig,
        adapters: Vec<AdapterConfig>,
        devices: Vec<DeviceConfig>,
        commands: mpsc::Receiver<Command>,
    ) -> Result<(Self, watch::Receiver<Vec<Status>>)> {
        let started = Instant::now();
        let now = Moment {
            wall: clock(),
            uptime: Duration::ZERO,
        };
        let devices = devices.into_iter().map(|device| Device::new(device, now));
        let daemon = Daemon::new(config, adapters, devices.collect())?;
        let bus = Bus::connect(address).await?;
        let (status, watcher) = watch::channel(daemon.status(now));
        let server = Self {
            daemon,
            address: address.to_owned(),
            clock,
            started,
            bus: Some(bus),
            back_at: None,
            commands,
            status,
        };
        Ok((server, watcher))
    }

    fn now(&self) -> Moment {
        Moment {
            wall: (self.clock)(),
            uptime: self.started.elapsed(),
        }
    }

    /// Serves until the owner drops its commands.
    ///
    /// # Errors
    /// Fails when the bus is gone.
    pub(crate) async fn run(mut self) -> Result<()> {
        loop {
            let input = self.next_input().await;
            let now = self.now();
            let mut answer = None;
            match input {
                Input::Message(message) => self.take_message(now, &message),
                Input::Command(Some(command)) => answer = Some(self.daemon.command(now, command)),
                Input::Command(None) => return Ok(()),
                Input::BusLost => {
                    anyhow::bail!("the private message bus has gone; start the simulation again")
                }
                Input::Timer => self.take_timer(now).await?,
            }
            self.send_effects().await?;
            self.publish_status();
            if let Some(answer) = answer {
                answer();
            }
        }
    }

    async fn next_input(&mut self) -> Input {
        let timer = self
            .back_at
            .or_else(|| self.daemon.next_deadline(self.now()));
        let timer_at = timer.and_then(|at| self.started.checked_add(at));
        let timer = async {
            match timer_at {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        let message = async {
            match &mut self.bus {
                Some(bus) => bus.messages.next().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            message = message => match message {
                Some(Ok(message)) => Input::Message(message),
                Some(Err(_)) | None => Input::BusLost,
            },
            command = self.commands.recv() => Input::Command(command),
            () = timer => Input::Timer,
        }
    }

    fn take_message(&mut self, now: Moment, message: &Message) {
        match message.message_type() {
            Type::MethodCall => self.take_call(now, message),
            Type::Signal => {
                if let Some(client) = client_that_left(message) {
                    self.daemon.client_gone(now, &client);
                }
            }
            Type::MethodReturn | Type::Error => {}
        }
    }

    fn take_call(&mut self, now: Moment, message: &Message) {
        let Some(bus) = &mut self.bus else { return };
        let id = bus.next_call;
        bus.next_call += 1;
        bus.waiting.insert(id, message.clone());
        let header = message.header();
        let client = header.sender().map(ToString::to_string).unwrap_or_default();
        let path = header.path().map(ToString::to_string).unwrap_or_default();
        tracing::trace!(member = ?header.member(), "BlueZ call");
        match Request::parse(message) {
            Ok(request) => self.daemon.call(
                now,
                Call {
                    id,
                    client,
                    path,
                    request,
                },
            ),
            Err(refusal) => self.daemon.effect(Effect::Refuse(id, refusal)),
        }
    }

    async fn take_timer(&mut self, now: Moment) -> Result<()> {
        if self.back_at.take_if(|at| *at <= now.uptime).is_some() {
            self.bus = Some(Bus::connect(&self.address).await?);
            self.daemon.revived(now);
        } else {
            self.daemon.settle(now);
        }
        Ok(())
    }

    /// Sends what the daemon wants, in order; a record counts as confirmed only after its signal was sent.
    async fn send_effects(&mut self) -> Result<()> {
        loop {
            let effects = self.daemon.take_effects();
            if effects.is_empty() {
                return Ok(());
            }
            for effect in effects {
                self.send_effect(effect).await?;
            }
        }
    }

    async fn send_effect(&mut self, effect: Effect) -> Result<()> {
        let now = self.now();
        if let Effect::Restart { down } = effect {
            self.back_at = Some(now.uptime + down);
            if let Some(bus) = self.bus.take() {
                bus.close().await?;
            }
            return Ok(());
        }
        let Some(bus) = &mut self.bus else {
            return Ok(());
        };
        let mut sent_record = None;
        let message = match effect {
            Effect::Reply(id, reply) => match bus.waiting.remove(&id) {
                Some(call) => wire::reply(&call, &bus.name, reply)?,
                None => return Ok(()),
            },
            Effect::Refuse(id, refusal) => match bus.waiting.remove(&id) {
                Some(call) => wire::refusal(&call, &bus.name, &refusal)?,
                None => return Ok(()),
            },
            Effect::Hang(id) => {
                bus.waiting.remove(&id);
                return Ok(());
            }
            Effect::Signal(signal) => wire::signal(&bus.name, signal)?,
            Effect::Value {
                path,
                value,
                record,
            } => {
                sent_record = record;
                wire::value(&bus.name, path, value)?
            }
            Effect::Restart { .. } => return Ok(()),
        };
        bus.connection
            .send(&message)
            .await
            .context("sending on the private bus")?;
        if let Some(record) = sent_record {
            self.daemon.value_sent(now, record);
        }
        Ok(())
    }

    fn publish_status(&self) {
        let status = self.daemon.status(self.now());
        self.status.send_if_modified(|shown| {
            let changed = *shown != status;
            *shown = status;
            changed
        });
    }
}
