//! The score rule of a plan: from which score on, complete or partial, a person is to act.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Score;
use super::input::{Inputs, Parameter, Spo2Scale};
use super::part::one_with_3;
use super::scoring::score_within;
use super::table::{INPUTS_AGE_MINUTES_MAX, ScoreTable, check_age};
use super::words::{WordsError, check_words};
use crate::alert::Priority;

/// The most steps in a ladder of thresholds.
pub const RAISE_LEN_MAX: usize = 8;

/// A score and the priority that it has from there on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raise {
    /// The lowest score.
    pub at_least: u8,
    /// By when a person acts.
    pub priority: Priority,
}

/// When a score holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// By the points together, lowest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub raise: Vec<Raise>,
    /// By one parameter alone that scores three.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub one_parameter_3: Option<Priority>,
}

/// What a score rule says, as it is written in a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreSettings {
    /// The table, by value: the plan keeps the one that it was made with.
    pub table: ScoreTable,
    /// The scale of oxygen saturation: two only where a clinician prescribed 88 to 92 percent.
    pub scale: Spo2Scale,
    /// When a complete score holds.
    pub complete: Thresholds,
    /// When a partial score holds.
    pub partial: Thresholds,
    /// How old an input may be, in minutes, where the plan differs from the table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs_age_minutes_max: Option<u32>,
    /// Where the thresholds are from.
    pub source: String,
}

/// A score rule that has been checked; see [`ScoreSettings`] for what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ScoreSettings")]
pub struct ScoreRule(ScoreSettings);

/// A score rule that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ScoreRuleError {
    /// Thresholds that begin at 0, do not rise, lower the priority on the way up, or are too many.
    #[error(
        "thresholds begin at 1 or more and rise, priorities never fall, at most {RAISE_LEN_MAX} of them"
    )]
    Ladder,
    /// A score that would be a matter of the kit.
    #[error("a score is about the patient: its priority cannot be technical")]
    Technical,
    /// An age of inputs that is zero or over [`INPUTS_AGE_MINUTES_MAX`].
    #[error("inputs_age_minutes_max must be 1 to {INPUTS_AGE_MINUTES_MAX}, found {0}")]
    Age(u32),
    /// A source that is missing or too long.
    #[error(transparent)]
    Words(#[from] WordsError),
}

/// Why a score holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is", deny_unknown_fields)]
pub enum Because {
    /// The points together reached a threshold.
    Points {
        /// The threshold.
        at_least: u8,
    },
    /// One parameter alone scores three.
    OneParameter {
        /// Which.
        parameter: Parameter,
    },
}

/// A threshold that a score reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reached {
    /// By when a person acts.
    pub priority: Priority,
    /// Why.
    pub because: Because,
}

/// What a score rule found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreFinding {
    /// The score.
    pub score: Score,
    /// The worst threshold that it reached; none when the rule does not hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached: Option<Reached>,
}

impl ScoreRule {
    /// Gives what the rule says.
    pub fn settings(&self) -> &ScoreSettings {
        &self.0
    }

    /// Scores what is known at `now`, and says whether that reaches a threshold.
    pub fn evaluate(&self, inputs: &Inputs, now: Timestamp) -> ScoreFinding {
        let it = &self.0;
        let age = it
            .inputs_age_minutes_max
            .unwrap_or(it.table.chart().inputs_age_minutes_max);
        let score = score_within(&it.table, it.scale, inputs, age, now);
        let thresholds = match score {
            Score::Complete(_) => &it.complete,
            Score::Partial(_) => &it.partial,
        };
        ScoreFinding {
            reached: thresholds.reached(&score),
            score,
        }
    }
}

impl Thresholds {
    /// Finds the worst threshold that a score reached; of two alike, that of the points together.
    fn reached(&self, score: &Score) -> Option<Reached> {
        let points = self
            .raise
            .iter()
            .rev()
            .find(|it| score.points() >= it.at_least);
        let points = points.map(|it| Reached {
            priority: it.priority,
            because: Because::Points {
                at_least: it.at_least,
            },
        });
        let one = self.one_parameter_3.zip(one_with_3(score.parts()));
        let one = one.map(|(priority, parameter)| Reached {
            priority,
            because: Because::OneParameter { parameter },
        });
        one.into_iter().chain(points).max_by_key(|it| it.priority)
    }

    fn check(&self) -> Result<(), ScoreRuleError> {
        let begins = self.raise.first().is_none_or(|it| it.at_least > 0);
        let rises = self.raise.is_sorted_by(|low, high| {
            low.at_least < high.at_least && low.priority <= high.priority
        });
        if !begins || !rises || self.raise.len() > RAISE_LEN_MAX {
            return Err(ScoreRuleError::Ladder);
        }
        let mut priorities = self
            .raise
            .iter()
            .map(|it| it.priority)
            .chain(self.one_parameter_3);
        if priorities.any(|priority| priority == Priority::Technical) {
            return Err(ScoreRuleError::Technical);
        }
        Ok(())
    }
}

impl ScoreFinding {
    /// Gives the priority; none when the rule does not hold.
    pub fn priority(&self) -> Option<Priority> {
        self.reached.map(|it| it.priority)
    }

    /// Says the score to a nurse, and which threshold it reached.
    pub fn nurse_sentence(&self) -> String {
        let score = self.score.nurse_sentence();
        let Some(reached) = self.reached else {
            return score;
        };
        let priority = match reached.priority {
            Priority::Technical => "Technical",
            Priority::Check => "Check",
            Priority::Soon => "Soon",
            Priority::Urgent => "Urgent",
        };
        match reached.because {
            Because::Points { at_least } => {
                format!("{score} {priority} limit: {at_least} points or over.")
            }
            Because::OneParameter { parameter } => {
                format!(
                    "{score} {priority} limit: {} alone scores 3.",
                    parameter.name()
                )
            }
        }
    }

    /// Says the score to the patient.
    pub fn patient_sentence(&self) -> String {
        self.score.patient_sentence()
    }
}

impl TryFrom<ScoreSettings> for ScoreRule {
    type Error = ScoreRuleError;

    fn try_from(it: ScoreSettings) -> Result<Self, ScoreRuleError> {
        it.complete.check()?;
        it.partial.check()?;
        if let Some(minutes) = it.inputs_age_minutes_max {
            check_age(minutes).map_err(ScoreRuleError::Age)?;
        }
        check_words("source", &it.source)?;
        Ok(Self(it))
    }
}
