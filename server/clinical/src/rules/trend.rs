//! Trend: a slow drift over weeks, by an estimate that single odd days do not move.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use vitals::Decimal;

use super::check::{Wrong, amount, between};
use super::direction::Direction;
use super::judgement::{Counted, Facts, Found, Held, Lack};
use super::view::{View, evidence_by_day};
use super::words;
use crate::history::{DayMedian, WINDOW_DAYS_MAX};
use crate::sentence::capitalised;
use crate::sign::VitalSign;

const DAYS_A_WEEK: i64 = 7;
/// The fewest days that a slope can be said of.
const DAYS_LEAST: u32 = 3;

/// Holds when the daily medians of the last days drift by so much a week and most pairs of days agree. It needs `days_min`
/// days with readings.
///
/// The drift is the median of the slopes between all pairs of days (Theil 1950; Sen, J Am Stat Assoc 1968), which stands as
/// long as fewer than 29 % of the days are odd. The agreement is the share of pairs that go the rule's way (Kendall,
/// Biometrika 1938), so that noise about a level raises nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trend {
    /// The vital sign.
    pub sign: VitalSign,
    /// Which way.
    pub direction: Direction,
    /// How much a week, in the sign's unit. A drift of just this much has reached it.
    pub per_week_at_least: Decimal,
    /// How many local days are looked at, ending with the newest reading's.
    pub days: u8,
    /// How many of these days must have readings.
    pub days_min: u8,
    /// How many of 100 pairs of days must go the rule's way.
    pub agreement_percent_min: u8,
}

/// A slope between two days: how far in the rule's direction, in thousandths, in how many days (over 0).
#[derive(Clone, Copy)]
struct Slope {
    by: i64,
    days: i64,
}

impl Slope {
    fn compare(&self, other: &Self) -> Ordering {
        let (one, two) = (
            self.by.saturating_mul(other.days),
            other.by.saturating_mul(self.days),
        );
        one.cmp(&two)
    }

    /// Compares with so many thousandths a week.
    fn compare_per_week(&self, per_week: i64) -> Ordering {
        let by = self.by.saturating_mul(DAYS_A_WEEK);
        by.cmp(&per_week.saturating_mul(self.days))
    }

    /// Gives the slope halfway between two.
    fn midway(&self, other: &Self) -> Self {
        let (one, two) = (
            self.by.saturating_mul(other.days),
            other.by.saturating_mul(self.days),
        );
        Self {
            by: one.saturating_add(two),
            days: self.days.saturating_mul(other.days).saturating_mul(2),
        }
    }

    /// Gives the slope in thousandths a week, rounded towards zero.
    fn per_week(&self) -> i64 {
        self.by.saturating_mul(DAYS_A_WEEK) / self.days.max(1)
    }
}

/// How many pairs of days there are, how many go the rule's way and how many fast enough.
#[derive(Default)]
struct Pairs {
    all: u32,
    agreeing: u32,
    fast: u32,
}

impl Trend {
    pub(super) fn check(&self) -> Result<(), Wrong> {
        amount("per_week_at_least", self.per_week_at_least)?;
        between("days", self.days, DAYS_LEAST, WINDOW_DAYS_MAX)?;
        between("days_min", self.days_min, DAYS_LEAST, self.days)?;
        between(
            "agreement_percent_min",
            self.agreement_percent_min,
            1,
            100_u8,
        )
    }

