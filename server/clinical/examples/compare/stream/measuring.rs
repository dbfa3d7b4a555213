//! Measuring: what a device reports of a body, rounded as devices do, with its marks.

use clinical::schedule::Measured;
use clinical::{AttemptStored, Event, ReadingStored, VitalSign};
use vitals::{Decimal, QualityMark};

use super::body::{truth, wobble};
use super::clock::{DAY, Minute, moment};
use super::episode::Episode;
use super::person::Person;
use super::technique::{Mistake, mistake};

/// The first of a session's readings is higher by so much, for the cuff alone (why NICE NG136 takes two), and on the
/// first day by so much more (why it leaves that day out).
const FIRST_READING_HIGHER: i64 = 4_000;
const FIRST_DAY_HIGHER: i64 = 5_000;
/// How often the cuff marks a regular pulse as irregular, per thousand, and an irregular one.
const IRREGULAR_MARKED_FALSELY: i64 = 25;
const IRREGULAR_MARKED: i64 = 800;
/// How often a mistake is made again in the repeat, per thousand.
const MISTAKE_AGAIN: i64 = 300;
/// Numbers that one planned measurement and its repeats have.
const NUMBERS: i64 = 8;

/// One measurement as it is planned, or as it is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) what: Measured,
    /// Which of the patient's planned measurements it is.
    pub(crate) number: i64,
    /// Which repeat of it; 0 is the planned one.
    pub(crate) repeat: i64,
    pub(crate) at: Minute,
    /// Whether it is the first of its session.
    pub(crate) first: bool,
    /// Whether the measurement before it, of which it is the repeat, was spoiled.
    pub(crate) after_mistake: bool,
}

/// A measurement as the server gets it.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    pub(crate) asked: Asked,
    pub(crate) event: Event,
    /// Whether technique spoiled it. Only the truth knows.
    pub(crate) spoiled: bool,
    /// Whether somebody else was measured. Only the truth knows.
    pub(crate) somebody_else: bool,
    pub(crate) arrives: Minute,
}

impl Taken {
    /// The same measurement again, at a minute.
    pub(crate) fn again_at(&self, at: Minute) -> Asked {
        Asked {
            repeat: self.asked.repeat + 1,
            at,
            first: false,
            after_mistake: self.spoiled,
            ..self.asked
        }
    }
}

/// Measures a patient.
pub(crate) fn measure(person: &Person, episodes: &[Episode], asked: Asked) -> Taken {
    let question = asked.number * NUMBERS + asked.repeat;
    let mut dice = person.dice(&[7, question]);
    let clumsy = if asked.after_mistake {
        MISTAKE_AGAIN
    } else {
        person.clumsy
    };
    let spoiled = dice.happens(clumsy).then(|| mistake(asked.what, &mut dice));
    let irregular = episodes.iter().any(|it| it.is_irregular(asked.at));
    let (by, noticed) = match &spoiled {
        Some(Mistake::NoValue(reason)) => {
            return taken(asked, attempt(person, asked, question, *reason), true);
        }
        Some(Mistake::Off { by, noticed }) => (by.clone(), *noticed),
        None => (Vec::new(), None),
    };
    let off = |sign: VitalSign| -> i64 {
        let of_sign = by.iter().filter(|(it, _)| *it == sign);
        of_sign.map(|(_, by)| by).sum()
    };
    let value = |sign: VitalSign| {
        let raw = truth(person, episodes, sign, asked.at)
            + wobble(person, sign, question, irregular)
            + unrest(sign, asked)
            + off(sign);
        (sign, rounded(sign, raw))
    };
    let is_marked = asked.what == Measured::BloodPressure
        && dice.happens(if irregular {
            IRREGULAR_MARKED
        } else {
            IRREGULAR_MARKED_FALSELY
        });
    let marks = noticed.into_iter();
    let marks = marks.chain(is_marked.then_some(QualityMark::IrregularPulse));
    let values = signs(asked.what).iter().map(|sign| value(*sign)).collect();
    let event = reading(person, asked, question, values, marks.collect());
    taken(asked, event, spoiled.is_some())
}

/// Somebody else on the scale.
pub(crate) fn measure_other(person: &Person, asked: Asked) -> Option<Taken> {
    let other = person.other?;
    let weight = person.usual(VitalSign::Weight) + other.heavier;
    let question = asked.number * NUMBERS + asked.repeat;
    let weight = weight + wobble(person, VitalSign::Weight, question, false);
    let values = vec![(VitalSign::Weight, rounded(VitalSign::Weight, weight))];
    let mut event = reading(person, asked, question, values, Vec::new());
    if let Event::ReadingStored(stored) = &mut event
        && other.told_apart
    {
        stored.user = Some(2);
    }
    Some(Taken {
        somebody_else: true,
        ..taken(asked, event, false)
    })
}

fn taken(asked: Asked, event: Event, spoiled: bool) -> Taken {
    Taken {
        asked,
        event,
        spoiled,
        somebody_else: false,
        arrives: asked.at,
    }
}

fn signs(what: Measured) -> &'static [VitalSign] {
    match what {
        Measured::BloodPressure => &[VitalSign::Systolic, VitalSign::Diastolic, VitalSign::Pulse],
        Measured::Oximetry => &[VitalSign::Spo2, VitalSign::Pulse],
        Measured::Weight => &[VitalSign::Weight],
        Measured::Temperature => &[VitalSign::Temperature],
    }
}

fn unrest(sign: VitalSign, asked: Asked) -> i64 {
    let higher = match (asked.first, asked.at < DAY) {
        (false, _) => 0,
        (true, false) => FIRST_READING_HIGHER,
        (true, true) => FIRST_READING_HIGHER + FIRST_DAY_HIGHER,
    };
    match sign {
        VitalSign::Systolic => higher,
        VitalSign::Diastolic => higher / 2,
        _ => 0,
    }
}

/// Rounds as devices do: cuffs and oximeters to 1, scales and thermometers to 0.1; oxygen is never over 100 %.
fn rounded(sign: VitalSign, thousandths: i64) -> Decimal {
    let (step, exponent) = match sign {
        VitalSign::Weight | VitalSign::Temperature => (100, -1),
        _ => (1_000, 0),
    };
    let most = match sign {
        VitalSign::Spo2 => 100,
        _ => i64::MAX,
    };
    let steps = (thousandths + step / 2).div_euclid(step).min(most);
    Decimal::new(steps, exponent).unwrap()
}

fn reading(
    person: &Person,
    asked: Asked,
    question: i64,
    values: Vec<(VitalSign, Decimal)>,
    quality: Vec<QualityMark>,
) -> Event {
    let told_apart = person.other.is_some_and(|it| it.told_apart);
    let user = (asked.what == Measured::Weight && told_apart).then_some(1);
    Event::ReadingStored(ReadingStored {
        id: format!("{:032x}", id(person, question)).parse().unwrap(),
        values,
        quality,
        measured_at: moment(asked.at),
        received_at: moment(asked.at),
        device: None,
        user,
        registered_user: user,
        clock: None,
        drill: false,
    })
}

fn attempt(person: &Person, asked: Asked, question: i64, reason: vitals::AttemptReason) -> Event {
    Event::AttemptStored(AttemptStored {
        id: format!("{:032x}", id(person, question)).parse().unwrap(),
        reason,
        quality: Vec::new(),
        measured_at: moment(asked.at),
        device: None,
        user: None,
        what: Some(asked.what),
    })
}

fn id(person: &Person, question: i64) -> i64 {
    (person.number << 32) + question
}
