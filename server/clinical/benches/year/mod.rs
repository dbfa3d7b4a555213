//! A patient's year: two blood pressures morning and evening, a weight and two oxygen readings a day.

use clinical::{Case, Event, Plan, ReadingStored, VitalSign};
use jiff::{SignedDuration, Timestamp};
use vitals::{Decimal, QualityMark};

/// How many days a year has.
pub(crate) const DAYS: i64 = 365;
/// How many readings a day has.
pub(crate) const READINGS_A_DAY: i64 = 7;

/// The plan: every kind of rule is in it.
pub(crate) fn plan() -> Plan {
    serde_json::from_str(include_str!("plan.json")).unwrap()
}

/// The start of monitoring, and when.
pub(crate) fn start() -> (Event, Timestamp) {
    let plan = Box::new(plan());
    let at = plan.in_force_from;
    let coordinator = "nurse-ann".parse().unwrap();
    (Event::MonitoringStarted { coordinator, plan }, at)
}

/// A small generator (xorshift64*): the same seed gives the same year.
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33
    }

    /// About normal around `mean`: the sum of four dice.
    fn around(&mut self, mean: i64, spread: i64) -> i64 {
        let side = u64::try_from(spread).unwrap() + 1;
        let sum: i64 = (0..4)
            .map(|_| i64::try_from(self.roll() % side).unwrap())
            .sum();
        mean + sum - 2 * spread
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.roll().is_multiple_of(count)
    }
}

/// Every reading of `days` days, in order.
pub(crate) fn readings(seed: u64, days: i64) -> Vec<(Timestamp, Event)> {
    let mut dice = Dice::new(seed);
    let (_, start) = start();
    let mut number = seed << 32;
    let mut all = Vec::new();
    for day in 0..days {
        let weight = 82_000 + 1_500 * ((day / 20) % 3);
        for (minute, kind) in [
            (480, 'b'),
            (482, 'b'),
            (490, 'w'),
            (495, 'o'),
            (1_140, 'b'),
            (1_142, 'b'),
            (1_150, 'o'),
        ] {
            let at = start + SignedDuration::from_mins(day * 1_440 + minute);
            let values = match kind {
                'b' => pressure(&mut dice),
                'w' => vec![(VitalSign::Weight, thousandths(dice.around(weight, 300)))],
                _ => vec![
                    (VitalSign::Spo2, Decimal::whole(whole(dice.around(95, 1)))),
                    (VitalSign::Pulse, Decimal::whole(whole(dice.around(74, 6)))),
                ],
            };
            let quality = if dice.one_in(30) {
                vec![QualityMark::BodyMovement]
            } else {
                Vec::new()
            };
            number += 1;
            all.push((
                at,
                Event::ReadingStored(reading(number, at, values, quality)),
            ));
        }
    }
    all
}

fn pressure(dice: &mut Dice) -> Vec<(VitalSign, Decimal)> {
    vec![
        (
            VitalSign::Systolic,
            Decimal::whole(whole(dice.around(138, 8))),
        ),
        (
            VitalSign::Diastolic,
            Decimal::whole(whole(dice.around(82, 5))),
        ),
        (VitalSign::Pulse, Decimal::whole(whole(dice.around(74, 6)))),
    ]
}

fn whole(value: i64) -> i32 {
    i32::try_from(value).unwrap()
}

fn thousandths(value: i64) -> Decimal {
    Decimal::new(value, -3).unwrap()
}

fn reading(
    number: u64,
    at: Timestamp,
    values: Vec<(VitalSign, Decimal)>,
    quality: Vec<QualityMark>,
) -> ReadingStored {
    ReadingStored {
        id: format!("{number:032x}").parse().unwrap(),
        values,
        quality,
        measured_at: at,
        received_at: at,
        device: None,
        user: None,
        registered_user: None,
        clock: None,
        drill: false,
    }
}

/// Drives a case through a history and counts the decisions: see [`clinical::Timeline`].
pub(crate) fn replay(history: &[(Timestamp, Event)]) -> (Case, usize, usize) {
    let (mut decided, mut decisions_len) = (0, 0);
    let mut count = |_: Timestamp, _: &Event, decisions: &[clinical::Decision], _: &Case| {
        decided += 1;
        decisions_len += decisions.len();
    };
    let mut timeline = clinical::Timeline::new(None);
    let (event, at) = start();
    timeline.happen(&event, at, &mut count).unwrap();
    for (at, event) in history {
        timeline.happen(event, *at, &mut count).unwrap();
    }
    (timeline.case().unwrap().clone(), decided, decisions_len)
}
