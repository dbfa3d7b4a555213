//! Asks: what a template cannot know of a patient, to be said by the patient's own clinician rather than invented.

use serde::{Deserialize, Serialize};
use vitals::Decimal;

use crate::alert::Priority;
use crate::limits::Limits;
use crate::rules::{FromBaseline, Rule, RuleError, RuleId, RuleKind};
use crate::sign::VitalSign;

/// The longest key, in characters.
pub const ASK_KEY_LEN_MAX: usize = 40;
/// The longest question, in characters.
pub const QUESTION_LEN_MAX: usize = 200;
/// How an answer says that the value is not known yet.
const NOT_KNOWN: &str = "not known";

/// A value that only the patient's own clinician can say, such as a dry weight. It becomes the baseline of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// By which key it is answered, such as `dry_weight_kg`; of `a-z 0-9 _`.
    pub key: String,
    /// The question, as a clinician reads it.
    pub question: String,
    /// The lowest answer that can be right.
    pub at_least: Decimal,
    /// The highest answer that can be right.
    pub at_most: Decimal,
    /// The rule that lacks this value.
    pub fills: AskedRule,
}

/// A rule that is whole but for its baseline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedRule {
    /// The rule's name.
    pub id: RuleId,
    /// The priority of its alerts.
    pub priority: Priority,
    /// The vital sign.
    pub sign: VitalSign,
    /// The limits of the difference from the baseline, in the sign's unit.
    pub limits: Limits,
    /// Where the numbers are from.
    pub source: String,
}

/// What was answered: `81`, or `not known`, which leaves the rule out until it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Answer {
    /// The value.
    Is(Decimal),
    /// Nobody knows it yet.
    NotKnown,
}

impl Ask {
    /// Makes the rule that the question fills.
    ///
    /// # Errors
    /// When the numbers of the rule make no sense.
    pub fn rule(&self, baseline: Decimal) -> Result<Rule, RuleError> {
        let kind = RuleKind::FromBaseline(FromBaseline {
            sign: self.fills.sign,
            baseline,
            limits: self.fills.limits,
        });
        let (id, source) = (self.fills.id.clone(), self.fills.source.clone());
        Rule::new(id, self.fills.priority, source, kind)
    }

    /// Tells whether an answer can be right.
    pub fn has(&self, value: &Decimal) -> bool {
        value.compare(&self.at_least).is_ge() && value.compare(&self.at_most).is_le()
    }

    pub(super) fn check(&self) -> Result<(), String> {
        let is_key = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
        if !(1..=ASK_KEY_LEN_MAX).contains(&self.key.len()) || !self.key.bytes().all(is_key) {
            return Err(format!(
                "key must be 1 to {ASK_KEY_LEN_MAX} characters of a-z, 0-9 and _"
            ));
        }
        if !(1..=QUESTION_LEN_MAX).contains(&self.question.trim().chars().count()) {
            return Err(format!(
                "question must be 1 to {QUESTION_LEN_MAX} characters"
            ));
        }
        if self.at_least.compare(&self.at_most).is_ge() {
            return Err("at_least must be under at_most".to_owned());
        }
        // The bounds are baselines too: the rule must make sense with either.
        for baseline in [self.at_least, self.at_most] {
            self.rule(baseline).map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}

impl TryFrom<String> for Answer {
    type Error = vitals::decimal::DecimalError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text == NOT_KNOWN {
            return Ok(Self::NotKnown);
        }
        text.parse().map(Self::Is)
    }
}

impl From<Answer> for String {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Is(value) => value.to_string(),
            Answer::NotKnown => NOT_KNOWN.to_owned(),
        }
    }
}
