//! The life of one device: measure, advertise, be connected to, dump, hang up.

use std::{collections::BTreeSet, time::Duration};

use super::{
    Action, Delivered, DeviceClock, DeviceConfig, DeviceError, DeviceKind, Measurement, Moment,
    measurement::{self, ContinuousMeasurement},
    memory::Memory,
    record_access::RecordAccess,
    user_control::UserControl,
};

const CONTINUOUS_EVERY: Duration = Duration::from_secs(1);

/// A simulated device.
#[derive(Debug)]
pub struct Device {
    pub(super) config: DeviceConfig,
    pub(super) clock: DeviceClock,
    pub(super) memory: Memory,
    pub(super) advertise_until: Option<Duration>,
    pub(super) link: Option<Link>,
    sessions: u64,
    finger: Option<Finger>,
    delivered: Vec<Delivered>,
}

#[derive(Debug)]
pub(super) struct Link {
    pub(super) subscribed: BTreeSet<u16>,
    pub(super) record_access: RecordAccess,
    pub(super) user_control: UserControl,
    pub(super) in_flight: Option<u64>,
    indicate_not_before: Duration,
    last_traffic: Duration,
}

#[derive(Debug)]
struct Finger {
    value: Vec<u8>,
    samples_left: u32,
    next_at: Duration,
}

impl Device {
    /// Makes a device that is switched on but has measured nothing.
    pub fn new(config: DeviceConfig, now: Moment) -> Self {
        Self {
            clock: DeviceClock::new(config.clock, now.wall),
            memory: Memory::new(config.memory),
            advertise_until: None,
            link: None,
            sessions: 0,
            finger: None,
            delivered: Vec::new(),
            config,
        }
    }

    /// Returns what the script said about the device.
    pub fn config(&self) -> &DeviceConfig {
        &self.config
    }

    /// Measures: the bytes are stored with the device's own time, and the radio goes on.
    ///
    /// # Errors
    /// Refuses another kind's measurement and values that do not fit the wire format.
    pub fn measure(&mut self, now: Moment, measurement: &Measurement) -> Result<(), DeviceError> {
        match measurement {
            Measurement::Continuous(stay) => self.put_finger_in(now, stay)?,
            stored => {
                let value = stored.encode(self.config.kind, self.clock.read(now.wall))?;
                self.memory.store(value);
            }
        }
        self.switch_radio_on(now);
        Ok(())
    }

    fn put_finger_in(
        &mut self,
        now: Moment,
        stay: &ContinuousMeasurement,
    ) -> Result<(), DeviceError> {
        if self.config.kind != DeviceKind::Oximeter {
            return Err(DeviceError::OtherKind(self.config.kind));
        }
        self.finger = Some(Finger {
            value: if self.config.nonin {
                stay.encode_nonin()?
            } else {
                stay.encode()?
            },
            samples_left: stay.seconds,
            next_at: now.uptime,
        });
        Ok(())
    }

    /// Notes that a collector has connected; client configurations start empty, as for any unbonded collector.
    pub fn link_up(&mut self, now: Moment) {
        self.sessions += 1;
        self.memory.new_session();
        self.link = Some(Link {
            subscribed: BTreeSet::new(),
            record_access: RecordAccess::default(),
            user_control: UserControl::default(),
            in_flight: None,
            indicate_not_before: now.uptime,
            last_traffic: now.uptime,
        });
    }

    /// Notes that the link is gone; the radio stays on only if something is still to be sent.
    pub fn link_down(&mut self, now: Moment) {
        if self.link.take().is_none() {
            return;
        }
        if self.memory.next().is_some() || self.finger.is_some() {
            self.switch_radio_on(now);
        } else {
            self.advertise_until = None;
        }
    }

    /// Notes that the collector wrote a client configuration.
    pub fn subscribe(&mut self, now: Moment, characteristic: u16, on: bool) {
        self.traffic(now);
        if let Some(link) = &mut self.link {
            if on {
                link.subscribed.insert(characteristic);
            } else {
                link.subscribed.remove(&characteristic);
            }
        }
    }

    pub(super) fn traffic(&mut self, now: Moment) {
        if let Some(link) = &mut self.link {
            link.last_traffic = now.uptime;
        }
    }

    /// Notes that the collector's stack confirmed the indication in flight: the record is delivered.
    pub fn confirmed(&mut self, now: Moment, record: u64) {
        self.traffic(now);
        let Some(link) = self
            .link
            .as_mut()
            .filter(|link| link.in_flight == Some(record))
        else {
            return;
        };
        link.in_flight = None;
        link.indicate_not_before =
            now.uptime + Duration::from_millis(self.config.indicate_every_ms);
        if let Some(sent) = self.memory.next().filter(|next| next.number == record) {
            self.delivered.push(Delivered {
                characteristic: self.config.kind.record_characteristic(),
                value: sent.value.clone(),
                record,
                session: self.sessions,
            });
        }
        self.memory.confirmed(record);
    }

