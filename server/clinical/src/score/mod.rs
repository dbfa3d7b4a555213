//! Scores: NEWS2 where all seven parameters are known, and a partial physiological score where they are not.
//!
//! Every number is in a [`ScoreTable`]; `config/scores/news2.toml` is the chart of the Royal College of Physicians.

mod band;
mod input;
mod news2;
mod part;
mod partial;
mod response;
mod rule;
mod scoring;
mod table;
mod words;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use band::{
    BANDS_LEN_MAX, Band, Bands, BandsError, Points, PointsError, ROUND_TO_DECIMALS_MAX,
};
pub use input::{Acvpu, Input, Inputs, Parameter, Spo2Scale};
pub use news2::{IncompleteError, News2};
pub use part::{Part, PartValue};
pub use partial::{Missing, MissingReason, NotPartialError, PartialScore};
pub use response::{
    RESPONSES_LEN_MAX, Response, ResponseFrom, ResponseToOne, Responses, ResponsesError,
};
pub use rule::{
    Because, RAISE_LEN_MAX, Raise, Reached, ScoreFinding, ScoreRule, ScoreRuleError, ScoreSettings,
    Thresholds,
};
pub(crate) use scoring::score_within;
pub use table::{
    AirAndOxygen, Chart, ConsciousnessPoints, Exclusions, INPUTS_AGE_MINUTES_MAX, PartialWords,
    ScoreTable, TableError,
};
pub use words::{WORDS_LEN_MAX, WordsError};

/// A score: complete, or partial and saying so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Score {
    /// All seven parameters are known.
    Complete(News2),
    /// At least one is missing.
    Partial(PartialScore),
}

impl Score {
    /// Gives the points: the total, or the sum of what is known.
    pub fn points(&self) -> u8 {
        match self {
            Self::Complete(news2) => news2.total(),
            Self::Partial(partial) => partial.sum(),
        }
    }

    /// Gives the parts that are known, in the order of the chart.
    pub fn parts(&self) -> &[Part] {
        match self {
            Self::Complete(news2) => news2.parts(),
            Self::Partial(partial) => partial.parts(),
        }
    }

    /// Says the score to a nurse.
    pub fn nurse_sentence(&self) -> String {
        match self {
            Self::Complete(news2) => news2.nurse_sentence(),
            Self::Partial(partial) => partial.nurse_sentence(),
        }
    }

    /// Says the score to the patient.
    pub fn patient_sentence(&self) -> String {
        match self {
            Self::Complete(news2) => news2.patient_sentence().to_owned(),
            Self::Partial(partial) => partial.patient_sentence(),
        }
    }
}

/// Scores what is known at `now`; an input older than the table allows counts as missing.
pub fn score(table: &ScoreTable, scale: Spo2Scale, inputs: &Inputs, now: Timestamp) -> Score {
    score_within(
        table,
        scale,
        inputs,
        table.chart().inputs_age_minutes_max,
        now,
    )
}
