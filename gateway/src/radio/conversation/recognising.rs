//! What kind of device it is, and how it therefore wants to be talked to.

use btleplug::api::Peripheral as _;
use uuid::Uuid;

use super::Conversation;
use crate::quirks::{Behaviour, Seen};
use crate::radio::failure::bounded;
use crate::radio::inquiry;

impl Conversation<'_> {
    /// Recognises the device by what it advertised, what services it has and what model it tells. One that tells
    /// nothing is treated as the specifications say.
    pub(super) async fn recognise(&mut self) {
        let call_ms_max = self.means.timings.call_ms_max;
        let model = inquiry::model(&self.peripheral, call_ms_max).await;
        let advertised = bounded(call_ms_max, self.peripheral.properties()).await;
        let advertised = advertised.ok().flatten().unwrap_or_default();
        let company_ids: Vec<u16> = advertised.manufacturer_data.into_keys().collect();
        let has = self.peripheral.services().into_iter().map(|it| it.uuid);
        let services: Vec<Uuid> = advertised.services.into_iter().chain(has).collect();
        let seen = Seen {
            name: advertised.local_name.as_deref(),
            company_ids: &company_ids,
            services: &services,
            model: model.as_deref(),
        };
        // One that advertises its measurements and is a device with services too is a device with services.
        if let Behaviour::Connected(behaviour) = self.means.quirks.behaviour(&seen) {
            self.timings = behaviour.timings(self.means.timings);
            self.behaviour = behaviour.clone();
        }
    }
}
