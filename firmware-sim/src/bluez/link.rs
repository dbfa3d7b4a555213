//! Links: seen, connected, resolved, disconnected, forgotten; in the order that real BlueZ signals them.

use zbus::Variant;

use super::{
    Daemon,
    config::ms,
    effect::{CallId, Effect, Properties, Refusal, Reply, Signal},
    objects::object,
    peer::{Known, LinkState, Waiting},
    request::{DEVICE, INTROSPECTABLE, PROPERTIES},
};
use crate::device::Moment;

impl Daemon {
    /// Reports an advertisement: a new object, or changed properties of the known one.
    pub(super) fn report_advert(&mut self, now: Moment, index: usize) {
        let temporary = ms(self.config.temporary_timeout_ms);
        let adapter_path = self.adapters[self.peers[index].adapter].path();
        let peer = &mut self.peers[index];
        peer.adverts += 1;
        let is_new = peer.known.is_none();
        let wobble = i16::from(peer.adverts.is_multiple_of(2)) * 2;
        let known = peer.known.get_or_insert_with(Known::default);
        known.rssi = Some(peer.config.rssi_dbm + wobble);
        known.remove_at = (!known.paired).then_some(now.uptime + temporary);
        let path = peer.path.clone();
        let device = &self.devices[peer.device];
        if is_new {
            let properties = peer
                .device_properties(device, &adapter_path, self.config.experimental)
                .unwrap_or_default();
            self.signal(Signal::InterfacesAdded {
                path,
                interfaces: object(DEVICE, properties),
            });
        } else {
            let changed = peer.advert_properties(device);
            self.changed(path, DEVICE, changed);
        }
    }

    pub(super) fn forget_rssi(&mut self, index: usize) {
        let peer = &mut self.peers[index];
        let path = peer.path.clone();
        if peer
            .known
            .as_mut()
            .is_some_and(|known| known.rssi.take().is_some())
        {
            let changed = Properties::new();
            self.signal(Signal::PropertiesChanged {
                path,
                interface: DEVICE,
                changed,
                invalidated: vec!["RSSI"],
            });
        }
    }

    pub(super) fn connect(
        &mut self,
        now: Moment,
        index: usize,
        waiting: Waiting,
    ) -> Result<Option<Reply>, Refusal> {
        let adapter = &self.adapters[self.peers[index].adapter];
        if !adapter.powered {
            return Err(Refusal::not_ready());
        }
        let wait = self.config.connect_ms
            + if adapter.discovering() {
                self.config.connect_while_scanning_ms
            } else {
                0
            };
        let gives_up_at = now.uptime + ms(self.config.connect_timeout_ms.max(wait));
        let peer = &mut self.peers[index];
        let Some(known) = peer.known.as_mut() else {
            return Err(Refusal::unknown_object(&peer.path));
        };
        match known.link {
            LinkState::Up { .. } => return Ok(Some(Reply::Empty)),
            LinkState::Connecting { .. } => return Err(Refusal::in_progress()),
            LinkState::Down => {}
        }
        let hang = take_one(&mut peer.faults.hang_connects);
        let refuse = !hang && take_one(&mut peer.faults.refuse_connects);
        let earliest = now.uptime + ms(wait);
        known.link = LinkState::Connecting {
            waiting,
            earliest,
            gives_up_at,
            refuse,
            hang,
        };
        known.remove_at = None;
        Ok(None)
    }

    /// The link stands: `Connected` (unless it is lost, as in the field), then the reply, then services. A pairing
    /// that waited for it begins.
    pub(super) fn link_stands(&mut self, now: Moment, index: usize, waiting: Waiting) {
        let paired_at = now.uptime + ms(self.config.pair_ms);
        let resolve_at = Some(now.uptime + ms(self.config.resolve_ms));
        let peer = &mut self.peers[index];
        self.devices[peer.device].link_up(now);
        let hidden = take_one(&mut peer.faults.hide_connected);
        let path = peer.path.clone();
        if let Some(known) = peer.known.as_mut() {
            known.link = LinkState::Up {
                resolve_at,
                disconnect: None,
                values_sent: 0,
            };
            known.remove_at = None;
            if let Waiting::Pair(call) = waiting {
                known.pairing = Some((call, paired_at));
            }
        }
        if !hidden {
            self.changed(
                path,
                DEVICE,
                Properties::from([("Connected", Variant::from(true))]),
            );
        }
        if let Waiting::Connect(call) = waiting {
            self.effect(Effect::Reply(call, Reply::Empty));
        }
    }

    pub(super) fn connect_failed(&mut self, now: Moment, index: usize, waiting: Waiting) {
        let temporary = ms(self.config.temporary_timeout_ms);
        if let Some(known) = self.peers[index].known.as_mut() {
            known.link = LinkState::Down;
            known.remove_at = (!known.paired).then_some(now.uptime + temporary);
        }
        self.effect(match waiting {
            Waiting::Connect(call) => {
                Effect::Refuse(call, Refusal::failed("le-connection-abort-by-local"))
            }
            Waiting::Pair(call) => Effect::Refuse(call, Refusal::attempt_failed()),
        });
    }

