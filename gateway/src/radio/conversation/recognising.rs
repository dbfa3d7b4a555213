//! What kind of device it is, and how it therefore wants to be talked to.

use btleplug::api::Peripheral as _;
use uuid::Uuid;

use super::Conversation;
use crate::quirks::{Behaviour, PairingMoment, Seen};
use crate::radio::failure::bounded;
use crate::radio::session::Pairs;

impl Conversation<'_> {
    /// Recognises the device by what it advertised, what services it is known to have and what model it tells. One of
    /// which nothing is known is treated as the specifications say.
    pub(super) async fn recognise(&mut self, model: Option<&str>) {
        let call_ms_max = self.means.timings.call_ms_max;
        let advertised = bounded(call_ms_max, self.peripheral.properties()).await;
        let advertised = advertised.ok().flatten().unwrap_or_default();
        let company_ids: Vec<u16> = advertised.manufacturer_data.into_keys().collect();
        let has = self.peripheral.services().into_iter().map(|it| it.uuid);
        let services: Vec<Uuid> = advertised.services.into_iter().chain(has).collect();
        let seen = Seen {
            name: advertised.local_name.as_deref(),
            company_ids: &company_ids,
            services: &services,
            model,
        };
        // One that advertises its measurements and is a device with services too is a device with services.
        if let Behaviour::Connected(behaviour) = self.means.quirks.behaviour(&seen) {
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
