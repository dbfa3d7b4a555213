//! What a rule looks at: a history as it was known at a time, and how much easier the rule is to hold.

use jiff::{SignedDuration, Timestamp};
use vitals::{Decimal, ReadingId};

use super::judgement::EVIDENCE_LEN_MAX;
use super::words;
use crate::history::median::median;
use crate::history::{DayMedian, History, Point, SymptomId, WINDOW_DAYS_MAX, day_runs};
use crate::limits::Side;
use crate::sign::VitalSign;

const MINUTES_A_DAY: u16 = 24 * 60;
/// The most points of one day that count beside the others of that day, the newest.
const DAY_POINTS_MAX: usize = 16;

/// A history, seen from a time.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) history: &'a History,
    pub(super) as_of: Timestamp,
    /// How much under its limit a rule still holds, in thousandths of the sign's unit.
    pub(super) margin: i64,
}

impl<'a> View<'a> {
    /// Gives the points of a sign, oldest first.
    pub(super) fn points(&self, sign: VitalSign) -> &'a [Point] {
        self.history.points_until(sign, self.as_of)
    }

    /// Gives the newest point of a sign and those before it.
    pub(super) fn latest(&self, sign: VitalSign) -> Option<(&'a Point, &'a [Point])> {
        self.points(sign).split_last()
    }

    /// Gives the points of a sign, newest first, back to so many days before the newest.
    pub(super) fn recent(
        &self,
        sign: VitalSign,
        days: u8,
    ) -> impl Iterator<Item = &'a Point> + use<'a> {
        let points = self.points(sign);
        let since = points
            .last()
            .and_then(|newest| newest.at().checked_sub(days_long(days)).ok());
        let since = since.unwrap_or(Timestamp::MIN);
        points.iter().rev().take_while(move |it| it.at() >= since)
    }

    /// Gives the newest answer about a symptom, and when it was given.
    pub(super) fn answer(&self, symptom: &SymptomId) -> Option<(Timestamp, bool)> {
        let newest_first = self.history.answers().iter().rev();
        newest_first
            .filter(|answers| answers.at <= self.as_of)
            .find_map(|answers| Some((answers.at, *answers.symptoms.get(symptom)?)))
    }

    /// Gives a limit made easier to reach by the margin.
    pub(super) fn eased(&self, side: Side, limit: Decimal) -> Decimal {
        if self.margin == 0 {
            return limit;
        }
        words::decimal(match side {
            Side::Low => limit.thousandths().saturating_add(self.margin),
            Side::High => limit.thousandths().saturating_sub(self.margin),
        })
    }

    /// Gives the medians of the days that have points, both ends included.
    pub(super) fn days(&self, sign: VitalSign, first: i32, last: i32) -> &'a [DayMedian] {
        self.history
            .series(sign)
            .map_or(&[], |series| series.days(first, last))
    }

    /// Gives one value for each of the `days` days before `latest` on which the sign was measured; with `alike_hours`, only
    /// readings no further than that from the latest's time of day count.
    pub(super) fn daily_before(
        &self,
        sign: VitalSign,
        latest: &Point,
        days: u8,
        alike_hours: Option<u8>,
    ) -> Daily {
        let first = latest.day().saturating_sub(i32::from(days));
        let last = latest.day().saturating_sub(1);
        let Some(hours) = alike_hours else {
            return Daily::of(self.days(sign, first, last).iter().copied());
        };
        let runs = day_runs(self.points(sign))
            .rev()
            .skip_while(|(day, _)| *day > last)
            .take_while(|(day, _)| *day >= first);
        Daily::of(runs.filter_map(|(day, run)| {
            let alike = run.iter().rev().filter(|it| is_alike(it, latest, hours));
            let mut values = [0; DAY_POINTS_MAX];
            let mut len = 0;
            for (value, point) in values.iter_mut().zip(alike) {
                *value = point.thousandths();
                len += 1;
            }
            let median_thousandths = median(values.get_mut(..len)?)?;
            Some(DayMedian {
                day,
                median_thousandths,
            })
        }))
    }
}

/// Gives the length of so many days.
pub(super) fn days_long(days: u8) -> SignedDuration {
    SignedDuration::from_hours(24 * i64::from(days))
}

/// Tells whether two points are at most so many hours apart by the time of day.
pub(super) fn is_alike(one: &Point, other: &Point, hours: u8) -> bool {
    let apart = one.minute().abs_diff(other.minute());
    apart.min(MINUTES_A_DAY.saturating_sub(apart)) <= u16::from(hours) * 60
}

/// One value for each of a few days, without an allocation.
pub(super) struct Daily {
    days: [DayMedian; WINDOW_DAYS_MAX as usize],
    len: usize,
}

impl Daily {
    fn of(days: impl Iterator<Item = DayMedian>) -> Self {
        const NONE: DayMedian = DayMedian {
            day: 0,
            median_thousandths: 0,
        };
        let mut daily = Self {
            days: [NONE; WINDOW_DAYS_MAX as usize],
            len: 0,
        };
        for (place, day) in daily.days.iter_mut().zip(days) {
            *place = day;
            daily.len += 1;
        }
        daily
    }

    /// Gives the days, in the order of time or against it.
    pub(super) fn days(&self) -> &[DayMedian] {
        self.days.get(..self.len).unwrap_or_default()
    }

    /// Gives how many days there are.
    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.len).unwrap_or(u32::MAX)
    }

    /// Gives the median of the days' values.
    pub(super) fn median(&self) -> Option<i64> {
        let mut values = self.days.map(|it| it.median_thousandths);
        median(values.get_mut(..self.len)?)
    }
}

/// Gathers the readings that speak for a finding: the newest [`EVIDENCE_LEN_MAX`] of what is given newest first, oldest
/// first.
pub(super) fn evidence<'a>(newest_first: impl Iterator<Item = &'a Point>) -> Vec<ReadingId> {
    let newest = newest_first.take(EVIDENCE_LEN_MAX).map(Point::reading);
    let mut readings: Vec<ReadingId> = newest.collect();
    readings.reverse();
    readings
}

/// Gathers the newest reading of each day from `first` on, up to and with the newest point.
pub(super) fn evidence_by_day(points: &[Point], first: i32) -> Vec<ReadingId> {
    let days = day_runs(points).rev().take_while(|(day, _)| *day >= first);
    evidence(days.filter_map(|(_, run)| run.last()))
}
