//! The complete score: it exists only where all seven parameters are known.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::input::{Parameter, Spo2Scale};
use super::part::{Part, one_with_3, sum};
use super::response::Response;
use super::table::ScoreTable;
use super::words::listed;

/// A complete NEWS2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "UncheckedNews2")]
pub struct News2 {
    title: String,
    scale: Spo2Scale,
    parts: Box<[Part; 7]>,
    response: Response,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UncheckedNews2 {
    title: String,
    scale: Spo2Scale,
    parts: Box<[Part; 7]>,
    response: Response,
}

/// Parts that are not all seven parameters once, in the order of the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a complete score has each of its seven parameters once, in the order of the chart")]
pub struct IncompleteError;

impl News2 {
    /// Makes a complete score of all seven parts, in the order of the chart.
    pub(super) fn of(table: &ScoreTable, scale: Spo2Scale, parts: [Part; 7]) -> Self {
        let response = table.response(sum(&parts), one_with_3(&parts).is_some());
        Self {
            title: table.chart().title.clone(),
            scale,
            parts: Box::new(parts),
            response: response.clone(),
        }
    }

    /// Gives the total of the points.
    pub fn total(&self) -> u8 {
        sum(self.parts())
    }

    /// Gives the scale by which oxygen saturation was scored.
    pub fn scale(&self) -> Spo2Scale {
        self.scale
    }

    /// Gives the seven parts, in the order of the chart.
    pub fn parts(&self) -> &[Part] {
        self.parts.as_slice()
    }

    /// Gives what the score asks for.
    pub fn response(&self) -> &Response {
        &self.response
    }

    /// Says the score to a nurse: `NEWS2 3, low: on oxygen (2) and pulse 95 a minute (1). What to do.`
    pub fn nurse_sentence(&self) -> String {
        let scoring: Vec<String> = self
            .parts
            .iter()
            .filter(|part| part.points.get() > 0)
            .map(Part::words)
            .collect();
        let scoring = if scoring.is_empty() {
            "every parameter scores 0".to_owned()
        } else {
            listed(&scoring)
        };
        format!(
            "{} {}{}, {}: {scoring}. {}",
            self.title,
            self.total(),
            self.scale.words(),
            self.response.risk,
            self.response.nurse
        )
    }

    /// Says what the score means to the patient.
    pub fn patient_sentence(&self) -> &str {
        &self.response.patient
    }
}

impl TryFrom<UncheckedNews2> for News2 {
    type Error = IncompleteError;

    fn try_from(it: UncheckedNews2) -> Result<Self, IncompleteError> {
        let found = it.parts.iter().map(|part| part.parameter);
        if !found.eq(Parameter::ALL) {
            return Err(IncompleteError);
        }
        Ok(Self {
            title: it.title,
            scale: it.scale,
            parts: it.parts,
            response: it.response,
        })
    }
}
