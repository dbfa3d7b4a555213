//! Adherence: how many of the readings that were expected came.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::history::History;
use crate::plan::Plan;
use crate::schedule::{Due, Expected, Measured, Pause};
use crate::sign::VitalSign;
use crate::zone::Zone;

/// The most windows of one kind of reading that are counted: five weeks of the fullest schedule.
pub const WINDOWS_COUNTED_MAX: usize = 420;

/// How many readings of one kind were expected, and in how many of their windows one came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// Windows that are over, and those that run and have their reading already.
    pub expected: u32,
    /// Those with a reading.
    pub came: u32,
}

impl Kept {
    /// Adds the windows of another kind of reading.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            expected: self.expected.saturating_add(other.expected),
            came: self.came.saturating_add(other.came),
        }
    }
}

/// Counts the windows that opened from `since` on, each by the plan that was in force when it opened. `plans` are oldest
/// first. Nothing is expected before the first of them, and nothing during a pause; a window that is not over, its grace
/// included, counts once its reading is there. A doubtful reading is none: it would not have met its window either.
pub fn kept(
    plans: &[&Plan],
    history: &History,
    pauses: &[Pause],
    since: Timestamp,
    now: Timestamp,
) -> BTreeMap<Measured, Kept> {
    let mut all: BTreeMap<Measured, Kept> = BTreeMap::new();
    for (place, plan) in plans.iter().enumerate() {
        let next = plans.get(place.saturating_add(1));
        let until = next.map_or(now, |next| next.in_force_from.min(now));
        let from = plan.in_force_from.max(since);
        for expected in &plan.care.schedule.expected {
            let counting = Counting {
                expected,
                zone: &plan.care.zone,
                history,
                pauses,
                now,
            };
            let found = counting.count(from, until);
            let sum = all.entry(expected.what).or_default();
            *sum = sum.and(found);
        }
    }
    all
}

struct Counting<'a> {
    expected: &'a Expected,
    zone: &'a Zone,
    history: &'a History,
    pauses: &'a [Pause],
    now: Timestamp,
}

