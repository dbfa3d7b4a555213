//! One adapter: power, and discovery sessions that belong to D-Bus clients.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use zbus::Variant;

use super::{
    Daemon,
    effect::{Properties, Refusal, Reply},
    request::ADAPTER,
};
use crate::device::Moment;

/// An adapter of the simulated machine.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdapterConfig {
    /// Kernel name, `hci0`.
    pub id: String,
    /// Public address.
    pub address: String,
    /// Whether it is switched on at the start.
    #[serde(default = "powered_by_default")]
    pub powered: bool,
}

fn powered_by_default() -> bool {
    true
}

impl Default for AdapterConfig {
    fn default() -> Self {
        Self {
            id: "hci0".to_owned(),
            address: "02:00:00:00:00:01".to_owned(),
            powered: true,
        }
    }
}

#[derive(Debug)]
pub(super) struct Adapter {
    pub(super) config: AdapterConfig,
    pub(super) present: bool,
    pub(super) powered: bool,
    pub(super) rfkill_blocked: bool,
    /// How often discovery was started.
    pub(super) scans: u64,
    filters: BTreeMap<String, Vec<String>>,
    sessions: BTreeSet<String>,
}

impl Adapter {
    pub(super) fn new(config: AdapterConfig) -> Self {
        Self {
            powered: config.powered,
            config,
            present: true,
            rfkill_blocked: false,
            scans: 0,
            filters: BTreeMap::new(),
            sessions: BTreeSet::new(),
        }
    }

    pub(super) fn path(&self) -> String {
        format!("/org/bluez/{}", self.config.id)
    }

    pub(super) fn discovering(&self) -> bool {
        self.powered && !self.sessions.is_empty()
    }

    /// Tells whether any client's filter lets the service through; BlueZ merges the filters of all.
    pub(super) fn hears(&self, service: &str) -> bool {
        self.present
            && self.powered
            && self.sessions.iter().any(|client| {
                self.filters.get(client).is_none_or(|uuids| {
                    uuids.is_empty() || uuids.iter().any(|uuid| uuid.eq_ignore_ascii_case(service))
                })
            })
    }

    pub(super) fn forget_clients(&mut self) {
        self.sessions.clear();
        self.filters.clear();
    }

    pub(super) fn properties(&self) -> Properties {
        let text = |text: &str| Variant::from(text.to_owned());
        Properties::from([
            ("Address", text(&self.config.address)),
            ("AddressType", text("public")),
            ("Name", text("hearth-sim")),
            ("Alias", text("hearth-sim")),
            ("Class", Variant::from(0_u32)),
            ("Modalias", text("usb:v1D6Bp0246d0542")),
            ("Powered", Variant::from(self.powered)),
            ("Discoverable", Variant::from(false)),
            ("Pairable", Variant::from(true)),
            ("Discovering", Variant::from(self.discovering())),
            ("UUIDs", Variant::from(Vec::<String>::new())),
        ])
    }
}

impl Daemon {
    pub(super) fn set_discovery_filter(
        &mut self,
        adapter: usize,
        client: &str,
        uuids: Vec<String>,
    ) -> Result<Reply, Refusal> {
        self.adapters[adapter]
            .filters
            .insert(client.to_owned(), uuids);
        Ok(Reply::Empty)
    }

    pub(super) fn start_discovery(
        &mut self,
        adapter: usize,
        client: &str,
    ) -> Result<Reply, Refusal> {
        let state = &mut self.adapters[adapter];
        if !state.powered {
            return Err(Refusal::not_ready());
        }
        let was_discovering = state.discovering();
        if !state.sessions.insert(client.to_owned()) {
            return Err(Refusal::in_progress());
        }
        state.scans += 1;
        if !was_discovering {
            self.adapter_changed(adapter, "Discovering", true);
        }
        Ok(Reply::Empty)
    }

    pub(super) fn stop_discovery(
        &mut self,
        adapter: usize,
        client: &str,
    ) -> Result<Reply, Refusal> {
        let state = &mut self.adapters[adapter];
        if !state.powered {
            return Err(Refusal::not_ready());
        }
        if !state.sessions.remove(client) {
            return Err(Refusal::failed("No discovery started"));
        }
        self.discovery_may_have_ended(adapter);
        Ok(Reply::Empty)
    }

    pub(super) fn drop_discovery_of(&mut self, client: &str) {
        for adapter in 0..self.adapters.len() {
            self.adapters[adapter].filters.remove(client);
            if self.adapters[adapter].sessions.remove(client) {
                self.discovery_may_have_ended(adapter);
            }
        }
    }

    fn discovery_may_have_ended(&mut self, adapter: usize) {
        if self.adapters[adapter].discovering() {
            return;
        }
        self.adapter_changed(adapter, "Discovering", false);
        for peer in self.peers_of(adapter) {
            self.forget_rssi(peer);
        }
    }

    pub(super) fn set_powered(
        &mut self,
        now: Moment,
        adapter: usize,
        on: bool,
    ) -> Result<Reply, Refusal> {
        if on && self.adapters[adapter].rfkill_blocked {
            return Err(Refusal::new(
                "org.bluez.Error.Blocked",
                "Blocked through rfkill",
            ));
        }
        if self.adapters[adapter].powered == on {
            return Ok(Reply::Empty);
        }
        if on {
            self.adapters[adapter].powered = true;
            self.adapter_changed(adapter, "Powered", true);
        } else {
            self.power_off(now, adapter);
        }
        Ok(Reply::Empty)
    }

    /// Takes the radio away: links drop, discovery sessions end, then `Powered` is signalled.
    pub(super) fn power_off(&mut self, now: Moment, adapter: usize) {
        for peer in self.peers_of(adapter) {
            self.lose_link(now, peer);
        }
        let was_discovering = self.adapters[adapter].discovering();
        let was_powered = std::mem::replace(&mut self.adapters[adapter].powered, false);
        self.adapters[adapter].forget_clients();
        if was_discovering {
            self.adapter_changed(adapter, "Discovering", false);
        }
        if was_powered {
            self.adapter_changed(adapter, "Powered", false);
        }
    }

    pub(super) fn adapter_changed(&mut self, adapter: usize, property: &'static str, value: bool) {
        let path = self.adapters[adapter].path();
        self.changed(
            path,
            ADAPTER,
            Properties::from([(property, Variant::from(value))]),
        );
    }
}
