//! Rules: what a plan looks for in a patient's history, beyond the limits of a single reading.
//!
//! A rule judges the newest reading of its signs by those before it. A reading that comes late finds its place among them,
//! and the newest is judged again.

mod against_median;
mod change;
mod check;
mod combined;
mod day_span;
mod direction;
mod from_baseline;
mod home_average;
mod home_sessions;
mod irregular_pulse;
mod judgement;
mod n_of_m;
mod part;
mod summary;
mod trend;
mod view;
pub(crate) mod words;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vitals::{Decimal, text_id};

pub use against_median::{AgainstMedian, AgainstMedianFacts};
pub use change::{Change, ChangeFacts};
pub use check::{RuleError, SOURCE_LEN_MAX, Wrong};
pub use combined::{Combined, CombinedFacts, PARTS_LEN_MAX};
pub use day_span::{DaySpan, DaySpanError};
pub use direction::Direction;
pub use from_baseline::{FromBaseline, FromBaselineFacts};
pub use home_average::{Average, HomeAverage, HomeAverageFacts, SecondLevel};
pub use irregular_pulse::{IrregularPulse, IrregularPulseFacts};
pub use judgement::{Counted, EVIDENCE_LEN_MAX, Facts, Holding, Judgement, Lack};
pub use n_of_m::{NOfM, NOfMFacts};
pub use part::{Part, PartFacts};
pub use trend::{Trend, TrendFacts};

use crate::alert::{Priority, Problem};
use crate::history::History;
use crate::sign::VitalSign;
use view::View;

text_id!(
    /// Names one rule of a plan, such as `weight-gain-3d`.
    RuleId,
    "rule id"
);

/// One rule of a plan: what it looks for, how much it matters and where its numbers come from.
///
/// It is written as one flat table, the kind's fields beside the common ones:
/// `id`, `priority`, `source`, and `rule` for the kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Rule {
    id: RuleId,
    priority: Priority,
    source: String,
    #[serde(flatten)]
    kind: RuleKind,
}

/// Every key but these three goes to the kind, which refuses those that it does not know.
#[derive(Deserialize)]
struct Unchecked {
    id: RuleId,
    priority: Priority,
    source: String,
    #[serde(flatten)]
    kind: RuleKind,
}

/// What a rule looks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "rule")]
pub enum RuleKind {
    /// Several of the last readings at or beyond a limit.
    NOfM(NOfM),
    /// A change within a few days.
    Change(Change),
    /// A distance from what is usual for the patient.
    AgainstMedian(AgainstMedian),
    /// A distance from a value that was agreed.
    FromBaseline(FromBaseline),
    /// An average blood pressure of several days.
    HomeAverage(HomeAverage),
    /// A slow drift.
    Trend(Trend),
    /// Several things at once.
    Combined(Combined),
    /// A pulse that is irregular again and again.
    IrregularPulse(IrregularPulse),
}

impl Rule {
    /// Makes a rule of numbers that make sense.
    ///
    /// # Errors
    /// Names the first number that does not.
    pub fn new(
        id: RuleId,
        priority: Priority,
        source: String,
        kind: RuleKind,
    ) -> Result<Self, RuleError> {
        let is_sourced = (1..=SOURCE_LEN_MAX).contains(&source.trim().chars().count());
        let checked = if is_sourced {
            kind.check()
        } else {
            Err(Wrong::Source)
        };
        match checked {
            Ok(()) => Ok(Self {
                id,
                priority,
                source,
                kind,
            }),
            Err(wrong) => Err(RuleError { rule: id, wrong }),
        }
    }

    /// Gives the rule's name.
    pub fn id(&self) -> &RuleId {
        &self.id
    }

    /// Gives the priority of an alert that the rule raises.
    pub fn priority(&self) -> Priority {
        self.priority
    }

    /// Gives where the rule's numbers come from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Gives what the rule looks for.
    pub fn kind(&self) -> &RuleKind {
        &self.kind
    }

