//! Technique: what goes wrong when people measure themselves, what that does to the value, and what the device notices.
//!
//! How often is the person's own ([`Person::clumsy`](super::person::Person)). Sizes for the cuff are those collected in
//! BMC Med Res Methodol 2015;15 ("Challenges in standardization of blood pressure measurement", table 1): talking 17,
//! not rested 10-20, full bladder 10-15, back or feet unsupported 5-15, arm too low 10, crossed legs 5-8 mmHg, a cuff of
//! the wrong fit 3-30. Which share of each a device notices, and everything about oximeter, scale and thermometer, is an
//! assumption: the cuff's status bits are optional (BLS), and simple oximeters tell little.

use clinical::VitalSign;
use clinical::schedule::Measured;
use vitals::{AttemptReason, QualityMark};

use super::dice::Dice;

/// What went wrong with one measurement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mistake {
    /// There is no value.
    NoValue(AttemptReason),
    /// The values are off, and the device may have noticed.
    Off {
        by: Vec<(VitalSign, i64)>,
        noticed: Option<QualityMark>,
    },
}

#[derive(Debug, Clone, Copy)]
enum Fault {
    NoValue,
    Moved,
    Loose,
    Position,
    Unrested,
    Cold,
    Clothed,
    Leaned,
    Misplaced,
    HotDrink,
}

/// Draws what goes wrong in a spoiled measurement.
pub(crate) fn mistake(what: Measured, dice: &mut Dice) -> Mistake {
    match what {
        Measured::BloodPressure => cuff(dice),
        Measured::Oximetry => oximeter(dice),
        Measured::Weight => scale(dice),
        Measured::Temperature => thermometer(dice),
    }
}

fn noticed(dice: &mut Dice, per_thousand: i64, mark: QualityMark) -> Option<QualityMark> {
    dice.happens(per_thousand).then_some(mark)
}

fn cuff(dice: &mut Dice) -> Mistake {
    let fault = dice.pick(&[
        (15, Fault::NoValue),
        (15, Fault::Moved),
        (15, Fault::Loose),
        (15, Fault::Position),
        (40, Fault::Unrested),
    ]);
    let pressure = |systolic: i64, pulse: i64| {
        vec![
            (VitalSign::Systolic, systolic),
            (VitalSign::Diastolic, systolic / 2),
            (VitalSign::Pulse, pulse),
        ]
    };
    match fault {
        Some(Fault::Moved) => Mistake::Off {
            by: pressure(dice.between(-15_000, 25_000), dice.between(-10_000, 15_000)),
            noticed: Some(QualityMark::BodyMovement),
        },
        Some(Fault::Loose) => Mistake::Off {
            by: pressure(dice.between(5_000, 30_000), 0),
            noticed: noticed(dice, 667, QualityMark::CuffTooLoose),
        },
        Some(Fault::Position) => Mistake::Off {
            by: pressure(dice.between(5_000, 15_000), 0),
            noticed: noticed(dice, 333, QualityMark::ImproperPosition),
        },
        Some(Fault::Unrested) => Mistake::Off {
            by: pressure(dice.between(8_000, 22_000), dice.between(5_000, 20_000)),
            noticed: None,
        },
        _ => Mistake::NoValue(AttemptReason::NoValue),
    }
}

fn oximeter(dice: &mut Dice) -> Mistake {
    let fault = dice.pick(&[(35, Fault::NoValue), (35, Fault::Cold), (30, Fault::Moved)]);
    match fault {
        Some(Fault::Cold) => Mistake::Off {
            by: vec![(VitalSign::Spo2, -dice.between(2_000, 8_000))],
            noticed: noticed(dice, 600, QualityMark::LowPerfusion),
        },
        Some(Fault::Moved) => Mistake::Off {
            by: vec![
                (VitalSign::Spo2, -dice.between(3_000, 12_000)),
                (VitalSign::Pulse, dice.between(-25_000, 25_000)),
            ],
            noticed: noticed(dice, 500, QualityMark::PoorSignal),
        },
        _ => Mistake::NoValue(AttemptReason::DeclaredInvalid),
    }
}

fn scale(dice: &mut Dice) -> Mistake {
    let fault = dice.pick(&[
        (15, Fault::NoValue),
        (60, Fault::Clothed),
        (25, Fault::Leaned),
    ]);
    match fault {
        Some(Fault::Clothed) => Mistake::Off {
            by: vec![(VitalSign::Weight, dice.between(500, 2_000))],
            noticed: None,
        },
        Some(Fault::Leaned) => Mistake::Off {
            by: vec![(VitalSign::Weight, -dice.between(500, 3_000))],
            noticed: None,
        },
        _ => Mistake::NoValue(AttemptReason::NoValue),
    }
}

fn thermometer(dice: &mut Dice) -> Mistake {
    let fault = dice.pick(&[
        (20, Fault::NoValue),
        (60, Fault::Misplaced),
        (20, Fault::HotDrink),
    ]);
    match fault {
        Some(Fault::Misplaced) => Mistake::Off {
            by: vec![(VitalSign::Temperature, -dice.between(400, 1_200))],
            noticed: None,
        },
        Some(Fault::HotDrink) => Mistake::Off {
            by: vec![(VitalSign::Temperature, dice.between(300, 900))],
            noticed: None,
        },
        _ => Mistake::NoValue(AttemptReason::NoValue),
    }
}
