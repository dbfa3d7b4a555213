//! Expectation: windows in which readings are expected, and what follows when one closes without.

use super::work::Work;
use crate::alert::{Evidence, Grounds, Problem};
use crate::decision::Decision;
use crate::refusal::Refusal;
use crate::schedule::{Due, Expected, Measured, MissedStep, PAUSES_LEN_MAX, Pause};
use crate::silence::{Cause, Finding, Route};

/// How many windows that have passed are stepped over one by one.
const WINDOWS_PASSED_MAX: usize = 64;

impl Work {
    /// Expects each scheduled reading in its next window. A window that is open and still holds is kept.
    pub(super) fn expect_all(&mut self) {
        let next: Vec<Due> = self
            .plan()
            .care
            .schedule
            .expected
            .iter()
            .filter_map(|expected| self.next_of(expected))
            .collect();
        for due in next {
            let is_new = self.case.expecting(due.what).is_none_or(|it| it.due != due);
            if is_new {
                self.follow(Decision::Expect { due });
            }
        }
    }

    fn next_of(&self, expected: &Expected) -> Option<Due> {
        let zone = &self.plan().care.zone;
        let pauses = self.case.pauses();
        let kept = self.case.expecting(expected.what).map(|it| it.due);
        let kept = kept.filter(|due| {
            due.opens <= self.now && expected.window_at(due.opens, zone, pauses) == Some(*due)
        });
        let open = expected.window_at(self.now, zone, pauses);
        let is_known = self.case.expecting(expected.what).is_some();
        // A window that is open already is nobody's duty when monitoring has only begun.
        kept.or(open.filter(|_| is_known))
            .or_else(|| expected.next_window(self.now, zone, pauses))
    }

    pub(super) fn pause(&mut self, pause: &Pause) -> Result<(), Refusal> {
        pause.check()?;
        let to_come = self.case.pauses().iter().filter(|it| it.until > self.now);
        if to_come.count() >= PAUSES_LEN_MAX {
            return Err(Refusal::TooManyPauses);
        }
        self.follow(Decision::Pause {
            pause: pause.clone(),
        });
        self.expect_all();
        Ok(())
    }

    pub(super) fn resume(&mut self) {
        if self.case.pauses().iter().any(|it| it.until > self.now) {
            self.follow(Decision::Resume);
            self.expect_all();
        }
    }

    /// A window closed. A reading in it meets it; otherwise its cause says who can mend it. Before its grace is over
    /// nothing is missing yet.
    pub(super) fn window_closed(&mut self, due: &Due, finding: &Finding) {
        let what = due.what;
        let expecting = self.case.expecting(what);
        let Some(expecting) = expecting.filter(|it| it.due == *due && due.due_at <= self.now)
        else {
            return;
        };
        if self.case.has_reading_in(due) {
            self.follow(Decision::WindowMet { what });
        } else {
            let counts = u16::from(finding.counts_as_missed());
            let missed = expecting.missed.saturating_add(counts);
            self.follow(Decision::WindowMissed {
                what,
                missed,
                finding: finding.clone(),
            });
            self.send_on(what, missed, finding);
        }
        self.expect_after(due);
    }

    /// The deadline passed and nothing is known of the home: the patient may simply not have measured.
    pub(super) fn window_unexplained(&mut self, what: Measured) {
        let Some(due) = self.case.expecting(what).map(|it| it.due) else {
            return;
        };
        let route = match self.case.missed_step(&due) {
            MissedStep::Wait => Route::Nobody,
            MissedStep::Nudge => Route::PatientNudge,
            MissedStep::Check => Route::SafeAndWell,
        };
        let finding = Finding {
            cause: Cause::PatientSkipped,
            clues: Vec::new(),
            route,
            check_patient: false,
        };
        self.window_closed(&due, &finding);
    }

    /// Expects the window after one that has closed. Windows that have passed meanwhile, as in an outage of ours, are not
    /// held against anybody.
    fn expect_after(&mut self, closed: &Due) {
        let what = closed.what;
        let zone = &self.plan().care.zone;
        let pauses = self.case.pauses();
        let expected = self.plan().care.schedule.of(what);
        let mut next = expected.and_then(|it| it.next_window(closed.opens, zone, pauses));
        for _ in 0..WINDOWS_PASSED_MAX {
            let passed = next.filter(|due| due.due_at <= self.now);
            let Some(passed) = passed else { break };
            next = expected.and_then(|it| it.next_window(passed.opens, zone, pauses));
        }
        if next.is_some_and(|due| due.due_at <= self.now) {
            next = expected.and_then(|it| it.next_window(self.now, zone, pauses));
        }
        match next {
            Some(due) => self.follow(Decision::Expect { due }),
            None => self.follow(Decision::ExpectNothing { what }),
        }
    }

    fn send_on(&mut self, what: Measured, missed: u16, finding: &Finding) {
        match finding.route {
            Route::Nobody | Route::OperationsIncident => {}
            Route::PatientNudge => self.follow(Decision::NudgePatient { what }),
            Route::InstallerJob => self.missing(Problem::Kit, what, missed, finding),
            Route::SafeAndWell => self.missing(Problem::Silence, what, missed, finding),
        }
        if finding.check_patient && finding.route != Route::SafeAndWell {
            self.missing(Problem::Silence, what, missed, finding);
        }
    }

    pub(super) fn missing(
        &mut self,
        problem: Problem,
        what: Measured,
        missed: u16,
        finding: &Finding,
    ) {
        let grounds = Grounds::Missing {
            what,
            missed,
            finding: finding.clone(),
            see_patient: problem == Problem::Silence,
        };
        let evidence = Evidence::of_grounds(grounds, self.now);
        self.raise(problem, vec![evidence]);
    }
}