    /// Returns the next thing that is due, if any; ask again until there is nothing.
    pub fn poll(&mut self, now: Moment) -> Option<Action> {
        self.advertise_until.take_if(|until| *until <= now.uptime);
        self.due_answer()
            .or_else(|| self.due_user_answer())
            .or_else(|| self.due_record(now))
            .or_else(|| self.due_sample(now))
            .or_else(|| self.due_hang_up(now))
    }

    fn due_record(&mut self, now: Moment) -> Option<Action> {
        let characteristic = self.config.kind.record_characteristic();
        let link = self.link.as_mut()?;
        if link.in_flight.is_some()
            || !link.subscribed.contains(&characteristic)
            || now.uptime < link.indicate_not_before
            || (self.config.memory.by_request && !link.record_access.reporting())
            || !link.user_control.lets_send(self.config.consent)
        {
            return None;
        }
        let record = self.memory.next()?;
        link.in_flight = Some(record.number);
        link.last_traffic = now.uptime;
        Some(Action::Indicate {
            characteristic,
            value: record.value.clone(),
            record: record.number,
        })
    }

    fn due_sample(&mut self, now: Moment) -> Option<Action> {
        let characteristic = self.config.continuous_characteristic();
        let finger = self
            .finger
            .as_mut()
            .filter(|finger| finger.next_at <= now.uptime)?;
        finger.next_at += CONTINUOUS_EVERY;
        finger.samples_left = finger.samples_left.saturating_sub(1);
        let value = finger.value.clone();
        if self.config.nonin {
            measurement::count_nonin(&mut finger.value);
        }
        if finger.samples_left == 0 {
            self.finger = None;
        }
        let link = self
            .link
            .as_mut()
            .filter(|link| link.subscribed.contains(&characteristic))?;
        link.last_traffic = now.uptime;
        Some(Action::Notify {
            characteristic,
            value,
        })
    }

    fn due_hang_up(&mut self, now: Moment) -> Option<Action> {
        (self.hang_up_at()? <= now.uptime).then_some(Action::HangUp)
    }

    fn hang_up_at(&self) -> Option<Duration> {
        let link = self.link.as_ref()?;
        Some(link.last_traffic + Duration::from_millis(self.config.hang_up_after_idle_ms))
    }

    /// Returns when [`Device::poll`] will next have something to say.
    pub fn next_deadline(&self) -> Option<Duration> {
        let record = self.link.as_ref().and_then(|link| {
            let unsent = self.memory.next().is_some();
            let answers = link.record_access.is_due(unsent) || link.user_control.is_due();
            if link.in_flight.is_none() && answers {
                return Some(Duration::ZERO);
            }
            let ready = link.in_flight.is_none()
                && (!self.config.memory.by_request || link.record_access.reporting())
                && link.user_control.lets_send(self.config.consent)
                && link
                    .subscribed
                    .contains(&self.config.kind.record_characteristic())
                && unsent;
            ready.then_some(link.indicate_not_before)
        });
        let sample = self.finger.as_ref().map(|finger| finger.next_at);
        let radio_off = self.advertise_until.filter(|_| self.link.is_none());
        [record, sample, self.hang_up_at(), radio_off]
            .into_iter()
            .flatten()
            .min()
    }

    /// Returns everything the device believes it has delivered, in order.
    pub fn delivered(&self) -> &[Delivered] {
        &self.delivered
    }

    /// Returns how many records are stored.
    pub fn stored(&self) -> usize {
        self.memory.len()
    }

    /// Returns how many records were overwritten unseen.
    pub fn overwritten(&self) -> u64 {
        self.memory.overwritten()
    }

    /// Returns the number of connections so far.
    pub fn sessions(&self) -> u64 {
        self.sessions
    }

    /// Tells whether a collector is connected.
    pub fn is_connected(&self) -> bool {
        self.link.is_some()
    }

    /// Changes the battery level, percent.
    pub fn set_battery_percent(&mut self, percent: u8) {
        self.config.battery_percent = percent;
    }

