//! What is wrong with a plan, in sentences that say what to change.

use jiff::civil::Date;
use thiserror::Error;
use vitals::Decimal;

use super::escalation::{REST_DAYS_MAX, UNANSWERED_MAX};
use crate::alert::Priority;
use crate::limits::Level;
use crate::refusal::NOTE_LEN_MAX;
use crate::rules::RuleId;
use crate::schedule::ScheduleError;
use crate::sign::VitalSign;

/// The most rules in a plan.
pub const RULES_LEN_MAX: usize = 40;
/// The most minutes that a response, a repeat or a wait may take: four weeks.
pub const MINUTES_MAX: u32 = 28 * 24 * 60;

/// A plan that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PlanError {
    /// Nobody could tell why it was set.
    #[error(
        "Say why this plan, and where its numbers are from, in at most {NOTE_LEN_MAX} characters."
    )]
    Reason,
    /// In force before the day on which its term says that it starts.
    #[error(
        "The plan starts on {starts_on} and would hold from {holds_on}: let it hold from the day on which it starts."
    )]
    HoldsBeforeItStarts {
        /// The first day of its term.
        starts_on: Date,
        /// The day from which it would hold.
        holds_on: Date,
    },
    /// What it says makes no sense.
    #[error(transparent)]
    Care(#[from] CareError),
}

/// Limits and care that make no sense together.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CareError {
    /// A sign that is named and not limited.
    #[error("{} has no limit: give one, or leave it out.", .0.name())]
    NoLimit(VitalSign),
    /// A limit that no plausible value reaches.
    #[error("The {} limit {limit} of {} is outside the possible values: no reading could reach it.", level_name(.level), .sign.name())]
    OutOfReach {
        /// Of which vital sign.
        sign: VitalSign,
        /// Its level.
        level: Level,
        /// Its value.
        limit: Decimal,
    },
    /// Two rules by one name.
    #[error("There are two rules named {0}: give one of them another name.")]
    RuleTwice(RuleId),
    /// More rules than [`RULES_LEN_MAX`].
    #[error("There are more than {RULES_LEN_MAX} rules: nobody could say what they ask for.")]
    TooManyRules,
    /// A wait of no minutes, or of more than [`MINUTES_MAX`].
    #[error("{0} must be 1 to {MINUTES_MAX} minutes.")]
    Minutes(String),
    /// A value that would be raised at once before it is urgent.
    #[error("{}: at_once_{side} must lie beyond the urgent limit, or else a milder value would raise at once.", .sign.name())]
    AtOnce {
        /// Of which vital sign.
        sign: VitalSign,
        /// `low` or `high`.
        side: &'static str,
    },
    /// No reading could ever clear an alert.
    #[error("No value of {} is {margin} inside both of its limits: its alerts could never clear.", .sign.name())]
    NeverClears {
        /// Of which vital sign.
        sign: VitalSign,
        /// The margin.
        margin: Decimal,
    },
    /// A number that must be over zero, or a range that is empty.
    #[error("{0} must be over 0, and the lowest value under the highest.")]
    Empty(String),
    /// A late reading that would be nobody's.
    #[error("A late urgent reading must become check or worse: it is about the patient.")]
    LateIsTechnical,
    /// A schedule that makes no sense.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// Some priorities would have no deadline.
    #[error("{} alerts have no response time, so nobody would have to answer them: give all four priorities one, or none.", .0.name())]
    NoResponse(Priority),
    /// A patient's problem that nobody need look at.
    #[error("{} alerts must not end by themselves: a person closes what is about the patient.", .0.name())]
    EndsByItself(Priority),
    /// An alert that somebody must act on today does not rest, and none rests for long.
    #[error("{} alerts may rest for {REST_DAYS_MAX} days at most, and only check and technical ones may. Change rest_days.", .0.name())]
    Rests(Priority),
    /// Nobody would ever be tried, or for ever.
    #[error("A patient may be tried 1 to {UNANSWERED_MAX} times without an answer about {} alerts. Change unanswered_max.", .0.name())]
    Tries(Priority),
    /// Monitored minutes without hours.
    #[error("{} alerts count monitored minutes, and there are no monitoring hours: give some, or count all minutes.", .0.name())]
    NoHours(Priority),
    /// Numbers without a source.
    #[error("{0}: say where its numbers are from, in source.")]
    NoSource(String),
    /// Dates out of order.
    #[error("The plan must start before its review, and be reviewed by the day it ends.")]
    Term,
}

fn level_name(level: &Level) -> &'static str {
    level.priority().name()
}
