//! Steps of nurses: contacts about an alert, offers of it, and the readings that were struck out of it.

use clinical::{AlertNumber, Contact, Decision, Event, Ownership, PersonId, Strike, StrikeBack};
use jiff::Timestamp;
use vitals::ReadingId;

use super::steps::Telling;

impl Telling<'_> {
    /// Tells a contact about the alert, and that it was weighed anew.
    pub(super) fn of_nurses(self, number: AlertNumber, decision: &Decision) -> Option<String> {
        match decision {
            Decision::NoteContact {
                contact,
                unanswered,
            } if contact.alert == Some(number) => Some(self.of_contact(contact, *unanswered)),
            Decision::WeighAnew {
                alert,
                newest_measured_at,
                ..
            } if *alert == number => {
                let newest = self.clock(*newest_measured_at);
                Some(format!(
                    "it was weighed anew by the readings that are left, the newest measured at {newest}"
                ))
            }
            _ => None,
        }
    }

    fn of_contact(self, contact: &Contact, unanswered: u8) -> String {
        let by = self.names.of(&contact.by);
        let (verb, result) = (contact.how.verb(), contact.result.words());
        let tries = match unanswered {
            0 | 1 => String::new(),
            times => format!(", {times} times now"),
        };
        let note = said(&contact.note);
        format!("{by} {verb}: {result}{tries}{note}")
    }

    /// Tells an offer and its answer, where the alert's state stays what it is.
    pub(super) fn of_passing(self, ownership: &Ownership) -> Option<String> {
        let name = |person: &PersonId| self.names.of(person);
        match &self.row.event {
            Event::AlertOffered { by, to, .. } => {
                let why = if ownership.follows_up(by) {
                    ", to follow it up"
                } else {
                    ""
                };
                Some(format!("{} offered it to {}{why}", name(by), name(to)))
            }
            Event::OfferAnswered {
                by, accepted: true, ..
            } => {
                let how = if ownership.follows_up(by) {
                    "follows it up from now on"
                } else {
                    "accepted it as it is"
                };
                Some(format!("{} {how}", name(by)))
            }
            Event::OfferAnswered { by, .. } => {
                let keeps = ownership.holder().map(name)?;
                Some(format!("{} declined it: {keeps} keeps it", name(by)))
            }
            _ => None,
        }
    }

    /// Tells that a reading of the alert was struck out, or counts again; gives which.
    pub(super) fn of_strike(self) -> Option<(ReadingId, bool, String)> {
        match &self.row.event {
            Event::ReadingStruck(Strike {
                reading,
                by,
                reason,
                note,
            }) => {
                let (by, words, note) = (self.names.of(by), reason.words(), said(note));
                let told = format!("struck out by {by}: {words}{note}");
                Some((*reading, true, told))
            }
            Event::StrikeTakenBack(StrikeBack { reading, by, note }) => {
                let by = self.names.of(by);
                let told = format!("counts again, says {by}{}", said(note));
                Some((*reading, false, told))
            }
            _ => None,
        }
    }

    /// Tells of which reading something is told: `the reading of 08:00:00`.
    pub(super) fn reading_of(self, measured_at: Timestamp) -> String {
        format!("the reading of {}", self.clock(measured_at))
    }
}

fn said(note: &str) -> String {
    let note = note.trim();
    if note.is_empty() {
        String::new()
    } else {
        format!(" ({note})")
    }
}
