//! Bodies: the true value of a vital sign at a minute, from what is usual, the day, the hour and what happens.

use clinical::VitalSign;

use super::clock::{DAY, HOUR, Minute, day};
use super::episode::Episode;
use super::person::{Kind, Person};

/// How one sign varies within one person, in thousandths of its unit.
struct Variation {
    /// Over weeks.
    slow: i64,
    /// From day to day.
    daily: i64,
    /// From minute to minute, with the device's own noise.
    reading: i64,
    /// How much more it is in the evening.
    evening: i64,
}

/// Variation within one stable person. Pulse and oxygen add up to standard deviations of 5 a minute and 1 % (Hurst, BMC
/// Pulm Med 2010;10:52, stable COPD at home); systolic pressure to 9 mmHg, with weekly averages apart by 4 % of the mean
/// (Warren, BJGP 2010;60:675: 4.2 % from week 1 to week 6). Weight, temperature and the differences of mornings and
/// evenings are assumptions.
fn variation(sign: VitalSign) -> Variation {
    let (slow, daily, reading, evening) = match sign {
        VitalSign::Systolic => (4_000, 5_500, 5_500, -3_000),
        VitalSign::Diastolic => (1_000, 2_000, 3_000, -2_000),
        VitalSign::Pulse => (2_000, 3_000, 3_500, 2_000),
        VitalSign::Spo2 => (400, 600, 700, 0),
        VitalSign::Weight => (500, 400, 150, 600),
        VitalSign::Temperature => (0, 150, 150, 300),
    };
    Variation {
        slow,
        daily,
        reading,
        evening,
    }
}

/// The standard deviation of one reading of a stable person around what is usual.
pub(crate) fn reading_deviation(sign: VitalSign) -> i64 {
    let it = variation(sign);
    (it.slow * it.slow + it.daily * it.daily + it.reading * it.reading).isqrt()
}

/// The true value at a minute, without what varies from reading to reading.
pub(crate) fn truth(person: &Person, episodes: &[Episode], sign: VitalSign, at: Minute) -> i64 {
    let evening = if at.rem_euclid(DAY) >= 15 * HOUR {
        variation(sign).evening
    } else {
        0
    };
    let shift: i64 = episodes.iter().map(|it| it.shift(sign, at)).sum();
    let varied = drift(person, sign, at) + of_day(person, sign, at);
    // Diastolic pressure follows systolic pressure by half.
    let followed = match sign {
        VitalSign::Diastolic => {
            let systolic = VitalSign::Systolic;
            (drift(person, systolic, at) + of_day(person, systolic, at)) / 2
        }
        _ => 0,
    };
    person.usual(sign) + recovering(person, sign, at) + varied + followed + evening + shift
}

/// The change from one measurement to the next: breath, unrest, the device's noise.
pub(crate) fn wobble(person: &Person, sign: VitalSign, question: i64, irregular: bool) -> i64 {
    let mut spread = variation(sign).reading;
    if irregular && sign == VitalSign::Pulse {
        spread += 8_000;
    }
    person.dice(&[4, code(sign), question]).normal(0, spread)
}

/// Straight lines between the middles of weeks.
fn drift(person: &Person, sign: VitalSign, at: Minute) -> i64 {
    let week = at.div_euclid(7 * DAY);
    let into = at.rem_euclid(7 * DAY);
    let knot = |week: i64| {
        let mut dice = person.dice(&[5, code(sign), week]);
        dice.normal(0, variation(sign).slow)
    };
    let (from, until) = (knot(week), knot(week + 1));
    from + (until - from) * into / (7 * DAY)
}

fn of_day(person: &Person, sign: VitalSign, at: Minute) -> i64 {
    let mut dice = person.dice(&[6, code(sign), day(at)]);
    dice.normal(0, variation(sign).daily)
}

/// Who comes home after pneumonia is not well yet: oxygen 1.5 points lower and the pulse 8 faster, better over ten days.
fn recovering(person: &Person, sign: VitalSign, at: Minute) -> i64 {
    if person.kind != Kind::Recovery {
        return 0;
    }
    let left = (10 * DAY - at).max(0);
    match sign {
        VitalSign::Spo2 => -1_500 * left / (10 * DAY),
        VitalSign::Pulse => 8_000 * left / (10 * DAY),
        _ => 0,
    }
}

fn code(sign: VitalSign) -> i64 {
    match sign {
        VitalSign::Systolic => 1,
        VitalSign::Diastolic => 2,
        VitalSign::Pulse => 3,
        VitalSign::Spo2 => 4,
        VitalSign::Weight => 5,
        VitalSign::Temperature => 6,
    }
}
