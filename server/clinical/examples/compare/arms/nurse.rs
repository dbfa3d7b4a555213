//! A nurse: the same for every arm that has alerts to take. Takes within the hour, calls, waits as long as the
//! plan allows and takes again, and closes once it is over or after a day.
//!
//! What the nurse does changes nothing in the truth: each episode runs as it was drawn, treated as its course says.

use std::collections::{BTreeMap, BTreeSet};

use clinical::{Alert, AlertNumber, Case, Condition, Event, Outcome, PersonId};

use crate::stream::Patient;
use crate::stream::clock::{DAY, HOUR, Minute, moment};

/// Staffed 12 hours on every day (NHS England, virtual wards framework 2024).
const FROM: Minute = 8 * HOUR;
const UNTIL: Minute = 20 * HOUR;
/// How long until an alert is taken, in staffed minutes.
const TAKES_MINUTES: (i64, i64) = (5, 60);
/// How long until the patient was called, so that the rest is waiting.
const CALLS_MINUTES: (i64, i64) = (5, 20);
/// How long until one that is over is closed, in staffed minutes.
const CLOSES_MINUTES: (i64, i64) = (10, 30);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Act {
    Take(AlertNumber),
    Wait(AlertNumber),
    Close(AlertNumber),
}

#[derive(Debug)]
pub(super) struct Nurse<'a> {
    patient: &'a Patient,
    acts: BTreeSet<(Minute, Act)>,
    taken: BTreeMap<AlertNumber, Minute>,
}

impl<'a> Nurse<'a> {
    pub(super) fn new(patient: &'a Patient) -> Self {
        Self {
            patient,
            acts: BTreeSet::new(),
            taken: BTreeMap::new(),
        }
    }

    pub(super) fn next_at(&self) -> Option<Minute> {
        self.acts.first().map(|(at, _)| *at)
    }

    /// Will do something about an alert after some staffed minutes.
    fn plan(&mut self, act: Act, at: Minute, minutes: (i64, i64)) {
        let (Act::Take(alert) | Act::Wait(alert) | Act::Close(alert)) = act;
        let person = &self.patient.person;
        let mut dice = person.dice(&[12, i64::from(alert.0), at, minutes.0]);
        let wait = dice.between(minutes.0, minutes.1);
        self.acts.insert((after_staffed(at, wait), act));
    }

    /// An alert is to be taken: it is new, or came back.
    pub(super) fn called(&mut self, alert: AlertNumber, at: Minute) {
        self.plan(Act::Take(alert), at, TAKES_MINUTES);
    }

    /// What raised an alert no longer holds.
    pub(super) fn cleared(&mut self, alert: AlertNumber, at: Minute) {
        if self.taken.contains_key(&alert) {
            self.plan(Act::Close(alert), at, CLOSES_MINUTES);
        }
    }

    /// Does what is due next; `None` when it is no longer to be done.
    pub(super) fn act(&mut self, case: &Case) -> Option<Event> {
        let (at, act) = self.acts.pop_first()?;
        match act {
            Act::Take(number) => self.take(case.alert(number)?, at),
            Act::Wait(number) => {
                let alert = case.alert(number).filter(|it| is_in_hand(it))?;
                let until = after_staffed(self.taken.get(&number)? + DAY, 0) + HOUR;
                let response = case.plan().care.escalation.of(alert.priority);
                let allowed = response.map(|it| at + i64::from(it.snooze_minutes_max));
                Some(Event::AlertWaits {
                    alert: number,
                    by: name(),
                    until: moment(allowed.map_or(until, |allowed| until.min(allowed))),
                })
            }
            Act::Close(number) => self.close(case.alert(number)?, at),
        }
    }

    fn take(&mut self, alert: &Alert, at: Minute) -> Option<Event> {
        if is_in_hand(alert) {
            return None;
        }
        let number = alert.number;
        let taken_at = *self.taken.entry(number).or_insert(at);
        self.plan(Act::Close(number), at.max(taken_at + DAY), (0, 0));
        if alert.condition == Condition::Active {
            self.plan(Act::Wait(number), at, CALLS_MINUTES);
        } else {
            self.cleared(number, at);
        }
        Some(Event::AlertTaken {
            alert: number,
            by: name(),
            instead_of: None,
        })
    }

    fn close(&self, alert: &Alert, at: Minute) -> Option<Event> {
        let taken_at = self.taken.get(&alert.number)?;
        let is_over = alert.condition != Condition::Active || at >= taken_at + DAY;
        let mut episodes = self.patient.episodes.iter();
        let is_true = episodes.any(|it| it.explains(alert.problem, at));
        let is_to_close = is_over && is_in_hand(alert);
        is_to_close.then(|| Event::AlertClosed {
            alert: alert.number,
            by: name(),
            outcome: if is_true {
                Outcome::Referred
            } else {
                Outcome::AdviceGiven
            },
            note: String::new(),
            duplicate_of: None,
        })
    }
}

fn name() -> PersonId {
    "nurse-ann".parse().unwrap()
}

fn is_in_hand(alert: &Alert) -> bool {
    alert.ownership.holder().is_some()
}

/// Gives the minute at which so many staffed minutes have passed.
fn after_staffed(at: Minute, minutes: i64) -> Minute {
    let midnight = at - at.rem_euclid(DAY);
    let opens = at.max(midnight + FROM);
    let closes = midnight + UNTIL;
    if opens + minutes < closes {
        return opens + minutes;
    }
    let left = (closes - opens).max(0);
    midnight + DAY + FROM + minutes - left
}
