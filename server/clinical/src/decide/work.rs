//! Work in progress: a case that follows each decision as it is made, so that the next one sees it.

use jiff::Timestamp;
use vitals::ReadingId;

use crate::alert::{Alert, AlertNumber, Priority};
use crate::case::Case;
use crate::decision::Decision;
use crate::plan::{Plan, Response};

/// A case with the decisions made so far.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) case: Case,
    pub(super) now: Timestamp,
    decisions: Vec<Decision>,
}

impl Work {
    pub(super) fn new(case: Case, now: Timestamp) -> Self {
        Self {
            case,
            now,
            decisions: Vec::new(),
        }
    }

    /// Makes a decision and carries it out.
    pub(super) fn follow(&mut self, decision: Decision) {
        self.case.carry_out(&decision, self.now);
        self.decisions.push(decision);
    }

    /// Tells whether the patient is asked already to repeat a reading: once is enough, however many problems it has.
    pub(super) fn asks_to_repeat(&self, wanted: ReadingId) -> bool {
        self.decisions
            .iter()
            .any(|it| matches!(it, Decision::WantRepeat { reading, .. } if *reading == wanted))
    }

    pub(super) fn done(self) -> (Vec<Decision>, Case) {
        (self.decisions, self.case)
    }

    pub(super) fn plan(&self) -> &Plan {
        self.case.plan()
    }

    /// Gives when somebody must have taken a new alert.
    pub(super) fn take_by(&self, priority: Priority) -> Option<Timestamp> {
        self.in_minutes(priority, |response| response.take_minutes)
    }

    /// Gives when whoever takes an alert now must have acted.
    pub(super) fn act_by(&self, alert: &Alert) -> Option<Timestamp> {
        self.in_minutes(alert.priority, |response| response.act_minutes)
    }

    /// Gives when the next person up the chain must have acted.
    pub(super) fn step_by(&self, priority: Priority) -> Option<Timestamp> {
        self.in_minutes(priority, |response| response.step_minutes)
    }

    fn in_minutes(
        &self,
        priority: Priority,
        minutes: impl Fn(&Response) -> u32,
    ) -> Option<Timestamp> {
        let care = &self.plan().care;
        let response = care.escalation.of(priority)?;
        Some(response.after(minutes(response), self.now, &care.hours, &care.zone))
    }

    /// Gives the number that the next alert will have.
    pub(super) fn next_alert(&self) -> AlertNumber {
        self.case.next_alert()
    }
}
