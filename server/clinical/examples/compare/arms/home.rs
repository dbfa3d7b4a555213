//! The home as a server sees it: what was planned arrives, and what is asked for comes when the patient follows.

use std::collections::{BTreeMap, BTreeSet};

use clinical::Event;
use vitals::ReadingId;

use crate::stream::clock::{DAY, HOUR, Minute};
use crate::stream::{Patient, Taken, measure};

/// How often a patient who is asked measures again, per thousand, after 2 to 10 minutes.
const FOLLOWS: i64 = 800;
const FOLLOWS_MINUTES: (i64, i64) = (2, 10);
/// How often one planned measurement is repeated at most: then a patient has had enough.
const REPEATS_MAX: i64 = 3;
/// When somebody who is asked is awake.
const AWAKE: std::ops::Range<Minute> = 7 * HOUR..22 * HOUR;

#[derive(Debug)]
pub(super) struct Home<'a> {
    patient: &'a Patient,
    coming: BTreeMap<(Minute, usize), Taken>,
    came: BTreeMap<ReadingId, Taken>,
    mistaken: BTreeSet<ReadingId>,
    count: usize,
}

impl<'a> Home<'a> {
    pub(super) fn new(patient: &'a Patient) -> Self {
        let mut home = Self {
            patient,
            coming: BTreeMap::new(),
            came: BTreeMap::new(),
            mistaken: BTreeSet::new(),
            count: 0,
        };
        for taken in &patient.planned {
            home.send(taken.clone());
        }
        home
    }

    fn send(&mut self, taken: Taken) {
        self.count += 1;
        self.coming.insert((taken.arrives, self.count), taken);
    }

    pub(super) fn next_at(&self) -> Option<Minute> {
        self.coming.keys().next().map(|(at, _)| *at)
    }

    /// Gives what arrives next.
    pub(super) fn arrive(&mut self) -> Option<Event> {
        let (_, taken) = self.coming.pop_first()?;
        let event = taken.event.clone();
        if let Event::ReadingStored(reading) = &event {
            if taken.spoiled || taken.somebody_else {
                self.mistaken.insert(reading.id);
            }
            self.came.insert(reading.id, taken);
        }
        Some(event)
    }

    /// Whether a reading was spoiled by technique, or is somebody else's.
    pub(super) fn is_mistaken(&self, reading: ReadingId) -> bool {
        self.mistaken.contains(&reading)
    }

    /// The patient is asked to measure again. Who measures the same in a moment anyway does no more than that.
    pub(super) fn ask(&mut self, reading: ReadingId, now: Minute) {
        let Some(taken) = self.came.get(&reading) else {
            return;
        };
        let asked = taken.asked;
        let person = &self.patient.person;
        let mut dice = person.dice(&[11, asked.number, asked.repeat]);
        let at = now + dice.between(FOLLOWS_MINUTES.0, FOLLOWS_MINUTES.1);
        let in_a_moment = now..=now + FOLLOWS_MINUTES.1;
        let is_coming = self.coming.values().any(|it| {
            let is_own = it.asked.what == asked.what && !it.somebody_else;
            is_own && in_a_moment.contains(&it.asked.at)
        });
        let is_awake = AWAKE.contains(&now.rem_euclid(DAY));
        if is_coming || !is_awake || asked.repeat >= REPEATS_MAX || !dice.happens(FOLLOWS) {
            return;
        }
        let again = taken.again_at(at);
        let again = measure(person, &self.patient.episodes, again);
        self.send(again);
    }
}
