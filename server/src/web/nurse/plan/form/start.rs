//! What a form starts from: a version of the patient's own plan, or templates with what was chosen about them.

use clinical::PlanVersion;
use clinical::plan::{Answer, Choice, Matter, TEMPLATES_LEN_MAX, TemplateName, Wishes};

use super::typed::Typed;

/// The version that the form was made against: whatever came in force since is shown before anything is saved.
pub(crate) const BASED_ON: &str = "based_on";
const VERSION: &str = "start.version";
const TEMPLATE: &str = "template.";
const ANSWER: &str = "answer.";
/// The choice that an answer is not known yet, beside its number.
const NOT_KNOWN: &str = "not_known.";
const CHOICE: &str = "choice.";

/// What a form starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Start {
    /// A version of the patient's plan.
    Plan(PlanVersion),
    /// Templates.
    Templates(Box<Picked>),
}

/// Templates that were picked, and what was said about them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Picked {
    /// Their names, in the order of the alphabet.
    pub(crate) names: Vec<TemplateName>,
    /// Answers and choices.
    pub(crate) wishes: Wishes,
}

impl Start {
    /// Reads what the form says; without a word of it, the plan that it was made against, or else the plan in force.
    pub(crate) fn of(typed: &Typed, current: PlanVersion) -> Self {
        let picked = Picked::of(typed);
        if !picked.names.is_empty() {
            return Self::Templates(Box::new(picked));
        }
        let version = [VERSION, BASED_ON].into_iter();
        let mut version = version.filter_map(|name| typed.trimmed(name).parse().ok());
        Self::Plan(version.next().map_or(current, PlanVersion))
    }

    /// Writes it into a form; what another start had said is gone.
    pub(crate) fn write(&self, typed: &mut Typed) {
        typed.drop_those(is_of_start);
        match self {
            Self::Plan(version) => typed.put(VERSION, version.to_string()),
            Self::Templates(picked) => picked.write(typed),
        }
    }
}

fn is_of_start(name: &str) -> bool {
    let starts = [TEMPLATE, ANSWER, NOT_KNOWN, CHOICE];
    name == VERSION || starts.iter().any(|it| name.starts_with(it))
}

impl Picked {
    /// Reads templates, answers and choices. What is no answer and no choice is asked again.
    pub(crate) fn of(typed: &Typed) -> Self {
        let mut picked = Self::default();
        for (name, text) in typed.iter() {
            let text = text.trim();
            if let Some(name) = name.strip_prefix(TEMPLATE) {
                let name = name.parse().ok().filter(|_| text == "yes");
                // One more than there may be, so that the merge can say so.
                picked
                    .names
                    .extend(name.filter(|_| picked.names.len() <= TEMPLATES_LEN_MAX));
            } else if let Some(key) = name.strip_prefix(NOT_KNOWN) {
                if text == "yes" {
                    let answers = &mut picked.wishes.answers;
                    answers.insert(key.to_owned(), Answer::NotKnown);
                }
            } else if let Some(key) = name.strip_prefix(ANSWER) {
                if let Ok(value) = text.parse() {
                    let answers = &mut picked.wishes.answers;
                    answers.insert(key.to_owned(), Answer::Is(value));
                }
            } else if let Some(matter) = name.strip_prefix(CHOICE) {
                let choice = Choice::try_from(text.to_owned()).ok();
                let choice = matter.parse::<Matter>().ok().zip(choice);
                picked.wishes.choices.extend(choice);
            }
        }
        picked
    }

    fn write(&self, typed: &mut Typed) {
        for name in &self.names {
            typed.put(template_field(name), "yes");
        }
        for (key, answer) in &self.wishes.answers {
            match answer {
                Answer::NotKnown => typed.put(not_known_field(key), "yes"),
                Answer::Is(value) => typed.put(answer_field(key), value.to_string()),
            }
        }
        for (matter, choice) in &self.wishes.choices {
            typed.put(choice_field(matter), String::from(choice.clone()));
        }
    }
}

pub(crate) fn template_field(name: &TemplateName) -> String {
    format!("{TEMPLATE}{name}")
}

pub(crate) fn answer_field(key: &str) -> String {
    format!("{ANSWER}{key}")
}

pub(crate) fn not_known_field(key: &str) -> String {
    format!("{NOT_KNOWN}{key}")
}

pub(crate) fn choice_field(matter: &Matter) -> String {
    format!("{CHOICE}{matter}")
}
