//! What is due when: advertisements, links, removals and what the devices want.

use std::time::Duration;

use super::{
    Daemon,
    config::ms,
    effect::{Effect, Properties, Refusal, Reply},
    peer::{Known, LinkState, Peer},
    request::DEVICE,
};
use crate::device::{Bond, Device, Moment};

impl Daemon {
    /// Does everything that is due.
    pub(super) fn settle(&mut self, now: Moment) {
        for index in 0..self.peers.len() {
            self.plan_advert(now, index);
            while self.step(now, index) {}
        }
        // What a device has done just now may be heard by another adapter too.
        for index in 0..self.peers.len() {
            self.plan_advert(now, index);
        }
    }

    /// Does one thing that is due for a peer; says whether there may be more.
    fn step(&mut self, now: Moment, index: usize) -> bool {
        let due = |at: Duration| at <= now.uptime;
        let peer = &mut self.peers[index];
        if peer.advert_at.is_some_and(due) {
            peer.advert_at = Some(now.uptime + ms(self.config.advertise_every_ms.max(1)));
            self.report_advert(now, index);
            return true;
        }
        if let Some(known) = peer.known.as_mut() {
            if known.remove_at.is_some_and(due) {
                self.remove_device(now, index);
                return true;
            }
            if let Some((call, _)) = known.pairing.take_if(|(_, at)| due(*at)) {
                if peer.config.bond == Bond::Declined {
                    self.effect(Effect::Refuse(call, Refusal::authentication_failed()));
                    // The kernel drops the link of a pairing that failed.
                    self.lose_link(now, index);
                    return true;
                }
                known.paired = true;
                known.remove_at = None;
                let path = peer.path.clone();
                let changed = Properties::from([("Paired", true.into()), ("Bonded", true.into())]);
                self.changed(path, DEVICE, changed);
                self.effect(Effect::Reply(call, Reply::Empty));
                return true;
            }
            if self.step_link(now, index) {
                return true;
            }
        }
        if !self.speaks_for_device(index) {
            return false;
        }
        match self.device_of_mut(index).poll(now) {
            Some(action) => {
                self.device_acts(now, index, action);
                true
            }
            None => false,
        }
    }

    fn step_link(&mut self, now: Moment, index: usize) -> bool {
        let due = |at: Duration| at <= now.uptime;
        let peer = &self.peers[index];
        match peer.known.as_ref().map(|known| &known.link) {
            Some(LinkState::Connecting { hang: true, .. }) => false,
            Some(LinkState::Connecting {
                waiting,
                earliest,
                refuse,
                ..
            }) if due(*earliest) && self.device_of(index).is_advertising(now) => {
                let (waiting, refuse) = (*waiting, *refuse);
                if refuse {
                    self.connect_failed(now, index, waiting);
                } else {
                    self.link_stands(now, index, waiting);
                }
                true
            }
            Some(LinkState::Connecting {
                waiting,
                gives_up_at,
                ..
            }) if due(*gives_up_at) => {
                let waiting = *waiting;
                self.connect_failed(now, index, waiting);
                true
            }
            Some(LinkState::Up {
                disconnect: Some((_, at)),
                ..
            }) if due(*at) => {
                self.lose_link(now, index);
                true
            }
            Some(LinkState::Up {
                resolve_at: Some(at),
                ..
            }) if due(*at) => {
                self.services_resolved(now, index);
                true
            }
            _ => false,
        }
    }

    fn plan_advert(&mut self, now: Moment, index: usize) {
        let peer = &self.peers[index];
        let heard = self.device_of(index).is_advertising(now)
            && self.adapters[peer.adapter].hears(&peer.advertised_uuid());
        let next = now.uptime + ms(self.config.advertise_every_ms.max(1));
        let peer = &mut self.peers[index];
        peer.advert_at = heard.then(|| peer.advert_at.unwrap_or(next));
    }

    /// Returns when [`Daemon::settle`] will next have something to do.
    pub(super) fn next_deadline(&self, now: Moment) -> Option<Duration> {
        let of_devices = self.devices.iter().filter_map(Device::next_deadline);
        self.peers
            .iter()
            .filter_map(|peer| peer.next_deadline(now))
            .chain(of_devices)
            .min()
    }
}

impl Peer {
    fn next_deadline(&self, now: Moment) -> Option<Duration> {
        let known = self.known.as_ref();
        let pairing = known.and_then(|known| known.pairing).map(|(_, at)| at);
        let remove = known.and_then(|known| known.remove_at);
        let link = match known.map(|known: &Known| &known.link) {
            // Past its earliest moment an attempt waits for the device to advertise, or for its end.
            Some(LinkState::Connecting {
                earliest,
                gives_up_at,
                hang: false,
                ..
            }) => [
                Some(*earliest).filter(|at| *at > now.uptime),
                Some(*gives_up_at),
            ],
            Some(LinkState::Up {
                resolve_at,
                disconnect,
                ..
            }) => [*resolve_at, disconnect.map(|(_, at)| at)],
            Some(LinkState::Connecting { hang: true, .. } | LinkState::Down) | None => [None, None],
        };
        let others = [self.advert_at, pairing, remove];
        others.into_iter().chain(link).flatten().min()
    }
}
