//! The one decision function: a case, an event and the time give what follows.

mod again;
mod answers;
mod attempt;
pub(crate) mod bearing;
mod clock;
mod consider;
mod evidence;
mod expectation;
mod explained;
mod fire;
mod late;
mod people;
mod plan;
mod raise;
mod reading;
mod repeat;
pub(crate) mod score_inputs;
mod standing;
mod weigh;
mod work;

use jiff::Timestamp;

use crate::case::Case;
use crate::decision::Decision;
use crate::event::Event;
use crate::refusal::Refusal;
use work::Work;

/// Says what follows from an event, in the order in which it is to be applied.
///
/// # Errors
/// A [`Refusal`] when a person asked for something that cannot be done; nothing follows then. Readings, attempts,
/// answers and deadlines are never refused.
pub fn decide(case: &Case, event: &Event, now: Timestamp) -> Result<Vec<Decision>, Refusal> {
    Ok(decide_on(case.clone(), event, now)?.0)
}

/// Decides, and gives the case after the decisions as well.
pub(crate) fn decide_on(
    case: Case,
    event: &Event,
    now: Timestamp,
) -> Result<(Vec<Decision>, Case), Refusal> {
    let mut work = Work::new(case, now);
    match event {
        Event::MonitoringStarted { .. } => return Err(Refusal::AlreadyMonitored),
        Event::ReadingStored(reading) => work.reading(reading),
        Event::AttemptStored(attempt) => work.attempt(attempt),
        Event::Answered(answers) => work.answered(answers),
        Event::DeadlinePassed { what, due_at } => work.fire(*what, *due_at),
        Event::WindowClosed { due, finding } => work.window_closed(due, finding),
        Event::WindowExplained { due, finding } => work.window_explained(due, finding),
        Event::GatewayClock { gateway, unset } => work.gateway_clock(gateway, *unset),
        Event::PlanInForce { plan } => work.put_in_force(plan)?,
        Event::PlanScheduled { plan } => work.schedule_plan(plan)?,
        Event::PlanWithdrawn { reason, .. } => work.withdraw_plan(reason)?,
        Event::CoordinatorAssigned { coordinator } => {
            let coordinator = coordinator.clone();
            work.follow(Decision::AssignCoordinator { coordinator });
        }
        Event::Paused { pause, .. } => work.pause(pause)?,
        Event::Resumed { .. } => work.resume(),
        Event::TierSet {
            tier,
            by,
            reason,
            until,
        } => work.set_tier(*tier, by, reason, *until)?,
        Event::AlertTaken { .. }
        | Event::AlertClosed { .. }
        | Event::AlertWaits { .. }
        | Event::AlertSnoozed { .. }
        | Event::AlertEscalated { .. }
        | Event::AlertOffered { .. }
        | Event::OfferAnswered { .. }
        | Event::AlertReopened { .. } => work.handle_alert(event)?,
    }
    Ok(work.done())
}

/// Opens a case: monitoring starts, and readings are expected from now on.
pub(crate) fn start(case: Case, now: Timestamp) -> (Vec<Decision>, Case) {
    let mut work = Work::new(case, now);
    work.expect_all();
    work.done()
}
