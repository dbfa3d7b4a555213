//! The form: shown as it was typed, with what is wrong and what a trial found.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{self, Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use clinical::PlanVersion;
use jiff::civil::Date;
use serde::Deserialize;

use super::fields::{Field, Maker, Sections};
use super::form::decided::{
    DISAGREED, ENDS_ON, FROM, NOT_ASKED, REASON, REVIEW_BY, TEMPORARY_DAYS_MAX, UNTIL, VIEW,
};
use super::form::start::{BASED_ON, Start};
use super::form::typed::{Typed, Wrongs};
use super::form::{self, Content};
use super::panel::Panel;
use super::record::{Loaded, Record, Who};
use super::request::{self, REQUEST};
use super::save::How;
use super::{from_templates, save, trial};
use crate::rights::Right;
use crate::web::State;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::session::Me;

/// Which version the form starts from, or which request; the plan in force without either.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    from: Option<u32>,
    request: Option<i64>,
}

/// Everything that one form is made of.
pub(crate) struct Shown<'a> {
    pub(crate) record: &'a Record,
    pub(crate) start: &'a Start,
    pub(crate) content: &'a Content,
    pub(crate) typed: &'a Typed,
    pub(crate) wrongs: Wrongs,
    pub(crate) panel: Option<Panel>,
}

#[derive(Template)]
#[template(path = "plan/edit.html")]
struct EditPage {
    frame: Frame,
    who: Who,
    starts_from: String,
    is_asked: bool,
    scheduled: Option<String>,
    wrongs: Vec<(String, String)>,
    panel: Option<Panel>,
    hidden: Vec<(String, String)>,
    sections: Sections,
    view: String,
    reason: Field,
    disagreed: Field,
    not_asked: Field,
    review_by: Field,
    ends_on: Field,
    from: Field,
    until: Field,
    until_days_max: i64,
}

/// Shows the form as nobody has touched it.
pub(crate) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, PageError> {
    me.must(Right::EditPlans)?;
    let record = Record::find(&state, &me, &patient).await?;
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    if let Some(number) = asked.request {
        return request::open(&state, &me, &record, number).await;
    }
    let version = asked.from.map_or(record.current.version, PlanVersion);
    let plan = record.plan(&state, version).await;
    let plan = plan.map_err(|error| match error {
        PageError::BadForm => PageError::NotFound,
        other => other,
    })?;
    let (start, content) = (Start::Plan(version), Content::from(&plan));
    let review = state.templates.review_after_days;
    untouched(&state, &me, &record, (&start, &content), review)
}

/// Shows a form that nobody has touched, whatever it starts from.
///
/// # Errors
/// None but those of rendering.
pub(crate) fn untouched(
    state: &State,
    me: &Me,
    record: &Record,
    (start, content): (&Start, &Content),
    review_after_days: u16,
) -> Result<Response, PageError> {
    let typed = form::fresh(content, today(state, record), review_after_days);
    let shown = Shown {
        record,
        start,
        content,
        typed: &typed,
        wrongs: Wrongs::default(),
        panel: None,
    };
    Ok(page(state, me, shown))
}

/// Takes the form: tries it, saves it, or shows it again.
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
    answer(&state, &me, &record, &typed).await
}

/// Does what a form that was filled in asks for; shows it as it is when it asks for nothing.
///
/// # Errors
/// When the form cannot be read, or the database does not answer.
pub(crate) async fn answer(
    state: &State,
    me: &Me,
    record: &Record,
    typed: &Typed,
) -> Result<Response, PageError> {
    let start = Start::of(typed, record.current.version);
    let content = match record.load(state, &start).await? {
        Loaded::Content(content, _) => content,
        Loaded::Obstacles(picked, error) => {
            return from_templates::obstacles(state, me, record, &picked, &error, typed);
        }
    };
    let shown = Shown {
        record,
        start: &start,
        content: &content,
        typed,
        wrongs: Wrongs::default(),
        panel: None,
    };
    match typed.trimmed("action") {
        "try" => tried(state, me, shown).await,
        "save" => save::save(state, me, shown, How::Saved).await,
        "cross" => save::save(state, me, shown, How::Crossing).await,
        "ask" => save::save(state, me, shown, How::Asked).await,
        _ => Ok(page(state, me, shown)),
    }
}

