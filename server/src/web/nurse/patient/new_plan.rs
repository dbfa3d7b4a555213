//! The first plan of a patient who is being added: templates put together, with what they ask and disagree about settled.

use std::collections::BTreeMap;

use clinical::plan::{
    Answer, Ask, Choice, Conflict, Crossed, Crossing, HardStops, MergeError, Obstacle, PatientView,
    Template, Wishes, merge,
};
use clinical::refusal::NOTE_LEN_MAX;
use clinical::{PersonId, Plan, PlanVersion};
use jiff::Timestamp;

use super::form::{Field, Filled, needed};
use super::new_plan_fields::{ask_field, ask_name, choice_name, conflict_field, words_fields};

/// The second page, in parts.
#[derive(Debug, Clone, Default)]
pub(super) struct PlanForm {
    /// What there is to know.
    pub(super) lead: Vec<String>,
    /// What is wrong that belongs to no field.
    pub(super) wrong: Vec<String>,
    /// The fields.
    pub(super) fields: Vec<Field>,
}

/// Who sets the plan, and when.
pub(super) struct Author<'a> {
    /// Who.
    pub(super) id: &'a PersonId,
    /// They may go beyond the hard stops.
    pub(super) is_prescriber: bool,
    /// When.
    pub(super) now: Timestamp,
}

/// What is wrong, by the field that it belongs to.
#[derive(Default)]
struct Wrongs {
    of_fields: BTreeMap<String, String>,
    others: Vec<String>,
}

/// Makes the form before anything was typed into it.
pub(super) fn empty(templates: &[&Template], filled: &Filled, is_prescriber: bool) -> PlanForm {
    form(templates, filled, Wrongs::default(), is_prescriber)
}

/// Makes the plan of what was typed, or the form again with what is wrong.
pub(super) fn settle(
    templates: &[&Template],
    stops: &HardStops,
    filled: &Filled,
    author: &Author<'_>,
) -> Result<Plan, PlanForm> {
    let mut wrongs = Wrongs::default();
    let view = view(filled, &mut wrongs);
    let reason = filled.text("reason");
    if let Some(wrong) = needed(reason, NOTE_LEN_MAX, "Write why the plan is so") {
        wrongs.of_fields.insert("reason".to_owned(), wrong);
    }
    let mut wishes = Wishes {
        answers: answers(templates, filled, &mut wrongs),
        choices: choices(templates, filled),
        ..Wishes::default()
    };
    let crossing = filled.text("crossing");
    wishes.care.crossing = (author.is_prescriber && !crossing.is_empty()).then(|| Crossing {
        prescriber: author.id.clone(),
        reason: crossing.to_owned(),
    });
    let plan = merge(templates, &wishes).map(|content| {
        let (by, reason) = (author.id.clone(), reason.to_owned());
        content.into_plan(PlanVersion(1), by, reason, view, author.now)
    });
    match plan {
        Err(error) => note(error, &mut wrongs),
        Ok(plan) => {
            check(&plan, stops, author, &mut wrongs);
            if wrongs.of_fields.is_empty() && wrongs.others.is_empty() {
                return Ok(plan);
            }
        }
    }
    Err(form(templates, filled, wrongs, author.is_prescriber))
}

fn check(plan: &Plan, stops: &HardStops, author: &Author<'_>, wrongs: &mut Wrongs) {
    if wrongs.of_fields.is_empty()
        && let Err(error) = plan.check()
    {
        wrongs.others.push(error.to_string());
    }
    let crossed = stops.crossed(None, plan);
    if crossed.is_empty() || plan.care.crossing.is_some() {
        return;
    }
    let said: Vec<String> = crossed.iter().map(Crossed::sentence).collect();
    let said = said.join(" ");
    if author.is_prescriber {
        let wrong = format!("Write why the plan may go beyond this: {said}");
        wrongs.of_fields.insert("crossing".to_owned(), wrong);
    } else {
        wrongs.others.push(format!(
            "{said} A prescriber must register this patient, or start from another template and let a prescriber change the plan."
        ));
    }
}

