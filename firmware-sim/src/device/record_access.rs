//! Stored records on request: the Record Access Control Point (Bluetooth SIG, PLXS 1.0.1, 3.5).

use super::{Action, AttError, Device, Moment, profile};

const REPORT: u8 = 1;
const DELETE: u8 = 2;
const ABORT: u8 = 3;
const REPORT_NUMBER: u8 = 4;
const NUMBER: u8 = 5;
const RESPONSE: u8 = 6;

const NULL: u8 = 0;
const ALL: u8 = 1;

const SUCCESS: u8 = 1;
const NOT_SUPPORTED: u8 = 2;
const INVALID_OPERATOR: u8 = 3;
const OPERATOR_NOT_SUPPORTED: u8 = 4;
const NO_RECORDS: u8 = 6;

/// What a collector has asked of the records over this link.
#[derive(Debug, Default)]
pub(super) struct RecordAccess {
    reporting: bool,
    answer: Option<Vec<u8>>,
}

impl RecordAccess {
    /// Tells whether the collector has asked for the records.
    pub(super) fn reporting(&self) -> bool {
        self.reporting
    }

    /// Tells whether an answer is due now, `unsent` telling whether a record is still to be sent or confirmed.
    pub(super) fn is_due(&self, unsent: bool) -> bool {
        self.answer.is_some() || (self.reporting && !unsent)
    }

    /// Takes the answer that is due; the records asked for come before the answer that all were sent.
    pub(super) fn take(&mut self, unsent: bool) -> Option<Vec<u8>> {
        self.answer.take().or_else(|| {
            let all_sent = self.reporting && !unsent;
            self.reporting &= !all_sent;
            all_sent.then(|| response(REPORT, SUCCESS))
        })
    }
}

impl Device {
    /// Takes a procedure; what follows from it is sent by and by, as for any collector that waits for indications.
    pub(super) fn ask_for_records(&mut self, now: Moment, value: &[u8]) -> Result<(), AttError> {
        let Some(link) = &self.link else {
            return Err(AttError::NotPermitted);
        };
        if !link.subscribed.contains(&profile::RECORD_ACCESS) {
            return Err(AttError::ImproperlyConfigured);
        }
        let &[operation, operator] = value else {
            return Err(AttError::InvalidLength);
        };
        let records = self.memory.len();
        let answer = match (operation, operator) {
            (REPORT, ALL) if records > 0 => None,
            (REPORT, ALL) => Some(response(REPORT, NO_RECORDS)),
            (REPORT_NUMBER, ALL) => {
                let [low, high] = u16::try_from(records).unwrap_or(u16::MAX).to_le_bytes();
                Some(vec![NUMBER, NULL, low, high])
            }
            (DELETE, ALL) => {
                self.memory.clear();
                Some(response(DELETE, SUCCESS))
            }
            (ABORT, NULL) => Some(response(ABORT, SUCCESS)),
            (REPORT | REPORT_NUMBER | DELETE, NULL) | (ABORT, _) => {
                Some(response(operation, INVALID_OPERATOR))
            }
            (REPORT | REPORT_NUMBER | DELETE, _) => {
                Some(response(operation, OPERATOR_NOT_SUPPORTED))
            }
            (other, _) => Some(response(other, NOT_SUPPORTED)),
        };
        let reporting = answer.is_none();
        if reporting {
            self.memory.new_session();
        }
        self.traffic(now);
        if let Some(link) = &mut self.link {
            let goes_on = link.record_access.reporting && !matches!(operation, ABORT | DELETE);
            link.record_access = RecordAccess {
                reporting: reporting || goes_on,
                answer,
            };
        }
        Ok(())
    }

    /// Gives the answer to the collector's request that is due.
    pub(super) fn due_answer(&mut self) -> Option<Action> {
        let unsent = self.memory.next().is_some();
        let link = self.link.as_mut()?;
        // One indication at a time: BlueZ sends the next one when the one before is confirmed.
        if link.in_flight.is_some() {
            return None;
        }
        Some(Action::Answer {
            characteristic: profile::RECORD_ACCESS,
            value: link.record_access.take(unsent)?,
        })
    }
}

