//! Contacts with the patient: who was not reached is tried again, as often as the plan allows.

use super::plan::check_note;
use super::work::Work;
use crate::alert::Alert;
use crate::contact::{Contact, ContactResult};
use crate::decision::Decision;
use crate::refusal::Refusal;

impl Work {
    /// Notes a contact. Where nobody answered, its holder's alert waits until the next try.
    pub(super) fn contact(&mut self, contact: &Contact) -> Result<(), Refusal> {
        check_note(&contact.note)?;
        let is_unanswered = contact.result.is_unanswered();
        if contact.retry_at.is_some() && (contact.alert.is_none() || !is_unanswered) {
            return Err(Refusal::NothingToRetry);
        }
        let alert = contact.alert.map(|it| self.open(it)).transpose()?.cloned();
        let unanswered = match &alert {
            Some(alert) if is_unanswered => alert.unanswered.saturating_add(1),
            _ => 0,
        };
        let waiting = match &alert {
            Some(alert) => self.try_again(alert, contact, unanswered)?,
            None => None,
        };
        self.follow(Decision::NoteContact {
            contact: contact.clone(),
            unanswered,
        });
        if let Some((alert, ownership)) = alert.zip(waiting) {
            self.set_ownership(alert.number, ownership, contact.retry_at);
        }
        Ok(())
    }

    /// Gives the alert's state until the next try, if there is to be one.
    fn try_again(
        &self,
        alert: &Alert,
        contact: &Contact,
        unanswered: u8,
    ) -> Result<Option<crate::alert::Ownership>, Refusal> {
        let number = alert.number;
        let holds = alert.ownership.holder() == Some(&contact.by);
        let Some(until) = contact.retry_at else {
            let is_asked_for = contact.result == ContactResult::NoAnswer && holds;
            return if is_asked_for && self.check_tries(alert, unanswered).is_ok() {
                Err(Refusal::RetryMissing(number))
            } else {
                Ok(None)
            };
        };
        let ownership = &alert.ownership;
        let waiting = ownership.wait_to_retry(number, &contact.by, until, self.now)?;
        self.check_tries(alert, unanswered)?;
        self.check_aside(alert, until)?;
        Ok(Some(waiting))
    }

    /// Checks that the patient may be tried again, nobody having answered so often.
    pub(super) fn check_tries(&self, alert: &Alert, unanswered: u8) -> Result<(), Refusal> {
        let response = self.plan().care.escalation.of(alert.priority);
        let most = response.and_then(|it| it.unanswered_max);
        if most.is_some_and(|most| unanswered >= most) {
            return Err(Refusal::TriesOver {
                alert: alert.number,
                tries: unanswered,
            });
        }
        Ok(())
    }
}
