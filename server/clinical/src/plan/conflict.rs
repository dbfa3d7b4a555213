//! Conflicts: what templates disagree about, and what else stands in the way of one plan, in sentences.

use std::fmt;

use thiserror::Error;
use vitals::Decimal;

use super::leaning::{Leaning, leaning};
use super::merge::TEMPLATES_LEN_MAX;
use super::template::TemplateName;
use super::{Ask, Matter, Setting};
use crate::limits::LimitsError;
use crate::sign::VitalSign;

/// One thing about which templates disagree. Nobody but a clinician settles it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// What it is about.
    pub what: Matter,
    /// What each template says, by name. `None` where it says that there must be nothing, or limits the side and leaves
    /// this level out.
    pub ours: Vec<(TemplateName, Option<Setting>)>,
}

/// One thing that stands in the way of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Obstacle {
    /// Templates disagree and nobody has chosen.
    #[error("{0}")]
    Conflict(Conflict),
    /// A question that nobody has answered.
    #[error(
        "{template} asks: {} Answer {} = \"…\", or \"not known\" to leave its rule out.", .ask.question, .ask.key
    )]
    Unanswered {
        /// Which template asks.
        template: TemplateName,
        /// What it asks.
        ask: Box<Ask>,
    },
    /// An answer that cannot be right.
    #[error(
        "{} must be {} to {}, found {found}.", .ask.key, .ask.at_least.plain(), .ask.at_most.plain()
    )]
    AnswerOutOfBounds {
        /// What was asked.
        ask: Box<Ask>,
        /// What was answered.
        found: Decimal,
    },
    /// An answer to nothing.
    #[error("None of the templates asks for {0}: leave the answer out.")]
    NotAsked(String),
    /// A choice of a template that says nothing of it.
    #[error("{template} says nothing of {what}: choose another, or \"leave out\".")]
    NotSaid {
        /// What it is about.
        what: Matter,
        /// Which template was chosen.
        template: TemplateName,
    },
    /// A choice about what nobody says.
    #[error("None of the templates says anything of {0}: leave the choice out.")]
    NobodySays(Matter),
    /// One template twice.
    #[error("{0} is there twice: name it once.")]
    TemplateTwice(TemplateName),
    /// More than [`TEMPLATES_LEN_MAX`] templates.
    #[error("A plan has at most {TEMPLATES_LEN_MAX} templates.")]
    TooManyTemplates,
    /// Limits that do not rise once they are together.
    #[error("The limits of {} do not fit together: {error}. Choose one template for both levels of a side, or set them.", .sign.name())]
    Limits {
        /// Of which vital sign.
        sign: VitalSign,
        /// What is wrong.
        error: LimitsError,
    },
}

/// Everything that stands in the way of one plan.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct MergeError(pub Vec<Obstacle>);

impl MergeError {
    /// Gives the conflicts among them.
    pub fn conflicts(&self) -> impl Iterator<Item = &Conflict> {
        self.0.iter().filter_map(|it| match it {
            Obstacle::Conflict(conflict) => Some(conflict),
            _ => None,
        })
    }
}

impl fmt::Display for MergeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentences: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&sentences.join("\n"))
    }
}

impl Conflict {
    /// Names the template whose word raises alerts soonest, if one does beyond doubt. It says which way is stricter, and
    /// chooses nothing.
    pub fn strictest(&self) -> Option<&TemplateName> {
        let found = self.ours.iter().find(|(name, one)| {
            let mut others = self.ours.iter().filter(|(other, _)| other != name);
            others.all(|(_, other)| {
                leaning(other.as_ref(), one.as_ref(), &self.what) == Leaning::Tightened
            })
        });
        found.map(|(name, _)| name)
    }
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ours = self.ours.iter();
        let ours: Vec<String> = ours
            .map(|(name, setting)| {
                let words = setting.as_ref().map_or("none".to_owned(), Setting::words);
                format!("{name} says {words}")
            })
            .collect();
        let (what, ours) = (self.what.words(), ours.join("; "));
        write!(f, "About {what} the templates disagree: {ours}. ")?;
        if let Some(strictest) = self.strictest() {
            write!(f, "{strictest} is the stricter. ")?;
        }
        write!(f, "Choose: \"{}\" = \"…\".", self.what)
    }
}
