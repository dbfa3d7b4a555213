//! Home sessions: which readings of which days make up an average home blood pressure.

use jiff::{SignedDuration, Timestamp};
use vitals::Decimal;

use super::day_span::DaySpan;
use super::home_average::{Average, HomeAverage};
use super::judgement::{Counted, Lack};
use super::view::View;
use crate::history::{Point, day_runs};
use crate::sign::VitalSign;

/// Sums of readings, in thousandths of mmHg.
#[derive(Clone, Copy, Default)]
pub(super) struct Sums {
    systolic: i64,
    diastolic: i64,
    readings: u32,
}

impl Sums {
    fn add(&mut self, other: &Self) {
        self.systolic = self.systolic.saturating_add(other.systolic);
        self.diastolic = self.diastolic.saturating_add(other.diastolic);
        self.readings = self.readings.saturating_add(other.readings);
    }

    /// Tells whether either mean is at its limit or over it, exactly.
    pub(super) fn reaches(
        &self,
        systolic_limit: Decimal,
        diastolic_limit: Decimal,
        margin: i64,
    ) -> bool {
        let readings = i64::from(self.readings);
        let is_over = |sum: i64, limit: Decimal| {
            let limit = limit.thousandths().saturating_sub(margin);
            sum >= limit.saturating_mul(readings)
        };
        is_over(self.systolic, systolic_limit) || is_over(self.diastolic, diastolic_limit)
    }

    pub(super) fn average(&self, days: u32) -> Average {
        Average {
            systolic: mean(self.systolic, self.readings),
            diastolic: mean(self.diastolic, self.readings),
            days,
            readings: self.readings,
        }
    }
}

/// Gives a mean to one decimal, rounded half up, of a sum in thousandths.
fn mean(sum: i64, readings: u32) -> Decimal {
    let readings = i64::from(readings.max(1));
    let tenths = sum.saturating_add(readings * 50).div_euclid(readings * 100);
    Decimal::new(tenths, -1).unwrap_or(Decimal::whole(0))
}

/// The days that count, summed.
pub(super) struct CountedDays {
    pub(super) sums: Sums,
    pub(super) days: u32,
    /// The first local day that is averaged.
    pub(super) first: i32,
}

impl HomeAverage {
    /// Sums the days that count.
    pub(super) fn counted(&self, view: &View<'_>) -> Result<CountedDays, Lack> {
        let mut counted = CountedDays {
            sums: Sums::default(),
            days: 0,
            first: i32::MAX,
        };
        let mut oldest = None;
        if let Some((newest, _)) = view.latest(VitalSign::Systolic) {
            let first = newest
                .day()
                .saturating_sub(i32::from(self.days_max).saturating_sub(1));
            let days = day_runs(view.points(VitalSign::Systolic))
                .rev()
                .take_while(|(day, _)| *day >= first);
            // The oldest day is the first: it is added only once a day before it is known, or when it is not left out.
            for (day, points) in days {
                let Some(sums) = self.of_day(points, view) else {
                    continue;
                };
                counted.days += 1;
                if let Some((day, sums)) = oldest.replace((day, sums)) {
                    counted.sums.add(&sums);
                    counted.first = day;
                }
            }
        }
        if counted.days < u32::from(self.days_min) {
            return Err(Lack::new(counted.days, self.days_min, Counted::Days));
        }
        if let Some((day, sums)) = oldest.filter(|_| !self.drop_first_day) {
            counted.sums.add(&sums);
            counted.first = day;
        }
        Ok(counted)
    }

    /// Tells which session a reading belongs to.
    pub(super) fn session_of(&self, point: &Point) -> Option<DaySpan> {
        [self.morning, self.evening]
            .into_iter()
            .find(|span| span.has(point.minute()))
    }

    /// Sums a day's sessions; `None` when they are too few.
    pub(super) fn of_day(&self, points: &[Point], view: &View<'_>) -> Option<Sums> {
        let mut day = Sums::default();
        let mut sessions = 0;
        for span in [self.morning, self.evening] {
            let session = self.of_session(span, points, view);
            if session.readings >= u32::from(self.readings_a_session_min) {
                day.add(&session);
                sessions += 1;
            }
        }
        (sessions >= self.sessions_a_day_min).then_some(day)
    }

    fn of_session(&self, span: DaySpan, points: &[Point], view: &View<'_>) -> Sums {
        let apart = SignedDuration::from_mins(i64::from(self.readings_apart_minutes_min));
        let mut session = Sums::default();
        let mut before: Option<Timestamp> = None;
        for point in points.iter().filter(|it| span.has(it.minute())) {
            if before.is_some_and(|before| point.at().duration_since(before) < apart) {
                continue;
            }
            let Some(diastolic) = view
                .history
                .series(VitalSign::Diastolic)
                .and_then(|series| series.of_reading(point.at(), point.reading()))
            else {
                continue;
            };
            session.add(&Sums {
                systolic: point.thousandths(),
                diastolic: diastolic.thousandths(),
                readings: 1,
            });
            before = Some(point.at());
        }
        session
    }
}
