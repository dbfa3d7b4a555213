//! Carrying decisions out about what nurses do besides alerts: contacts, strikes, discharges and watches.

use jiff::Timestamp;

use super::Case;
use crate::decision::Decision;
use crate::discharge::Discharged;
use crate::watch::Watch;

impl Case {
    /// Tells whether and why the patient is not monitored any more.
    pub fn discharged(&self) -> Option<&Discharged> {
        self.discharged.as_ref()
    }

    /// Gives the line about the patient on whom somebody is to keep an eye; over once its time has passed.
    pub fn watch(&self) -> Option<&Watch> {
        self.watch.as_ref()
    }

    pub(super) fn nurse(&mut self, decision: &Decision, now: Timestamp) {
        match decision {
            Decision::NoteContact {
                contact,
                unanswered,
            } => {
                if let Some(alert) = contact.alert {
                    self.change(alert, |alert| alert.unanswered = *unanswered);
                }
            }
            Decision::Strike(it) => self.strike(it.reading, &it.by, now),
            Decision::TakeBackStrike(it) => self.take_back_strike(it.reading, now),
            Decision::Discharge(it) => {
                self.discharged = Some(Discharged {
                    at: now,
                    reason: it.reason,
                    heard: false,
                });
            }
            Decision::StartAgain => self.discharged = None,
            Decision::Watch(watch) => self.watch = Some(watch.clone()),
            Decision::EndWatch => self.watch = None,
            _ => {}
        }
    }
}
