//! People: five kinds of patients, what is usual for each, and how each measures.
//!
//! All values are in thousandths of the vital sign's unit. Where no source stands beside a number it is an assumption,
//! made before any rule was looked at.

use clinical::VitalSign;

use super::clock::{HOUR, Minute};
use super::dice::Dice;

/// Why a patient is monitored. Each kind has the same share of the patient-days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// High blood pressure: a cuff, morning and evening.
    Hypertension,
    /// Heart failure: a scale, a cuff and an oximeter in the morning.
    HeartFailure,
    /// COPD with a prescribed target of 88-92 %: an oximeter morning and evening, a thermometer in the morning.
    Copd,
    /// At home after COVID-19 or pneumonia: an oximeter three times a day (NHS England C1396), a thermometer twice.
    Recovery,
    /// Heart failure, COPD and high blood pressure together: everything in the morning, cuff and oximeter in the evening.
    Several,
}

impl Kind {
    pub(crate) const ALL: [Self; 5] = [
        Self::Hypertension,
        Self::HeartFailure,
        Self::Copd,
        Self::Recovery,
        Self::Several,
    ];

    /// How many days one patient is watched: virtual wards after pneumonia are short (14 days in NHS England C1396, here
    /// 20), long-term conditions are not.
    pub(crate) fn days(self) -> i64 {
        match self {
            Self::Recovery => 20,
            _ => 100,
        }
    }
}

/// What is usual for one patient: each sign's middle over weeks.
#[derive(Debug, Clone, Copy)]
struct Usual {
    systolic: i64,
    diastolic: i64,
    pulse: i64,
    spo2: i64,
    weight: i64,
    temperature: i64,
}

/// One patient.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) seed: i64,
    pub(crate) number: i64,
    pub(crate) kind: Kind,
    usual: Usual,
    /// How often a planned measurement is left out, per thousand: 150 on average, 50 to 250.
    pub(crate) missing: i64,
    /// How often technique spoils a measurement, per thousand: 108 on average (10.8 % of wireless SpO2 and 10.2 % of
    /// pulse data are invalid), one patient in five at three times the rest's rate (10 % of patients made 57 % of alarms,
    /// PMC4891882).
    pub(crate) clumsy: i64,
    /// At which minute of the day they measure in the morning, at noon and in the evening.
    pub(crate) habits: [Minute; 3],
    /// Whether somebody else in the home steps on the scale now and then, and by how much they differ.
    pub(crate) other: Option<Other>,
}

/// Somebody else in the home.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Other {
    /// How much heavier they are.
    pub(crate) heavier: i64,
    /// Whether the scale tells its users apart.
    pub(crate) told_apart: bool,
}

impl Person {
    pub(crate) fn new(seed: i64, number: i64, kind: Kind) -> Self {
        let mut dice = Dice::of(&[seed, number, 1]);
        let clumsy = if dice.happens(200) { 232 } else { 77 };
        Self {
            seed,
            number,
            kind,
            usual: usual(kind, &mut dice),
            missing: dice.between(50, 250),
            clumsy,
            habits: [
                dice.between(7 * HOUR, 9 * HOUR + 30),
                dice.between(12 * HOUR + 30, 14 * HOUR),
                dice.between(18 * HOUR + 15, 21 * HOUR),
            ],
            other: other(&mut dice),
        }
    }

    /// Dice for a question about this patient.
    pub(crate) fn dice(&self, question: &[i64]) -> Dice {
        let mut whole = vec![self.seed, self.number];
        whole.extend_from_slice(question);
        Dice::of(&whole)
    }

    /// What is usual for this patient.
    pub(crate) fn usual(&self, sign: VitalSign) -> i64 {
        match sign {
            VitalSign::Systolic => self.usual.systolic,
            VitalSign::Diastolic => self.usual.diastolic,
            VitalSign::Pulse => self.usual.pulse,
            VitalSign::Spo2 => self.usual.spo2,
            VitalSign::Weight => self.usual.weight,
            VitalSign::Temperature => self.usual.temperature,
        }
    }
}

/// Draws what is usual. Middles and spreads between patients are assumptions of the size seen in trials of monitoring at
/// home: treated blood pressure a little under the home target of 135/85 with a third of patients above it, heart failure
/// lower, COPD patients within their prescribed 88-92 %.
fn usual(kind: Kind, dice: &mut Dice) -> Usual {
    let (systolic, pulse, spo2) = match kind {
        Kind::Hypertension => (131_000, 72_000, (96_500, 800)),
        Kind::HeartFailure => (120_000, 70_000, (96_000, 900)),
        Kind::Copd => (128_000, 80_000, (90_600, 700)),
        Kind::Recovery => (125_000, 78_000, (96_300, 700)),
        Kind::Several => (130_000, 75_000, (90_800, 700)),
    };
    let systolic = dice.normal(systolic, 8_000);
    Usual {
        systolic,
        diastolic: dice.normal(systolic * 59 / 100, 4_000),
        pulse: dice.normal(pulse, 7_000),
        spo2: dice.normal(spo2.0, spo2.1),
        weight: dice.normal(82_000, 12_000),
        temperature: dice.normal(36_400, 200),
    }
}

/// Four homes in ten have somebody else on the scale, 7 to 25 kg heavier or lighter; half of the scales tell users apart.
fn other(dice: &mut Dice) -> Option<Other> {
    let is_there = dice.happens(400);
    let apart = dice.between(7_000, 25_000);
    let heavier = if dice.happens(500) { apart } else { -apart };
    let told_apart = dice.happens(500);
    is_there.then_some(Other {
        heavier,
        told_apart,
    })
}
