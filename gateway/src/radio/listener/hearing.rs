//! What follows from one event: a device to connect to, a measurement that was advertised, or a stranger counted.

use btleplug::api::{BDAddr, Central, CentralEvent, Peripheral as _};
use btleplug::platform::{Adapter, Peripheral, PeripheralId};
use gatt::Dialect;
use vitals::DeviceId;

use super::Listener;
use crate::capture::Capture;
use crate::radio::failure::bounded;
use crate::radio::{Heard, Met, Radio, advertised};

impl Listener<'_> {
    /// Gives the registered device that is to be connected to because of an event.
    pub(super) async fn heard(
        &self,
        adapter: &Adapter,
        event: &CentralEvent,
    ) -> Option<Peripheral> {
        let radio = &self.crew.radio;
        let (id, heard) = Heard::of(event)?;
        let address = address_of(id)?;
        let Some(device) = radio.air.device_at(address) else {
            if radio.air.is_new_stranger(address) {
                radio.status.count_stranger();
            }
            return None;
        };
        if let Heard::Advertising(signal_dbm) = heard {
            self.note(&device, address, signal_dbm);
        }
        if radio.air.leaves_alone(address) {
            return None;
        }
        let call_ms_max = self.call_ms_max();
        let peripheral = bounded(call_ms_max, adapter.peripheral(id)).await.ok()?;
        let properties = bounded(call_ms_max, peripheral.properties()).await.ok()??;
        // BlueZ knows devices that are long gone; only one that is advertising has a signal strength.
        if heard == Heard::Known {
            self.note(&device, address, Some(properties.rssi?));
        }
        if !self.crew.committer.commit_held().await
            || advertised::has_nothing(&properties.manufacturer_data)
        {
            return None;
        }
        let Some(way) = advertised::way(&radio.quirks, &properties) else {
            let elsewhere = radio.air.is_better_elsewhere(self.name, address);
            return (!elsewhere).then_some(peripheral);
        };
        if let Some(outcome) = advertised::outcome(way, &properties.service_data) {
            self.take_advertised(&device, &outcome).await;
        }
        None
    }

    fn note(&self, device: &DeviceId, address: BDAddr, signal_dbm: Option<i16>) {
        let Radio {
            air, status, clock, ..
        } = &self.crew.radio;
        status.heard(device, clock.now(), signal_dbm);
        if let Some(signal_dbm) = signal_dbm {
            air.hears(self.name, address, signal_dbm);
        }
    }

    async fn take_advertised(&self, device: &DeviceId, outcome: &advertised::Outcome) {
        let radio = &self.crew.radio;
        // One that could not be committed is held and offered again, so it is taken either way.
        if !radio.air.is_news(device, outcome) {
            return;
        }
        let (characteristic, raw) = outcome.value.clone();
        let received_at = radio.clock.now();
        let capture = Capture {
            device: device.clone(),
            characteristic,
            raw,
            received_at,
            clock_offset_seconds: None,
            dialect: Dialect::default(),
        };
        if self.crew.committer.commit(capture).await {
            radio.status.met(device, Met::by_advertisement(received_at));
        }
    }
}

/// btleplug gives an event's device as a path that ends with the address, `hci0/dev_AA_BB_CC_DD_EE_FF`.
fn address_of(id: &PeripheralId) -> Option<BDAddr> {
    let path = id.to_string();
    let (_, address) = path.rsplit_once("dev_")?;
    address.replace('_', ":").parse().ok()
}
