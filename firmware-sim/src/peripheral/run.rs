//! The peripheral's life: what BlueZ, the collector and the control say, and what the device does about it.

use std::{collections::HashMap, time::Duration};

use anyhow::{Context as _, Result, bail};
use futures::StreamExt as _;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines, Stdin},
    sync::mpsc,
    time::Instant,
};
use zbus::{Connection, Message, MessageStream, Variant, message::Type};

use super::{
    PeripheralConfig,
    attachment::{Answer, Asked, Daemon},
    calls::{self, Effect},
    commands::Command,
    events::Event,
    hang_up::hang_up,
    objects::{CHARACTERISTIC, Tree},
    signals,
};
use crate::{
    clock,
    device::{Action, Device, Moment},
    script::Happening,
};

/// Each kind of call to bluetoothd has at most one answer on its way, but for a restart in between.
const ANSWERS_LEN_MAX: usize = 16;

const RULES: [&str; 2] = [
    "type='signal',sender='org.bluez'",
    "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='org.bluez'",
];

/// Serves the device until standard input ends.
///
/// # Errors
/// Fails when the system bus is not there or goes away.
pub async fn run(config: PeripheralConfig) -> Result<()> {
    let connection = Connection::system().await.context("the system bus")?;
    let messages = MessageStream::from(&connection);
    let bus = "org.freedesktop.DBus";
    for rule in RULES {
        connection
            .call_method(
                Some(bus),
                "/org/freedesktop/DBus",
                Some(bus),
                "AddMatch",
                &rule,
            )
            .await?;
    }
    let (answers, answered) = mpsc::channel(ANSWERS_LEN_MAX);
    let started = Instant::now();
    let now = Moment {
        wall: clock::system(),
        uptime: Duration::ZERO,
    };
    let tree = Tree::new(&config);
    let peripheral = Peripheral {
        daemon: Daemon {
            connection,
            adapter: tree.adapter().to_owned(),
            capability: config.pairing.capability(),
            answers,
        },
        tree,
        device: Device::new(config.device.clone(), now),
        config,
        started,
        radio: Radio::Off,
        introduced: false,
        in_flight: None,
        confirmed_left: None,
    };
    let commands = BufReader::new(tokio::io::stdin()).lines();
    peripheral.serve(messages, answered, commands).await
}

/// How the device stands with BlueZ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Radio {
    Off,
    Registering,
    Silent,
    Advertising,
}

/// The device and its way to BlueZ.
pub(super) struct Peripheral {
    pub(super) config: PeripheralConfig,
    pub(super) daemon: Daemon,
    pub(super) tree: Tree,
    pub(super) device: Device,
    pub(super) started: Instant,
    pub(super) radio: Radio,
    /// Whether this bluetoothd has been given the agent; it keeps it while adapters come and go.
    pub(super) introduced: bool,
    pub(super) in_flight: Option<u64>,
    pub(super) confirmed_left: Option<u32>,
}

impl Peripheral {
    pub(super) fn now(&self) -> Moment {
        Moment {
            wall: clock::system(),
            uptime: self.started.elapsed(),
        }
    }

    async fn serve(
        mut self,
        mut messages: MessageStream,
        mut answered: mpsc::Receiver<Answer>,
        mut commands: Lines<BufReader<Stdin>>,
    ) -> Result<()> {
        self.daemon.ask(Asked::Objects);
        loop {
            self.act().await?;
            let due = self.device.next_deadline().map(|at| self.started + at);
            let due = async {
                match due {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                message = messages.next() => match message {
                    Some(Ok(message)) => self.take(&message).await?,
                    Some(Err(_)) | None => bail!("the system bus is gone"),
                },
                Some(answer) = answered.recv() => self.take_answer(answer).await?,
                command = commands.next_line() => match command? {
                    Some(command) => match self.command(&command) {
                        Ok(()) => Event::Done.say(),
                        Err(error) => Event::Refused(format!("{error:#}")).say(),
                    },
                    None => return Ok(()),
                },
                () = due => {}
            }
        }
    }

    /// Lets the device do what is due, and its radio be on or off as it wants.
    async fn act(&mut self) -> Result<()> {
        while let Some(action) = self.device.poll(self.now()) {
            match action {
                Action::Indicate {
                    characteristic,
                    value,
                    record,
                } => {
                    self.in_flight = Some(record);
                    self.send(characteristic, value).await?;
                }
                Action::Notify {
                    characteristic,
                    value,
                }
                | Action::Answer {
                    characteristic,
                    value,
                } => self.send(characteristic, value).await?,
                Action::HangUp => {
                    hang_up(&self.config.device.adapter).await?;
                    // BlueZ says so as well, but until then the device would go on hanging up.
                    self.link_is(false);
                }
            }
        }
        match (self.radio, self.device.is_advertising(self.now())) {
            (Radio::Silent, true) => {
                self.radio = Radio::Advertising;
                self.daemon.ask(Asked::Advertise);
            }
            (Radio::Advertising, false) => {
                self.radio = Radio::Silent;
                self.daemon.ask(Asked::Silence);
            }
            _ => {}
        }
        Ok(())
    }

    async fn send(&self, characteristic: u16, value: Vec<u8>) -> Result<()> {
        let path = self.tree.path(characteristic).unwrap_or_default();
        let changed = HashMap::from([("Value", Variant::from(value))]);
        let body = (CHARACTERISTIC, changed, Vec::<String>::new());
        let properties = "org.freedesktop.DBus.Properties";
        self.daemon
            .connection
            .emit_signal(None::<&str>, path, properties, "PropertiesChanged", &body)
            .await
            .context("sending a value")
    }

    async fn take(&mut self, message: &Message) -> Result<()> {
        match message.message_type() {
            Type::MethodCall => {
                let now = self.now();
                let connection = &self.daemon.connection;
                let effect =
                    calls::take(connection, &self.tree, &mut self.device, now, message).await?;
                if effect == Effect::Confirmed {
                    self.confirmed().await?;
                }
            }
            Type::Signal => {
                for heard in signals::heard(message, &self.daemon.adapter) {
                    self.heard(heard).await?;
                }
            }
            Type::MethodReturn | Type::Error => {}
        }
        Ok(())
    }

    fn command(&mut self, line: &str) -> Result<()> {
        match serde_json::from_str(line).context("this is no command")? {
            Command::Measure(event) => {
                let now = self.now();
                match event.happening(std::slice::from_ref(&self.config.device))? {
                    Happening::Measure { measurement, .. } => {
                        self.device.measure(now, &measurement)?;
                    }
                    Happening::PressButton { .. } => self.device.switch_radio_on(now),
                    Happening::Battery { percent, .. } => self.device.set_battery_percent(percent),
                    Happening::Fault(_) => bail!("a real peripheral has real faults only"),
                }
            }
            Command::LoseLinkAfter(confirmed) => self.confirmed_left = Some(confirmed),
        }
        Ok(())
    }
}
