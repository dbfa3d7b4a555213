//! The stream of values of one device, of which only measurements are taken.

use std::collections::VecDeque;
use std::pin::Pin;

use btleplug::api::{Peripheral as _, ValueNotification};
use btleplug::platform::Peripheral;
use futures::{FutureExt, Stream, StreamExt};
use uuid::Uuid;
use vitals::{Characteristic, RawBytes};

use super::device;
use super::failure::{Failure, bounded};

/// Is a measurement as it came.
pub(super) type Value = (Characteristic, RawBytes);

/// Is the stream of values of one device.
///
/// It is to be opened before the connection is made and read only after the services are found: until then btleplug
/// drops what is read because it cannot name it, and keeps what is not read.
pub(super) struct Values {
    stream: Pin<Box<dyn Stream<Item = ValueNotification> + Send>>,
    /// What arrived while an answer was waited for.
    early: VecDeque<Value>,
}

/// The most measurements that are set aside while an answer is waited for; what is more stays in the stream.
const EARLY_LEN_MAX: usize = 1024;

impl Values {
    /// Opens the stream.
    pub(super) async fn open(peripheral: &Peripheral, call_ms_max: u64) -> Result<Self, Failure> {
        let stream = bounded(call_ms_max, peripheral.notifications()).await?;
        Ok(Self::over(stream))
    }

    fn over(stream: Pin<Box<dyn Stream<Item = ValueNotification> + Send>>) -> Self {
        Self {
            stream,
            early: VecDeque::new(),
        }
    }

    /// Waits for the next measurement; `None` when the stream has ended.
    pub(super) async fn next(&mut self) -> Option<Value> {
        if let Some(value) = self.early.pop_front() {
            return Some(value);
        }
        loop {
            let value = measured(self.stream.next().await?);
            if value.is_some() {
                return value;
            }
        }
    }

    /// Waits for what another characteristic says, such as the answer to a request; measurements that come before it are
    /// set aside for [`Self::next`]. `None` when the stream has ended, or more came than are set aside.
    pub(super) async fn answer(&mut self, from: Uuid) -> Option<Vec<u8>> {
        while self.early.len() < EARLY_LEN_MAX {
            let value = self.stream.next().await?;
            if value.uuid == from {
                return Some(value.value);
            }
            self.early.extend(measured(value));
        }
        None
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

#[cfg(test)]
mod tests {
    use btleplug::api::bleuuid::uuid_from_u16;

    use super::*;

    const ANSWERS: u16 = 0x2A9F;

    fn said(number: u16, value: u8) -> ValueNotification {
        ValueNotification {
            uuid: uuid_from_u16(number),
            service_uuid: uuid_from_u16(0x181D),
            value: vec![value],
        }
    }

    fn values(said: Vec<ValueNotification>) -> Values {
        Values::over(Box::pin(futures::stream::iter(said)))
    }

    #[tokio::test]
    async fn what_is_measured_before_an_answer_is_taken_after_it_and_in_order() {
        let mut values = values(vec![
            said(0x2A9D, 1),
            said(0x2A19, 90),
            said(0x2A9D, 2),
            said(ANSWERS, 7),
            said(0x2A9D, 3),
        ]);
        assert_eq!(values.answer(uuid_from_u16(ANSWERS)).await, Some(vec![7]));
        for expected in 1..=3 {
            let (_, raw) = values.next().await.unwrap();
            assert_eq!(raw.as_slice(), [expected]);
        }
        assert_eq!(values.next().await, None);
    }

    #[tokio::test]
    async fn a_flood_before_an_answer_is_not_waited_through_and_loses_nothing() {
        let flood = std::iter::repeat_with(|| said(0x2A9D, 1)).take(EARLY_LEN_MAX + 5);
        let mut values = values(flood.chain([said(ANSWERS, 7)]).collect());
        assert_eq!(values.answer(uuid_from_u16(ANSWERS)).await, None);
        let mut taken = 0;
        while values.arrived().is_some() {
            taken += 1;
        }
        assert_eq!(taken, EARLY_LEN_MAX + 5);
    }
}
