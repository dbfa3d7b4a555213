//! Carrying decisions out about what is expected: windows, those that were missed, and pauses.

use jiff::{SignedDuration, Timestamp};

use super::{Case, Expecting, MissedWindow};
use crate::decision::Decision;
use crate::history::DAYS_KEPT;
use crate::schedule::{Due, Measured, Pause};
use crate::silence::{Finding, Route};

impl Case {
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
