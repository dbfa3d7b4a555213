//! A glance: what a list shows of an alert beside its sentence, so that nobody has to open it to see where it is going.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::alert::{Alert, Priority};
use crate::case::Case;
use crate::history::{Point, day_runs};
use crate::limits::{Breach, Limits};
use crate::schedule::Measured;
use crate::sign::VitalSign;

/// How many days the trend goes back.
pub const GLANCE_DAYS: i64 = 14;
/// The most points of a trend: the lowest and the highest of each day that it touches, and the newest.
pub const GLANCE_POINTS_MAX: usize = 31;
/// The most templates of the plan that are named.
pub const GLANCE_CARE_LEN_MAX: usize = 3;

/// What a list shows of an alert beside its sentence.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Glance {
    /// The templates of the plan in force: for which conditions the patient is watched.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub care: Vec<String>,
    /// What was usual before the alert, sign by sign.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub usual: Vec<UsualRange>,
    /// The last days of the sign that matters most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trend: Option<Trend>,
}

/// What is usual of one vital sign, in thousandths of its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsualRange {
    /// Of which.
    pub sign: VitalSign,
    /// A quarter of the values is under it.
    pub low: i64,
    /// A quarter of the values is over it.
    pub high: i64,
}

/// The last days of one vital sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trend {
    /// Which.
    pub sign: VitalSign,
    /// Minutes since 1970 UTC and thousandths of the sign's unit, oldest first; at most [`GLANCE_POINTS_MAX`].
    pub points: Vec<(i64, i64)>,
    /// The limit that was reached last, or else the nearest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Breach>,
}

impl Case {
    /// Gives what a list shows of an open alert. What is about the kit has no trend.
    pub fn glance(&self, alert: &Alert, now: Timestamp) -> Glance {
        let care = self.plan().care.templates.iter();
        let mut glance = Glance {
            care: care.take(GLANCE_CARE_LEN_MAX).cloned().collect(),
            ..Glance::default()
        };
        if alert.priority == Priority::Technical {
            return glance;
        }
        let signs = self.signs_of(alert);
        let usual = signs.iter().filter_map(|sign| {
            let found = self.history().usual(*sign, alert.opened_at)?;
            Some(UsualRange {
                sign: *sign,
                low: found.low,
                high: found.high,
            })
        });
        glance.usual = usual.collect();
        // Of two signs the one that is further out; of equals the first.
        let trends = signs.iter().filter_map(|sign| self.trend(*sign, now));
        glance.trend = trends.reduce(|first, next| {
            let is_worse = self.is_out(&next) > self.is_out(&first);
            if is_worse { next } else { first }
        });
        glance
    }

    /// Gives the vital signs that an alert is about: those of its problem; else one that speaks for it, or that is missing.
    fn signs_of(&self, alert: &Alert) -> BTreeSet<VitalSign> {
        let all = VitalSign::ALL.into_iter();
        let own: BTreeSet<VitalSign> = all.filter(|it| it.problem() == alert.problem).collect();
        if !own.is_empty() {
            return own;
        }
        let speaks = alert.rests_on.first().copied();
        speaks.or_else(|| self.missing_sign()).into_iter().collect()
    }

    fn missing_sign(&self) -> Option<VitalSign> {
        let missed = |what: &Measured| self.expecting(*what).map_or(0, |it| it.missed);
        let kinds = Measured::ALL.into_iter().filter(|what| missed(what) > 0);
        let what = kinds.max_by_key(missed)?;
        let mut signs = VitalSign::ALL.into_iter();
        signs.find(|sign| Measured::of(*sign) == Some(what))
    }

    fn trend(&self, sign: VitalSign, now: Timestamp) -> Option<Trend> {
        let span = SignedDuration::from_hours(24 * GLANCE_DAYS);
        let from = now.saturating_sub(span).unwrap_or(Timestamp::MIN);
        let points = self.history().points_until(sign, now);
        let points = points.get(points.partition_point(|it| it.at() < from)..)?;
        let limits = self.plan().limits.get(&sign);
        Some(Trend {
            sign,
            limit: limits.and_then(|limits| line(limits, points)),
            points: (!points.is_empty()).then(|| thinned(points))?,
        })
    }

    /// Tells how far the newest value of a trend is out of its limits.
    fn is_out(&self, trend: &Trend) -> Option<crate::limits::Level> {
        let newest = self.history().latest(trend.sign)?;
        let limits = self.plan().limits.get(&trend.sign)?;
        Some(limits.breach(newest.value())?.level)
    }
}

/// Keeps the lowest and the highest value of each day, and the newest of all: nothing that was out of limits is lost.
fn thinned(points: &[Point]) -> Vec<(i64, i64)> {
    let ends = day_runs(points).flat_map(|(_, run)| {
        let low = run.iter().min_by_key(|it| it.thousandths());
        let high = run.iter().max_by_key(|it| it.thousandths());
        low.into_iter().chain(high)
    });
    let mut kept: Vec<&Point> = ends.chain(points.last()).collect();
    kept.sort_by_key(|it| (it.at(), it.reading()));
    kept.dedup_by_key(|it| it.reading());
    let over = kept.len().saturating_sub(GLANCE_POINTS_MAX);
    let kept = kept.iter().skip(over);
    kept.map(|it| (it.at().as_second().div_euclid(60), it.thousandths()))
        .collect()
}

