//! Responses: what a complete score asks for, by its total or by one parameter alone.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::words::{WordsError, check_words};
use crate::alert::Priority;

/// The most steps in a ladder of responses.
pub const RESPONSES_LEN_MAX: usize = 10;

/// What one range of totals asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Response {
    /// The clinical risk, in the chart's word: `low`, `high`.
    pub risk: String,
    /// By when a person acts; none when the planned readings are enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// What to do, for the nurse.
    pub nurse: String,
    /// What it means and what to do, for the patient.
    pub patient: String,
}

/// A response and the total from which it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResponseFrom {
    /// The lowest total.
    pub at_least: u8,
    /// What it asks for.
    pub response: Response,
}

/// What three points in one parameter ask for while the total is low.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResponseToOne {
    /// From this total on the total decides.
    pub under_total: u8,
    /// What it asks for.
    pub response: Response,
}

/// Every response: exactly one holds for any complete score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "UncheckedResponses")]
pub struct Responses {
    source: String,
    by_total: Vec<ResponseFrom>,
    one_parameter_3: ResponseToOne,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UncheckedResponses {
    source: String,
    by_total: Vec<ResponseFrom>,
    one_parameter_3: ResponseToOne,
}

/// Responses of which not exactly one holds for every total, or without words.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ResponsesError {
    /// A ladder that does not begin at 0, does not rise, or is too long.
    #[error("responses begin at a total of 0 and rise, at most {RESPONSES_LEN_MAX} of them")]
    Ladder,
    /// A limit of the response to one parameter at which no response begins.
    #[error("under_total must be one of the totals at which a response begins, found {0}")]
    UnderTotal(u8),
    /// Words that are missing or too long.
    #[error(transparent)]
    Words(#[from] WordsError),
}

impl Responses {
    /// Finds what a total asks for, and whether one parameter alone has three points.
    pub fn of(&self, total: u8, one_has_3: bool) -> &Response {
        if one_has_3 && total < self.one_parameter_3.under_total {
            return &self.one_parameter_3.response;
        }
        // The ladder begins at 0, so some step always holds.
        self.by_total
            .iter()
            .rev()
            .find(|step| total >= step.at_least)
            .map_or(&self.one_parameter_3.response, |step| &step.response)
    }

    fn check(&self) -> Result<(), ResponsesError> {
        let begins = self.by_total.first().is_some_and(|step| step.at_least == 0);
        let rises = self
            .by_total
            .is_sorted_by(|low, high| low.at_least < high.at_least);
        if !begins || !rises || self.by_total.len() > RESPONSES_LEN_MAX {
            return Err(ResponsesError::Ladder);
        }
        let under_total = self.one_parameter_3.under_total;
        if !self
            .by_total
            .iter()
            .any(|step| step.at_least == under_total)
        {
            return Err(ResponsesError::UnderTotal(under_total));
        }
        check_words("responses.source", &self.source)?;
        let one = &self.one_parameter_3.response;
        for response in self.by_total.iter().map(|step| &step.response).chain([one]) {
            check_words("responses.risk", &response.risk)?;
            check_words("responses.nurse", &response.nurse)?;
            check_words("responses.patient", &response.patient)?;
        }
        Ok(())
    }
}

impl TryFrom<UncheckedResponses> for Responses {
    type Error = ResponsesError;

    fn try_from(it: UncheckedResponses) -> Result<Self, ResponsesError> {
        let it = Self {
            source: it.source,
            by_total: it.by_total,
            one_parameter_3: it.one_parameter_3,
        };
        it.check()?;
        Ok(it)
    }
}