/// Shows the form with what the plan would have done. Only what the plan says is looked at: why, and what the patient
/// says, can come later.
async fn tried(state: &State, me: &Me, shown: Shown<'_>) -> Result<Response, PageError> {
    let record = shown.record;
    let proposed = match form::content(shown.content, shown.typed) {
        Ok(proposed) => proposed,
        Err(wrongs) => return Ok(refused(state, me, Shown { wrongs, ..shown })),
    };
    let now = state.clock.now();
    let version = record.current.version;
    let proposed = proposed.as_plan(version, me.id.as_str(), now);
    let proposed = proposed.ok_or(PageError::BadForm)?;
    let tried = trial::run(state, &record.id, &record.current, proposed.clone()).await?;
    let stops = &state.templates.hard_stops;
    let local = state.local_time();
    let panel = Panel::new(&record.current, &proposed, stops, &tried, &local);
    let page = page(
        state,
        me,
        Shown {
            panel: Some(panel),
            ..shown
        },
    );
    Ok(match tried {
        Ok(_) => page,
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, page).into_response(),
    })
}

/// Shows the form with what is wrong.
pub(crate) fn refused(state: &State, me: &Me, shown: Shown<'_>) -> Response {
    let page = page(state, me, shown);
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

/// Gives the day in the home.
pub(crate) fn today(state: &State, record: &Record) -> Date {
    record.current.care.zone.date(state.clock.now())
}

fn page(state: &State, me: &Me, shown: Shown<'_>) -> Response {
    let local = state.local_time();
    let before = shown.content.write();
    let typed = shown.typed.over(&before);
    let maker = Maker {
        start: shown.content,
        before: &before,
        typed: &typed,
        wrongs: &shown.wrongs,
    };
    let field = |name: &str, label: &str| Field {
        is_number: false,
        ..maker.field(name.to_owned(), label, "", "")
    };
    let record = shown.record;
    let based_on = typed.trimmed(BASED_ON).parse().map(PlanVersion);
    let version = based_on.unwrap_or(record.current.version);
    let mut hidden = Typed::default();
    hidden.put(BASED_ON, version.to_string());
    shown.start.write(&mut hidden);
    let request = typed.trimmed(REQUEST);
    if !request.is_empty() {
        hidden.put(REQUEST, request);
    }
    render(&EditPage {
        frame: state.frame(Some(me)),
        who: record.who(&local),
        starts_from: starts_from(state, shown.start, version),
        is_asked: !request.is_empty(),
        scheduled: record
            .scheduled
            .as_ref()
            .map(|it| local.show(it.in_force_from).text),
        sections: maker.sections(),
        view: typed.trimmed(VIEW).to_owned(),
        reason: field(REASON, "Why do you change the plan?"),
        disagreed: field(DISAGREED, "What would the patient rather have?"),
        not_asked: field(NOT_ASKED, "Why was the patient not asked?"),
        review_by: field(REVIEW_BY, "Look at the plan again by"),
        ends_on: field(ENDS_ON, "The plan ends on"),
        from: field(FROM, "From which day"),
        until: field(UNTIL, "Last day"),
        until_days_max: TEMPORARY_DAYS_MAX,
        wrongs: shown.wrongs.0.clone(),
        panel: shown.panel,
        hidden: hidden
            .iter()
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .collect(),
    })
}

fn starts_from(state: &State, start: &Start, based_on: PlanVersion) -> String {
    match start {
        Start::Plan(version) if *version == based_on => {
            format!("The form starts from plan {version}, which is in force.")
        }
        Start::Plan(version) => format!(
            "The form starts from plan {version}, to go back to what it said. Plan {based_on} is in force."
        ),
        Start::Templates(picked) => {
            let titles = picked
                .names
                .iter()
                .map(|it| from_templates::title(state, it));
            let titles: Vec<String> = titles.collect();
            format!(
                "The form starts from the templates: {}. Plan {based_on} is in force.",
                titles.join("; ")
            )
        }
    }
}
