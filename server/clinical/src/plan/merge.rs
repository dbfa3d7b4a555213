//! Merging: several templates become one plan for a patient with several conditions; what they disagree about is named.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::conflict::{MergeError, Obstacle};
use super::particulars::Particulars;
use super::said::Said;
use super::template::{Template, TemplateName};
use super::{Answer, Care, Matter, PatientView, Plan, PlanVersion, Setting};
use crate::id::PersonId;
use crate::limits::Limits;
use crate::sign::VitalSign;

/// The most templates of one plan.
pub const TEMPLATES_LEN_MAX: usize = 8;
/// How a choice says that nothing is to be said.
const LEAVE_OUT: &str = "leave out";

/// What is to be said of a matter: what one template says, or nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Choice {
    /// What this template says.
    Template(TemplateName),
    /// Nothing: the plan leaves it out.
    LeaveOut,
}

/// What the clinician says of this patient, on top of the templates. It always holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wishes {
    /// The answers to what the templates ask.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<String, Answer>,
    /// Which template is followed where they disagree, and what is left out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub choices: BTreeMap<Matter, Choice>,
    /// The patient's own limits: each line that is given holds, whatever the templates say.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub limits: BTreeMap<VitalSign, Limits>,
    /// The patient's own care: each thing that is given holds, whatever the templates say.
    #[serde(default, skip_serializing_if = "Care::is_empty")]
    pub care: Care,
}

/// What a plan says, before it has a version, an author and a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The limits.
    pub limits: BTreeMap<VitalSign, Limits>,
    /// Everything else.
    pub care: Care,
    /// How many days after it comes in force the plan is looked at again, unless the care's term names the day.
    pub review_after_days: Option<u16>,
}

/// Merges templates into what one plan says. What templates say alike is said once, what only one says holds, and where
/// they disagree the wishes must choose: nothing is settled silently, not even for the stricter side.
///
/// The order of the templates makes no difference. Without any, the plan says what the wishes say.
///
/// # Errors
/// Everything that stands in the way, so that it can be settled at once: conflicts without a choice, questions without an
/// answer, and choices and answers that fit nothing.
pub fn merge(templates: &[&Template], wishes: &Wishes) -> Result<Content, MergeError> {
    let mut obstacles = check_names(templates);
    let said = Said::of(templates, wishes, &mut obstacles);
    let own = Particulars::of(&wishes.limits, &wishes.care);
    let mut merged = said.settle(wishes, &own, &mut obstacles);
    merged.overlay(own);
    match merged.to_care() {
        Err((sign, error)) => obstacles.push(Obstacle::Limits { sign, error }),
        Ok((limits, care)) if obstacles.is_empty() => {
            return Ok(content(templates, &merged, limits, care, wishes));
        }
        Ok(_) => {}
    }
    Err(MergeError(obstacles))
}

fn content(
    templates: &[&Template],
    merged: &Particulars,
    limits: BTreeMap<VitalSign, Limits>,
    mut care: Care,
    wishes: &Wishes,
) -> Content {
    let names: BTreeSet<&TemplateName> = templates.iter().map(|it| &it.name).collect();
    care.templates = names.into_iter().map(ToString::to_string).collect();
    care.crossing = wishes.care.crossing.clone();
    let review_after_days = match merged.get(&Matter::Review) {
        Some(Setting::Review(review)) => Some(review.after_days),
        _ => None,
    };
    Content {
        limits,
        care,
        review_after_days,
    }
}

fn check_names(templates: &[&Template]) -> Vec<Obstacle> {
    let mut names = BTreeSet::new();
    let mut obstacles = Vec::new();
    for template in templates {
        if !names.insert(&template.name) {
            obstacles.push(Obstacle::TemplateTwice(template.name.clone()));
        }
    }
    if templates.len() > TEMPLATES_LEN_MAX {
        obstacles.push(Obstacle::TooManyTemplates);
    }
    obstacles
}

impl Content {
    /// Makes the plan that says this. The day of the next review is counted from its first day.
    pub fn into_plan(
        self,
        version: PlanVersion,
        set_by: PersonId,
        reason: String,
        patient_view: Option<PatientView>,
        in_force_from: Timestamp,
    ) -> Plan {
        let mut care = self.care;
        if let Some(days) = self.review_after_days {
            let from = care.zone.date(in_force_from);
            let term = care.term.get_or_insert_default();
            let from = term.starts_on.map_or(from, |start| start.max(from));
            let review = from.saturating_add(i64::from(days).days());
            // A plan that ends before its review would be due then, is looked at when it ends.
            let review = term.ends_on.map_or(review, |end| end.min(review));
            term.review_by.get_or_insert(review);
        }
        Plan {
            version,
            limits: self.limits,
            care,
            set_by,
            reason,
            patient_view,
            in_force_from,
        }
    }
}

impl TryFrom<String> for Choice {
    type Error = vitals::id::IdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text == LEAVE_OUT {
            return Ok(Self::LeaveOut);
        }
        text.parse().map(Self::Template)
    }
}

impl From<Choice> for String {
    fn from(choice: Choice) -> Self {
        match choice {
            Choice::Template(name) => name.to_string(),
            Choice::LeaveOut => LEAVE_OUT.to_owned(),
        }
    }
}
