//! Arms: three ways to judge the same stream, with the same limits and the same nurse.

mod every_breach;
mod home;
mod judged;
mod nurse;
pub(crate) mod plans;

use clinical::{Priority, Problem};

use crate::stream::Patient;
use crate::stream::clock::Minute;
use plans::Plans;

/// A way to judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Arm {
    /// Every reading beyond a limit is an alert.
    EveryBreach,
    /// The same limits, with one open alert for each problem until a nurse closes it, and nothing else of the plan.
    OneAlert,
    /// The whole plan.
    Core,
}

impl Arm {
    pub(crate) const ALL: [Self; 3] = [Self::EveryBreach, Self::OneAlert, Self::Core];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::EveryBreach => "every reading beyond a limit",
            Self::OneAlert => "the same, one open alert per problem",
            Self::Core => "this core",
        }
    }
}

/// Something that a nurse is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signal {
    pub(crate) at: Minute,
    pub(crate) problem: Problem,
    pub(crate) priority: Priority,
    /// A new alert; otherwise one that is open became worse.
    pub(crate) is_new: bool,
    /// Whether the reading behind it was spoiled by technique, or somebody else's.
    pub(crate) mistaken: bool,
}

impl Signal {
    /// Whether it is about the patient's body, rather than about measuring, the kit or the plan.
    pub(crate) fn is_clinical(&self) -> bool {
        !matches!(
            self.problem,
            Problem::Measuring
                | Problem::Identity
                | Problem::Silence
                | Problem::Kit
                | Problem::PlanReview
        )
    }
}

/// What one arm made of one patient's time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heard {
    pub(crate) signals: Vec<Signal>,
    /// How often the patient was asked to measure again.
    pub(crate) requests: i64,
    /// How often the patient was reminded of a missing reading.
    pub(crate) nudges: i64,
}

/// Judges one patient's time.
pub(crate) fn judge(arm: Arm, patient: &Patient, plans: &Plans) -> Heard {
    let plan = plans.of(patient);
    match arm {
        Arm::EveryBreach => every_breach::judge(patient, &plan.limits_alone()),
        Arm::OneAlert => judged::judge(patient, plan.limits_alone()),
        Arm::Core => judged::judge(patient, plan.whole()),
    }
}
