//! Merging: several templates become one plan for a patient with several conditions; what they disagree about is named.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::conflict::{Conflict, MergeError, Obstacle};
use super::matter::Line;
use super::particulars::Particulars;
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

/// What the templates say, by matter and then by template; `None` of one that says by its silence that there is nothing.
struct Said(BTreeMap<Matter, BTreeMap<TemplateName, Option<Setting>>>);

impl Said {
    fn of(templates: &[&Template], wishes: &Wishes, obstacles: &mut Vec<Obstacle>) -> Self {
        let mut said = Self(BTreeMap::new());
        let mut asked: BTreeMap<&str, &TemplateName> = BTreeMap::new();
        for template in templates {
            for (matter, setting) in template.particulars().iter() {
                said.put(matter.clone(), template, setting.clone());
            }
            for ask in &template.asks {
                asked.insert(&ask.key, &template.name);
                match filled(template, ask, wishes) {
                    Ok(Some((matter, setting))) => said.put(matter, template, setting),
                    Ok(None) => {}
                    Err(obstacle) => obstacles.push(obstacle),
                }
            }
        }
        said.hear_silence(templates);
        let strangers = wishes.answers.keys();
        let strangers = strangers.filter(|key| !asked.contains_key(key.as_str()));
        obstacles.extend(strangers.cloned().map(Obstacle::NotAsked));
        said
    }

    fn put(&mut self, matter: Matter, template: &Template, setting: Setting) {
        let of_matter = self.0.entry(matter).or_default();
        of_matter.insert(template.name.clone(), Some(setting));
    }

    /// A template may say that there must be nothing. And two levels of one side belong together: a template that limits
    /// a side and leaves one level out means it so.
    fn hear_silence(&mut self, templates: &[&Template]) {
        for (matter, of_matter) in &mut self.0 {
            for template in templates
                .iter()
                .filter(|it| it.without.contains_key(matter))
            {
                of_matter.entry(template.name.clone()).or_insert(None);
            }
            let Matter::Limit(sign, line) = matter else {
                continue;
            };
            for template in templates {
                let lines = Line::of_side(line.side());
                let mut said =
                    lines.map(|line| template.particulars().get(&Matter::Limit(*sign, line)));
                if said.any(|it| it.is_some()) {
                    of_matter.entry(template.name.clone()).or_insert(None);
                }
            }
        }
    }

    /// Settles every matter: alike, chosen, or a conflict. The patient's own word comes on top and needs no choice.
    fn settle(
        &self,
        wishes: &Wishes,
        own: &Particulars,
        obstacles: &mut Vec<Obstacle>,
    ) -> Particulars {
        let mut merged = Particulars::default();
        for (matter, of_matter) in &self.0 {
            let Some((_, first)) = of_matter.first_key_value() else {
                continue;
            };
            match wishes.choices.get(matter) {
                Some(Choice::LeaveOut) => {}
                Some(Choice::Template(name)) => match of_matter.get(name) {
                    Some(chosen) => merged.put_if_any(matter, chosen.as_ref()),
                    None => obstacles.push(Obstacle::NotSaid {
                        what: matter.clone(),
                        template: name.clone(),
                    }),
                },
                None if of_matter.values().all(|it| is_alike(it, first)) => {
                    merged.put_if_any(matter, first.as_ref());
                }
                None if own.get(matter).is_some() => {}
                None => obstacles.push(Obstacle::Conflict(Conflict {
                    what: matter.clone(),
                    ours: of_matter.clone().into_iter().collect(),
                })),
            }
        }
        let unknown = wishes.choices.keys();
        let unknown = unknown.filter(|matter| !self.0.contains_key(matter));
        obstacles.extend(unknown.cloned().map(Obstacle::NobodySays));
        merged
    }
}

fn is_alike(one: &Option<Setting>, other: &Option<Setting>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.says_the_same_as(other),
        (one, other) => one.is_none() && other.is_none(),
    }
}

/// Fills a question's rule; none when the value is not known yet.
fn filled(
    template: &Template,
    ask: &super::Ask,
    wishes: &Wishes,
) -> Result<Option<(Matter, Setting)>, Obstacle> {
    let baseline = match wishes.answers.get(&ask.key) {
        None => {
            return Err(Obstacle::Unanswered {
                template: template.name.clone(),
                ask: Box::new(ask.clone()),
            });
        }
        Some(Answer::NotKnown) => return Ok(None),
        Some(Answer::Is(value)) => *value,
    };
    let rule = ask.rule(baseline).ok().filter(|_| ask.has(&baseline));
    let rule = rule.ok_or_else(|| Obstacle::AnswerOutOfBounds {
        ask: Box::new(ask.clone()),
        found: baseline,
    })?;
    let matter = Matter::Rule(rule.id().clone());
    Ok(Some((matter, Setting::Rule(Box::new(rule)))))
}

impl Content {
    /// Makes the plan that says this. The day of the next review is counted from when it comes in force.
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
