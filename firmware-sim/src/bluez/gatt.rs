//! GATT calls: read, write, and notify sessions that belong to D-Bus clients.

use std::collections::BTreeSet;

use zbus::Variant;

use super::{
    Daemon,
    effect::{Effect, Properties, RecordSent, Refusal, Reply},
    peer::{GattKind, LinkLoss, LinkState},
    request::CHARACTERISTIC,
};
use crate::device::{Action, AttError, Bond, Moment, profile};

impl Daemon {
    pub(super) fn read_value(
        &mut self,
        now: Moment,
        index: usize,
        kind: &GattKind,
        path: &str,
    ) -> Result<Reply, Refusal> {
        self.require_link(index)?;
        match kind {
            GattKind::Characteristic { uuid, .. } => {
                let value = self
                    .device_of_mut(index)
                    .read(now, *uuid)
                    .map_err(att_refusal)?;
                // A read value is signalled too, as by the real daemon.
                self.effect(Effect::Value {
                    path: path.to_owned(),
                    value: value.clone(),
                    record: None,
                });
                Ok(Reply::Bytes(value))
            }
            GattKind::Configuration { characteristic, .. } => {
                let on = self.has_notify_session(index, *characteristic);
                Ok(Reply::Bytes(vec![u8::from(on), 0]))
            }
            GattKind::Service { .. } => Err(Refusal::unknown_method()),
        }
    }

    pub(super) fn write_value(
        &mut self,
        now: Moment,
        index: usize,
        kind: &GattKind,
        value: &[u8],
    ) -> Result<Reply, Refusal> {
        self.require_link(index)?;
        let GattKind::Characteristic { uuid, .. } = kind else {
            // BlueZ keeps the client configuration to itself.
            return Err(Refusal::new(
                "org.bluez.Error.NotPermitted",
                "Write not permitted",
            ));
        };
        self.device_of_mut(index)
            .write(now, *uuid, value)
            .map_err(att_refusal)?;
        Ok(Reply::Empty)
    }

    /// Tells whether a call needs a bond that is not there; real BlueZ then answers only with a timeout.
    pub(super) fn hangs_for_bond(&self, index: usize, kind: &GattKind) -> bool {
        let peer = &self.peers[index];
        let paired = peer.known.as_ref().is_some_and(|known| known.paired);
        let guarded = [
            peer.config.kind.record_characteristic(),
            profile::DATE_TIME,
            profile::CURRENT_TIME,
        ];
        peer.config.bond == Bond::Required
            && !paired
            && peer.resolved()
            && matches!(kind, GattKind::Characteristic { uuid, .. } if guarded.contains(uuid))
    }

    pub(super) fn start_notify(
        &mut self,
        now: Moment,
        index: usize,
        kind: &GattKind,
        client: &str,
    ) -> Result<Reply, Refusal> {
        let GattKind::Characteristic { uuid, flags, .. } = kind else {
            return Err(Refusal::unknown_method());
        };
        if !(profile::Characteristic { uuid: *uuid, flags }).subscribable() {
            return Err(Refusal::new(
                "org.bluez.Error.NotSupported",
                "Operation is not supported",
            ));
        }
        let peer = &mut self.peers[index];
        let connected = peer.resolved();
        let Some(known) = peer.known.as_mut() else {
            return Err(Refusal::unknown_object(&peer.path));
        };
        let clients = known.notify.entry(*uuid).or_default();
        let first = clients.is_empty();
        clients.insert(client.to_owned());
        if first {
            if connected {
                self.devices[peer.device].subscribe(now, *uuid, true);
            }
            self.notifying_changed(index, *uuid, true);
        }
        // Without a link BlueZ remembers the session and answers success.
        Ok(Reply::Empty)
    }

    pub(super) fn stop_notify(
        &mut self,
        now: Moment,
        index: usize,
        kind: &GattKind,
        client: &str,
    ) -> Result<Reply, Refusal> {
        let GattKind::Characteristic { uuid, .. } = kind else {
            return Err(Refusal::unknown_method());
        };
        if self.end_notify_session(now, index, *uuid, client) {
            Ok(Reply::Empty)
        } else {
            Err(Refusal::failed("No notify session started"))
        }
    }

