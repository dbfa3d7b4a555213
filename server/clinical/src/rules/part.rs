//! Parts: the single things that a combined rule looks for.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vitals::Decimal;

use super::change::{Change, ChangeFacts};
use super::view::View;
use super::words;
use crate::history::SymptomId;
use crate::limits::Side;
use crate::sign::VitalSign;

/// One thing that a combined rule looks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "part", deny_unknown_fields)]
pub enum Part {
    /// The newest value is at or beyond a limit.
    Limit {
        /// The vital sign.
        sign: VitalSign,
        /// Whether the limit is a lower or an upper one.
        side: Side,
        /// The limit, in the sign's unit.
        limit: Decimal,
    },
    /// The newest value has changed within a few days.
    Change(Change),
    /// The newest answer to a question is yes.
    Symptom {
        /// The symptom that is asked about.
        symptom: SymptomId,
    },
}

/// What is known of one part: when it was measured or answered, and the facts if it holds.
pub(super) struct Known {
    pub(super) at: Timestamp,
    pub(super) holds: Option<PartFacts>,
}

impl Part {
    pub(super) fn sign(&self) -> Option<VitalSign> {
        match self {
            Self::Limit { sign, .. } => Some(*sign),
            Self::Change(change) => Some(change.sign),
            Self::Symptom { .. } => None,
        }
    }

    /// Finds what is known of the part; `None` when that is too little to tell.
    pub(super) fn known(&self, view: &View<'_>) -> Option<Known> {
        match self {
            Self::Limit { sign, side, limit } => {
                let (newest, _) = view.latest(*sign)?;
                let order = newest.value().compare(limit);
                let is_reached = match side {
                    Side::Low => order.is_le(),
                    Side::High => order.is_ge(),
                };
                Some(Known {
                    at: newest.at(),
                    holds: is_reached.then_some(PartFacts::Limit {
                        sign: *sign,
                        side: *side,
                        limit: *limit,
                        value: *newest.value(),
                    }),
                })
            }
            Self::Change(change) => {
                let facts = change.find(view).ok()?.map(|(facts, _)| facts);
                let (newest, _) = view.latest(change.sign)?;
                Some(Known {
                    at: newest.at(),
                    holds: facts.map(PartFacts::Change),
                })
            }
            Self::Symptom { symptom } => {
                let (at, is_yes) = view.answer(symptom)?;
                let holds = is_yes.then(|| PartFacts::Symptom {
                    symptom: symptom.clone(),
                });
                Some(Known { at, holds })
            }
        }
    }
}

/// One part of a combined rule, as it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "part", deny_unknown_fields)]
pub enum PartFacts {
    /// A value at or beyond a limit.
    Limit {
        /// The vital sign.
        sign: VitalSign,
        /// Whether the limit is a lower or an upper one.
        side: Side,
        /// The limit, in the sign's unit.
        limit: Decimal,
        /// The value.
        value: Decimal,
    },
    /// A change.
    Change(ChangeFacts),
    /// A question answered with yes.
    Symptom {
        /// The symptom.
        symptom: SymptomId,
    },
}

fn symptom_words(symptom: &SymptomId) -> String {
    symptom.as_str().replace('-', " ")
}

impl PartFacts {
    pub(super) fn for_nurse(&self) -> String {
        match self {
            Self::Limit {
                sign,
                side,
                limit,
                value,
            } => format!(
                "{} {} (rule: {})",
                sign.name(),
                words::quantity(*sign, *value),
                words::limit(*sign, *side, *limit)
            ),
            Self::Change(facts) => facts.clause(),
            Self::Symptom { symptom } => format!("{} (answered yes)", symptom_words(symptom)),
        }
    }

    pub(super) fn for_patient(&self) -> String {
        match self {
            Self::Limit { sign, value, .. } => format!(
                "your {} is {}",
                words::patient_name(*sign),
                words::quantity(*sign, *value)
            ),
            Self::Change(facts) => facts.patient_clause(),
            Self::Symptom { symptom } => {
                format!("you said yes to “{}”", symptom_words(symptom))
            }
        }
    }

    pub(super) fn would_have_stopped(&self) -> String {
        match self {
            Self::Limit {
                sign, side, limit, ..
            } => format!("{} {}", sign.name(), words::inside(*sign, *side, *limit)),
            Self::Change(facts) => {
                format!(
                    "a {} change {}",
                    facts.rule.sign.name(),
                    facts.would_have_stopped()
                )
            }
            Self::Symptom { symptom } => format!("no to “{}”", symptom_words(symptom)),
        }
    }
}
