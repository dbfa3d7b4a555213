//! Discharge: monitoring ends once nothing is left to do, and may start again. And the watch list, which ends with it.

use super::plan::{check_note, check_reason};
use super::work::Work;
use crate::alert::{Evidence, Grounds, Problem};
use crate::decision::Decision;
use crate::discharge::{Discharge, DischargeReason};
use crate::event::{Event, ReadingStored};
use crate::id::PersonId;
use crate::plan::Plan;
use crate::refusal::Refusal;
use crate::schedule::Measured;
use crate::watch::Watch;

impl Work {
    pub(super) fn discharge(&mut self, discharge: &Discharge) -> Result<(), Refusal> {
        match discharge.reason {
            DischargeReason::Other => check_reason(&discharge.note)?,
            _ => check_note(&discharge.note)?,
        }
        let unfinished = self.unfinished();
        if !unfinished.is_empty() {
            return Err(Refusal::Unfinished(unfinished));
        }
        let expected: Vec<Measured> = self.case.expected().map(|it| it.what).collect();
        for what in expected {
            self.follow(Decision::ExpectNothing { what });
        }
        if self.case.scheduled_plan().is_some() {
            self.follow(Decision::DropScheduledPlan);
        }
        if self.case.watch().is_some() {
            self.follow(Decision::EndWatch);
        }
        self.follow(Decision::Discharge(discharge.clone()));
        Ok(())
    }

    /// Lists what somebody has to do before the patient can be discharged.
    fn unfinished(&self) -> Vec<String> {
        let alerts = self.case.open_alerts();
        let alerts = alerts.map(|it| format!("close alert {} ({})", it.number, it.problem.name()));
        let suspicions = self.case.suspicions().map(|it| {
            let (priority, problem) = (it.priority.name(), it.problem.name());
            format!("wait for the repeat of a value ({problem}, perhaps {priority})")
        });
        alerts.chain(suspicions).collect()
    }

    /// Lets happen what may happen to a discharged patient. Tells whether that was all.
    pub(super) fn after_discharge(&mut self, event: &Event) -> Result<bool, Refusal> {
        match event {
            Event::ReadingStored(reading) => self.heard_after_discharge(reading),
            Event::AttemptStored(_)
            | Event::Answered(_)
            | Event::WindowClosed { .. }
            | Event::WindowExplained { .. }
            | Event::Resumed { .. } => {}
            Event::PlanInForce { .. }
            | Event::PlanScheduled { .. }
            | Event::PlanWithdrawn { .. }
            | Event::Paused { .. }
            | Event::TierSet { .. }
            | Event::Discharged(_)
            | Event::Watched(_)
            | Event::WatchEnded { .. } => return Err(Refusal::Discharged),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// A reading of a discharged patient is stored and not judged. Somebody is told, once, that the kit is still in use.
    fn heard_after_discharge(&mut self, reading: &ReadingStored) {
        let was_heard = self.case.discharged().is_some_and(|it| it.heard);
        if reading.drill || was_heard {
            return;
        }
        let device = reading.device.clone();
        let grounds = Grounds::AfterDischarge { device };
        let evidence = Evidence::of_grounds(grounds, self.now);
        self.raise(Problem::Kit, vec![evidence]);
    }

    /// Monitoring starts again, by the next plan. The journal goes on.
    pub(super) fn start_again(
        &mut self,
        coordinator: &PersonId,
        plan: &Plan,
    ) -> Result<(), Refusal> {
        if self.case.discharged().is_none() {
            return Err(Refusal::AlreadyMonitored);
        }
        self.check_version(plan)?;
        self.follow(Decision::StartAgain);
        let coordinator = coordinator.clone();
        self.follow(Decision::AssignCoordinator { coordinator });
        self.adopt(plan);
        self.it_is_over(Problem::Kit, self.now);
        Ok(())
    }

    pub(super) fn watch(&mut self, watch: &Watch) -> Result<(), Refusal> {
        watch.check(self.now)?;
        self.follow(Decision::Watch(watch.clone()));
        Ok(())
    }

    pub(super) fn end_watch(&mut self) -> Result<(), Refusal> {
        let watch = self.case.watch().filter(|it| it.until > self.now);
        if watch.is_none() {
            return Err(Refusal::NotWatched);
        }
        self.follow(Decision::EndWatch);
        Ok(())
    }
}
