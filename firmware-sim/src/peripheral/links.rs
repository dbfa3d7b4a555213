//! What BlueZ says of the adapter, the link and the indications, and what it means to the device.

use anyhow::Result;

use super::{
    attachment::{Answer, Asked},
    events::Event,
    hang_up::hang_up,
    run::{Peripheral, Radio},
    signals::{self, Heard},
};

impl Peripheral {
    pub(super) async fn heard(&mut self, heard: Heard) -> Result<()> {
        match heard {
            Heard::Daemon { here: true } => {
                self.introduced = false;
                self.daemon.ask(Asked::Objects);
            }
            Heard::Powered(true) if self.radio == Radio::Off => {
                self.radio = Radio::Registering;
                if !std::mem::replace(&mut self.introduced, true) {
                    self.daemon.ask(Asked::Agent);
                }
                self.daemon.ask(Asked::Application);
            }
            Heard::Daemon { here: false } | Heard::Powered(false) if self.radio != Radio::Off => {
                self.link_is(false);
                self.radio = Radio::Off;
                Event::Gone.say();
            }
            Heard::Connected(connected) => self.link_is(connected),
            Heard::Bonded => {
                Event::Bonded.say();
                if self.config.hangs_up_after_bonding {
                    hang_up(&self.config.device.adapter).await?;
                }
            }
            Heard::Daemon { .. } | Heard::Powered(_) => {}
        }
        Ok(())
    }

    pub(super) fn link_is(&mut self, connected: bool) {
        if connected == self.device.is_connected() {
            return;
        }
        self.in_flight = None;
        if connected {
            self.device.link_up(self.now());
            Event::Connected.say();
        } else {
            self.device.link_down(self.now());
            Event::Disconnected.say();
        }
    }

    /// Notes a confirmation; an answer to a request has none that matters.
    pub(super) async fn confirmed(&mut self) -> Result<()> {
        let Some(record) = self.in_flight.take() else {
            return Ok(());
        };
        let before = self.device.delivered().len();
        self.device.confirmed(self.now(), record);
        let delivered = self.device.delivered().iter().skip(before);
        delivered.for_each(|it| Event::Delivered(it.clone()).say());
        self.confirmed_left = self.confirmed_left.map(|left| left.saturating_sub(1));
        if self.confirmed_left.take_if(|left| *left == 0).is_some() {
            hang_up(&self.config.device.adapter).await?;
        }
        Ok(())
    }

    pub(super) async fn take_answer(&mut self, (asked, answer): Answer) -> Result<()> {
        match (asked, answer) {
            (Asked::Objects, Ok(objects)) => {
                for heard in signals::objects(&objects, &self.daemon.adapter) {
                    self.heard(heard).await?;
                }
            }
            // bluetoothd is not there yet, and is heard of when it is.
            (Asked::Objects, Err(_)) => {}
            (Asked::Application, Ok(_)) => {
                self.radio = Radio::Silent;
                Event::Ready.say();
            }
            (Asked::Advertise, Ok(_)) => Event::Advertising.say(),
            (Asked::Agent | Asked::Silence, Ok(_)) => {}
            (asked, Err(error)) => Event::Refused(format!("{asked:?}: {error}")).say(),
        }
        Ok(())
    }
}
