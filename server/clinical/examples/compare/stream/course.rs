//! Courses: how an episode moves each vital sign away from what is usual, and back.
//!
//! Every course was written from published descriptions before any rule or template was looked at:
//! - **Heart failure decompensating.** Weight gain begins one to two weeks before admission and averages more than a
//!   kilogram, but about half of patients gain hardly any (Chaudhry, Circulation 2007;116:1549; sensitivity of weight
//!   rules 21-46 %, `HeartPhone` 82 %, EJHF 2013). So two thirds gain 2-4 kg over 7-14 days and one third 0.3-1.5 kg; in the
//!   second half of the gain oxygen falls 2-5 points and the pulse rises 10-20. Treatment ends it in 5-7 days.
//! - **COPD exacerbation.** Oxygen falls 4-6 points over 2-3 days and the pulse rises 10-20; in one third it falls only
//!   2-3 (Hurst, BMC Pulm Med 2010;10:52: changes of one to two standard deviations, greatest 2-3 days after the onset).
//!   Recovery takes 7-10 days.
//! - **Hypertensive episode.** Systolic pressure rises over one day to 183-200 and stays for 3-6 days; diastolic pressure
//!   rises by half as much (NICE NG136: severe at 180/120).
//! - **Infection.** Temperature rises 1.5-2.5 °C within a day, the pulse 8-10 for each degree (Liebermeister), oxygen
//!   falls 2-5 points as in pneumonia; better after 3-5 days.
//! - **Losing control of blood pressure.** 15-25 mmHg over 3-5 weeks, held for 2 weeks, then treated.
//! - **Atrial fibrillation.** Irregular marks on four of five readings, the pulse 20-35 faster and 8 more variable, for
//!   3-14 days.

use clinical::VitalSign;

use super::clock::{DAY, HOUR, Minute};
use super::dice::Dice;

/// What happens to a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EpisodeKind {
    Decompensation,
    Exacerbation,
    HypertensiveEpisode,
    Infection,
    LosingControl,
    AtrialFibrillation,
}

/// How far one vital sign is from usual over an episode: straight lines between points, in minutes since the episode's
/// start and thousandths of the sign's unit. It begins and ends at nought.
#[derive(Debug, Clone)]
pub(crate) struct Course {
    pub(crate) sign: VitalSign,
    points: Vec<(Minute, i64)>,
}

impl Course {
    fn new(sign: VitalSign, points: &[(Minute, i64)]) -> Self {
        Self {
            sign,
            points: points.to_vec(),
        }
    }

    /// How far from usual it is so many minutes after the episode's start.
    pub(crate) fn at(&self, since: Minute) -> i64 {
        let pair = self
            .points
            .windows(2)
            .find(|pair| pair[0].0 <= since && since < pair[1].0);
        pair.map_or(0, |pair| {
            let ((from, before), (until, after)) = (pair[0], pair[1]);
            before + (after - before) * (since - from) / (until - from)
        })
    }

    /// When it begins to go back.
    pub(crate) fn turns(&self) -> Minute {
        let mut points = self.points.iter().rev();
        points.nth(1).map_or(0, |point| point.0)
    }

    pub(crate) fn ends(&self) -> Minute {
        self.points.last().map_or(0, |point| point.0)
    }
}

/// A plateau: up until `risen`, held until `held`, back at `over`.
fn plateau(sign: VitalSign, height: i64, risen: Minute, held: Minute, over: Minute) -> Course {
    Course::new(sign, &[(0, 0), (risen, height), (held, height), (over, 0)])
}

/// Draws the courses of one episode. `systolic` is what is usual for the patient.
pub(crate) fn draw(kind: EpisodeKind, systolic: i64, dice: &mut Dice) -> Vec<Course> {
    match kind {
        EpisodeKind::Decompensation => decompensation(dice),
        EpisodeKind::Exacerbation => exacerbation(dice),
        EpisodeKind::HypertensiveEpisode => hypertensive(systolic, dice),
        EpisodeKind::Infection => infection(dice),
        EpisodeKind::LosingControl => losing_control(dice),
        EpisodeKind::AtrialFibrillation => {
            let over = DAY * dice.between(3, 14);
            let faster = dice.between(20_000, 35_000);
            vec![plateau(VitalSign::Pulse, faster, HOUR, over - HOUR, over)]
        }
    }
}

fn decompensation(dice: &mut Dice) -> Vec<Course> {
    let gain = if dice.happens(667) {
        dice.between(2_000, 4_000)
    } else {
        dice.between(300, 1_500)
    };
    let worst = DAY * dice.between(7, 14);
    let treated = worst + DAY;
    let over = treated + DAY * dice.between(5, 7);
    let late = |sign, height| {
        Course::new(
            sign,
            &[
                (0, 0),
                (worst / 2, 0),
                (worst, height),
                (treated, height),
                (over, 0),
            ],
        )
    };
    vec![
        plateau(VitalSign::Weight, gain, worst, treated, over),
        late(VitalSign::Spo2, -dice.between(2_000, 5_000)),
        late(VitalSign::Pulse, dice.between(10_000, 20_000)),
    ]
}

fn exacerbation(dice: &mut Dice) -> Vec<Course> {
    let fall = if dice.happens(667) {
        dice.between(4_000, 6_000)
    } else {
        dice.between(2_000, 3_000)
    };
    let worst = DAY * dice.between(2, 3);
    let held = worst + DAY * dice.between(2, 3);
    let over = held + DAY * dice.between(7, 10);
    vec![
        plateau(VitalSign::Spo2, -fall, worst, held, over),
        plateau(
            VitalSign::Pulse,
            dice.between(10_000, 20_000),
            worst,
            held,
            over,
        ),
    ]
}

fn hypertensive(systolic: i64, dice: &mut Dice) -> Vec<Course> {
    let height = (dice.between(183_000, 200_000) - systolic).max(0);
    let held = DAY + DAY * dice.between(3, 6);
    let over = held + 2 * DAY;
    vec![
        plateau(VitalSign::Systolic, height, DAY, held, over),
        plateau(VitalSign::Diastolic, height / 2, DAY, held, over),
    ]
}

fn infection(dice: &mut Dice) -> Vec<Course> {
    let fever = dice.between(1_500, 2_500);
    let held = DAY * dice.between(3, 5);
    let over = held + DAY * dice.between(2, 4);
    let faster = fever * dice.between(8, 10);
    let fall = dice.between(2_000, 5_000);
    vec![
        plateau(VitalSign::Temperature, fever, DAY, held, over),
        plateau(VitalSign::Pulse, faster, DAY, held, over),
        plateau(VitalSign::Spo2, -fall, 2 * DAY, held, over),
    ]
}

fn losing_control(dice: &mut Dice) -> Vec<Course> {
    let height = dice.between(15_000, 25_000);
    let risen = DAY * dice.between(21, 35);
    let (held, over) = (risen + 14 * DAY, risen + 21 * DAY);
    vec![
        plateau(VitalSign::Systolic, height, risen, held, over),
        plateau(VitalSign::Diastolic, height / 2, risen, held, over),
    ]
}