    pub(super) fn judge(&self, view: &View<'_>) -> Found {
        let Some((newest, _)) = view.latest(self.sign) else {
            return Err(Lack::new(0_u8, self.days_min, Counted::Days));
        };
        let first = newest
            .day()
            .saturating_sub(i32::from(self.days).saturating_sub(1));
        let days = view.days(self.sign, first, newest.day());
        let len = u32::try_from(days.len()).unwrap_or(u32::MAX);
        if len < u32::from(self.days_min) {
            return Err(Lack::new(len, self.days_min, Counted::Days));
        }
        let per_week = self
            .per_week_at_least
            .thousandths()
            .saturating_sub(view.margin);
        let pairs = self.pairs(days, per_week);
        let agreement_percent = pairs.agreeing * 100 / pairs.all.max(1);
        // The median is fast enough only if half of the slopes are: most evaluations end here, with nothing sorted.
        if agreement_percent < u32::from(self.agreement_percent_min) || pairs.fast * 2 < pairs.all {
            return Ok(None);
        }
        let Some(slope) = self
            .median_slope(days)
            .filter(|slope| slope.compare_per_week(per_week).is_ge())
        else {
            return Ok(None);
        };
        Ok(Some(Held {
            facts: Facts::Trend(TrendFacts {
                rule: *self,
                per_week: words::decimal(slope.per_week()),
                agreement_percent,
                days: len,
            }),
            newest_at: newest.at(),
            readings: evidence_by_day(view.points(self.sign), first),
            priority: None,
        }))
    }

    fn slopes<'a>(&self, days: &'a [DayMedian]) -> impl Iterator<Item = Slope> + use<'a> {
        let direction = self.direction;
        days.iter().enumerate().flat_map(move |(number, from)| {
            days.iter().skip(number + 1).map(move |to| Slope {
                by: direction.distance(from.median_thousandths, to.median_thousandths),
                days: i64::from(to.day) - i64::from(from.day),
            })
        })
    }

    fn pairs(&self, days: &[DayMedian], per_week: i64) -> Pairs {
        let mut pairs = Pairs::default();
        for slope in self.slopes(days) {
            pairs.all += 1;
            pairs.agreeing += u32::from(slope.by > 0);
            pairs.fast += u32::from(slope.compare_per_week(per_week).is_ge());
        }
        pairs
    }

    /// Gives the median of the slopes, exactly: the middle one, or halfway between the middle two.
    fn median_slope(&self, days: &[DayMedian]) -> Option<Slope> {
        let mut slopes: Vec<Slope> = self.slopes(days).collect();
        slopes.sort_unstable_by(Slope::compare);
        let high = slopes.get(slopes.len() / 2)?;
        if slopes.len() % 2 == 1 {
            return Some(*high);
        }
        let low = slopes.get(slopes.len() / 2 - 1)?;
        Some(low.midway(high))
    }
}

/// How fast a value drifts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrendFacts {
    /// The rule.
    pub rule: Trend,
    /// How much a week, in the rule's direction and the sign's unit.
    pub per_week: Decimal,
    /// How many of 100 pairs of days go the rule's way.
    pub agreement_percent: u32,
    /// How many days have readings.
    pub days: u32,
}

impl TrendFacts {
    pub(super) fn for_nurse(&self) -> String {
        let Trend {
            sign,
            direction,
            days,
            ..
        } = self.rule;
        format!(
            "{} {} {} each week ({} of {days} days measured, {}% of pairs of days agree; rule: {}{} each week, {}%)",
            capitalised(sign.name()),
            direction.participle(),
            words::quantity(sign, self.per_week),
            self.days,
            self.agreement_percent,
            self.rule.per_week_at_least.plain(),
            sign.unit(),
            self.rule.agreement_percent_min,
        )
    }

    pub(super) fn for_patient(&self) -> String {
        let Trend {
            sign, direction, ..
        } = self.rule;
        format!(
            "Your {} has been going {} by about {} each week.",
            words::patient_name(sign),
            direction.adverb(),
            words::quantity(sign, self.per_week),
        )
    }

    pub(super) fn would_have_stopped(&self) -> String {
        let Trend {
            sign,
            per_week_at_least,
            agreement_percent_min,
            ..
        } = self.rule;
        format!(
            "under {}{} each week, or fewer than {agreement_percent_min}% of pairs of days agreeing",
            per_week_at_least.plain(),
            sign.unit()
        )
    }
}