/// Finds the one limit that is worth drawing: the worst that the newest reading beyond any has reached, or else the nearest.
fn line(limits: &Limits, points: &[Point]) -> Option<Breach> {
    let reached = points.iter().rev();
    let reached = reached.filter_map(|it| limits.breach(it.value())).next();
    let newest = points.last()?.thousandths();
    let lines = limits.lines().into_iter();
    reached.or_else(|| lines.min_by_key(|it| it.limit.thousandths().abs_diff(newest)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::AlertNumber;
    use crate::event::{Event, ReadingStored};
    use crate::plan::Plan;
    use crate::replay::step;
    use vitals::Decimal;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn started() -> Case {
        let plan: Plan = serde_json::from_str(
            r#"{"version":1,"limits":{"systolic":{"soon_high":"135","urgent_high":"180"},"diastolic":{"soon_high":"85"},
            "spo2":{"urgent_low":"88","soon_low":"92"}},"care":{"templates":["copd-88-92","heart-failure"]},
            "set_by":"dr-rees","reason":"test","in_force_from":"2026-03-01T00:00:00Z"}"#,
        )
        .unwrap();
        let event = Event::MonitoringStarted {
            coordinator: "ann".parse().unwrap(),
            plan: Box::new(plan),
        };
        step(None, &event, at("2026-03-01T00:00:00Z")).unwrap().case
    }

    fn measure(case: Case, values: &[(VitalSign, i32)], time: &str) -> Case {
        let at = at(time);
        let values = values.iter();
        let event = Event::ReadingStored(ReadingStored {
            id: format!("{:032x}", at.as_second()).parse().unwrap(),
            values: values
                .map(|(sign, value)| (*sign, Decimal::whole(*value)))
                .collect(),
            quality: Vec::new(),
            measured_at: at,
            received_at: at,
            device: None,
            user: None,
            registered_user: None,
            clock: None,
            drill: false,
        });
        step(Some(case), &event, at).unwrap().case
    }

    fn first(case: &Case) -> &Alert {
        case.alert(AlertNumber::FIRST).unwrap()
    }

    #[test]
    fn the_ends_of_each_day_and_the_newest_are_kept_with_the_limit_and_what_is_usual() {
        let mut case = started();
        for (day, value) in [("02", 99), ("10", 94), ("11", 95), ("12", 93), ("13", 94)] {
            let oxygen = [(VitalSign::Spo2, value)];
            case = measure(case, &oxygen, &format!("2026-03-{day}T08:00:00Z"));
        }
        for (time, value) in [("08:00", 94), ("09:00", 90), ("10:00", 91), ("11:00", 93)] {
            let oxygen = [(VitalSign::Spo2, value)];
            case = measure(case, &oxygen, &format!("2026-03-17T{time}:00Z"));
        }
        let now = at("2026-03-17T11:05:00Z");
        let glance = case.glance(first(&case), now);
        let trend = glance.trend.clone().unwrap();
        let values: Vec<i64> = trend.points.iter().map(|it| it.1 / 1000).collect();
        assert_eq!(values, [94, 95, 93, 94, 94, 90, 93]);
        let limit = trend.limit.unwrap();
        assert_eq!(crate::sentence::limit(&limit), "soon limit: 92 or under");
        // Of the week until the alert opened at nine, the reading that raised it included.
        let usual = UsualRange {
            sign: VitalSign::Spo2,
            low: 93_000,
            high: 94_000,
        };
        assert_eq!(glance.usual, [usual]);
        assert_eq!(glance.care, ["copd-88-92", "heart-failure"]);
        let text = serde_json::to_string(&glance).unwrap();
        assert_eq!(serde_json::from_str::<Glance>(&text).unwrap(), glance);
    }

    #[test]
    fn of_two_signs_the_one_that_is_out_is_drawn() {
        let pressure = |systolic, diastolic| {
            [
                (VitalSign::Systolic, systolic),
                (VitalSign::Diastolic, diastolic),
            ]
        };
        let low = measure(started(), &pressure(120, 95), "2026-03-17T08:00:00Z");
        let now = at("2026-03-17T08:05:00Z");
        let trend = low.glance(first(&low), now).trend.unwrap();
        assert_eq!(trend.sign, VitalSign::Diastolic);
        let both = measure(started(), &pressure(140, 95), "2026-03-17T08:00:00Z");
        let trend = both.glance(first(&both), now).trend.unwrap();
        assert_eq!(trend.sign, VitalSign::Systolic);
    }

    #[test]
    fn however_much_is_measured_a_trend_is_bounded() {
        let mut case = started();
        for day in 1..=20 {
            for hour in 8..18 {
                let oxygen = [(VitalSign::Spo2, 80 + hour)];
                let time = format!("2026-03-{day:02}T{hour:02}:00:00Z");
                case = measure(case, &oxygen, &time);
            }
        }
        let glance = case.glance(first(&case), at("2026-03-20T18:00:00Z"));
        let points = glance.trend.as_ref().unwrap().points.len();
        assert!((28..=GLANCE_POINTS_MAX).contains(&points), "{points}");
        assert!(serde_json::to_string(&glance).unwrap().len() < 900);
    }
}
