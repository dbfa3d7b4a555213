//! Plans put in force, and the tier that a clinician sets.

use jiff::Timestamp;

use super::work::Work;
use crate::alert::{Alert, Evidence, Grounds, Ownership, Problem};
use crate::case::TierOverride;
use crate::decision::Decision;
use crate::id::PersonId;
use crate::plan::{Plan, PlanVersion};
use crate::refusal::{NOTE_LEN_MAX, Refusal};
use crate::worklist::Tier;

impl Work {
    /// Puts a plan in force at once. One that was to hold later was made for the plan before: it is set aside, and
    /// somebody is asked to look at it.
    pub(super) fn put_in_force(&mut self, plan: &Plan) -> Result<(), Refusal> {
        self.check_version(plan)?;
        let set_aside = self.case.scheduled_plan().map(|it| Grounds::PlanSetAside {
            author: it.set_by.clone(),
            was_from: it.in_force_from,
            by: plan.set_by.clone(),
        });
        if set_aside.is_some() {
            self.follow(Decision::DropScheduledPlan);
        }
        self.adopt(plan);
        if let Some(grounds) = set_aside {
            let evidence = Evidence::of_grounds(grounds, self.now);
            self.raise(Problem::PlanReview, vec![evidence]);
        }
        Ok(())
    }

    /// Keeps a plan until it is to hold. There is at most one.
    pub(super) fn schedule_plan(&mut self, plan: &Plan) -> Result<(), Refusal> {
        self.check_version(plan)?;
        if plan.in_force_from <= self.now {
            return Err(Refusal::TimeHasPassed);
        }
        if self.case.scheduled_plan().is_some() {
            return Err(Refusal::PlanScheduledAlready);
        }
        let plan = Box::new(plan.clone());
        self.follow(Decision::SchedulePlan { plan });
        Ok(())
    }

    pub(super) fn withdraw_plan(&mut self, reason: &str) -> Result<(), Refusal> {
        check_reason(reason)?;
        if self.case.scheduled_plan().is_none() {
            return Err(Refusal::NoPlanScheduled);
        }
        self.follow(Decision::DropScheduledPlan);
        Ok(())
    }

    /// The time has come from which a scheduled plan is to hold.
    pub(super) fn plan_begins(&mut self) {
        if let Some(plan) = self.case.scheduled_plan().cloned() {
            self.follow(Decision::DropScheduledPlan);
            self.adopt(&plan);
        }
    }

    pub(super) fn check_version(&self, plan: &Plan) -> Result<(), Refusal> {
        let current = self.plan().version;
        if plan.version == PlanVersion(current.0.saturating_add(1)) {
            return Ok(());
        }
        Err(Refusal::PlanOutOfOrder {
            found: plan.version,
            current,
        })
    }

    pub(super) fn adopt(&mut self, plan: &Plan) {
        let plan = Box::new(plan.clone());
        self.follow(Decision::AdoptPlan { plan });
        self.it_is_over(Problem::PlanReview, self.now);
        self.expect_all();
        self.set_missing_deadlines();
    }

    /// Gives a deadline to alerts that were opened or taken when the plan named no response times.
    fn set_missing_deadlines(&mut self) {
        let open: Vec<Alert> = self.case.open_alerts().cloned().collect();
        for alert in open.iter().filter(|it| it.respond_by.is_none()) {
            let respond_by = match alert.ownership {
                Ownership::Taken { .. } => self.act_by(alert),
                _ => self.take_by(alert.priority),
            };
            if respond_by.is_some() {
                self.follow(Decision::SetOwnership {
                    alert: alert.number,
                    ownership: alert.ownership.clone(),
                    respond_by,
                });
            }
        }
    }

    pub(super) fn set_tier(
        &mut self,
        tier: Option<Tier>,
        by: &PersonId,
        reason: &str,
        until: Option<Timestamp>,
    ) -> Result<(), Refusal> {
        check_reason(reason)?;
        if until.is_some_and(|until| until <= self.now) {
            return Err(Refusal::TimeHasPassed);
        }
        let tier = tier.map(|tier| TierOverride {
            tier,
            by: by.clone(),
            reason: reason.to_owned(),
            at: self.now,
            until,
        });
        self.follow(Decision::SetTier { tier });
        Ok(())
    }
}

/// Checks that a reason is given and no longer than a note may be.
pub(super) fn check_reason(reason: &str) -> Result<(), Refusal> {
    if reason.trim().is_empty() {
        return Err(Refusal::ReasonMissing);
    }
    check_note(reason)
}

/// Checks that a note is no longer than it may be.
pub(super) fn check_note(note: &str) -> Result<(), Refusal> {
    if note.chars().count() > NOTE_LEN_MAX {
        return Err(Refusal::NoteTooLong);
    }
    Ok(())
}