    pub(super) fn drop_notify_sessions_of(&mut self, now: Moment, client: &str) {
        for index in 0..self.peers.len() {
            let Some(known) = &self.peers[index].known else {
                continue;
            };
            let held: Vec<u16> = known
                .notify
                .iter()
                .filter(|(_, of)| of.contains(client))
                .map(|(uuid, _)| *uuid)
                .collect();
            for uuid in held {
                self.end_notify_session(now, index, uuid, client);
            }
        }
    }

    fn end_notify_session(&mut self, now: Moment, index: usize, uuid: u16, client: &str) -> bool {
        let peer = &mut self.peers[index];
        let Some(clients) = peer
            .known
            .as_mut()
            .and_then(|known| known.notify.get_mut(&uuid))
        else {
            return false;
        };
        if !clients.remove(client) {
            return false;
        }
        if clients.is_empty() {
            if peer.connected() {
                self.devices[peer.device].subscribe(now, uuid, false);
            }
            self.notifying_changed(index, uuid, false);
        }
        true
    }

    fn has_notify_session(&self, index: usize, uuid: u16) -> bool {
        let clients = self.peers[index]
            .known
            .as_ref()
            .and_then(|known| known.notify.get(&uuid));
        clients.is_some_and(|clients: &BTreeSet<String>| !clients.is_empty())
    }

    fn notifying_changed(&mut self, index: usize, uuid: u16, on: bool) {
        if let Some(path) = self.peers[index]
            .characteristic_path(uuid)
            .map(str::to_owned)
        {
            self.changed(
                path,
                CHARACTERISTIC,
                Properties::from([("Notifying", Variant::from(on))]),
            );
        }
    }

    fn require_link(&self, index: usize) -> Result<(), Refusal> {
        if self.peers[index].resolved() {
            Ok(())
        } else {
            Err(Refusal::failed("Not connected"))
        }
    }

    /// Carries out what the device's radio wants.
    pub(super) fn device_acts(&mut self, now: Moment, index: usize, action: Action) {
        let (characteristic, value, record) = match action {
            Action::HangUp => return self.lose_link(now, index),
            Action::Indicate {
                characteristic,
                value,
                record,
            } => (characteristic, value, Some(record)),
            Action::Notify {
                characteristic,
                value,
            }
            | Action::Answer {
                characteristic,
                value,
            } => (characteristic, value, None),
        };
        let Some(path) = self.peers[index]
            .characteristic_path(characteristic)
            .map(str::to_owned)
        else {
            return;
        };
        let record = record.map(|record| RecordSent {
            peer: index,
            record,
        });
        self.effect(Effect::Value {
            path,
            value,
            record,
        });
    }

    /// Notes that a record's value signal is on the bus: bluetoothd confirms the indication by itself,
    /// unless a fault takes the link away first.
    pub(super) fn value_sent(&mut self, now: Moment, sent: RecordSent) {
        let peer = &mut self.peers[sent.peer];
        let mut lost = None;
        if let Some(LinkState::Up { values_sent, .. }) =
            peer.known.as_mut().map(|known| &mut known.link)
        {
            *values_sent += 1;
            lost = peer
                .faults
                .lose_link_after
                .filter(|loss| *values_sent >= loss.values);
        }
        if lost.is_none_or(
            |LinkLoss {
                 last_is_confirmed, ..
             }| last_is_confirmed,
        ) {
            self.devices[peer.device].confirmed(now, sent.record);
        }
        if lost.is_some() {
            peer.faults.lose_link_after = None;
            self.lose_link(now, sent.peer);
        }
        self.settle(now);
    }
}

fn att_refusal(error: AttError) -> Refusal {
    match error {
        AttError::NotPermitted => {
            Refusal::new("org.bluez.Error.NotPermitted", "Operation not permitted")
        }
        AttError::InvalidLength => {
            Refusal::new("org.bluez.Error.InvalidValueLength", "Invalid Length")
        }
        AttError::OutOfRange | AttError::ImproperlyConfigured => Refusal::failed(&format!(
            "Operation failed with ATT error: 0x{:02x}",
            error.code()
        )),
    }
}
