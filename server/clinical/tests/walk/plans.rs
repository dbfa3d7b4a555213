//! Plans of a walk: a base that has everything, of which each plan leaves out and changes something.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use clinical::plan::{Care, Clock, Escalation, Response, Term};
use clinical::score::{Raise, ScoreRule, ScoreSettings, ScoreTable, Spo2Scale, Thresholds};
use clinical::{Event, Hours, Limits, Plan, PlanVersion, Priority, VitalSign};
use jiff::{Timestamp, ToSpan};
use vitals::Decimal;

static BASE: LazyLock<Plan> = LazyLock::new(|| {
    let mut plan: Plan = serde_json::from_str(include_str!("plan.json")).unwrap();
    plan.care.score = Some(score());
    plan
});

/// Zones with clock changes on different nights, in different hemispheres, and without.
const ZONES: [&str; 4] = [
    "GMT0BST,M3.5.0/1,M10.5.0",
    "UTC0",
    "EST5EDT,M3.2.0,M11.1.0",
    "NZST-12NZDT,M9.5.0,M4.1.0/3",
];

fn score() -> ScoreRule {
    let text = std::fs::read_to_string("../../config/scores/news2.toml").unwrap();
    let table: ScoreTable = toml::from_str(&text).unwrap();
    let raise = |steps: &[(u8, Priority)]| Thresholds {
        raise: steps
            .iter()
            .map(|&(at_least, priority)| Raise { at_least, priority })
            .collect(),
        one_parameter_3: Some(Priority::Soon),
    };
    let complete = raise(&[(5, Priority::Soon), (7, Priority::Urgent)]);
    let partial = raise(&[
        (3, Priority::Check),
        (5, Priority::Soon),
        (6, Priority::Urgent),
    ]);
    let settings = ScoreSettings {
        table,
        scale: Spo2Scale::One,
        complete,
        partial,
        inputs_age_minutes_max: None,
        source: "the walk".to_owned(),
    };
    settings.try_into().unwrap()
}

/// Changes the plan: at once, or from a later time, or a plan for later is taken back.
pub(crate) fn change(version: PlanVersion, choices: [u32; 4], now: Timestamp) -> Event {
    let mut plan = Box::new(plan(version, choices, now));
    let [_, times, limits, other] = choices;
    match other / 16 % 4 {
        0 => {
            let minutes = i64::from(times % 7_200) - 60;
            plan.in_force_from = now.saturating_add(minutes.minutes()).unwrap();
            Event::PlanScheduled { plan }
        }
        1 if limits % 2 == 0 => {
            let reason = if times % 8 == 7 { " " } else { "not wanted" };
            let (by, reason) = (plan.set_by.clone(), reason.to_owned());
            Event::PlanWithdrawn { by, reason }
        }
        _ => Event::PlanInForce { plan },
    }
}

/// Makes a plan of choices; 0 is the whole base.
pub(crate) fn plan(version: PlanVersion, choices: [u32; 4], now: Timestamp) -> Plan {
    let mut plan = BASE.clone();
    plan.version = version;
    plan.in_force_from = now;
    let [parts, times, limits, other] = choices;
    let care = &mut plan.care;
    leave_out(care, parts);
    change_times(care, times);
    change_limits(&mut plan.limits, limits);
    let care = &mut plan.care;
    care.zone = ZONES[other as usize % 5 % 4].parse().unwrap();
    if other & 0x30 == 0x30 {
        let today = care.zone.date(now);
        let day = |days: u32| today.saturating_add((i64::from(days % 16) - 4).days());
        care.term = Some(Term {
            starts_on: None,
            review_by: (other & 0x40 != 0).then(|| day(other >> 8)),
            ends_on: (other & 0x80 != 0).then(|| day(other >> 12)),
        });
    }
    plan
}

/// Whether one of sixteen things is left out: each bit alone is set in half of all numbers, so two are asked for.
fn left_out(parts: u32, number: u32) -> bool {
    let two = (parts.wrapping_mul(0x9E37_79B1) >> (2 * number)) & 3;
    parts != 0 && two == 3
}

