//! Clocks of devices and gateways: one that is wrong is an item for whoever mends the kit, once, until it is right again.

use vitals::GatewayId;

use super::work::Work;
use crate::alert::{Evidence, Grounds, Problem};
use crate::decision::Decision;
use crate::event::ReadingStored;
use crate::schedule::Measured;

impl Work {
    /// Notes whether the clock of a reading's device is right, and follows a change of that.
    pub(super) fn clock_seen(&mut self, reading: &ReadingStored) {
        let (Some(device), Some(clock)) = (&reading.device, &reading.clock) else {
            return;
        };
        let was_wrong = self.case.wrong_clocks().contains(device);
        let zone = &self.plan().care.zone;
        let wrong_by = clock.wrong_by_seconds(reading.received_at, zone);
        if was_wrong == wrong_by.is_some() {
            return;
        }
        self.follow(Decision::NoteClock {
            device: device.clone(),
            wrong: !was_wrong,
        });
        match wrong_by {
            Some(ahead_seconds) => {
                let grounds = Grounds::ClockWrong {
                    device: device.clone(),
                    ahead_seconds,
                };
                let evidence = Evidence::of_grounds(grounds, self.now);
                self.raise(Problem::Kit, vec![evidence]);
            }
            None if !self.is_anything_to_mend(None) => self.it_is_over(Problem::Kit, self.now),
            None => {}
        }
    }

    /// Notes whether a gateway knows the time, and follows a change of that: without it, nothing is sent.
    pub(super) fn gateway_clock(&mut self, gateway: &GatewayId, unset: bool) {
        if self.case.timeless().contains(gateway) == unset {
            return;
        }
        self.follow(Decision::NoteGatewayClock {
            gateway: gateway.clone(),
            unset,
        });
        if unset {
            let grounds = Grounds::TimeUnknown {
                gateway: gateway.clone(),
            };
            let evidence = Evidence::of_grounds(grounds, self.now);
            self.raise(Problem::Kit, vec![evidence]);
        } else if !self.is_anything_to_mend(None) {
            self.it_is_over(Problem::Kit, self.now);
        }
    }

    /// Tells whether something of the kit is to be mended still, besides what a kind of reading was missed for.
    pub(super) fn is_anything_to_mend(&self, besides: Option<Measured>) -> bool {
        let is_to_mend = |kind: Measured| self.case.expecting(kind).is_some_and(|it| it.to_mend);
        let mut others = Measured::ALL
            .into_iter()
            .filter(|kind| Some(*kind) != besides);
        let any_clock = !self.case.wrong_clocks().is_empty() || !self.case.timeless().is_empty();
        any_clock || others.any(is_to_mend)
    }
}
