//! The life of one device: measure, advertise, be connected to, dump, hang up.

use std::{collections::BTreeSet, time::Duration};

use super::{
    Action, Delivered, DeviceClock, DeviceConfig, DeviceError, DeviceKind, Measurement, Moment,
    measurement::ContinuousMeasurement, memory::Memory, profile,
};

const CONTINUOUS_EVERY: Duration = Duration::from_secs(1);

/// A simulated device.
#[derive(Debug)]
pub struct Device {
    pub(super) config: DeviceConfig,
    pub(super) clock: DeviceClock,
    memory: Memory,
    advertise_until: Option<Duration>,
    link: Option<Link>,
    sessions: u64,
    finger: Option<Finger>,
    delivered: Vec<Delivered>,
}

#[derive(Debug)]
struct Link {
    subscribed: BTreeSet<u16>,
    in_flight: Option<u64>,
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
            value: stay.encode()?,
            samples_left: stay.seconds,
            next_at: now.uptime,
        });
        Ok(())
    }

    /// Switches the radio on for `advertise_seconds`, as a measurement or the Bluetooth button does.
    pub fn switch_radio_on(&mut self, now: Moment) {
        self.advertise_until =
            Some(now.uptime + Duration::from_secs(self.config.advertise_seconds));
    }

    /// Tells whether a collector can see and reach the device.
    pub fn is_advertising(&self, now: Moment) -> bool {
        self.link.is_none() && self.advertise_until.is_some_and(|until| now.uptime < until)
    }

    /// Notes that a collector has connected; client configurations start empty, as for any unbonded collector.
    pub fn link_up(&mut self, now: Moment) {
        self.sessions += 1;
        self.memory.new_session();
        self.link = Some(Link {
            subscribed: BTreeSet::new(),
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
        self.due_record(now)
            .or_else(|| self.due_sample(now))
            .or_else(|| self.due_hang_up(now))
    }

    fn due_record(&mut self, now: Moment) -> Option<Action> {
        let characteristic = self.config.kind.record_characteristic();
        let link = self.link.as_mut()?;
        if link.in_flight.is_some()
            || !link.subscribed.contains(&characteristic)
            || now.uptime < link.indicate_not_before
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
        let finger = self
            .finger
            .as_mut()
            .filter(|finger| finger.next_at <= now.uptime)?;
        finger.next_at += CONTINUOUS_EVERY;
        finger.samples_left = finger.samples_left.saturating_sub(1);
        let value = finger.value.clone();
        if finger.samples_left == 0 {
            self.finger = None;
        }
        let link = self
            .link
            .as_mut()
            .filter(|link| link.subscribed.contains(&profile::PLX_CONTINUOUS))?;
        link.last_traffic = now.uptime;
        Some(Action::Notify {
            characteristic: profile::PLX_CONTINUOUS,
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
            let ready = link.in_flight.is_none()
                && link
                    .subscribed
                    .contains(&self.config.kind.record_characteristic())
                && self.memory.next().is_some();
            ready.then_some(link.indicate_not_before)
        });
        let sample = self.finger.as_ref().map(|finger| finger.next_at);
        [record, sample, self.hang_up_at()]
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
