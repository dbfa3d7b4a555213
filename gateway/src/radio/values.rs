//! The stream of values of one device, of which only measurements are taken.

use std::pin::Pin;

use btleplug::api::{Peripheral as _, ValueNotification};
use btleplug::platform::Peripheral;
use futures::{FutureExt, Stream, StreamExt};
use vitals::{Characteristic, RawBytes};

use super::device;
use super::failure::{Failure, bounded};

/// Is a measurement as it came.
pub(super) type Value = (Characteristic, RawBytes);

/// Is the stream of values of one device.
///
/// It is to be opened before the connection is made and read only after the services are found: until then btleplug
/// drops what is read because it cannot name it, and keeps what is not read.
pub(super) struct Values(Pin<Box<dyn Stream<Item = ValueNotification> + Send>>);

impl Values {
    /// Opens the stream.
    pub(super) async fn open(peripheral: &Peripheral, call_ms_max: u64) -> Result<Self, Failure> {
        bounded(call_ms_max, peripheral.notifications())
            .await
            .map(Self)
    }

    /// Waits for the next measurement; `None` when the stream has ended.
    pub(super) async fn next(&mut self) -> Option<Value> {
        loop {
            let value = measured(self.0.next().await?);
            if value.is_some() {
                return value;
            }
        }
    }

    /// Takes the next measurement that has already arrived.
    pub(super) fn arrived(&mut self) -> Option<Value> {
        self.next().now_or_never().flatten()
    }
}

/// Answers to reads come by the same stream; only measurements are kept.
fn measured(value: ValueNotification) -> Option<Value> {
    let characteristic = device::measurement(value.uuid)?;
    // Bluetooth Core, Vol 3 Part F, 3.2.9: no attribute is longer, so nothing that a device sends is refused here.
    let raw = RawBytes::try_from(value.value).ok()?;
    Some((characteristic, raw))
}
