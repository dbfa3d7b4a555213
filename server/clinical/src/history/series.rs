//! A series: the recent points of one vital sign, oldest first, with the median of each day.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use vitals::ReadingId;

use super::median::median;
use super::point::Point;

/// The most points that a series keeps, the newest: eight readings a day for four weeks.
pub const POINTS_LEN_MAX: usize = 224;

/// The median of one local day's points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayMedian {
    /// The local day, in days since 1970-01-01.
    pub day: i32,
    /// The median, in thousandths of the sign's unit.
    pub median_thousandths: i64,
}

/// The recent points of one vital sign. It is written as the list of its points.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Series {
    /// By time, then by reading: the order in which they arrived makes no difference.
    points: Vec<Point>,
    /// By day; a function of the points.
    days: Vec<DayMedian>,
}

impl Series {
    /// Puts a point in its place and tells whether it was kept. A reading that is there already is not put in again, and
    /// a point older than [`POINTS_LEN_MAX`] others is not kept.
    pub fn insert(&mut self, point: Point) -> bool {
        let is_known = |it: &Point| it.reading() == point.reading();
        if self.points.iter().rev().any(is_known) {
            return false;
        }
        let order = |it: &Point| (it.at(), it.reading());
        let place = self.points.partition_point(|it| order(it) < order(&point));
        let is_full = self.points.len() >= POINTS_LEN_MAX;
        if is_full && place == 0 {
            return false;
        }
        self.points.insert(place, point);
        if is_full {
            let oldest = self.points.remove(0);
            self.refresh(oldest.day());
        }
        self.refresh(point.day());
        true
    }

    /// Takes the point of a reading out.
    pub fn remove(&mut self, reading: ReadingId) -> Option<Point> {
        let place = self.points.iter().rposition(|it| it.reading() == reading)?;
        let point = self.points.remove(place);
        self.refresh(point.day());
        Some(point)
    }

    /// Forgets what was measured before a time.
    pub fn prune(&mut self, before: Timestamp) {
        let old = self.points.partition_point(|it| it.at() < before);
        let mut days: Vec<i32> = self.points.drain(..old).map(|it| it.day()).collect();
        days.dedup();
        for day in days {
            self.refresh(day);
        }
    }

    /// Gives the points, oldest first.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// Gives the points that were measured at a time or before it, oldest first.
    pub fn points_until(&self, at: Timestamp) -> &[Point] {
        match self.points.last() {
            Some(newest) if newest.at() > at => {
                let len = self.points.partition_point(|it| it.at() <= at);
                self.points.get(..len).unwrap_or_default()
            }
            _ => &self.points,
        }
    }

    /// Gives the point of a reading that was measured at a time.
    pub fn of_reading(&self, at: Timestamp, reading: ReadingId) -> Option<&Point> {
        let order = |it: &Point| (it.at(), it.reading());
        let place = self.points.binary_search_by_key(&(at, reading), order);
        self.points.get(place.ok()?)
    }

    /// Gives the medians of the days that have points, from one day to another, both included; oldest first.
    pub fn days(&self, first: i32, last: i32) -> &[DayMedian] {
        let from = self.days.partition_point(|it| it.day < first);
        let until = self.days.partition_point(|it| it.day <= last);
        self.days.get(from..until).unwrap_or_default()
    }

    /// Works the median of a day out anew. A day's points are neighbours unless the home has changed its zone.
    fn refresh(&mut self, day: i32) {
        let of_day = self.points.iter().filter(|it| it.day() == day);
        let mut values: Vec<i64> = of_day.map(Point::thousandths).collect();
        let place = self.days.partition_point(|it| it.day < day);
        let known = self.days.get_mut(place).filter(|it| it.day == day);
        match (median(&mut values), known) {
            (Some(median), Some(known)) => known.median_thousandths = median,
            (Some(median_thousandths), None) => self.days.insert(
                place,
                DayMedian {
                    day,
                    median_thousandths,
                },
            ),
            (None, Some(_)) => {
                self.days.remove(place);
            }
            (None, None) => {}
        }
    }
}

/// Parts points into runs of one local day each: a day is one run unless the home has changed its zone.
pub(crate) fn day_runs(points: &[Point]) -> impl DoubleEndedIterator<Item = (i32, &[Point])> {
    points
        .chunk_by(|one, next| one.day() == next.day())
        .filter_map(|run| Some((run.first()?.day(), run)))
}

impl From<Vec<Point>> for Series {
    /// Makes a series of points in any order, each reading once.
    fn from(mut points: Vec<Point>) -> Self {
        points.sort_by_key(|it| (it.at(), it.reading()));
        points.dedup_by_key(|it| it.reading());
        let over = points.len().saturating_sub(POINTS_LEN_MAX);
        points.drain(..over);
        let mut days: Vec<DayMedian> = Vec::new();
        let mut parted = Vec::new();
        let mut values = Vec::new();
        for (day, run) in day_runs(&points) {
            if days.last().is_some_and(|last| last.day >= day) {
                parted.push(day);
                continue;
            }
            values.clear();
            values.extend(run.iter().map(Point::thousandths));
            let day = median(&mut values).map(|median_thousandths| DayMedian {
                day,
                median_thousandths,
            });
            days.extend(day);
        }
        let mut series = Self { points, days };
        for day in parted {
            series.refresh(day);
        }
        series
    }
}

impl Serialize for Series {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.points.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Series {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<Point>::deserialize(deserializer).map(Self::from)
    }
}
