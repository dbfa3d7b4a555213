//! Struck readings: what a reading had told before it was marked as wrong, kept to be put back.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use vitals::ReadingId;

use super::Case;
use crate::alert::Alert;
use crate::history::{DAYS_KEPT, Point};
use crate::id::PersonId;
use crate::sign::VitalSign;

/// The most readings struck out that a case remembers, the newest strikes: older ones cannot be taken back any more.
pub const STRUCK_LEN_MAX: usize = 64;

/// A reading that was struck out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StruckReading {
    /// The reading.
    pub reading: ReadingId,
    /// Who struck it out.
    pub by: PersonId,
    /// Its points, while they are no older than a history.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub points: Vec<(VitalSign, Point)>,
}

impl Case {
    /// Gives the readings that were struck out last, in the order in which they were.
    pub fn struck(&self) -> &[StruckReading] {
        &self.struck
    }

    /// Finds a reading that is struck out.
    pub fn struck_reading(&self, reading: ReadingId) -> Option<&StruckReading> {
        self.struck.iter().find(|it| it.reading == reading)
    }

    pub(super) fn strike(&mut self, reading: ReadingId, by: &PersonId, now: Timestamp) {
        let points = self.history.remove(reading);
        let jumped = self.jumped_by.iter().filter(|(_, it)| **it == reading);
        let jumped: Vec<VitalSign> = jumped.map(|(sign, _)| *sign).collect();
        for sign in jumped {
            self.jumped.remove(&sign);
            self.jumped_by.remove(&sign);
        }
        self.mark_support(reading, true);
        self.forget_old_points(now);
        if self.struck.len() >= STRUCK_LEN_MAX {
            self.struck.remove(0);
        }
        self.struck.push(StruckReading {
            reading,
            by: by.clone(),
            points,
        });
    }

    pub(super) fn take_back_strike(&mut self, reading: ReadingId, now: Timestamp) {
        self.mark_support(reading, false);
        let place = self.struck.iter().position(|it| it.reading == reading);
        let Some(struck) = place.map(|place| self.struck.remove(place)) else {
            return;
        };
        for (sign, point) in struck.points {
            self.history.insert_point(sign, point);
        }
        self.history.prune(now);
    }

    fn mark_support(&mut self, reading: ReadingId, struck: bool) {
        let closed = self.closed.iter_mut().map(|it| &mut it.alert);
        let all = self.open.values_mut().chain(closed);
        all.for_each(|alert: &mut Alert| alert.support.strike(reading, struck));
    }

    fn forget_old_points(&mut self, now: Timestamp) {
        let kept = SignedDuration::from_hours(24 * i64::from(DAYS_KEPT));
        let before = now.saturating_sub(kept).unwrap_or(Timestamp::MIN);
        for struck in &mut self.struck {
            struck.points.retain(|(_, point)| point.at() >= before);
        }
    }
}
