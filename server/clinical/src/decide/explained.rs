//! Missed windows, looked at again: a reading that came after all, or a better explanation.

use super::work::Work;
use crate::alert::Problem;
use crate::decision::Decision;
use crate::schedule::{Due, Measured, MissedStep};
use crate::silence::{Finding, Route};

impl Work {
    /// A reading was stored: it may be of the window that was missed last.
    pub(super) fn fill_missed(&mut self, what: Option<Measured>) {
        let Some(what) = what else { return };
        let expecting = self.case.expecting(what);
        let Some(last) = expecting.and_then(|it| it.last_missed.as_ref()) else {
            return;
        };
        if self.case.has_reading_in(&last.due) {
            self.follow(Decision::WindowFilled { what });
        }
    }

    /// More is known of the window that was missed last. Nobody is sent to mend what is over by now, and nobody is
    /// reminded of what cannot be measured any more; but whoever has the item reads the better cause.
    pub(super) fn window_explained(&mut self, due: &Due, finding: &Finding) {
        let what = due.what;
        let Some(expecting) = self.case.expecting(what) else {
            return;
        };
        let Some(last) = expecting.last_missed.as_ref().filter(|it| it.due == *due) else {
            return;
        };
        let before = last.finding.clone();
        let missed = match (before.counts_as_missed(), finding.counts_as_missed()) {
            (true, false) => expecting.missed.saturating_sub(1),
            (false, true) => expecting.missed.saturating_add(1),
            _ => expecting.missed,
        };
        self.follow(Decision::WindowExplained {
            what,
            missed,
            finding: finding.clone(),
        });
        if finding.asks_to_see_patient() {
            self.missing(Problem::Silence, what, missed, finding);
        } else if before.asks_to_see_patient() && !self.asks_to_see_patient() {
            self.it_is_over(Problem::Silence, self.now);
        }
        if finding.route == Route::InstallerJob {
            if self.case.alert_of(Problem::Kit).is_some() {
                self.missing(Problem::Kit, what, missed, finding);
            }
        } else if before.route == Route::InstallerJob && !self.has_kit_to_mend() {
            self.it_is_over(Problem::Kit, self.now);
        }
    }

    /// Tells whether readings of any kind have been missing for so long that a nurse sees the patient.
    fn asks_to_see_patient(&self) -> bool {
        let mut kinds = Measured::ALL.into_iter();
        kinds.any(|what| self.case.step_so_far(what) == MissedStep::Check)
    }

    fn has_kit_to_mend(&self) -> bool {
        let mut kinds = Measured::ALL.into_iter();
        let any_kind = kinds.any(|what| self.case.expecting(what).is_some_and(|it| it.to_mend));
        any_kind || !self.case.timeless().is_empty()
    }
}
