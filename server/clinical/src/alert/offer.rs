//! Offers: an alert passes to a colleague who says yes, whatever state it is in, and keeps that state.

use jiff::Timestamp;

use super::{AlertNumber, Ownership};
use crate::id::PersonId;
use crate::refusal::Refusal;

impl Ownership {
    /// Offers the alert to somebody else. The owner stays until the offer is accepted. What was escalated is offered by
    /// who is to take it; who escalated it offers to follow it up.
    ///
    /// # Errors
    /// When the person does not have the alert, or offers it to themselves or to who has it already.
    pub fn offer(&self, alert: AlertNumber, by: &PersonId, to: &PersonId) -> Result<Self, Refusal> {
        let follows_up = self.follows_up(by);
        if !follows_up {
            self.held_by(alert, by)?;
        }
        if by == to {
            return Err(Refusal::ToOneself(alert));
        }
        if self.holder() == Some(to) {
            return Err(self.held_by_another(alert));
        }
        let mut offered = self.clone();
        let asked = Some(to.clone());
        match &mut offered {
            Self::New => {}
            Self::Escalated {
                follow_up_offered_to,
                ..
            } if follows_up => *follow_up_offered_to = asked,
            Self::Taken { offered_to, .. }
            | Self::Waiting { offered_to, .. }
            | Self::Escalated { offered_to, .. }
            | Self::Snoozed { offered_to, .. } => *offered_to = asked,
        }
        Ok(offered)
    }

    /// Answers an offer: ownership moves when it is accepted, and stays when it is declined. What waits goes on waiting
    /// until the same time, and what sleeps goes on sleeping.
    ///
    /// # Errors
    /// When the alert is not on offer to this person.
    pub fn answer_offer(
        &self,
        alert: AlertNumber,
        by: &PersonId,
        accepted: bool,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        let mut answered = self.clone();
        let asked = Some(by);
        match &mut answered {
            Self::Taken { offered_to, .. } if accepted && offered_to.as_ref() == asked => {
                return Ok(Self::taken(by, now));
            }
            Self::Taken {
                by: holder,
                offered_to,
                ..
            }
            | Self::Waiting {
                by: holder,
                offered_to,
                ..
            }
            | Self::Snoozed {
                by: holder,
                offered_to,
                ..
            } if offered_to.as_ref() == asked => pass(holder, offered_to, accepted),
            Self::Escalated {
                by: asker,
                to,
                offered_to,
                ..
            } if offered_to.as_ref() == asked => {
                if accepted && asker == by {
                    // Whoever had asked for help has it back.
                    return Ok(Self::taken(by, now));
                }
                pass(to, offered_to, accepted);
            }
            Self::Escalated {
                by: asker,
                follow_up_offered_to,
                ..
            } if follow_up_offered_to.as_ref() == asked => {
                pass(asker, follow_up_offered_to, accepted);
            }
            _ => {
                return Err(Refusal::NotOffered {
                    alert,
                    to: by.clone(),
                });
            }
        }
        Ok(answered)
    }

    /// Tells whether a person has escalated the alert and waits for what becomes of it.
    pub fn follows_up(&self, person: &PersonId) -> bool {
        matches!(self, Self::Escalated { by, to, .. } if by == person && to != person)
    }
}