    /// Returns the device's own clock.
    pub fn clock(&self) -> &DeviceClock {
        &self.clock
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::{MemoryConfig, OximeterMeasurement, profile};

    fn at(milliseconds: u64) -> Moment {
        let uptime = Duration::from_millis(milliseconds);
        let start: jiff::Timestamp = "2026-07-01T08:00:00Z".parse().unwrap();
        Moment {
            wall: start + uptime,
            uptime,
        }
    }

    fn oximeter(change: impl FnOnce(&mut DeviceConfig)) -> Device {
        let mut config = DeviceConfig::new("oximeter", DeviceKind::Oximeter, "C2:00:00:00:00:02");
        change(&mut config);
        Device::new(config, at(0))
    }

    fn spot(spo2: i32) -> Measurement {
        let spot = OximeterMeasurement {
            spo2: spo2.into(),
            pulse: 70.into(),
            measurement_status: None,
            sensor_status: None,
        };
        Measurement::Oximeter(spot)
    }

    /// Takes the dump as far as it goes at `now`, confirming each record; returns the low byte of each saturation.
    fn take_dump(device: &mut Device, now: Moment) -> Vec<u8> {
        let mut taken = Vec::new();
        while let Some(Action::Indicate { value, record, .. }) = device.poll(now) {
            taken.push(value[1]);
            device.confirmed(now, record);
        }
        taken
    }

    #[test]
    fn the_radio_is_on_only_for_a_while_after_a_measurement() {
        let mut device = oximeter(|_| {});
        assert!(!device.is_advertising(at(0)));
        device.measure(at(0), &spot(97)).unwrap();
        assert!(device.is_advertising(at(59_999)));
        assert!(!device.is_advertising(at(60_000)));
        device.switch_radio_on(at(70_000));
        assert!(device.is_advertising(at(70_001)));
    }

    #[test]
    fn records_come_oldest_first_with_the_time_of_measuring_and_a_pause_between() {
        let mut device = oximeter(|config| config.indicate_every_ms = 50);
        device.measure(at(0), &spot(97)).unwrap();
        device.measure(at(5_000), &spot(96)).unwrap();
        device.link_up(at(9_000));
        assert_eq!(device.poll(at(9_000)), None, "nobody has subscribed");
        device.subscribe(at(9_000), profile::PLX_SPOT_CHECK, true);
        let Some(Action::Indicate { value, record, .. }) = device.poll(at(9_000)) else {
            panic!("no indication")
        };
        // Flags, SpO2, pulse, then 2026-07-01 08:00:00.
        assert_eq!(hex::encode(value), "0161004600ea070701080000");
        assert_eq!(device.poll(at(9_040)), None, "one at a time");
        device.confirmed(at(9_040), record);
        assert_eq!(device.next_deadline(), Some(Duration::from_millis(9_090)));
        assert_eq!(take_dump(&mut device, at(9_090)), [96]);
    }

    #[test]
    fn an_unconfirmed_record_is_sent_again_in_the_next_session() {
        let mut device = oximeter(|_| {});
        device.measure(at(0), &spot(97)).unwrap();
        device.link_up(at(1));
        device.subscribe(at(1), profile::PLX_SPOT_CHECK, true);
        assert!(matches!(device.poll(at(1)), Some(Action::Indicate { .. })));
        device.link_down(at(2));
        assert!(
            device.is_advertising(at(60_001)),
            "it still has something to send"
        );
        device.link_up(at(3));
        device.subscribe(at(3), profile::PLX_SPOT_CHECK, true);
        assert_eq!(take_dump(&mut device, at(3)), [97]);
        device.link_down(at(4));
        assert!(!device.is_advertising(at(5)));
        assert_eq!(
            (
                device.stored(),
                device.delivered().len(),
                device.delivered()[0].session
            ),
            (0, 1, 2)
        );
    }

    #[test]
    fn a_keeping_device_repeats_its_memory_in_each_session() {
        let keeping = MemoryConfig {
            keeps: true,
            ..MemoryConfig::default()
        };
        let mut device = oximeter(|config| {
            config.memory = keeping;
            config.indicate_every_ms = 0;
        });
        for (session, spo2) in [97, 96].into_iter().enumerate() {
            device.measure(at(0), &spot(spo2)).unwrap();
            device.link_up(at(1));
            device.subscribe(at(1), profile::PLX_SPOT_CHECK, true);
            assert_eq!(take_dump(&mut device, at(1)), &[97, 96][..=session]);
            device.link_down(at(2));
        }
        assert_eq!(device.delivered().len(), 3);
    }

    #[test]
    fn it_hangs_up_after_an_idle_time() {
        let mut device = oximeter(|config| config.hang_up_after_idle_ms = 2_000);
        device.link_up(at(0));
        device.read(at(1_500), profile::BATTERY_LEVEL).unwrap();
        assert_eq!(device.poll(at(3_499)), None);
        assert_eq!(device.poll(at(3_500)), Some(Action::HangUp));
    }

    #[test]
    fn a_finger_that_stays_in_is_notified_every_second_and_never_stored() {
        let mut device = oximeter(|_| {});
        let stay = ContinuousMeasurement {
            spo2: 95.into(),
            pulse: 70.into(),
            seconds: 2,
        };
        device
            .measure(at(0), &Measurement::Continuous(stay))
            .unwrap();
        device.link_up(at(0));
        device.subscribe(at(0), profile::PLX_CONTINUOUS, true);
        let expected = Action::Notify {
            characteristic: profile::PLX_CONTINUOUS,
            value: vec![0, 95, 0, 70, 0],
        };
        assert_eq!(device.poll(at(0)), Some(expected.clone()));
        assert_eq!(device.poll(at(999)), None);
        assert_eq!(device.poll(at(1_000)), Some(expected));
        assert_eq!((device.poll(at(2_000)), device.stored()), (None, 0));
    }
}
