//! Back-test: what a proposed plan would have raised on a patient's own history.
//!
//! The procedure, the same for the plan(s) that were in force and for the proposed plan:
//!
//! 1. *Start.* [`DAYS_KEPT`](crate::history::DAYS_KEPT) days before `from` both runs begin with the case as it was live
//!    then. A proposed plan that says something else is put in force there and holds to the end, whatever plans
//!    followed live. Readings before `from` feed the memory; nothing before `from` counts.
//! 2. *Readings, attempts, answers, pauses* happen to both as they happened live, at the same times.
//! 3. *People.* What somebody did to the live alert of a problem happens to the run's open alert of that problem, then.
//!    An alert that only the run has is not worked on; closing closes the run's alert even where nobody held it. What
//!    the run refuses (put aside for longer than the proposed plan allows, say) does not happen.
//! 4. *Only in the run.* An alert whose problem has no live alert open ends when its condition clears, or with the run.
//! 5. *Deadlines* that the live case had too pass when they passed live; the others when they are due.
//! 6. *Windows* that opened and closed at the same times live close with the live finding, sent on by how many windows in
//!    a row the run has missed. Of other windows nothing is known: the patient is taken to have left the reading out.
//!
//! A live alert on which somebody acted is found by the run when an alert of the same problem was open while the live
//! one was. Both runs use today's rules, so the first may differ from the live alerts where the rules have changed since.

mod carry;
mod load;
mod raised;
mod result;
mod run;
mod team;

use jiff::{SignedDuration, Timestamp};

pub use load::Load;
pub use raised::Raised;
pub use result::{BackTest, Later, NAMED_LEN_MAX, per_week};
pub use team::{MISSED_LEN_MAX, PatientChange, TOP_LEN, TeamBackTest};

use crate::case::Case;
use crate::decision::Decision;
use crate::event::Event;
use crate::history::DAYS_KEPT;
use crate::plan::Plan;
use raised::Watch;
use run::Run;

/// One row of a patient's live journal.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// When it was decided.
    pub at: Timestamp,
    /// What happened.
    pub event: &'a Event,
    /// What followed, as it was written then.
    pub decisions: &'a [Decision],
}

/// Tells what a proposed plan would have raised from `from` until before `to`. `history` is the patient's live journal
/// from its first row on; rows after `to` tell how the alerts of the time before it ended.
pub fn backtest<'a>(
    history: impl IntoIterator<Item = Row<'a>>,
    proposed: &Plan,
    from: Timestamp,
    to: Timestamp,
) -> BackTest {
    let mut tester = BackTester::new(proposed.clone(), from, to);
    for row in history {
        if tester.is_done(row.at) {
            break;
        }
        tester.row(&row);
    }
    tester.finish()
}

/// A back-test under way, which takes a journal row by row: no more than the cases and the alerts are held.
#[derive(Debug)]
pub struct BackTester {
    proposed: Plan,
    from: Timestamp,
    to: Timestamp,
    live: Option<Case>,
    live_watch: Watch,
    /// Of the plans that were in force, and of the proposed one.
    runs: Option<[Run; 2]>,
}

impl BackTester {
    /// Begins.
    pub fn new(proposed: Plan, from: Timestamp, to: Timestamp) -> Self {
        Self {
            proposed,
            from,
            to,
            live: None,
            live_watch: Watch::new(from, to),
            runs: None,
        }
    }

    /// Tells whether rows from `at` on can change nothing: the time is over and every alert of it has ended.
    pub fn is_done(&self, at: Timestamp) -> bool {
        at >= self.to && !self.live_watch.waits()
    }

    /// Takes the next row.
    pub fn row(&mut self, row: &Row<'_>) {
        if self.runs.is_none() && row.at >= warm_up_from(self.from) {
            self.runs = Some(self.begun());
        }
        for run in self.runs.iter_mut().flatten() {
            run.happen(row, self.live.as_ref());
        }
        self.follow(row);
        for run in self.runs.iter_mut().flatten() {
            run.end_what_is_over(row.at, self.live.as_ref());
        }
    }

    /// Lets time pass until `to`, and compares.
    pub fn finish(mut self) -> BackTest {
        let runs = self.runs.take().unwrap_or_else(|| self.begun());
        let [in_force, proposed] = runs.map(|mut run| {
            run.pass_until(self.to, self.live.as_ref());
            run.end_what_is_over(self.to, self.live.as_ref());
            run.into_watch()
        });
        BackTest::of(self.from, self.to, &self.live_watch, &in_force, &proposed)
    }

    fn begun(&self) -> [Run; 2] {
        let (live, watch) = (&self.live, &self.live_watch);
        let in_force = Run::of_plans_in_force(live.clone(), watch.clone());
        let at = warm_up_from(self.from);
        let proposed = self.proposed.clone();
        let proposed = Run::of_proposed(proposed, live.clone(), at, watch.clone());
        [in_force, proposed]
    }

    /// Carries the recorded decisions out on the live case.
    fn follow(&mut self, row: &Row<'_>) {
        let mut live = match (self.live.take(), row.event) {
            (None, Event::MonitoringStarted { coordinator, plan }) => {
                Case::new(coordinator.clone(), Plan::clone(plan))
            }
            (None, _) => return,
            (Some(live), _) => live,
        };
        for decision in row.decisions {
            live.carry_out(decision, row.at);
        }
        self.live_watch.see(row.at, row.decisions, &live);
        self.live = Some(live);
    }
}

fn warm_up_from(from: Timestamp) -> Timestamp {
    let days = SignedDuration::from_hours(24 * i64::from(DAYS_KEPT));
    from.saturating_sub(days).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod nursing_tests;
#[cfg(test)]
mod tests;
