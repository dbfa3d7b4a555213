//! Which call goes to which object.

use super::{
    Daemon,
    effect::{Effect, Properties, Refusal, Reply},
    peer::{GattKind, Peer, Waiting},
    request::{ADAPTER, Call, DEVICE, Request},
};
use crate::device::Moment;

impl Daemon {
    pub(super) fn dispatch(&mut self, now: Moment, call: Call) -> Result<Option<Reply>, Refusal> {
        let path = call.path.as_str();
        match call.request {
            Request::Ping => Ok(Some(Reply::Empty)),
            Request::Introspect => self.introspect(path).map(Some),
            Request::GetManagedObjects if path == "/" => {
                Ok(Some(Reply::Objects(self.managed_objects())))
            }
            Request::GetAll { interface } => self.get_all(path, &interface).map(Some),
            Request::Get {
                interface,
                property,
            } => self.get(path, &interface, &property).map(Some),
            Request::SetFlag {
                interface,
                property,
                value,
            } => self
                .set_flag(now, path, &interface, &property, value)
                .map(Some),
            Request::RegisterAgent { agent } => {
                self.agents.insert(call.client, agent);
                Ok(Some(Reply::Empty))
            }
            Request::DefaultAgent { agent } | Request::UnregisterAgent { agent }
                if self.agents.get(&call.client) != Some(&agent) =>
            {
                Err(Refusal::does_not_exist())
            }
            Request::DefaultAgent { .. } => Ok(Some(Reply::Empty)),
            Request::UnregisterAgent { .. } => {
                self.agents.remove(&call.client);
                Ok(Some(Reply::Empty))
            }
            _ => self.dispatch_object(now, &call),
        }
    }

    fn dispatch_object(&mut self, now: Moment, call: &Call) -> Result<Option<Reply>, Refusal> {
        if let Some(adapter) = self
            .adapters
            .iter()
            .position(|adapter| adapter.present && adapter.path() == call.path)
        {
            return self.dispatch_adapter(now, adapter, call).map(Some);
        }
        let below = |peer: &&Peer| peer.known.is_some() && call.path.starts_with(&peer.path);
        let Some(index) = self.peers.iter().position(|peer| below(&peer)) else {
            return Err(Refusal::unknown_object(&call.path));
        };
        let peer = &self.peers[index];
        if peer.path == call.path {
            return match call.request {
                Request::Connect => self.connect(now, index, Waiting::Connect(call.id)),
                Request::Disconnect => self.disconnect(now, index, call.id),
                Request::Pair => self.pair(now, index, call.id),
                Request::CancelPairing => self.cancel_pairing(now, index).map(Some),
                _ => Err(Refusal::unknown_method()),
            };
        }
        let exported = peer.known.as_ref().is_some_and(|known| known.gatt_exported);
        let object = peer
            .gatt
            .iter()
            .find(|object| exported && object.path == call.path);
        let Some(kind) = object.map(|object| object.kind.clone()) else {
            return Err(Refusal::unknown_object(&call.path));
        };
        self.dispatch_gatt(now, index, &kind, call)
    }

    fn dispatch_adapter(
        &mut self,
        now: Moment,
        adapter: usize,
        call: &Call,
    ) -> Result<Reply, Refusal> {
        match &call.request {
            Request::SetDiscoveryFilter { uuids } => {
                self.set_discovery_filter(adapter, &call.client, uuids.clone())
            }
            Request::StartDiscovery => self.start_discovery(adapter, &call.client),
            Request::StopDiscovery => self.stop_discovery(adapter, &call.client),
            Request::RemoveDevice { device } => {
                let known = |peer: &Peer| {
                    peer.known.is_some() && peer.adapter == adapter && peer.path == *device
                };
                let Some(index) = self.peers.iter().position(known) else {
                    return Err(Refusal::does_not_exist());
                };
                self.remove_device(now, index);
                Ok(Reply::Empty)
            }
            _ => Err(Refusal::unknown_method()),
        }
    }

    fn dispatch_gatt(
        &mut self,
        now: Moment,
        index: usize,
        kind: &GattKind,
        call: &Call,
    ) -> Result<Option<Reply>, Refusal> {
        let operation = matches!(
            call.request,
            Request::ReadValue | Request::WriteValue { .. } | Request::StartNotify
        );
        if operation && self.hangs_for_bond(index, kind) {
            self.effect(Effect::Hang(call.id));
            return Ok(None);
        }
        match &call.request {
            Request::ReadValue => self.read_value(now, index, kind, &call.path).map(Some),
            Request::WriteValue { value } => self.write_value(now, index, kind, value).map(Some),
            Request::StartNotify => self.start_notify(now, index, kind, &call.client).map(Some),
            Request::StopNotify => self.stop_notify(now, index, kind, &call.client).map(Some),
            _ => Err(Refusal::unknown_method()),
        }
    }

    fn set_flag(
        &mut self,
        now: Moment,
        path: &str,
        interface: &str,
        property: &str,
        value: bool,
    ) -> Result<Reply, Refusal> {
        let read_only = || {
            Refusal::new(
                "org.freedesktop.DBus.Error.PropertyReadOnly",
                "Property is read only",
            )
        };
        match (interface, property) {
            (ADAPTER, "Powered") => {
                let at = self
                    .adapters
                    .iter()
                    .position(|adapter| adapter.present && adapter.path() == path);
                let adapter = at.ok_or_else(|| Refusal::unknown_object(path))?;
                self.set_powered(now, adapter, value)
            }
            (DEVICE, "Trusted") => {
                let peer = self.peers.iter_mut().find(|peer| peer.path == path);
                let known = peer
                    .and_then(|peer| peer.known.as_mut())
                    .ok_or_else(|| Refusal::unknown_object(path))?;
                known.trusted = value;
                self.changed(
                    path.to_owned(),
                    DEVICE,
                    Properties::from([("Trusted", value.into())]),
                );
                Ok(Reply::Empty)
            }
            _ => Err(read_only()),
        }
    }
}
