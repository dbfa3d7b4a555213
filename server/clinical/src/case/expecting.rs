//! What is expected: windows, those that were missed, and pauses, and carrying decisions about them out.

use jiff::{SignedDuration, Timestamp};

use super::{Case, Expecting, MissedWindow};
use crate::decision::Decision;
use crate::history::DAYS_KEPT;
use crate::schedule::{Due, Measured, MissedStep, Pause};
use crate::sign::VitalSign;
use crate::silence::{Finding, Route};

impl Case {
    /// Tells what one more missed window asks for: see [`crate::schedule::Expected::step_after`].
    pub fn missed_step(&self, due: &Due) -> MissedStep {
        let missed = self.expecting.get(&due.what).map_or(0, |it| it.missed);
        let expected = self.plan.care.schedule.of(due.what);
        let missed = u32::from(missed).saturating_add(1);
        expected.map_or(MissedStep::Wait, |it| it.step_after(missed))
    }

    /// Tells what the windows that were missed in a row until now ask for.
    pub fn step_so_far(&self, what: Measured) -> MissedStep {
        let missed = self.expecting.get(&what).map_or(0, |it| it.missed);
        let expected = self.plan.care.schedule.of(what);
        expected.map_or(MissedStep::Wait, |it| it.step_after(missed.into()))
    }

    /// Gives the windows that were missed last, one of each kind of reading at most.
    pub fn last_missed(&self) -> impl Iterator<Item = &MissedWindow> {
        self.expecting
            .values()
            .filter_map(|it| it.last_missed.as_deref())
    }

    /// Tells whether a reading of its kind was measured in a window, or in its grace and in no window after it.
    pub fn has_reading_in(&self, due: &Due) -> bool {
        let care = &self.plan.care;
        let expected = care.schedule.of(due.what);
        let is_of_another =
            |at| expected.is_some_and(|it| it.window_at(at, &care.zone, &[]).is_some());
        let is_in_grace = |at| due.closes <= at && at < due.due_at && !is_of_another(at);
        let of_kind = VitalSign::ALL.into_iter();
        let of_kind = of_kind.filter(|sign| Measured::of(*sign) == Some(due.what));
        of_kind
            .flat_map(|sign| self.history.points_until(sign, due.due_at))
            .any(|point| due.has(point.at()) || is_in_grace(point.at()))
    }

    pub(super) fn change_expectation(&mut self, decision: &Decision) {
        match decision {
            Decision::Expect { due } => {
                let before = self.expecting.get(&due.what);
                let expecting = Expecting {
                    due: *due,
                    missed: before.map_or(0, |it| it.missed),
                    to_mend: before.is_some_and(|it| it.to_mend),
                    last_missed: before.and_then(|it| it.last_missed.clone()),
                };
                self.expecting.insert(due.what, expecting);
            }
            Decision::ExpectNothing { what } => {
                self.expecting.remove(what);
            }
            Decision::WindowMet { what } | Decision::WindowFilled { what } => {
                if let Some(expecting) = self.expecting.get_mut(what) {
                    (expecting.missed, expecting.to_mend) = (0, false);
                    expecting.last_missed = None;
                }
            }
            Decision::WindowMissed {
                what,
                missed,
                finding,
            } => {
                let due = self.expecting.get(what).map(|it| it.due);
                self.note_missed(*what, due, *missed, finding);
            }
            Decision::WindowExplained {
                what,
                missed,
                finding,
            } => {
                let last = self.expecting.get(what);
                let last = last.and_then(|it| it.last_missed.as_ref());
                let due = last.map(|it| it.due);
                self.note_missed(*what, due, *missed, finding);
            }
            _ => {}
        }
    }

    /// Keeps a pause beside the others; those over longer than any window are forgotten.
    pub(super) fn add_pause(&mut self, pause: &Pause, now: Timestamp) {
        let kept = SignedDuration::from_hours(24 * i64::from(DAYS_KEPT));
        let before = now.saturating_sub(kept).unwrap_or(Timestamp::MIN);
        self.pauses.retain(|it| it.until >= before);
        let place = self.pauses.partition_point(|it| it.from <= pause.from);
        self.pauses.insert(place, pause.clone());
    }

    /// Ends the pauses that run now; when none does, those to come.
    pub(super) fn end_pauses(&mut self, now: Timestamp) {
        let runs = self.pauses.iter().any(|it| it.covers(now));
        if !runs {
            self.pauses.retain(|it| it.until <= now);
            return;
        }
        for pause in self.pauses.iter_mut().filter(|it| it.covers(now)) {
            pause.until = now;
        }
        self.pauses.retain(|it| it.from < it.until);
    }

    fn note_missed(&mut self, what: Measured, due: Option<Due>, missed: u16, finding: &Finding) {
        let Some((expecting, due)) = self.expecting.get_mut(&what).zip(due) else {
            return;
        };
        expecting.missed = missed;
        expecting.to_mend = finding.route == Route::InstallerJob;
        let finding = finding.clone();
        expecting.last_missed = Some(Box::new(MissedWindow { due, finding }));
    }
}
