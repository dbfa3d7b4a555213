//! What a reading means: plans, verdicts, alerts, and who answers.
//!
//! Pure and deterministic: [`decide()`] takes a patient's case, an event and the time, and says what follows;
//! [`Case::apply`] carries one decision out. No clock, randomness, async, SQL or network.

pub mod adherence;
pub mod alert;
pub mod backtest;
pub mod case;
pub mod contact;
pub mod deadline;
pub mod decide;
pub mod decision;
mod device_clock;
pub mod discharge;
pub mod duty;
pub mod event;
pub mod glance;
pub mod history;
pub mod hours;
pub mod id;
pub mod limits;
pub mod looked_at;
pub mod papers;
pub mod plan;
pub mod refusal;
pub mod replay;
pub mod rules;
pub mod schedule;
pub mod score;
pub mod sentence;
pub mod sign;
pub mod silence;
pub mod strike;
pub mod telling;
pub mod timeline;
pub mod verdict;
pub mod watch;
pub mod worklist;
pub mod zone;

pub use alert::{
    Alert, AlertNumber, Condition, Evidence, Grounds, Outcome, Ownership, Priority, Problem,
};
pub use case::Case;
pub use contact::{Contact, ContactHow, ContactResult};
pub use deadline::Deadline;
pub use decide::decide;
pub use decision::Decision;
pub use device_clock::DeviceClock;
pub use discharge::{Discharge, DischargeReason};
pub use event::{AttemptStored, Event, ReadingStored};
pub use history::History;
pub use hours::{Hours, Span};
pub use id::{PatientId, PersonId, TeamId};
pub use limits::{Breach, Level, Limits, LimitsError, Side};
pub use plan::{Plan, PlanVersion};
pub use refusal::Refusal;
pub use replay::{Step, step};
pub use rules::{Holding, Judgement, Rule, RuleId, RuleKind};
pub use schedule::{Due, Expected, Measured, Pause, PauseReason, Schedule};
pub use sign::VitalSign;
pub use strike::{Strike, StrikeBack, StrikeReason};
pub use timeline::Timeline;
pub use verdict::{Finding, Verdict};
pub use watch::Watch;
pub use zone::Zone;

/// The version of the rules in this crate; every journal row names the one that decided it.
pub const RULE_SET_VERSION: u32 = 5;
