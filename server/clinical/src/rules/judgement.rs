//! Judgements: what a rule says of a history, with the numbers that its sentences need.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vitals::ReadingId;

use super::against_median::AgainstMedianFacts;
use super::change::ChangeFacts;
use super::combined::CombinedFacts;
use super::from_baseline::FromBaselineFacts;
use super::home_average::HomeAverageFacts;
use super::irregular_pulse::IrregularPulseFacts;
use super::n_of_m::NOfMFacts;
use super::trend::TrendFacts;
use super::{RuleId, words};
use crate::alert::{Priority, Problem};

/// The most readings that a holding names, the newest.
pub const EVIDENCE_LEN_MAX: usize = 20;

/// What a rule says of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// What the rule looks for is there.
    Holds(Box<Holding>),
    /// It is not there.
    DoesNotHold,
    /// There is too little to tell.
    NotEnoughYet(Lack),
}

/// A rule that holds: which, why, and by which readings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holding {
    /// The rule.
    pub rule: RuleId,
    /// What to do by when.
    pub priority: Priority,
    /// The problem that it belongs to.
    pub problem: Problem,
    /// When the newest reading or answer that it rests on was given.
    pub newest_at: Timestamp,
    /// The rule's and the readings' numbers.
    pub facts: Facts,
    /// The readings that it rests on, oldest first; the newest [`EVIDENCE_LEN_MAX`].
    pub readings: Vec<ReadingId>,
}

impl Holding {
    /// Says to a nurse what was found, with the rule.
    pub fn for_nurse(&self) -> String {
        self.facts.for_nurse()
    }

    /// Says to the patient what was found.
    pub fn for_patient(&self) -> String {
        self.facts.for_patient()
    }

    /// Says what would have stopped the rule from holding.
    pub fn would_have_stopped(&self) -> String {
        self.facts.would_have_stopped()
    }
}

/// The numbers of a rule that holds: its own, and those found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Facts {
    /// Of readings at or beyond a limit.
    NOfM(NOfMFacts),
    /// Of a change in a few days.
    Change(ChangeFacts),
    /// Of a distance from what is usual.
    AgainstMedian(AgainstMedianFacts),
    /// Of a distance from what was agreed.
    FromBaseline(FromBaselineFacts),
    /// Of an average blood pressure.
    HomeAverage(HomeAverageFacts),
    /// Of a slow drift.
    Trend(TrendFacts),
    /// Of several things at once.
    Combined(CombinedFacts),
    /// Of an irregular pulse.
    IrregularPulse(IrregularPulseFacts),
}

impl Facts {
    /// Says to a nurse what was found, with the rule.
    pub fn for_nurse(&self) -> String {
        match self {
            Self::NOfM(facts) => facts.for_nurse(),
            Self::Change(facts) => facts.for_nurse(),
            Self::AgainstMedian(facts) => facts.for_nurse(),
            Self::FromBaseline(facts) => facts.for_nurse(),
            Self::HomeAverage(facts) => facts.for_nurse(),
            Self::Trend(facts) => facts.for_nurse(),
            Self::Combined(facts) => facts.for_nurse(),
            Self::IrregularPulse(facts) => facts.for_nurse(),
        }
    }

    /// Says to the patient what was found.
    pub fn for_patient(&self) -> String {
        match self {
            Self::NOfM(facts) => facts.for_patient(),
            Self::Change(facts) => facts.for_patient(),
            Self::AgainstMedian(facts) => facts.for_patient(),
            Self::FromBaseline(facts) => facts.for_patient(),
            Self::HomeAverage(facts) => facts.for_patient(),
            Self::Trend(facts) => facts.for_patient(),
            Self::Combined(facts) => facts.for_patient(),
            Self::IrregularPulse(facts) => facts.for_patient(),
        }
    }

    /// Says what would have stopped the rule from holding.
    pub fn would_have_stopped(&self) -> String {
        match self {
            Self::NOfM(facts) => facts.would_have_stopped(),
            Self::Change(facts) => facts.would_have_stopped(),
            Self::AgainstMedian(facts) => facts.would_have_stopped(),
            Self::FromBaseline(facts) => facts.would_have_stopped(),
            Self::HomeAverage(facts) => facts.would_have_stopped(),
            Self::Trend(facts) => facts.would_have_stopped(),
            Self::Combined(facts) => facts.would_have_stopped(),
            Self::IrregularPulse(facts) => facts.would_have_stopped(),
        }
    }
}

/// What a rule still lacks. It reads `Not enough data yet: 2 of 4 days`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lack {
    /// How many there are.
    pub have: u32,
    /// How many the rule needs.
    pub need: u32,
    /// Of what.
    pub of: Counted,
}

/// What a rule counts before it judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Readings.
    Readings,
    /// Days that have what the rule needs.
    Days,
    /// Sessions of readings close together.
    Sessions,
    /// Recent values and answers, one for each part of a combined rule.
    Parts,
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one = match self.of {
            Counted::Readings => "reading",
            Counted::Days => "day",
            Counted::Sessions => "session",
            Counted::Parts => "recent value",
        };
        let needed = words::count(self.need, one);
        write!(f, "Not enough data yet: {} of {needed}", self.have)
    }
}

/// What one kind of rule found, before the rule's name is put to it: what it holds by, if it does, or what it lacks.
pub(super) type Found = Result<Option<Held>, Lack>;

/// What a kind of rule holds by.
pub(super) struct Held {
    pub(super) facts: Facts,
    pub(super) newest_at: Timestamp,
    pub(super) readings: Vec<ReadingId>,
    /// The priority of a second level that was reached; the rule's own when `None`.
    pub(super) priority: Option<Priority>,
}

impl Lack {
    pub(super) fn new(have: impl Into<u32>, need: impl Into<u32>, of: Counted) -> Self {
        Self {
            have: have.into(),
            need: need.into(),
            of,
        }
    }
}