fn leave_out(care: &mut Care, parts: u32) {
    if parts % 23 == 22 {
        *care = Care::default();
    }
    if left_out(parts, 0) {
        care.rules.clear();
    }
    if left_out(parts, 1) {
        care.score = None;
    }
    if left_out(parts, 2) {
        care.confirmation.clear();
    }
    if left_out(parts, 3) {
        care.clearing = None;
    }
    if left_out(parts, 4) {
        care.quality = None;
    }
    if left_out(parts, 5) {
        care.lateness = None;
    }
    if left_out(parts, 6) {
        care.schedule.expected.clear();
    } else if left_out(parts, 7) {
        care.schedule.expected.truncate(2);
    }
    if left_out(parts, 8) {
        care.escalation = Escalation::default();
    } else if left_out(parts, 9) {
        care.escalation.0.remove(&Priority::Soon);
        care.escalation.0.remove(&Priority::Check);
    }
    if left_out(parts, 10) {
        care.hours = Hours::default();
    }
    if left_out(parts, 11) {
        care.rules.retain(|it| it.id().as_str().len() % 2 == 0);
    }
}

fn change_times(care: &mut Care, times: u32) {
    let response = |care: &mut Care, change: &dyn Fn(&mut Response)| {
        care.escalation.0.values_mut().for_each(change);
    };
    match times % 12 {
        1 => response(care, &|it| it.take_minutes /= 5),
        2 => response(care, &|it| (it.act_minutes, it.step_minutes) = (5, 5)),
        3 => response(care, &|it| it.clock = Clock::Monitored),
        4 => response(care, &|it| it.clock = Clock::Always),
        5 => response(care, &|it| it.ends_by_itself = !it.ends_by_itself),
        6 => response(care, &|it| (it.take_minutes, it.step_minutes) = (0, 0)),
        7 => response(care, &|it| it.take_minutes = 3 * 24 * 60),
        8 => care
            .confirmation
            .values_mut()
            .for_each(|it| it.soon_minutes = None),
        9 => care
            .confirmation
            .values_mut()
            .for_each(|it| it.urgent_minutes = None),
        10 => care
            .confirmation
            .values_mut()
            .for_each(|it| (it.soon_minutes, it.urgent_minutes) = (Some(600), Some(200))),
        11 => {
            let rests = [Priority::Check, Priority::Technical];
            let rest = |(priority, it): (&Priority, &mut Response)| {
                it.rest_days = rests.contains(priority).then_some(7);
            };
            care.escalation.0.iter_mut().for_each(rest);
        }
        _ => {}
    }
    if let Some(lateness) = &mut care.lateness {
        lateness.urgent_becomes =
            [Priority::Soon, Priority::Check, Priority::Urgent][times as usize / 12 % 3];
        lateness.late_minutes = [120, 20, 24 * 60][times as usize / 36 % 3];
    }
    if let Some(clearing) = &mut care.clearing {
        clearing.readings = [2, 1, 0, 4][times as usize / 108 % 4];
    }
}

fn change_limits(limits: &mut BTreeMap<VitalSign, Limits>, choice: u32) {
    let systolic = |low: i32, soon_low: i32, soon: i32, high: i32| {
        let it = [low, soon_low, soon, high].map(|it| Some(Decimal::whole(it)));
        Limits::new(it[0], it[1], it[2], it[3]).unwrap()
    };
    match choice % 8 {
        1 => limits.insert(VitalSign::Systolic, systolic(100, 110, 130, 150)),
        2 => limits.insert(VitalSign::Systolic, systolic(70, 80, 170, 200)),
        3 => limits.remove(&VitalSign::Pulse),
        4 => limits.remove(&VitalSign::Spo2),
        5 => limits.insert(VitalSign::Pulse, systolic(55, 60, 90, 100)),
        _ => None,
    };
    if choice % 61 == 60 {
        limits.clear();
    }
}