impl Counting<'_> {
    fn count(&self, from: Timestamp, until: Timestamp) -> Kept {
        let mut kept = Kept::default();
        let just_before = from.saturating_sub(SignedDuration::from_nanos(1));
        let mut after = just_before.unwrap_or(Timestamp::MIN);
        for _ in 0..WINDOWS_COUNTED_MAX {
            let due = self.expected.next_window(after, self.zone, self.pauses);
            let Some(due) = due.filter(|due| due.opens < until) else {
                break;
            };
            after = due.opens;
            let came = self.has_reading(&due);
            if came || due.due_at <= self.now {
                kept = kept.and(Kept {
                    expected: 1,
                    came: u32::from(came),
                });
            }
        }
        kept
    }

    /// As [`crate::Case::has_reading_in`], for the schedule of a plan that need not be in force any more.
    fn has_reading(&self, due: &Due) -> bool {
        let is_of_another = |at| self.expected.window_at(at, self.zone, &[]).is_some();
        let is_in_grace = |at| due.closes <= at && at < due.due_at && !is_of_another(at);
        let signs = VitalSign::ALL.into_iter();
        let signs = signs.filter(|sign| Measured::of(*sign) == Some(due.what));
        signs
            .flat_map(|sign| self.history.points_until(sign, due.due_at))
            .any(|point| due.has(point.at()) || is_in_grace(point.at()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Point;
    use crate::plan::{Care, PlanVersion};
    use crate::schedule::{PauseReason, Schedule};
    use vitals::Decimal;

    const TWICE_A_DAY: &str = r#"{"expected":[{"what":"blood_pressure","every":"daily",
        "windows":["06:00-12:00","18:00-24:00"],"grace_minutes":60,"nudge_after":1,"check_after":2,"source":"test"}]}"#;
    const MORNINGS: &str = r#"{"expected":[{"what":"weight","every":"daily","windows":["06:00-10:00"],
        "grace_minutes":60,"nudge_after":1,"check_after":2,"source":"test"}]}"#;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn plan(version: u32, schedule: &str, from: &str) -> Plan {
        let schedule: Schedule = serde_json::from_str(schedule).unwrap();
        Plan {
            version: PlanVersion(version),
            limits: BTreeMap::new(),
            care: Care {
                schedule,
                ..Care::default()
            },
            set_by: "dr-rees".parse().unwrap(),
            reason: "test".to_owned(),
            patient_view: None,
            in_force_from: at(from),
        }
    }

    fn history(sign: VitalSign, moments: &[&str]) -> History {
        let mut history = History::default();
        for (number, moment) in moments.iter().enumerate() {
            let reading = format!("{number:032x}").parse().unwrap();
            let value = Decimal::whole(120);
            let point = Point::new(at(moment), &Zone::utc(), value, reading, false);
            history.insert_point(sign, point);
        }
        history
    }

    #[test]
    fn windows_with_a_reading_are_counted_against_those_that_were_expected() {
        let plan = plan(1, TWICE_A_DAY, "2026-03-01T00:00:00Z");
        let came = history(
            VitalSign::Systolic,
            // A morning twice over is one; the last is in the hour of grace; 15:00 is in no window.
            &[
                "2026-03-10T07:00:00Z",
                "2026-03-10T07:05:00Z",
                "2026-03-10T15:00:00Z",
                "2026-03-11T12:30:00Z",
            ],
        );
        let count = |now: &str| {
            let found = kept(&[&plan], &came, &[], at("2026-03-10T00:00:00Z"), at(now));
            let kept = found[&Measured::BloodPressure];
            (kept.came, kept.expected)
        };
        assert_eq!(
            count("2026-03-10T07:30:00Z"),
            (1, 1),
            "it runs and has its reading"
        );
        assert_eq!(
            count("2026-03-11T00:30:00Z"),
            (1, 1),
            "the evening still has its grace"
        );
        assert_eq!(count("2026-03-11T01:00:00Z"), (1, 2));
        assert_eq!(count("2026-03-11T14:00:00Z"), (2, 3));
    }

    #[test]
    fn each_window_counts_by_the_plan_of_its_time_and_none_before_the_first_or_in_a_pause() {
        let first = plan(1, TWICE_A_DAY, "2026-03-10T12:00:00Z");
        let second = plan(2, MORNINGS, "2026-03-12T00:00:00Z");
        let weighed = history(VitalSign::Weight, &["2026-03-12T07:00:00Z"]);
        let pause = Pause {
            from: at("2026-03-13T00:00:00Z"),
            until: at("2026-03-14T00:00:00Z"),
            reason: PauseReason::Holiday,
        };
        let found = kept(
            &[&first, &second],
            &weighed,
            &[pause],
            at("2026-03-08T00:00:00Z"),
            at("2026-03-14T12:00:00Z"),
        );
        // The evening of the 10th and both of the 11th.
        let pressure = found[&Measured::BloodPressure];
        assert_eq!((pressure.came, pressure.expected), (0, 3));
        // The 12th and the 14th; the 13th was a pause.
        let weight = found[&Measured::Weight];
        assert_eq!((weight.came, weight.expected), (1, 2));
        assert_eq!(
            pressure.and(weight),
            Kept {
                expected: 5,
                came: 1
            }
        );
    }

    #[test]
    fn a_plan_that_expects_nothing_has_nothing_to_keep() {
        let bare = plan(1, "{}", "2026-03-01T00:00:00Z");
        let (since, now) = (at("2026-03-10T00:00:00Z"), at("2026-03-17T00:00:00Z"));
        assert!(kept(&[&bare], &History::default(), &[], since, now).is_empty());
        assert!(kept(&[], &History::default(), &[], since, now).is_empty());
    }
}