fn response(operation: u8, code: u8) -> Vec<u8> {
    vec![RESPONSE, NULL, operation, code]
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::device::{DeviceConfig, DeviceKind, Measurement, MemoryConfig};

    fn now() -> Moment {
        Moment {
            wall: "2026-07-01T08:00:00Z".parse().unwrap(),
            uptime: Duration::ZERO,
        }
    }

    fn oximeter(records: u8) -> Device {
        let config = DeviceConfig {
            memory: MemoryConfig {
                by_request: true,
                ..MemoryConfig::default()
            },
            indicate_every_ms: 0,
            ..DeviceConfig::new("oximeter", DeviceKind::Oximeter, "C2:00:00:00:00:01")
        };
        let mut device = Device::new(config, now());
        for record in 0..records {
            device
                .measure(now(), &Measurement::Raw(vec![record]))
                .unwrap();
        }
        device.link_up(now());
        device.subscribe(now(), profile::PLX_SPOT_CHECK, true);
        device
    }

    fn subscribed(records: u8) -> Device {
        let mut device = oximeter(records);
        device.subscribe(now(), profile::RECORD_ACCESS, true);
        device
    }

    fn ask(device: &mut Device, value: &[u8]) {
        device.write(now(), profile::RECORD_ACCESS, value).unwrap();
    }

    fn answer(bytes: [u8; 4]) -> Option<Action> {
        Some(Action::Answer {
            characteristic: profile::RECORD_ACCESS,
            value: bytes.to_vec(),
        })
    }

    #[test]
    fn records_come_when_they_are_asked_for_and_the_answer_after_the_last() {
        let mut device = subscribed(2);
        assert_eq!(device.poll(now()), None, "nobody has asked");
        ask(&mut device, &[REPORT, ALL]);
        for expected in 0..2 {
            let Some(Action::Indicate { value, record, .. }) = device.poll(now()) else {
                panic!("no record");
            };
            assert_eq!(value, [expected]);
            assert_eq!(device.poll(now()), None, "one at a time, and no answer yet");
            device.confirmed(now(), record);
        }
        assert_eq!(device.poll(now()), answer([6, 0, 1, 1]));
        assert_eq!(device.poll(now()), None);
    }

    #[test]
    fn the_number_is_told_and_none_is_a_number() {
        let mut device = subscribed(3);
        ask(&mut device, &[REPORT_NUMBER, ALL]);
        assert_eq!(device.poll(now()), answer([5, 0, 3, 0]));
        ask(&mut device, &[DELETE, ALL]);
        assert_eq!(device.poll(now()), answer([6, 0, 2, 1]));
        ask(&mut device, &[REPORT_NUMBER, ALL]);
        assert_eq!(device.poll(now()), answer([5, 0, 0, 0]));
        ask(&mut device, &[REPORT, ALL]);
        assert_eq!(device.poll(now()), answer([6, 0, 1, 6]));
    }

    #[test]
    fn a_report_can_be_aborted() {
        let mut device = subscribed(3);
        ask(&mut device, &[REPORT, ALL]);
        let Some(Action::Indicate { record, .. }) = device.poll(now()) else {
            panic!("no record");
        };
        ask(&mut device, &[ABORT, NULL]);
        device.confirmed(now(), record);
        assert_eq!(device.poll(now()), answer([6, 0, 3, 1]));
        assert_eq!((device.poll(now()), device.stored()), (None, 2));
    }

    #[test]
    fn what_it_cannot_do_is_refused_by_name() {
        let mut device = subscribed(1);
        ask(&mut device, &[9, ALL]);
        assert_eq!(device.poll(now()), answer([6, 0, 9, 2]));
        ask(&mut device, &[REPORT, NULL]);
        assert_eq!(device.poll(now()), answer([6, 0, 1, 3]));
        ask(&mut device, &[REPORT, 3]);
        assert_eq!(device.poll(now()), answer([6, 0, 1, 4]));
        let mut deaf = oximeter(1);
        let asked = deaf.write(now(), profile::RECORD_ACCESS, &[REPORT, ALL]);
        assert_eq!(asked, Err(AttError::ImproperlyConfigured));
    }
}
