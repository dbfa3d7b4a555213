//! Planning: a proposal becomes a patient's plan, at once or on its day, or is refused with a sentence.

use clinical::plan::{HardStops, Proposal, ProposalRefusal, Roles};
use clinical::{Event, PatientId, PersonId, Plan, PlanVersion, Refusal};
use jiff::Timestamp;
use thiserror::Error;

use crate::audit::{self, Actor, Entry};
use crate::casework::Casebook;
use crate::store::{Store, people};

/// What became of a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accepted {
    /// The plan holds.
    InForce(PlanVersion),
    /// The plan is kept until it is to hold.
    Scheduled(PlanVersion, Timestamp),
}

/// Why there is no new plan. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PlanningRefusal {
    /// Nobody watches the patient.
    #[error("{0} is not being monitored: assign a care coordinator and a plan first.")]
    NotMonitored(PatientId),
    /// Nobody knows who it was.
    #[error("{0} is nobody here. Name somebody of the staff.")]
    Nobody(PersonId),
    /// What was proposed cannot be a plan.
    #[error(transparent)]
    Proposal(#[from] ProposalRefusal),
    /// The case does not allow it.
    #[error(transparent)]
    Case(#[from] Refusal),
}

/// Accepts a proposal that `make` writes against the plan in force, and puts it in force or keeps it for its day. Whoever
/// changes the plan meanwhile is waited for, so that the proposal is made against what is so. `by` is who does so, for the
/// audit trail.
///
/// The outer error is of the database; the inner one is a refusal.
///
/// # Errors
/// When the database fails, or `make` does.
pub async fn propose(
    store: &Store,
    patient: &PatientId,
    make: impl FnOnce(&Plan) -> anyhow::Result<Proposal>,
    stops: &HardStops,
    by: Actor,
    now: Timestamp,
) -> anyhow::Result<Result<Accepted, PlanningRefusal>> {
    propose_with_return(store, patient, make, |_, _| None, stops, by, now).await
}

/// Accepts a proposal as [`propose`] does, and with it the one that `back` writes, which follows it on its day: the plan
/// that a temporary change took the place of comes back by itself. `back` is given the plan before and the plan that holds
/// now; it gives `None` for a change that stays. Both are accepted, or neither.
///
/// The outer error is of the database; the inner one is a refusal.
///
/// # Errors
/// When the database fails, or `make` does.
pub async fn propose_with_return(
    store: &Store,
    patient: &PatientId,
    make: impl FnOnce(&Plan) -> anyhow::Result<Proposal>,
    back: impl FnOnce(&Plan, &Plan) -> Option<Proposal>,
    stops: &HardStops,
    by: Actor,
    now: Timestamp,
) -> anyhow::Result<Result<Accepted, PlanningRefusal>> {
    let mut write = store.write().await?;
    let mut casebook = Casebook::default();
    let Some(case) = casebook.case(&mut write, patient).await? else {
        return Ok(Err(PlanningRefusal::NotMonitored(patient.clone())));
    };
    let current = case.plan().clone();
    let proposal = make(&current)?;
    if !people::is_known(&mut write, &proposal.author).await? {
        return Ok(Err(PlanningRefusal::Nobody(proposal.author)));
    }
    let roles = Roles {
        prescribers: people::prescribers(&mut write).await?,
    };
    let plan = match proposal.accept(&current, stops, &roles, now) {
        Ok(plan) => plan,
        Err(refusal) => return Ok(Err(refusal.into())),
    };
    let returned = back(&current, &plan).map(|it| it.accept(&plan, stops, &roles, now));
    let returned = match returned.transpose() {
        Ok(returned) => returned,
        Err(refusal) => return Ok(Err(refusal.into())),
    };
    let accepted = accepted(&plan, now);
    let mut entries = Vec::new();
    for plan in [Some(plan), returned].into_iter().flatten() {
        let event = event(plan, now);
        if let Err(refusal) = casebook.handle(&mut write, patient, &event, now).await? {
            return Ok(Err(refusal.into()));
        }
        entries.push(Entry::of_event(by.clone(), patient, &event));
    }
    casebook.save(&mut write).await?;
    audit::append(&mut write, &entries, now).await?;
    write.commit().await?;
    Ok(Ok(accepted))
}

fn accepted(plan: &Plan, now: Timestamp) -> Accepted {
    if plan.in_force_from > now {
        Accepted::Scheduled(plan.version, plan.in_force_from)
    } else {
        Accepted::InForce(plan.version)
    }
}

fn event(plan: Plan, now: Timestamp) -> Event {
    let is_later = plan.in_force_from > now;
    let plan = Box::new(plan);
    if is_later {
        Event::PlanScheduled { plan }
    } else {
        Event::PlanInForce { plan }
    }
}

/// Takes back the plan that was to hold later. `actor` is who does so, for the audit trail.
///
/// The outer error is of the database; the inner one is a refusal.
///
/// # Errors
/// When the database fails.
pub async fn withdraw(
    store: &Store,
    patient: &PatientId,
    by: PersonId,
    reason: String,
    actor: Actor,
    now: Timestamp,
) -> anyhow::Result<Result<(), PlanningRefusal>> {
    let mut write = store.write().await?;
    if !people::is_known(&mut write, &by).await? {
        return Ok(Err(PlanningRefusal::Nobody(by)));
    }
    let event = Event::PlanWithdrawn { by, reason };
    let mut casebook = Casebook::default();
    if let Err(refusal) = casebook.handle(&mut write, patient, &event, now).await? {
        return Ok(Err(refusal.into()));
    }
    casebook.save(&mut write).await?;
    let entry = Entry::of_event(actor, patient, &event);
    audit::append(&mut write, &[entry], now).await?;
    write.commit().await?;
    Ok(Ok(()))
}
