//! Repeats: rows of unusable measurements, and what a usable one ends.

use jiff::{SignedDuration, Timestamp};

use super::work::Work;
use crate::alert::{Condition, Evidence, Grounds, Problem};
use crate::decision::Decision;
use crate::schedule::Measured;
use crate::verdict::Doubt;

impl Work {
    /// Counts one more unusable measurement in a row; enough of them make one technical item.
    pub(super) fn count_unusable(&mut self, what: Measured, doubt: Doubt, measured_at: Timestamp) {
        let quality = self.plan().care.quality.as_ref();
        let Some(enough) = quality.and_then(|it| it.unusable_in_a_row) else {
            return;
        };
        let within = quality.and_then(|it| it.unusable_within_minutes);
        let in_a_row = 1 + self.row_of(what, within);
        self.follow(Decision::CountUnusable { what, in_a_row });
        if in_a_row < enough {
            return;
        }
        let grounds = Grounds::Unusable {
            what,
            in_a_row,
            doubt,
        };
        let evidence = Evidence::of_grounds(grounds, measured_at);
        self.raise(Problem::Measuring, vec![evidence]);
    }

    fn row_of(&self, what: Measured, within_minutes: Option<u32>) -> u8 {
        let Some(row) = self.case.unusable(what) else {
            return 0;
        };
        let since = self.now.duration_since(row.last_at);
        let is_over = within_minutes
            .is_some_and(|minutes| since > SignedDuration::from_mins(i64::from(minutes)));
        // Only that there are enough of them matters, so the count may stop.
        if is_over {
            0
        } else {
            row.in_a_row.min(u8::MAX - 1)
        }
    }

    /// A usable measurement came: what asked for one is over.
    pub(super) fn usable(&mut self, what: Option<Measured>, measured_at: Timestamp) {
        if let Some(what) = what.filter(|it| self.case.unusable(*it).is_some()) {
            self.follow(Decision::ForgetUnusable { what });
        }
        let quality = self.plan().care.quality.as_ref();
        let enough = quality.and_then(|it| it.unusable_in_a_row);
        let within = quality.and_then(|it| it.unusable_within_minutes);
        let is_stuck = |kind: &Measured| enough.is_some_and(|it| self.row_of(*kind, within) >= it);
        if !Measured::ALL.iter().any(is_stuck) {
            self.it_is_over(Problem::Measuring, measured_at);
        }
        self.is_heard(what, measured_at);
    }

    /// A measurement arrived: the silence before it is over, and the kit works by which it came.
    pub(super) fn is_heard(&mut self, what: Option<Measured>, measured_at: Timestamp) {
        let Some(what) = what else { return };
        if !self.is_silent_since(measured_at) {
            self.it_is_over(Problem::Silence, self.now);
        }
        if !self.is_anything_to_mend(Some(what)) {
            self.it_is_over(Problem::Kit, self.now);
        }
    }

    /// Tells whether a whole window has been missed since a measurement: it says nothing about that one.
    fn is_silent_since(&self, measured_at: Timestamp) -> bool {
        let Some(alert) = self.case.alert_of(Problem::Silence) else {
            return false;
        };
        let care = &self.plan().care;
        let pauses = self.case.pauses();
        care.schedule.expected.iter().any(|expected| {
            let next = expected.next_window(measured_at, &care.zone, pauses);
            next.is_some_and(|due| due.due_at <= alert.newest_measured_at)
        })
    }

    /// What raised an alert holds no longer: it clears, and ends by itself where the plan says so and nobody has taken it.
    pub(super) fn it_is_over(&mut self, problem: Problem, at: Timestamp) {
        let Some(alert) = self.case.alert_of(problem) else {
            return;
        };
        let (number, was_active) = (alert.number, alert.condition == Condition::Active);
        if was_active && at >= alert.newest_measured_at {
            let condition = Condition::Cleared { at };
            self.follow(Decision::SetCondition {
                alert: number,
                condition,
            });
        }
        self.end_by_itself(number);
    }
}
