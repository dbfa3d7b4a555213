//! History: what a case remembers of a patient's readings and answers, bounded.

mod answers;
pub(crate) mod median;
mod point;
mod series;
mod usual;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use vitals::{QualityMark, ReadingId};

pub use answers::{Answers, SymptomId};
pub use point::Point;
pub(crate) use series::day_runs;
pub use series::{DayMedian, POINTS_LEN_MAX, Series};
pub use usual::{USUAL_DAYS, USUAL_READINGS_MIN, Usual, range_words, rounded, tenths};

use crate::event::ReadingStored;
use crate::sign::VitalSign;
use crate::zone::Zone;

/// The longest that a rule may look back, in days.
pub const WINDOW_DAYS_MAX: u8 = 28;
/// How long points are kept, in days: a window that ends at a reading that came a week late.
pub const DAYS_KEPT: u8 = 35;
/// The most answers that are kept, the newest.
pub const ANSWERS_LEN_MAX: usize = 8;
/// The most symptoms of one set of answers that are kept, in the order of their names.
pub const SYMPTOMS_LEN_MAX: usize = 40;

/// What a case remembers of a patient's readings and answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    series: BTreeMap<VitalSign, Series>,
    /// By time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    answers: Vec<Answers>,
}

impl History {
    /// Remembers a reading's values. Tells whether any of them was new and new enough to be kept.
    pub fn insert(&mut self, reading: &ReadingStored, zone: &Zone) -> bool {
        let is_irregular = reading.quality.contains(&QualityMark::IrregularPulse);
        let mut was_kept = false;
        for &(sign, value) in &reading.values {
            let point = Point::new(reading.measured_at, zone, value, reading.id, is_irregular);
            was_kept |= self.insert_point(sign, point);
        }
        was_kept
    }

    /// Remembers one point, and tells whether it was new and new enough to be kept.
    pub fn insert_point(&mut self, sign: VitalSign, point: Point) -> bool {
        self.series.entry(sign).or_default().insert(point)
    }

    /// Takes a reading's points out, and gives them: they can be put back by [`History::insert_point`].
    pub fn remove(&mut self, reading: ReadingId) -> Vec<(VitalSign, Point)> {
        let all = self.series.iter_mut();
        all.filter_map(|(sign, series)| Some((*sign, series.remove(reading)?)))
            .collect()
    }

    /// Gives the points of a reading, by vital sign.
    pub fn of_reading(&self, reading: ReadingId) -> impl Iterator<Item = (VitalSign, &Point)> {
        self.series.iter().filter_map(move |(sign, series)| {
            let mut points = series.points().iter().rev();
            Some((*sign, points.find(|it| it.reading() == reading)?))
        })
    }

    /// Remembers answers, of which the newest [`ANSWERS_LEN_MAX`] are kept. Answers of the same time are one set: what is
    /// answered again replaces the first, and what is not stays.
    pub fn insert_answers(&mut self, answers: Answers) {
        let place = self.answers.partition_point(|it| it.at < answers.at);
        match self.answers.get_mut(place) {
            Some(same) if same.at == answers.at => same.add(answers),
            _ => self.answers.insert(place, answers.bounded()),
        }
        let over = self.answers.len().saturating_sub(ANSWERS_LEN_MAX);
        self.answers.drain(..over);
    }

    /// Forgets what is older than [`DAYS_KEPT`] days.
    pub fn prune(&mut self, now: Timestamp) {
        let kept = SignedDuration::from_hours(24 * i64::from(DAYS_KEPT));
        let before = now.saturating_sub(kept).unwrap_or(Timestamp::MIN);
        for series in self.series.values_mut() {
            series.prune(before);
        }
        self.answers.retain(|it| it.at >= before);
    }

    /// Gives the series of a vital sign; `None` when nothing was ever measured.
    pub fn series(&self, sign: VitalSign) -> Option<&Series> {
        self.series.get(&sign)
    }

    /// Gives the points of a vital sign that were measured at a time or before it, oldest first.
    pub fn points_until(&self, sign: VitalSign, at: Timestamp) -> &[Point] {
        self.series
            .get(&sign)
            .map_or(&[], |series| series.points_until(at))
    }

    /// Gives the newest point of a vital sign.
    pub fn latest(&self, sign: VitalSign) -> Option<&Point> {
        self.series.get(&sign)?.points().last()
    }

    /// Tells whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.series.is_empty() && self.answers.is_empty()
    }

    /// Gives the answers, oldest first.
    pub fn answers(&self) -> &[Answers] {
        &self.answers
    }
}

#[cfg(test)]
mod tests;
