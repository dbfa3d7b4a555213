//! Days: when each patient measures, what is left out, and when what was measured reaches the server.

use clinical::Event;
use clinical::schedule::Measured;

use super::clock::{DAY, HOUR, Minute};
use super::dice::Dice;
use super::episode::Episode;
use super::measuring::{Asked, Taken, measure, measure_other};
use super::person::{Kind, Person};

/// A home loses its internet or its box one in so many days, for 2 to 36 hours. What is measured meanwhile arrives after.
const OUTAGE_ONE_IN_DAYS: i64 = 60;
const OUTAGE_HOURS: (i64, i64) = (2, 36);
/// How often somebody else steps on the scale, per thousand days.
const OTHER_STEPS_ON: i64 = 30;
/// How often somebody whose device shows an error measures again within 2 to 10 minutes, per thousand, and how many times
/// at most: the device asks for it by itself, whoever is behind it.
const TRIES_AGAIN: i64 = 800;
const TRIES_MAX: i64 = 3;
/// How often the second of two cuff readings is not taken, per thousand.
const SECOND_LEFT_OUT: i64 = 200;

/// Measures a patient's whole time, in the order in which the server gets it.
pub(crate) fn planned(person: &Person, episodes: &[Episode]) -> Vec<Taken> {
    let mut asked = Vec::new();
    for day in 0..person.kind.days() {
        sessions(person, day, &mut asked);
    }
    let outages = outages(person);
    let mut all = Vec::new();
    for (asked, other) in asked {
        if other {
            all.extend(measure_other(person, asked));
        } else {
            tries(person, episodes, asked, &mut all);
        }
    }
    for taken in &mut all {
        let outage = outages.iter().find(|it| it.contains(&taken.asked.at));
        taken.arrives = outage.map_or(taken.asked.at, |it| it.end);
    }
    all.sort_by_key(|it| (it.arrives, it.asked.at, it.asked.number, it.asked.repeat));
    all
}

/// Measures, and again when the device shows an error.
fn tries(person: &Person, episodes: &[Episode], asked: Asked, all: &mut Vec<Taken>) {
    let mut asked = asked;
    loop {
        let taken = measure(person, episodes, asked);
        let failed = matches!(taken.event, Event::AttemptStored(_));
        let mut dice = person.dice(&[10, asked.number, asked.repeat]);
        let again = failed && asked.repeat < TRIES_MAX && dice.happens(TRIES_AGAIN);
        let next = taken.again_at(asked.at + dice.between(2, 10));
        all.push(taken);
        if !again {
            return;
        }
        asked = next;
    }
}

fn outages(person: &Person) -> Vec<std::ops::Range<Minute>> {
    let mut found: Vec<std::ops::Range<Minute>> = Vec::new();
    for day in 0..person.kind.days() {
        let mut dice = person.dice(&[8, day]);
        let from = day * DAY + dice.between(0, DAY - 1);
        let hours = dice.between(OUTAGE_HOURS.0, OUTAGE_HOURS.1);
        let is_free = found.last().is_none_or(|it| it.end < from);
        if is_free && dice.between(1, OUTAGE_ONE_IN_DAYS) == 1 {
            found.push(from..from + hours * HOUR);
        }
    }
    found
}

const CUFF: Measured = Measured::BloodPressure;
const OXIMETER: Measured = Measured::Oximetry;
const SCALE: Measured = Measured::Weight;
const THERMOMETER: Measured = Measured::Temperature;

/// What each kind of patient measures in the morning, at noon and in the evening.
fn asked_of(kind: Kind) -> [&'static [Measured]; 3] {
    match kind {
        Kind::Hypertension => [&[CUFF], &[], &[CUFF]],
        Kind::HeartFailure => [&[SCALE, CUFF, OXIMETER], &[], &[]],
        Kind::Copd => [&[OXIMETER, THERMOMETER], &[], &[OXIMETER]],
        Kind::Recovery => [
            &[OXIMETER, THERMOMETER],
            &[OXIMETER],
            &[OXIMETER, THERMOMETER],
        ],
        Kind::Several => [
            &[SCALE, CUFF, OXIMETER, THERMOMETER],
            &[],
            &[CUFF, OXIMETER],
        ],
    }
}

/// Plans one day. Two thirds of what is left out is a whole session, the rest single devices.
fn sessions(person: &Person, day: i64, asked: &mut Vec<(Asked, bool)>) {
    for (place, kinds) in (0..).zip(asked_of(person.kind)) {
        let mut dice = person.dice(&[9, day, place]);
        let habit = person.habits.get(usize::try_from(place).unwrap());
        let mut at = day * DAY + habit.unwrap() + dice.normal(0, 25);
        if dice.happens(person.missing * 2 / 3) {
            continue;
        }
        for what in kinds {
            if dice.happens(person.missing / 3) {
                continue;
            }
            at += dice.between(2, 4);
            let count = readings(*what, &mut dice);
            for nth in 0..count {
                push(asked, *what, at + 2 * nth, nth == 0, false);
            }
            at += 2 * count;
        }
        let has_scale = kinds.contains(&SCALE) && person.other.is_some();
        if has_scale && dice.happens(OTHER_STEPS_ON) {
            push(asked, SCALE, at + dice.between(5, 90), false, true);
        }
    }
}

/// Two cuff readings in a session (NICE NG136), one of everything else.
fn readings(what: Measured, dice: &mut Dice) -> i64 {
    if what == CUFF && !dice.happens(SECOND_LEFT_OUT) {
        2
    } else {
        1
    }
}

fn push(asked: &mut Vec<(Asked, bool)>, what: Measured, at: Minute, first: bool, other: bool) {
    let number = i64::try_from(asked.len()).unwrap();
    let planned = Asked {
        what,
        number,
        repeat: 0,
        at,
        first,
        after_mistake: false,
    };
    asked.push((planned, other));
}
