//! Faults that a script or a test injects.

use std::time::Duration;

use serde::Deserialize;

use super::{
    Daemon,
    effect::{Effect, Signal},
    objects::object,
    peer::{Known, LinkLoss, Peer},
    request::{ADAPTER, INTROSPECTABLE, PROPERTIES},
};
use crate::device::Moment;

/// Something that goes wrong, or comes right again.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// The next `times` connection attempts fail with `le-connection-abort-by-local`.
    ConnectRefused {
        /// Device label.
        device: String,
        /// How many attempts.
        times: u32,
    },
    /// The next `times` connection attempts are never answered; later ones are "in progress" until Disconnect().
    ConnectHang {
        /// Device label.
        device: String,
        /// How many attempts.
        times: u32,
    },
    /// The link is lost: now, or after that many indicated values of a session.
    LinkLost {
        /// Device label.
        device: String,
        /// How many values come through first; absent is now.
        after_values: Option<u32>,
        /// The last of them reaches the collector, but its confirmation does not reach the device.
        #[serde(default)]
        last_unconfirmed: bool,
    },
    /// `Connected=true` is not signalled for the next `times` connections.
    ConnectedSignalLost {
        /// Device label.
        device: String,
        /// How many connections.
        times: u32,
    },
    /// The adapter is switched off.
    PowerOff {
        /// Adapter id.
        adapter: String,
    },
    /// The adapter is switched off and refuses to be switched on.
    RfkillBlock {
        /// Adapter id.
        adapter: String,
    },
    /// The adapter may be switched on again.
    RfkillUnblock {
        /// Adapter id.
        adapter: String,
    },
    /// The adapter is pulled out.
    AdapterGone {
        /// Adapter id.
        adapter: String,
    },
    /// The adapter is plugged in again, switched off as real ones are.
    AdapterBack {
        /// Adapter id.
        adapter: String,
    },
    /// bluetoothd dies: its name, objects and sessions are gone; bonds survive. It is back after a while.
    BluetoothdRestart {
        /// How long it is away.
        down_ms: u64,
    },
}

/// Says which part of a fault or command does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// No such device.
    #[error("there is no device {0:?}; use a label of the script")]
    Device(String),
    /// No such adapter.
    #[error("there is no adapter {0:?}; use an adapter id of the script")]
    Adapter(String),
}

impl Daemon {
    pub(super) fn fault(&mut self, now: Moment, fault: Fault) -> Result<(), FaultError> {
        match fault {
            Fault::ConnectRefused { device, times } => {
                let index = self.peer_index(&device)?;
                self.peers[index].faults.refuse_connects = times;
            }
            Fault::ConnectHang { device, times } => {
                let index = self.peer_index(&device)?;
                self.peers[index].faults.hang_connects = times;
            }
            Fault::ConnectedSignalLost { device, times } => {
                let index = self.peer_index(&device)?;
                self.peers[index].faults.hide_connected = times;
            }
            Fault::LinkLost {
                device,
                after_values,
                last_unconfirmed,
            } => {
                let index = self.peer_index(&device)?;
                let loss = |values| LinkLoss {
                    values,
                    last_is_confirmed: !last_unconfirmed,
                };
                match after_values {
                    Some(values) => self.peers[index].faults.lose_link_after = Some(loss(values)),
                    None => self.lose_link(now, index),
                }
            }
            Fault::PowerOff { adapter } => {
                let adapter = self.adapter_index(&adapter)?;
                self.power_off(now, adapter);
            }
            Fault::RfkillBlock { adapter } => {
                let adapter = self.adapter_index(&adapter)?;
                self.adapters[adapter].rfkill_blocked = true;
                self.power_off(now, adapter);
            }
            Fault::RfkillUnblock { adapter } => {
                let adapter = self.adapter_index(&adapter)?;
                self.adapters[adapter].rfkill_blocked = false;
            }
            Fault::AdapterGone { adapter } => {
                let adapter = self.adapter_index(&adapter)?;
                self.adapter_gone(now, adapter);
            }
            Fault::AdapterBack { adapter } => {
                let adapter = self.adapter_index(&adapter)?;
                self.adapter_back(adapter);
            }
            Fault::BluetoothdRestart { down_ms } => self.die(now, Duration::from_millis(down_ms)),
        }
        self.settle(now);
        Ok(())
    }

    pub(super) fn peer_index(&self, label: &str) -> Result<usize, FaultError> {
        let labelled = |peer: &Peer| peer.config.label == label;
        let linked = |peer: &Peer| labelled(peer) && peer.connected();
        let peers = &self.peers;
        let index = peers.iter().position(linked);
        let index = index.or_else(|| peers.iter().position(labelled));
        index.ok_or_else(|| FaultError::Device(label.to_owned()))
    }

    fn adapter_index(&self, id: &str) -> Result<usize, FaultError> {
        let named = self
            .adapters
            .iter()
            .position(|adapter| adapter.config.id == id);
        named.ok_or_else(|| FaultError::Adapter(id.to_owned()))
    }

    /// Pulls the adapter: links and power go with signals first, then the objects.
    fn adapter_gone(&mut self, now: Moment, adapter: usize) {
        if !self.adapters[adapter].present {
            return;
        }
        self.power_off(now, adapter);
        for peer in self.peers_of(adapter) {
            self.remove_device(now, peer);
        }
        self.adapters[adapter].present = false;
        let path = self.adapters[adapter].path();
        self.signal(Signal::InterfacesRemoved {
            path,
            interfaces: vec![ADAPTER, INTROSPECTABLE, PROPERTIES],
        });
    }

    fn adapter_back(&mut self, adapter: usize) {
        if !std::mem::replace(&mut self.adapters[adapter].present, true) {
            self.announce_adapter(adapter);
        }
    }

    fn announce_adapter(&mut self, adapter: usize) {
        let adapter = &self.adapters[adapter];
        let (path, interfaces) = (adapter.path(), object(ADAPTER, adapter.properties()));
        self.signal(Signal::InterfacesAdded { path, interfaces });
    }

    /// Dies without a word: what it would have signalled is never sent.
    fn die(&mut self, now: Moment, down: Duration) {
        for index in 0..self.peers.len() {
            self.device_of_mut(index).link_down(now);
            let peer = &mut self.peers[index];
            let bonded = peer.known.take().is_some_and(|known| known.paired);
            peer.known = bonded.then(|| Known {
                paired: true,
                ..Known::default()
            });
            peer.advert_at = None;
        }
        for adapter in &mut self.adapters {
            adapter.forget_clients();
        }
        self.agents.clear();
        self.effects.clear();
        self.effect(Effect::Restart { down });
    }

    /// Comes back: adapters appear one by one, as after a real start.
    pub(super) fn revived(&mut self, now: Moment) {
        for adapter in 0..self.adapters.len() {
            if self.adapters[adapter].present {
                self.announce_adapter(adapter);
            }
        }
        self.settle(now);
    }
}