    /// Gives the problem that the rule's alerts belong to.
    pub fn problem(&self) -> Problem {
        match &self.kind {
            RuleKind::NOfM(rule) => rule.sign.problem(),
            RuleKind::Change(rule) => rule.sign.problem(),
            RuleKind::AgainstMedian(rule) => rule.sign.problem(),
            RuleKind::FromBaseline(rule) => rule.sign.problem(),
            RuleKind::HomeAverage(_) => Problem::BloodPressure,
            RuleKind::Trend(rule) => rule.sign.problem(),
            RuleKind::Combined(_) => Problem::Deterioration,
            RuleKind::IrregularPulse(_) => Problem::PulseRhythm,
        }
    }

    /// Tells whether a new value of a sign can change what the rule says.
    pub fn looks_at(&self, sign: VitalSign) -> bool {
        match &self.kind {
            RuleKind::NOfM(rule) => rule.sign == sign,
            RuleKind::Change(rule) => rule.sign == sign,
            RuleKind::AgainstMedian(rule) => rule.sign == sign,
            RuleKind::FromBaseline(rule) => rule.sign == sign,
            RuleKind::HomeAverage(_) => {
                matches!(sign, VitalSign::Systolic | VitalSign::Diastolic)
            }
            RuleKind::Trend(rule) => rule.sign == sign,
            RuleKind::Combined(rule) => rule.looks_at(sign),
            RuleKind::IrregularPulse(_) => sign == VitalSign::Systolic,
        }
    }

    /// Tells whether new answers can change what the rule says.
    pub fn looks_at_answers(&self) -> bool {
        match &self.kind {
            RuleKind::Combined(rule) => rule.looks_at_answers(),
            _ => false,
        }
    }

    /// Gives the signs that the rule looks at, in the order that a nurse reads them.
    pub fn signs(&self) -> impl Iterator<Item = VitalSign> {
        VitalSign::ALL
            .into_iter()
            .filter(|sign| self.looks_at(*sign))
    }

    /// Judges a history as known at `as_of`: what was measured later is not seen.
    pub fn evaluate(&self, history: &History, as_of: Timestamp) -> Judgement {
        self.judge(&View {
            history,
            as_of,
            margin: 0,
        })
    }

    /// Judges as [`Rule::evaluate`] does, the rule's limits being easier to reach by `margin`, in the sign's unit: a rule
    /// that held and no longer does so has come back inside by the margin. Combined rules and irregular pulses have none.
    pub fn evaluate_with_margin(
        &self,
        history: &History,
        as_of: Timestamp,
        margin: &Decimal,
    ) -> Judgement {
        self.judge(&View {
            history,
            as_of,
            margin: margin.thousandths(),
        })
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let found = match &self.kind {
            RuleKind::NOfM(rule) => rule.judge(view),
            RuleKind::Change(rule) => rule.judge(view),
            RuleKind::AgainstMedian(rule) => rule.judge(view),
            RuleKind::FromBaseline(rule) => rule.judge(view),
            RuleKind::HomeAverage(rule) => rule.judge(view),
            RuleKind::Trend(rule) => rule.judge(view),
            RuleKind::Combined(rule) => rule.judge(view),
            RuleKind::IrregularPulse(rule) => rule.judge(view),
        };
        match found {
            Ok(Some(held)) => Judgement::Holds(Box::new(Holding {
                rule: self.id.clone(),
                priority: held.priority.unwrap_or(self.priority),
                problem: self.problem(),
                newest_at: held.newest_at,
                facts: held.facts,
                readings: held.readings,
            })),
            Ok(None) => Judgement::DoesNotHold,
            Err(lack) => Judgement::NotEnoughYet(lack),
        }
    }
}

impl RuleKind {
    fn check(&self) -> Result<(), Wrong> {
        match self {
            Self::NOfM(rule) => rule.check(),
            Self::Change(rule) => rule.check(),
            Self::AgainstMedian(rule) => rule.check(),
            Self::FromBaseline(rule) => rule.check(),
            Self::HomeAverage(rule) => rule.check(),
            Self::Trend(rule) => rule.check(),
            Self::Combined(rule) => rule.check(),
            Self::IrregularPulse(rule) => rule.check(),
        }
    }
}

impl TryFrom<Unchecked> for Rule {
    type Error = RuleError;

    fn try_from(it: Unchecked) -> Result<Self, RuleError> {
        Self::new(it.id, it.priority, it.source, it.kind)
    }
}

#[cfg(test)]
mod tests;
