//! Starting again from templates: which, what they ask, and whom to follow where they disagree. Nothing is settled silently.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{self, Path};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use clinical::RuleKind;
use clinical::plan::{
    Ask, Conflict, MergeError, Obstacle, Setting, TEMPLATES_LEN_MAX, TemplateName,
};

use super::edit::untouched;
use super::form::start::{
    Picked, Start, answer_field, choice_field, not_known_field, template_field,
};
use super::form::typed::Typed;
use super::record::{Loaded, Record, Who};
use crate::rights::Right;
use crate::web::State;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::session::Me;
use crate::web::words::capital;

/// A template to pick.
struct Offer {
    field: String,
    title: String,
    for_whom: String,
    is_picked: bool,
}

#[derive(Template)]
#[template(path = "plan/start.html")]
struct StartPage {
    frame: Frame,
    who: Who,
    offers: Vec<Offer>,
    most: usize,
    wrong: Option<&'static str>,
}

/// What a template asks.
struct Question {
    field: String,
    not_known_field: String,
    question: String,
    template: String,
    value: String,
    is_not_known: bool,
    wrong: Option<String>,
}

/// What one template says.
struct Say {
    value: String,
    words: String,
    note: String,
}

/// What templates disagree about.
struct Disagreement {
    field: String,
    what: String,
    says: Vec<Say>,
}

#[derive(Template)]
#[template(path = "plan/obstacles.html")]
struct ObstaclesPage {
    frame: Frame,
    who: Who,
    templates: String,
    is_again: bool,
    questions: Vec<Question>,
    disagreements: Vec<Disagreement>,
    others: Vec<String>,
    hidden: Vec<(String, String)>,
}

/// Shows the templates, those of the plan in force picked.
pub(crate) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
) -> Result<Response, PageError> {
    me.must(Right::EditPlans)?;
    let record = Record::find(&state, &me, &patient).await?;
    Ok(offers(&state, &me, &record, None))
}

/// Merges what was picked, or asks what stands in the way.
pub(crate) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
    sent: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Result<Response, PageError> {
    me.must(Right::EditPlans)?;
    let Form(sent) = sent.map_err(|_| PageError::BadForm)?;
    let typed = Typed::of(sent);
    let record = Record::find(&state, &me, &patient).await?;
    let picked = Picked::of(&typed);
    if picked.names.is_empty() {
        let page = offers(&state, &me, &record, Some("Choose at least one template"));
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let start = Start::Templates(Box::new(picked));
    match record.load(&state, &start).await? {
        Loaded::Content(content, review) => {
            untouched(&state, &me, &record, (&start, &content), review)
        }
        Loaded::Obstacles(picked, error) => {
            obstacles(&state, &me, &record, &picked, &error, &typed)
        }
    }
}

fn offers(state: &State, me: &Me, record: &Record, wrong: Option<&'static str>) -> Response {
    let followed = &record.current.care.templates;
    let offers = state.templates.iter().map(|it| Offer {
        field: template_field(&it.name),
        title: it.title.clone(),
        for_whom: it.for_whom.clone(),
        is_picked: followed.iter().any(|name| name == it.name.as_str()),
    });
    render(&StartPage {
        frame: state.frame(Some(me)),
        who: record.who(&state.local_time()),
        offers: offers.collect(),
        most: TEMPLATES_LEN_MAX,
        wrong,
    })
}

/// Asks what stands in the way of one plan: everything at once.
///
/// # Errors
/// None but those of rendering.
pub(crate) fn obstacles(
    state: &State,
    me: &Me,
    record: &Record,
    picked: &Picked,
    error: &MergeError,
    typed: &Typed,
) -> Result<Response, PageError> {
    let (mut questions, mut disagreements, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for obstacle in &error.0 {
        match obstacle {
            Obstacle::Conflict(conflict) => disagreements.push(disagreement(conflict, state)),
            Obstacle::Unanswered { template, ask } => {
                let is_typed = !typed.trimmed(&answer_field(&ask.key)).is_empty();
                let wrong = is_typed.then(|| {
                    "Enter a number like 81.5, or say that it is not known yet".to_owned()
                });
                questions.push(question(ask, &title(state, template), record, typed, wrong));
            }
            Obstacle::AnswerOutOfBounds { ask, .. } => {
                let (least, most) = (ask.at_least.plain(), ask.at_most.plain());
                let wrong = Some(format!("Enter a number from {least} to {most}"));
                questions.push(question(ask, "", record, typed, wrong));
            }
            other => others.push(other.to_string()),
        }
    }
    let mut carried = Typed::default();
    Start::Templates(Box::new(picked.clone())).write(&mut carried);
    let asked = |name: &str| {
        questions.iter().any(|it: &Question| it.field == name)
            || disagreements
                .iter()
                .any(|it: &Disagreement| it.field == name)
    };
    let hidden = carried.iter().filter(|(name, _)| !asked(name));
    let hidden = hidden.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let titles: Vec<String> = picked.names.iter().map(|it| title(state, it)).collect();
    let is_again = typed.trimmed("action") == "settle";
    let page = render(&ObstaclesPage {
        frame: state.frame(Some(me)),
        who: record.who(&state.local_time()),
        templates: titles.join("; "),
        is_again,
        hidden: hidden.collect(),
        questions,
        disagreements,
        others,
    });
    Ok(if is_again {
        (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
    } else {
        page
    })
}

/// A question, with the answer that the plan in force gives it where it does.
fn question(
    ask: &Ask,
    template: &str,
    record: &Record,
    typed: &Typed,
    wrong: Option<String>,
) -> Question {
    let field = answer_field(&ask.key);
    let known = record.current.care.rules.iter().find_map(|rule| {
        let is_it = *rule.id() == ask.fills.id;
        match rule.kind() {
            RuleKind::FromBaseline(it) if is_it => Some(it.baseline.plain()),
            _ => None,
        }
    });
    let value = match typed.text(&field) {
        "" => known.unwrap_or_default(),
        text => text.to_owned(),
    };
    let not_known_field = not_known_field(&ask.key);
    Question {
        value,
        is_not_known: typed.trimmed(&not_known_field) == "yes",
        not_known_field,
        question: ask.question.clone(),
        template: template.to_owned(),
        wrong,
        field,
    }
}

/// Gives what people call a template.
pub(crate) fn title(state: &State, name: &TemplateName) -> String {
    let found = state.templates.iter().find(|it| it.name == *name);
    found.map_or_else(|| name.to_string(), |it| it.title.clone())
}

fn disagreement(it: &Conflict, state: &State) -> Disagreement {
    let strictest = it.strictest();
    let says = it.ours.iter().map(|(name, setting)| Say {
        value: name.to_string(),
        words: format!(
            "{} – {}",
            setting
                .as_ref()
                .map_or("nothing".to_owned(), Setting::words),
            title(state, name)
        ),
        note: if strictest == Some(name) {
            "The stricter".to_owned()
        } else {
            String::new()
        },
    });
    Disagreement {
        field: choice_field(&it.what),
        what: capital(&it.what.words()),
        says: says.collect(),
    }
}
