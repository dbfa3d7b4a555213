//! A template: what patients with one condition start from, every number with its source.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vitals::text_id;

use super::Matter;
use super::ask::Ask;
use super::care_error::CareError;
use super::check::check_care;
use super::particulars::Particulars;
use crate::limits::LimitsError;
use crate::score::ScoreRuleError;
use crate::sign::VitalSign;

text_id!(
    /// Names one template, such as `heart-failure`.
    TemplateName,
    "template name"
);

/// The longest text of a template, in characters.
pub const TEXT_LEN_MAX: usize = 500;

/// A template that has been checked, with what holds for every patient of the service in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Its name.
    pub name: TemplateName,
    /// What people call it.
    pub title: String,
    /// For whom it is meant, and for whom not.
    pub for_whom: String,
    /// What only the patient's own clinician knows, and must say.
    pub asks: Vec<Ask>,
    /// What must not be said for its patients, and where that is from: other templates that say it are in conflict.
    pub without: BTreeMap<Matter, String>,
    pub(super) particulars: Particulars,
}

/// When a plan is looked at again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// How many days after it came in force; 1 or more.
    pub after_days: u16,
    /// Where the number is from.
    pub source: String,
}

/// A template, or what holds for the service, that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{of}: {wrong}")]
pub struct TemplateError {
    /// Which template; `service` for what holds for everybody.
    pub of: String,
    /// What is wrong.
    pub wrong: TemplateWrong,
}

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TemplateWrong {
    /// A text is missing or over [`TEXT_LEN_MAX`].
    #[error("{0} must be 1 to {TEXT_LEN_MAX} characters")]
    Text(&'static str),
    /// A number without its source.
    #[error("{0} needs a source, of at most {TEXT_LEN_MAX} characters")]
    NoSource(Matter),
    /// Limits out of order.
    #[error("limits of {}: {error}", .sign.name())]
    Limits {
        /// Of which vital sign.
        sign: VitalSign,
        /// What is wrong.
        error: LimitsError,
    },
    /// A score table that nobody loaded.
    #[error("there is no score table {0:?} among those that were loaded")]
    NoTable(String),
    /// A score's thresholds make no sense.
    #[error("score: {0}")]
    Score(#[from] ScoreRuleError),
    /// A key that a plan has and a template must not.
    #[error("care.{0} is the patient's, not a template's: leave it out")]
    NotATemplates(&'static str),
    /// What the template says and says not.
    #[error("{0} is said and under without: choose one")]
    SaidAndWithout(Matter),
    /// Two questions by one key, or a question that makes a rule which is there already.
    #[error("what is asked as {0} is there twice")]
    AskedTwice(String),
    /// A question whose bounds or rule make no sense.
    #[error("ask {key}: {wrong}")]
    Ask {
        /// Which.
        key: String,
        /// What is wrong.
        wrong: String,
    },
    /// No days to the next review.
    #[error("review.after_days must be 1 or more")]
    Review,
    /// The whole makes no sense.
    #[error(transparent)]
    Care(#[from] CareError),
}

impl Template {
    /// Gives every single thing that it says.
    pub fn particulars(&self) -> &Particulars {
        &self.particulars
    }

    /// Lists the sources of its numbers, each once.
    pub fn sources(&self) -> BTreeSet<&str> {
        let own = self.particulars.iter().filter_map(|(_, it)| it.source());
        let asked = self.asks.iter().map(|ask| ask.fills.source.as_str());
        let without = self.without.values().map(String::as_str);
        own.chain(asked).chain(without).collect()
    }

    /// Checks what it says, alone and together.
    pub(super) fn check(&self) -> Result<(), TemplateWrong> {
        let mut keys = BTreeSet::new();
        for ask in &self.asks {
            let rule = Matter::Rule(ask.fills.id.clone());
            if !keys.insert(&ask.key) || self.particulars.get(&rule).is_some() {
                return Err(TemplateWrong::AskedTwice(ask.key.to_string()));
            }
            ask.check().map_err(|wrong| TemplateWrong::Ask {
                key: ask.key.to_string(),
                wrong,
            })?;
        }
        let said = self.particulars.iter();
        let said = said.filter_map(|(matter, setting)| Some((matter, setting.source()?)));
        let without = self.without.iter();
        let without = without.map(|(matter, source)| (matter, source.as_str()));
        let mut sourced = said.chain(without);
        if let Some((matter, _)) = sourced.find(|(_, source)| !is_text(source)) {
            return Err(TemplateWrong::NoSource(matter.clone()));
        }
        let together = self.particulars.to_care();
        let (limits, care) =
            together.map_err(|(sign, error)| TemplateWrong::Limits { sign, error })?;
        check_care(&limits, &care)?;
        Ok(())
    }
}

pub(super) fn is_text(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= TEXT_LEN_MAX
}