    /// Services are resolved: that is said first, with the UUIDs if they are news, then the objects appear, and the
    /// notify sessions that clients still hold are enabled again at once, whoever may be listening.
    pub(super) fn services_resolved(&mut self, now: Moment, index: usize) {
        let peer = &mut self.peers[index];
        let Some(known) = peer.known.as_mut() else {
            return;
        };
        if let LinkState::Up { resolve_at, .. } = &mut known.link {
            *resolve_at = None;
        }
        let first_time = !std::mem::replace(&mut known.gatt_exported, true);
        let remembered: Vec<u16> = known
            .notify
            .iter()
            .filter(|(_, clients)| !clients.is_empty())
            .map(|(uuid, _)| *uuid)
            .collect();
        let added = if first_time {
            peer.gatt_interfaces()
        } else {
            Vec::new()
        };
        let path = peer.path.clone();
        let mut changed = Properties::from([("ServicesResolved", Variant::from(true))]);
        if first_time {
            changed.insert("UUIDs", Variant::from(peer.uuids()));
        }
        self.changed(path, DEVICE, changed);
        for (path, interfaces) in added {
            self.signal(Signal::InterfacesAdded { path, interfaces });
        }
        for characteristic in remembered {
            self.device_of_mut(index)
                .subscribe(now, characteristic, true);
        }
    }

    pub(super) fn disconnect(
        &mut self,
        now: Moment,
        index: usize,
        call: CallId,
    ) -> Result<Option<Reply>, Refusal> {
        let at = now.uptime + ms(self.config.disconnect_ms);
        let peer = &mut self.peers[index];
        let Some(known) = peer.known.as_mut() else {
            return Err(Refusal::unknown_object(&peer.path));
        };
        match &mut known.link {
            LinkState::Down => Err(Refusal::not_connected()),
            LinkState::Connecting { waiting, .. } => {
                let waiting = *waiting;
                self.connect_failed(now, index, waiting);
                Ok(Some(Reply::Empty))
            }
            LinkState::Up {
                disconnect: Some(_),
                ..
            } => Err(Refusal::in_progress()),
            LinkState::Up { disconnect, .. } => {
                *disconnect = Some((call, at));
                Ok(None)
            }
        }
    }

    /// The link is gone, whoever ended it; objects and notify sessions stay.
    pub(super) fn lose_link(&mut self, now: Moment, index: usize) {
        let temporary = ms(self.config.temporary_timeout_ms);
        let peer = &mut self.peers[index];
        if peer.connected() {
            self.devices[peer.device].link_down(now);
        }
        let path = peer.path.clone();
        let Some(known) = peer.known.as_mut() else {
            return;
        };
        known.remove_at = (!known.paired).then_some(now.uptime + temporary);
        let pairing = known.pairing.take();
        match std::mem::take(&mut known.link) {
            LinkState::Down => {}
            LinkState::Connecting { waiting, .. } => self.connect_failed(now, index, waiting),
            LinkState::Up {
                resolve_at,
                disconnect,
                ..
            } => {
                let mut changed = Properties::new();
                if resolve_at.is_none() {
                    changed.insert("ServicesResolved", Variant::from(false));
                }
                // BlueZ says at once, before it answers a call, what it would otherwise have said together.
                if let Some((call, _)) = disconnect {
                    if resolve_at.is_none() {
                        self.changed(path.clone(), DEVICE, std::mem::take(&mut changed));
                    }
                    self.effect(Effect::Reply(call, Reply::Empty));
                }
                changed.insert("Connected", Variant::from(false));
                self.changed(path, DEVICE, changed);
            }
        }
        if let Some((call, _)) = pairing {
            self.effect(Effect::Refuse(call, Refusal::authentication_failed()));
        }
    }

    /// Forgets a device: link, bond and every object.
    pub(super) fn remove_device(&mut self, now: Moment, index: usize) {
        self.lose_link(now, index);
        let peer = &mut self.peers[index];
        let Some(known) = peer.known.take() else {
            return;
        };
        let mut gone = Vec::new();
        if known.gatt_exported {
            gone.extend(
                peer.gatt
                    .iter()
                    .rev()
                    .map(|entry| (entry.path.clone(), entry.interface())),
            );
        }
        gone.push((peer.path.clone(), DEVICE));
        for (path, interface) in gone {
            self.signal(Signal::InterfacesRemoved {
                path,
                interfaces: vec![interface, INTROSPECTABLE, PROPERTIES],
            });
        }
    }
}

fn take_one(count: &mut u32) -> bool {
    let any = *count > 0;
    *count = count.saturating_sub(1);
    any
}
