//! A scale's users: the User Control Point (Bluetooth SIG, UDS 1.1), over which one consents to their weights being sent.

use super::{Action, AttError, ConsentConfig, Device, Moment, profile};

const CONSENT: u8 = 2;
const RESPONSE: u8 = 0x20;

const SUCCESS: u8 = 1;
const NOT_SUPPORTED: u8 = 2;
const INVALID_PARAMETER: u8 = 3;
const NOT_AUTHORISED: u8 = 5;

/// What a collector has asked of the users over this link. Consent lasts as long as the link.
#[derive(Debug, Default)]
pub(super) struct UserControl {
    consented: bool,
    answer: Option<Vec<u8>>,
}

impl UserControl {
    /// Tells whether records may be sent by a scale that wants this consent, or none.
    pub(super) fn lets_send(&self, wanted: Option<ConsentConfig>) -> bool {
        self.consented || wanted.is_none_or(|it| it.never_answers)
    }

    /// Tells whether an answer is due now.
    pub(super) fn is_due(&self) -> bool {
        self.answer.is_some()
    }
}

impl Device {
    /// Takes a procedure; its answer is sent by and by.
    pub(super) fn ask_of_users(&mut self, now: Moment, value: &[u8]) -> Result<(), AttError> {
        let (Some(link), Some(user)) = (&mut self.link, self.config.consent) else {
            return Err(AttError::NotPermitted);
        };
        if !link.subscribed.contains(&profile::USER_CONTROL) {
            return Err(AttError::ImproperlyConfigured);
        }
        let &[operation, ref parameter @ ..] = value else {
            return Err(AttError::InvalidLength);
        };
        if user.never_answers {
            self.traffic(now);
            return Ok(());
        }
        let code = match (operation, parameter) {
            (CONSENT, &[index, low, high]) if index == user.user => {
                if u16::from_le_bytes([low, high]) == user.code {
                    SUCCESS
                } else {
                    NOT_AUTHORISED
                }
            }
            (CONSENT, _) => INVALID_PARAMETER,
            _ => NOT_SUPPORTED,
        };
        if operation == CONSENT {
            link.user_control.consented = code == SUCCESS;
        }
        link.user_control.answer = Some(vec![RESPONSE, operation, code]);
        self.traffic(now);
        Ok(())
    }

    /// Gives the answer that is due.
    pub(super) fn due_user_answer(&mut self) -> Option<Action> {
        // One indication at a time, as for records.
        let link = self.link.as_mut().filter(|it| it.in_flight.is_none())?;
        Some(Action::Answer {
            characteristic: profile::USER_CONTROL,
            value: link.user_control.answer.take()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::device::{ConsentConfig, DeviceConfig, DeviceKind, Measurement};

    fn now() -> Moment {
        Moment {
            wall: "2026-07-01T08:00:00Z".parse().unwrap(),
            uptime: Duration::ZERO,
        }
    }

    fn scale(never_answers: bool) -> Device {
        let config = DeviceConfig {
            consent: Some(ConsentConfig {
                user: 2,
                code: 3289,
                never_answers,
            }),
            ..DeviceConfig::new("scale", DeviceKind::Scale, "C2:00:00:00:00:03")
        };
        let mut device = Device::new(config, now());
        device.measure(now(), &Measurement::Raw(vec![1])).unwrap();
        device.link_up(now());
        device.subscribe(now(), profile::WEIGHT_MEASUREMENT, true);
        device
    }

    #[test]
    fn it_sends_nothing_before_its_user_has_consented() {
        let mut device = scale(false);
        assert_eq!(device.poll(now()), None);
        assert_eq!(
            device.write(now(), profile::USER_CONTROL, &[2, 2, 0xD9, 0x0C]),
            Err(AttError::ImproperlyConfigured)
        );
        device.subscribe(now(), profile::USER_CONTROL, true);
        for (asked, code) in [
            (&[2, 1, 0xD9, 0x0C][..], INVALID_PARAMETER),
            (&[2, 2, 0, 0], NOT_AUTHORISED),
            (&[4], NOT_SUPPORTED),
            (&[2, 2, 0xD9, 0x0C], SUCCESS),
        ] {
            device.write(now(), profile::USER_CONTROL, asked).unwrap();
            assert_eq!(device.next_deadline(), Some(Duration::ZERO));
            let answer = Action::Answer {
                characteristic: profile::USER_CONTROL,
                value: vec![RESPONSE, asked[0], code],
            };
            assert_eq!(device.poll(now()), Some(answer));
            if code != SUCCESS {
                assert_eq!(device.poll(now()), None, "nothing after {asked:?}");
            }
        }
        assert!(matches!(
            device.poll(now()),
            Some(Action::Indicate { record: 0, .. })
        ));
        device.link_down(now());
        device.link_up(now());
        device.subscribe(now(), profile::WEIGHT_MEASUREMENT, true);
        assert_eq!(device.poll(now()), None, "consent ends with the link");
    }

    #[test]
    fn one_that_never_answers_sends_what_it_has_and_takes_the_consent_in_silence() {
        let mut device = scale(true);
        let sent = device.poll(now());
        assert!(matches!(sent, Some(Action::Indicate { record: 0, .. })));
        device.confirmed(now(), 0);
        device.subscribe(now(), profile::USER_CONTROL, true);
        let consent = [2, 2, 0xD9, 0x0C];
        assert_eq!(device.write(now(), profile::USER_CONTROL, &consent), Ok(()));
        assert_eq!(device.poll(now()), None);
    }
}
