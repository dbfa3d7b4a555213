//! Proposals: a change of a plan, with its reason, its author and the patient's view, until it is accepted or refused.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::care_error::PlanError;
use super::diff::{Change, changes};
use super::hard_stops::{Crossed, HardStops};
use super::{Care, Crossing, Matter, PatientView, Plan, PlanVersion};
use crate::id::PersonId;
use crate::limits::Limits;
use crate::refusal::NOTE_LEN_MAX;
use crate::sign::VitalSign;

/// A change of a patient's plan.
///
/// One that is to hold later is kept until it is due. It is accepted again then, because the plan that it was made for may
/// have changed in the meantime: whoever keeps it tells its author of a refusal, and leaves the plan as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// The limits of the plan as it would be.
    pub limits: BTreeMap<VitalSign, Limits>,
    /// Everything else of the plan as it would be; a crossing in it is not looked at.
    #[serde(default, skip_serializing_if = "Care::is_empty")]
    pub care: Care,
    /// The plan that its author saw.
    pub based_on: PlanVersion,
    /// Who proposes it.
    pub author: PersonId,
    /// Why.
    pub reason: String,
    /// What the patient said to it.
    pub patient_view: PatientView,
    /// From when it is to hold; from now on when that has passed.
    pub in_force_from: Timestamp,
    /// The prescriber who lets it go beyond the hard stops, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crossing: Option<Crossing>,
}

/// Who may do what about plans.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roles {
    /// Those who may let a plan go beyond the hard stops.
    pub prescribers: BTreeSet<PersonId>,
}

/// Why a proposal cannot become a plan, in a sentence that says what to do. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProposalRefusal {
    /// Somebody else was faster.
    #[error(
        "Plan {current} is in force, and this change was made to plan {based_on}. Look at what has changed, then propose again."
    )]
    Stale {
        /// The plan that the author saw.
        based_on: PlanVersion,
        /// The plan in force.
        current: PlanVersion,
    },
    /// What it says makes no sense.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// It says what the plan in force says.
    #[error("Nothing would change: plan {0} says this already.")]
    NothingChanges(PlanVersion),
    /// A patient who disagreed or was not asked, and nobody says why.
    #[error(
        "Say why the patient disagreed, or why they were not asked, in at most {NOTE_LEN_MAX} characters."
    )]
    ViewUnexplained,
    /// Care is taken away without a day to look at it again.
    #[error("This takes care away, so it needs a review date: {}", sentences(.0.iter().map(Change::sentence)))]
    ReviewMissing(Vec<Change>),
    /// A review that would have been before the plan holds.
    #[error("The review date is before the plan comes in force. Choose a later one.")]
    ReviewTooEarly,
    /// Beyond the hard stops.
    #[error("A prescriber must allow this and say why: {}", sentences(.0.iter().map(Crossed::sentence)))]
    HardStop(Vec<Crossed>),
    /// The person named is no prescriber.
    #[error("{0} is not a prescriber here. Ask somebody who is to allow it.")]
    NotAPrescriber(PersonId),
    /// Beyond the hard stops without a reason.
    #[error(
        "The prescriber must say why the plan may go beyond the hard stops, in at most {NOTE_LEN_MAX} characters."
    )]
    CrossingUnexplained,
}

fn sentences(all: impl Iterator<Item = String>) -> String {
    all.collect::<Vec<_>>().join(" ")
}

impl Proposal {
    /// Tells whether the time has come from which it is to hold.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.in_force_from <= now
    }

    /// Makes the plan that follows the one in force, at the moment of accepting it or, for one that was kept, when it is
    /// due. Its version is the next, and it never holds from the past.
    ///
    /// # Errors
    /// A sentence that says what to do.
    pub fn accept(
        &self,
        current: &Plan,
        stops: &HardStops,
        roles: &Roles,
        now: Timestamp,
    ) -> Result<Plan, ProposalRefusal> {
        if self.based_on != current.version {
            return Err(ProposalRefusal::Stale {
                based_on: self.based_on,
                current: current.version,
            });
        }
        check_view(&self.patient_view)?;
        let mut plan = self.plan(current, now);
        plan.check()?;
        self.check_changes(&changes(current, &plan), &plan, current)?;
        plan.care.crossing = self.crossing(current, &plan, stops, roles)?;
        Ok(plan)
    }

    fn plan(&self, current: &Plan, now: Timestamp) -> Plan {
        Plan {
            version: PlanVersion(current.version.0.saturating_add(1)),
            limits: self.limits.clone(),
            care: self.care.clone(),
            set_by: self.author.clone(),
            reason: self.reason.clone(),
            patient_view: Some(self.patient_view.clone()),
            in_force_from: self.in_force_from.max(now),
        }
    }

    fn check_changes(
        &self,
        changes: &[Change],
        plan: &Plan,
        current: &Plan,
    ) -> Result<(), ProposalRefusal> {
        if changes.is_empty() {
            return Err(ProposalRefusal::NothingChanges(current.version));
        }
        let review = plan.care.term.as_ref().and_then(|term| term.review_by);
        let begins = plan.care.zone.date(plan.in_force_from);
        if review.is_some_and(|by| by < begins) {
            return Err(ProposalRefusal::ReviewTooEarly);
        }
        let loosened: Vec<Change> = changes
            .iter()
            .filter(|it| it.what != Matter::Term && it.leaning.may_loosen())
            .cloned()
            .collect();
        if review.is_none() && !loosened.is_empty() {
            return Err(ProposalRefusal::ReviewMissing(loosened));
        }
        Ok(())
    }

    /// Finds by whose leave the plan is beyond the hard stops: by the proposal's where it goes further, by the plan's in
    /// force where that went as far, by nobody's where it does not.
    fn crossing(
        &self,
        current: &Plan,
        plan: &Plan,
        stops: &HardStops,
        roles: &Roles,
    ) -> Result<Option<Crossing>, ProposalRefusal> {
        let crossed = stops.crossed(Some(current), plan);
        if crossed.is_empty() {
            let before = current.care.crossing.clone();
            return Ok(before.filter(|_| stops.is_beyond(plan)));
        }
        let Some(crossing) = &self.crossing else {
            return Err(ProposalRefusal::HardStop(crossed));
        };
        if !roles.prescribers.contains(&crossing.prescriber) {
            let who = crossing.prescriber.clone();
            return Err(ProposalRefusal::NotAPrescriber(who));
        }
        if !is_said(&crossing.reason) {
            return Err(ProposalRefusal::CrossingUnexplained);
        }
        Ok(Some(crossing.clone()))
    }
}

fn check_view(view: &PatientView) -> Result<(), ProposalRefusal> {
    match view {
        PatientView::Agreed => Ok(()),
        PatientView::Disagreed { because } | PatientView::NotAsked { because } => is_said(because)
            .then_some(())
            .ok_or(ProposalRefusal::ViewUnexplained),
    }
}

fn is_said(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= NOTE_LEN_MAX
}