/// Puts what stands in the way beside the field that settles it.
fn note(error: MergeError, wrongs: &mut Wrongs) {
    for obstacle in error.0 {
        let (name, text) = match obstacle {
            Obstacle::Conflict(conflict) => {
                (choice_name(&conflict), "Choose which holds".to_owned())
            }
            Obstacle::Unanswered { ask, .. } => {
                (ask_name(&ask), "Write a number, or: not known".to_owned())
            }
            Obstacle::AnswerOutOfBounds { ask, found } => (
                ask_name(&ask),
                format!(
                    "This must be {} to {}; you wrote {}",
                    ask.at_least.plain(),
                    ask.at_most.plain(),
                    found.plain()
                ),
            ),
            other => {
                wrongs.others.push(other.to_string());
                continue;
            }
        };
        wrongs.of_fields.entry(name).or_insert(text);
    }
}

/// Gives what the templates ask, each question once.
fn asks<'a>(templates: &[&'a Template]) -> BTreeMap<&'a str, &'a Ask> {
    let asks = templates.iter().flat_map(|it| &it.asks);
    asks.map(|ask| (ask.key.as_str(), ask)).collect()
}

/// Gives what the templates disagree about, whatever is answered.
fn conflicts(templates: &[&Template]) -> Vec<Conflict> {
    let answers = asks(templates).into_keys();
    let wishes = Wishes {
        answers: answers
            .map(|key| (key.to_owned(), Answer::NotKnown))
            .collect(),
        ..Wishes::default()
    };
    match merge(templates, &wishes) {
        Ok(_) => Vec::new(),
        Err(error) => error.conflicts().cloned().collect(),
    }
}

fn answers(
    templates: &[&Template],
    filled: &Filled,
    wrongs: &mut Wrongs,
) -> BTreeMap<String, Answer> {
    let mut answers = BTreeMap::new();
    for (key, ask) in asks(templates) {
        let name = ask_name(ask);
        let text = filled.text(&name).to_lowercase();
        if text.is_empty() {
            continue;
        }
        match Answer::try_from(text) {
            Ok(answer) => {
                answers.insert(key.to_owned(), answer);
            }
            Err(_) => {
                let wrong = "Write a number, or: not known".to_owned();
                wrongs.of_fields.insert(name, wrong);
            }
        }
    }
    answers
}

fn choices(templates: &[&Template], filled: &Filled) -> BTreeMap<clinical::plan::Matter, Choice> {
    let chosen = conflicts(templates).into_iter().filter_map(|conflict| {
        let text = filled.text(&choice_name(&conflict)).to_owned();
        let choice = Choice::try_from(text).ok()?;
        Some((conflict.what, choice))
    });
    chosen.collect()
}

fn view(filled: &Filled, wrongs: &mut Wrongs) -> Option<PatientView> {
    let because = filled.text("because").to_owned();
    let view = match filled.text("view") {
        "agreed" => return Some(PatientView::Agreed),
        "disagreed" => PatientView::Disagreed { because },
        "not_asked" => PatientView::NotAsked { because },
        _ => {
            let wrong = "Choose what the patient said".to_owned();
            wrongs.of_fields.insert("view".to_owned(), wrong);
            return None;
        }
    };
    let missing = "Write why the patient disagreed or was not asked";
    if let Some(wrong) = needed(filled.text("because"), NOTE_LEN_MAX, missing) {
        wrongs.of_fields.insert("because".to_owned(), wrong);
    }
    Some(view)
}

fn form(templates: &[&Template], filled: &Filled, wrongs: Wrongs, is_prescriber: bool) -> PlanForm {
    let mut fields: Vec<Field> = asks(templates)
        .into_values()
        .map(|ask| ask_field(ask, filled))
        .collect();
    fields.extend(
        conflicts(templates)
            .iter()
            .map(|it| conflict_field(it, filled)),
    );
    fields.extend(words_fields(filled));
    if is_prescriber {
        fields.push(
            Field::area(
                "crossing",
                "Why the plan may go beyond the hard stops",
                filled,
            )
            .hint("Only where it does: you are a prescriber."),
        );
    }
    for field in &mut fields {
        field.wrong = wrongs.of_fields.get(&field.name).cloned();
    }
    let titles: Vec<&str> = templates.iter().map(|it| it.title.as_str()).collect();
    PlanForm {
        lead: vec![format!("The plan starts from: {}.", titles.join(", "))],
        wrong: wrongs.others,
        fields,
    }
}
