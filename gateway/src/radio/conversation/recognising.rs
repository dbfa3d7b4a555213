//! What kind of device it is, and how it therefore wants to be talked to.

use btleplug::api::Peripheral as _;

use super::Conversation;
use crate::quirks::{Behaviour, PairingMoment};
use crate::radio::advertised;
use crate::radio::failure::bounded;
use crate::radio::session::Pairs;

impl Conversation<'_> {
    /// Recognises the device by what it advertised, what services it is known to have and what model it tells. One of
    /// which nothing is known is treated as the specifications say.
    pub(super) async fn recognise(&mut self, model: Option<&str>) {
        let call_ms_max = self.means.timings.call_ms_max;
        let told = bounded(call_ms_max, self.peripheral.properties()).await;
        let advertised = told.ok().flatten().unwrap_or_default();
        let has = self.peripheral.services().into_iter().map(|it| it.uuid);
        // One that advertises its measurements and is a device with services too is a device with services.
        let found = advertised::behaviour(self.means.quirks, &advertised, has, model);
        if let Behaviour::Connected(behaviour) = found {
            self.timings = behaviour.timings(self.means.timings);
            self.behaviour = behaviour.clone();
        }
    }

    /// Gives when the device is to be paired. Who must do what for it shows by itself: BlueZ asks.
    pub(super) fn pairs(&self) -> Pairs {
        let first = self
            .behaviour
            .pairing
            .is_some_and(|it| it.when == PairingMoment::BeforeDiscovery);
        match (self.means.pairs, first) {
            (false, _) => Pairs::Never,
            (true, true) => Pairs::First,
            (true, false) => Pairs::Connected,
        }
    }
}
