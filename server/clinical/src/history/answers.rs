//! Answers: what a patient or a carer said about how the patient is, at one time.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vitals::{Decimal, text_id};

use super::SYMPTOMS_LEN_MAX;
use crate::score::Acvpu;

text_id!(
    /// Names one symptom that is asked about, such as `breathless-lying-down`.
    SymptomId,
    "symptom id"
);

/// What was answered at one time. What was not asked or not answered is not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// When it was answered.
    pub at: Timestamp,
    /// Whether the patient has each symptom.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub symptoms: BTreeMap<SymptomId, bool>,
    /// Breaths a minute, as counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub respiratory_rate: Option<Decimal>,
    /// Whether the patient was breathing extra oxygen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_oxygen: Option<bool>,
    /// How awake the patient was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consciousness: Option<Acvpu>,
}

impl Answers {
    /// Makes answers that say nothing yet.
    pub fn at(at: Timestamp) -> Self {
        Self {
            at,
            symptoms: BTreeMap::new(),
            respiratory_rate: None,
            on_oxygen: None,
            consciousness: None,
        }
    }

    /// Adds what was answered besides at the same time.
    pub(super) fn add(&mut self, besides: Self) {
        let mut symptoms = std::mem::take(&mut self.symptoms);
        symptoms.extend(besides.symptoms);
        *self = Self {
            at: self.at,
            symptoms,
            respiratory_rate: besides.respiratory_rate.or(self.respiratory_rate),
            on_oxygen: besides.on_oxygen.or(self.on_oxygen),
            consciousness: besides.consciousness.or(self.consciousness),
        }
        .bounded();
    }

    pub(super) fn bounded(mut self) -> Self {
        while self.symptoms.len() > SYMPTOMS_LEN_MAX {
            self.symptoms.pop_last();
        }
        self
    }
}
