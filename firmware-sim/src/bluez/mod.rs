//! A stand-in for bluetoothd: the `org.bluez` object tree, its calls, its signals and their real order.

mod adapter;
mod command;
mod config;
mod connection;
mod dispatch;
mod due;
mod effect;
mod fault;
mod gatt;
mod link;
mod objects;
mod pairing;
mod peer;
mod request;
mod server;
#[cfg(test)]
mod tests;
mod wire;

use std::collections::BTreeMap;

use anyhow::Context as _;

pub use adapter::AdapterConfig;
pub(crate) use command::Command;
pub use command::{CommandError, Counts, Status};
pub use config::BluezConfig;
pub use fault::{Fault, FaultError};
pub(crate) use server::{Clock, Server};

use self::{
    adapter::Adapter,
    effect::{Effect, Properties, Signal},
    peer::Peer,
    request::Call,
};
use crate::device::{Device, DeviceConfig, Moment};

/// The state of bluetoothd and of the devices around it; time and calls go in, effects come out.
#[derive(Debug)]
pub(crate) struct Daemon {
    config: BluezConfig,
    adapters: Vec<Adapter>,
    devices: Vec<Device>,
    /// Each device by each adapter that hears it.
    peers: Vec<Peer>,
    /// Registered agents by D-Bus client.
    agents: BTreeMap<String, String>,
    effects: Vec<Effect>,
}

impl Daemon {
    /// Makes a daemon.
    ///
    /// # Errors
    /// When a device names an adapter that is not there.
    fn new(
        config: BluezConfig,
        adapters: Vec<AdapterConfig>,
        devices: Vec<Device>,
    ) -> anyhow::Result<Self> {
        let mut peers = Vec::new();
        for (number, device) in devices.iter().enumerate() {
            let heard = device.config();
            let also = heard.also_heard.iter().map(|also| DeviceConfig {
                adapter: also.adapter.clone(),
                rssi_dbm: also.rssi_dbm,
                ..heard.clone()
            });
            for heard in [heard.clone()].into_iter().chain(also) {
                let listed = |adapter: &AdapterConfig| adapter.id == heard.adapter;
                let adapter = adapters.iter().position(listed).with_context(|| {
                    let label = &heard.label;
                    format!("device {label:?} names an adapter that the script does not list")
                })?;
                peers.push(Peer::new(number, heard, adapter));
            }
        }
        Ok(Self {
            config,
            adapters: adapters.into_iter().map(Adapter::new).collect(),
            devices,
            peers,
            agents: BTreeMap::new(),
            effects: Vec::new(),
        })
    }

    fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// Answers a method call, now or later.
    fn call(&mut self, now: Moment, call: Call) {
        let id = call.id;
        match self.dispatch(now, call) {
            Ok(Some(reply)) => self.effect(Effect::Reply(id, reply)),
            Ok(None) => {}
            Err(refusal) => self.effect(Effect::Refuse(id, refusal)),
        }
        self.settle(now);
    }

    /// Drops everything that belonged to a D-Bus client that has left the bus.
    fn client_gone(&mut self, now: Moment, client: &str) {
        self.drop_discovery_of(client);
        self.drop_notify_sessions_of(now, client);
        self.agents.remove(client);
        self.settle(now);
    }

    fn peers_of(&self, adapter: usize) -> Vec<usize> {
        (0..self.peers.len())
            .filter(|index| self.peers[*index].adapter == adapter)
            .collect()
    }

    fn device_of(&self, peer: usize) -> &Device {
        &self.devices[self.peers[peer].device]
    }

    fn device_of_mut(&mut self, peer: usize) -> &mut Device {
        &mut self.devices[self.peers[peer].device]
    }

    /// Tells whether what a device does is done by way of this peer: the one with the link, or else the first.
    fn speaks_for_device(&self, peer: usize) -> bool {
        let of_device = |it: &&Peer| it.device == self.peers[peer].device;
        let linked = self
            .peers
            .iter()
            .filter(of_device)
            .find(|it| it.connected());
        let speaker = linked.or_else(|| self.peers.iter().find(of_device));
        speaker.is_some_and(|it| it.adapter == self.peers[peer].adapter)
    }

    fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    fn signal(&mut self, signal: Signal) {
        self.effects.push(Effect::Signal(signal));
    }

    fn changed(&mut self, path: String, interface: &'static str, changed: Properties) {
        self.signal(Signal::PropertiesChanged {
            path,
            interface,
            changed,
            invalidated: Vec::new(),
        });
    }
}
