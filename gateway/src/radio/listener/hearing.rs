//! What follows from one event: a device to connect to, a measurement that was advertised, or a stranger counted.

use btleplug::api::{BDAddr, Central, CentralEvent, Peripheral as _};
use btleplug::platform::{Adapter, Peripheral, PeripheralId};
use gatt::Dialect;
use tokio::time::Instant;
use vitals::DeviceId;

use super::Listener;
use crate::capture::Capture;
use crate::radio::Heard;
use crate::radio::advertised;
use crate::radio::failure::bounded;

impl Listener {
    /// Gives the registered device that is to be connected to because of an event.
    pub(super) async fn heard(
        &mut self,
        adapter: &Adapter,
        event: &CentralEvent,
    ) -> Option<Peripheral> {
        let (id, heard) = Heard::of(event)?;
        let address = address_of(id)?;
        let now = Instant::now();
        let Some(device) = self.devices.get(&address) else {
            self.note_stranger(address);
            return None;
        };
        if heard == Heard::Advertising {
            self.status.saw(device, self.clock.now());
        }
        if self.quiet.covers(address, now) {
            return None;
        }
        let call_ms_max = self.timings.call_ms_max;
        let device = device.clone();
        let peripheral = bounded(call_ms_max, adapter.peripheral(id)).await.ok()?;
        let properties = bounded(call_ms_max, peripheral.properties()).await.ok()??;
        // BlueZ knows devices that are long gone; only one that is advertising has a signal strength.
        if heard == Heard::Known {
            properties.rssi?;
            self.status.saw(&device, self.clock.now());
        }
        if !self.committer.commit_held().await
            || advertised::has_nothing(&properties.manufacturer_data)
        {
            return None;
        }
        let Some(way) = advertised::way(&self.quirks, &properties) else {
            return Some(peripheral);
        };
        if let Some(outcome) = advertised::outcome(way, &properties.service_data) {
            self.take_advertised(&device, &outcome).await;
        }
        None
    }

    async fn take_advertised(&mut self, device: &DeviceId, outcome: &advertised::Outcome) {
        if !self.latest.is_news(device, outcome) {
            return;
        }
        let (characteristic, raw) = outcome.value.clone();
        let capture = Capture {
            device: device.clone(),
            characteristic,
            raw,
            received_at: self.clock.now(),
            clock_offset_seconds: None,
            dialect: Dialect::default(),
        };
        // One that could not be committed is held and offered again, so it is kept either way.
        self.committer.commit(capture).await;
        self.latest.kept(device, outcome);
    }

    fn note_stranger(&mut self, address: BDAddr) {
        if self.strangers.is_news(address, Instant::now()) {
            self.status.count_stranger();
        }
    }
}

/// btleplug gives an event's device as a path that ends with the address, `hci0/dev_AA_BB_CC_DD_EE_FF`.
fn address_of(id: &PeripheralId) -> Option<BDAddr> {
    let path = id.to_string();
    let (_, address) = path.rsplit_once("dev_")?;
    address.replace('_', ":").parse().ok()
}