fn pass(place: &mut PersonId, offered_to: &mut Option<PersonId>, accepted: bool) {
    let asked = offered_to.take();
    if let Some(asked) = asked.filter(|_| accepted) {
        *place = asked;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALERT: AlertNumber = AlertNumber(3);

    fn person(name: &str) -> PersonId {
        name.parse().unwrap()
    }

    fn at(hour: u8) -> Timestamp {
        format!("2026-11-22T{hour:02}:00:00Z").parse().unwrap()
    }

    /// Everything that Ann may have at the end of her shift: taken, waiting, put aside and escalated to her.
    fn held() -> [Ownership; 4] {
        let ann = person("ann");
        let taken = Ownership::taken(&ann, at(8));
        let escalated = Ownership::taken(&person("dee"), at(8));
        [
            taken.wait(ALERT, &ann, at(12), at(9)).unwrap(),
            taken
                .snooze(ALERT, &ann, (at(12), false), "she rests", at(9))
                .unwrap(),
            escalated
                .escalate(ALERT, &person("dee"), &ann, at(9))
                .unwrap(),
            taken,
        ]
    }

    fn until(ownership: &Ownership) -> Option<Timestamp> {
        match ownership {
            Ownership::Waiting { until, .. } | Ownership::Snoozed { until, .. } => Some(*until),
            _ => None,
        }
    }

    #[test]
    fn ownership_moves_only_when_the_offer_is_accepted_and_the_state_stays() {
        let (ann, bo) = (person("ann"), person("bo"));
        for before in held() {
            let offered = before.offer(ALERT, &ann, &bo).unwrap();
            assert_eq!(
                (offered.holder(), offered.offered_to()),
                (Some(&ann), Some(&bo))
            );
            let accepted = offered.answer_offer(ALERT, &bo, true, at(10)).unwrap();
            assert_eq!(
                (accepted.holder(), accepted.offered_to()),
                (Some(&bo), None)
            );
            assert_eq!(accepted.code(), before.code());
            assert_eq!(until(&accepted), until(&before));
            let declined = offered.answer_offer(ALERT, &bo, false, at(10)).unwrap();
            assert_eq!(declined, before);
            let stranger = offered.answer_offer(ALERT, &person("cy"), true, at(10));
            assert!(stranger.is_err());
        }
    }

    #[test]
    fn who_escalated_an_alert_passes_on_that_they_follow_it_up() {
        let (ann, bo, dr) = (person("ann"), person("bo"), person("dr-bell"));
        let escalated = Ownership::taken(&ann, at(8)).escalate(ALERT, &ann, &dr, at(9));
        let escalated = escalated.unwrap();
        assert!(escalated.follows_up(&ann) && !escalated.follows_up(&dr));
        let offered = escalated.offer(ALERT, &ann, &bo).unwrap();
        let both = offered.offer(ALERT, &dr, &person("dr-cole")).unwrap();
        let accepted = both.answer_offer(ALERT, &bo, true, at(10)).unwrap();
        assert!(accepted.follows_up(&bo) && accepted.holder() == Some(&dr));
        let taken = accepted.answer_offer(ALERT, &person("dr-cole"), true, at(11));
        assert_eq!(taken.unwrap().holder(), Some(&person("dr-cole")));
        let declined = offered.answer_offer(ALERT, &bo, false, at(10)).unwrap();
        assert_eq!(declined, escalated);
    }

    #[test]
    fn who_asked_for_help_may_have_the_alert_back() {
        let (ann, dr) = (person("ann"), person("dr-bell"));
        let escalated = Ownership::taken(&ann, at(8)).escalate(ALERT, &ann, &dr, at(9));
        let offered = escalated.unwrap().offer(ALERT, &dr, &ann).unwrap();
        let back = offered.answer_offer(ALERT, &ann, true, at(10)).unwrap();
        assert_eq!(back, Ownership::taken(&ann, at(10)));
    }

    #[test]
    fn nothing_is_offered_to_who_has_it_or_by_who_has_not() {
        let (ann, bo, dr) = (person("ann"), person("bo"), person("dr-bell"));
        for before in held() {
            assert!(before.offer(ALERT, &ann, &ann).is_err());
            assert!(before.offer(ALERT, &bo, &dr).is_err());
        }
        assert!(Ownership::New.offer(ALERT, &ann, &bo).is_err());
        let escalated = Ownership::taken(&ann, at(8)).escalate(ALERT, &ann, &dr, at(9));
        let refused = escalated.unwrap().offer(ALERT, &ann, &dr).unwrap_err();
        assert_eq!(refused.to_string(), "Alert 3 was already taken by dr-bell.");
    }

    #[test]
    fn what_was_written_before_aside_could_be_offered_is_still_read() {
        for text in [
            r#"{"is":"waiting","by":"ann","at":"2026-11-22T08:00:00Z","until":"2026-11-22T09:00:00Z"}"#,
            r#"{"is":"escalated","by":"ann","to":"bo","at":"2026-11-22T08:00:00Z"}"#,
            r#"{"is":"snoozed","by":"ann","at":"2026-11-22T08:00:00Z","until":"2026-11-22T09:00:00Z","reason":"rests"}"#,
        ] {
            let read: Ownership = serde_json::from_str(text).unwrap();
            assert_eq!(read.offered_to(), None);
            assert_eq!(serde_json::to_string(&read).unwrap(), text);
        }
    }
}
