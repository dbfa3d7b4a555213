//! Home average: the mean of several days of blood pressure, measured as NICE asks.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vitals::Decimal;

use super::check::{Wrong, amount, between};
use super::day_span::DaySpan;
use super::judgement::{Facts, Found, Held, Lack};
use super::view::{View, evidence};
use crate::alert::Priority;
use crate::history::{History, WINDOW_DAYS_MAX, day_runs};
use crate::sign::VitalSign;

/// The most minutes that may be asked for between two readings of a session.
const APART_MINUTES_MAX: u8 = 60;
/// The most readings that a session may ask for.
const READINGS_A_SESSION_MAX: u8 = 6;

/// Holds when the average home blood pressure reaches either limit.
///
/// NICE NG136 (1.2.6, 1.2.7): for each recording two consecutive readings at least a minute apart; twice a day, ideally in
/// the morning and in the evening; for at least 4 days, ideally 7; the first day is left out and the rest averaged. Either
/// component decides the stage. A day counts when it has enough sessions, and a session when it has enough readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HomeAverage {
    /// The average systolic pressure that reaches the limit, mmHg.
    pub systolic_limit: Decimal,
    /// The average diastolic pressure that reaches the limit, mmHg.
    pub diastolic_limit: Decimal,
    /// How far apart two readings of a session are at least, in minutes; one that comes sooner is left out.
    pub readings_apart_minutes_min: u8,
    /// How many readings make a session count.
    #[serde(default = "two")]
    pub readings_a_session_min: u8,
    /// How many of a day's sessions (the morning's and the evening's) make it count: 1 or 2.
    pub sessions_a_day_min: u8,
    /// How many days must count, the first included.
    pub days_min: u8,
    /// How many local days are looked at, ending with the newest reading's.
    pub days_max: u8,
    /// When a session is the morning's.
    pub morning: DaySpan,
    /// When a session is the evening's.
    pub evening: DaySpan,
    /// Whether the first day that counts is left out of the average.
    pub drop_first_day: bool,
    /// A second pair of limits, with a priority of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<SecondLevel>,
}

/// What every rule meant that was written before it could say so.
fn two() -> u8 {
    2
}

/// A second, higher pair of limits of an average.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecondLevel {
    /// The average systolic pressure that reaches it, mmHg.
    pub systolic_limit: Decimal,
    /// The average diastolic pressure that reaches it, mmHg.
    pub diastolic_limit: Decimal,
    /// What to do by when.
    pub priority: Priority,
}

/// An average home blood pressure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Average {
    /// The mean systolic pressure, mmHg, to one decimal.
    pub systolic: Decimal,
    /// The mean diastolic pressure, mmHg, to one decimal.
    pub diastolic: Decimal,
    /// How many days counted, one that was left out included.
    pub days: u32,
    /// How many readings were averaged.
    pub readings: u32,
}

impl HomeAverage {
    pub(super) fn check(&self) -> Result<(), Wrong> {
        amount("systolic_limit", self.systolic_limit)?;
        amount("diastolic_limit", self.diastolic_limit)?;
        let apart = self.readings_apart_minutes_min;
        between("readings_apart_minutes_min", apart, 0, APART_MINUTES_MAX)?;
        let readings = self.readings_a_session_min;
        between(
            "readings_a_session_min",
            readings,
            1,
            READINGS_A_SESSION_MAX,
        )?;
        between("sessions_a_day_min", self.sessions_a_day_min, 1, 2_u8)?;
        between("days_max", self.days_max, 1, WINDOW_DAYS_MAX)?;
        let days_least = if self.drop_first_day { 2 } else { 1 };
        between("days_min", self.days_min, days_least, self.days_max)?;
        if !self.morning.is_before(&self.evening) {
            return Err(Wrong::SessionsOverlap);
        }
        let Some(second) = self.second else {
            return Ok(());
        };
        let pairs = [
            (
                "second.systolic_limit",
                second.systolic_limit,
                self.systolic_limit,
            ),
            (
                "second.diastolic_limit",
                second.diastolic_limit,
                self.diastolic_limit,
            ),
        ];
        pairs.into_iter().try_for_each(|(name, found, first)| {
            amount(name, found)?;
            if found.compare(&first).is_gt() {
                Ok(())
            } else {
                Err(Wrong::SecondLevel { name, found })
            }
        })
    }

    /// Gives the average as known at `as_of`: what was measured later is not seen.
    ///
    /// # Errors
    /// How many days there are and how many it takes, when they are too few.
    pub fn average(&self, history: &History, as_of: Timestamp) -> Result<Average, Lack> {
        let view = View {
            history,
            as_of,
            margin: 0,
        };
        let counted = self.counted(&view)?;
        Ok(counted.sums.average(counted.days))
    }

    pub(super) fn judge(&self, view: &View<'_>) -> Found {
        let counted = self.counted(view)?;
        let Some((newest, _)) = view.latest(VitalSign::Systolic) else {
            return Ok(None);
        };
        let reaches = |systolic, diastolic| counted.sums.reaches(systolic, diastolic, view.margin);
        let second = self
            .second
            .filter(|second| reaches(second.systolic_limit, second.diastolic_limit));
        if second.is_none() && !reaches(self.systolic_limit, self.diastolic_limit) {
            return Ok(None);
        }
        let averaged = day_runs(view.points(VitalSign::Systolic))
            .rev()
            .take_while(|(day, _)| *day >= counted.first)
            .filter(|(_, run)| self.of_day(run, view).is_some())
            .flat_map(|(_, run)| run.iter().rev())
            .filter(|it| self.session_of(it).is_some());
        Ok(Some(Held {
            facts: Facts::HomeAverage(HomeAverageFacts {
                rule: *self,
                average: counted.sums.average(counted.days),
                is_second: second.is_some(),
            }),
            newest_at: newest.at(),
            readings: evidence(averaged),
            priority: second.map(|second| second.priority),
        }))
    }
}

/// An average that reached a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HomeAverageFacts {
    /// The rule.
    pub rule: HomeAverage,
    /// The average.
    pub average: Average,
    /// Whether it reached the second level's limits.
    pub is_second: bool,
}

impl HomeAverageFacts {
    fn limits(&self) -> (String, String) {
        let second = self.rule.second.filter(|_| self.is_second);
        let (systolic, diastolic) = second.map_or(
            (self.rule.systolic_limit, self.rule.diastolic_limit),
            |second| (second.systolic_limit, second.diastolic_limit),
        );
        (systolic.plain(), diastolic.plain())
    }

    pub(super) fn for_nurse(&self) -> String {
        let (systolic, diastolic) = self.limits();
        let Average { days, readings, .. } = self.average;
        format!(
            "Home average {}/{} mmHg over {days} days, {readings} readings{} (rule: {systolic}/{diastolic} or over)",
            self.average.systolic.plain(),
            self.average.diastolic.plain(),
            if self.rule.drop_first_day {
                ", the first day left out"
            } else {
                ""
            },
        )
    }

    pub(super) fn for_patient(&self) -> String {
        let (systolic, diastolic) = self.limits();
        format!(
            "Your average blood pressure at home is {} over {}. The limit in your plan is {systolic} over {diastolic}.",
            self.average.systolic.plain(),
            self.average.diastolic.plain(),
        )
    }

    pub(super) fn would_have_stopped(&self) -> String {
        let (systolic, diastolic) = self.limits();
        format!("an average under both {systolic} and {diastolic} mmHg")
    }
}
