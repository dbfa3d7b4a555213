//! Requests: a plan beyond the hard stops waits for a prescriber with everything that the nurse filled in, until it is set,
//! refused or taken back.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{self, Path};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use clinical::PlanVersion;

use super::edit;
use super::form::decided::{REASON, said};
use super::form::start::Start;
use super::form::typed::{Typed, Wrongs};
use super::form::{self, Content};
use super::panel::{ChangeLine, change_lines};
use super::record::{Loaded, Record};
use super::save;
use super::show::{self, Asked, Tried};
use crate::audit::{Action, Entry};
use crate::rights::Right;
use crate::store::plan_requests::{self, Answer, Asked as Ask, Request};
use crate::web::State;
use crate::web::error::PageError;
use crate::web::local_time::{LocalTime, Shown as Time};
use crate::web::session::Me;

/// The field that carries a request's number through the form.
pub(crate) const REQUEST: &str = "request";
/// The field of a refusal's reason.
const NOTE: &str = "refuse_note";
const GONE: &str =
    "Nothing waits for a prescriber any more: somebody has answered, taken it back or asked anew.";

/// What somebody tried to refuse, and why that was not possible.
#[derive(Debug, Default)]
pub(crate) struct Refusing {
    pub(crate) note: String,
    pub(crate) wrong: Option<String>,
}

/// A request on the plan's page.
pub(crate) struct RequestView {
    pub(crate) number: i64,
    pub(crate) asker: String,
    pub(crate) at: Time,
    pub(crate) why: String,
    /// What it would change, while it waits; `None` when the form does not fit any more.
    pub(crate) changes: Option<Vec<ChangeLine>>,
    pub(crate) is_mine: bool,
    pub(crate) may_answer: bool,
    /// Who refused it, when and why.
    pub(crate) refused: Option<(String, Time, String)>,
}

/// Finds what the plan's page says of requests: one that waits, or the refusal of what would have changed this very plan.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn view(
    state: &State,
    me: &Me,
    record: &Record,
    local: &LocalTime,
) -> Result<Option<RequestView>, PageError> {
    let newest = plan_requests::newest(state.store.readers(), &record.id).await?;
    let Some(request) = newest.filter(|it| is_said(it, record.current.version)) else {
        return Ok(None);
    };
    let changes = match &request.answered {
        None => changes(state, record, &request).await?,
        Some(_) => None,
    };
    Ok(Some(RequestView {
        number: request.number,
        at: local.show(request.asked_at),
        is_mine: request.asked_by == me.id,
        may_answer: save::may_cross(state, me).await?,
        refused: request
            .answered
            .map(|it| (it.by, local.show(it.at), it.note)),
        asker: request.asker,
        why: request.why,
        changes,
    }))
}

fn is_said(request: &Request, current: PlanVersion) -> bool {
    match &request.answered {
        None => true,
        Some(it) => it.answer == Answer::Refused && request.based_on == current,
    }
}

/// Lists what the plan in force would become; nothing when what was filled in cannot be read any more.
async fn changes(
    state: &State,
    record: &Record,
    request: &Request,
) -> Result<Option<Vec<ChangeLine>>, PageError> {
    let typed = typed(request);
    let start = Start::of(&typed, record.current.version);
    let content = match record.load(state, &start).await {
        Ok(Loaded::Content(content, _)) => content,
        Ok(Loaded::Obstacles(..)) | Err(PageError::BadForm) => return Ok(None),
        Err(error) => return Err(error),
    };
    let wanted = form::content(&content, &typed).ok();
    let (by, at) = (request.asked_by.as_str(), request.asked_at);
    let wanted = wanted.and_then(|it: Content| it.as_plan(record.current.version, by, at));
    Ok(wanted.map(|it| change_lines(&record.current, &it)))
}

fn typed(request: &Request) -> Typed {
    let pairs = request.form.clone().into_iter().collect();
    let mut typed = Typed::of(pairs);
    typed.put(REQUEST, request.number.to_string());
    typed
}

/// Keeps what a nurse filled in until a prescriber answers, in the place of what was asked for the patient before.
///
/// # Errors
/// When the database fails.
pub(crate) async fn ask(
    state: &State,
    me: &Me,
    record: &Record,
    based_on: PlanVersion,
    typed: &Typed,
) -> Result<Response, PageError> {
    let left_out = ["action", REQUEST];
    let form: BTreeMap<String, String> = typed
        .iter()
        .filter(|(name, _)| !left_out.contains(name))
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .collect();
    let asked = Ask {
        patient: &record.id,
        based_on,
        form: &form,
        why: typed.trimmed(REASON),
        by: &me.id,
    };
    let mut write = state.store.write().await?;
    let number = plan_requests::ask(&mut write, asked, state.clock.now()).await?;
    let entry = Entry::new(me.actor(), Action::PlanRequested);
    let entry = entry.of(&record.id).about(&number);
    state.trail.append(&mut write, &entry).await?;
    let committed = write.commit().await;
    committed.context("what a prescriber is asked for cannot be committed")?;
    let to = format!("/patients/{}/plan?requested={number}#request", record.id);
    Ok(Redirect::to(&to).into_response())
}

/// Shows the form as the nurse filled it in; the plan's page when it does not wait any more.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn open(
    state: &State,
    me: &Me,
    record: &Record,
    number: i64,
) -> Result<Response, PageError> {
    let newest = plan_requests::newest(state.store.readers(), &record.id).await?;
    let waits = |it: &Request| it.number == number && it.answered.is_none();
    let Some(request) = newest.filter(waits) else {
        return Ok(Redirect::to(&format!("/patients/{}/plan", record.id)).into_response());
    };
    edit::answer(state, me, record, &typed(&request)).await
}

/// Notes that the plan was set, when the form that set it had been asked for.
///
/// # Errors
/// When the database fails.
pub(crate) async fn was_set(
    state: &State,
    me: &Me,
    record: &Record,
    typed: &Typed,
) -> anyhow::Result<()> {
    if let Ok(number) = typed.trimmed(REQUEST).parse() {
        answered(state, me, record, number, (Answer::Set, "")).await?;
    }
    Ok(())
}

/// Answers; gives false when the request does not wait any more.
async fn answered(
    state: &State,
    me: &Me,
    record: &Record,
    number: i64,
    (answer, note): (Answer, &str),
) -> anyhow::Result<bool> {
    let mut write = state.store.write().await?;
    let target = (&record.id, number);
    let now = state.clock.now();
    if !plan_requests::answer(&mut write, target, answer, (&me.id, note), now).await? {
        return Ok(false);
    }
    let entry = Entry::new(me.actor(), Action::PlanRequestAnswered);
    let entry = entry.of(&record.id).about(&number).detail(answer.code());
    state.trail.append(&mut write, &entry).await?;
    let committed = write.commit().await;
    committed.context("an answer to a request cannot be committed")?;
    Ok(true)
}

/// Refuses what is asked for, or takes it back.
pub(crate) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
    sent: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Result<Response, PageError> {
    me.must(Right::EditPlans)?;
    let Form(sent) = sent.map_err(|_| PageError::BadForm)?;
    let typed = Typed::of(sent);
    let number = typed.trimmed(REQUEST).parse();
    let number: i64 = number.map_err(|_| PageError::BadForm)?;
    let record = Record::find(&state, &me, &patient).await?;
    let newest = plan_requests::newest(state.store.readers(), &record.id).await?;
    let newest = newest.filter(|it| it.number == number);
    let is_mine = newest.is_some_and(|it| it.asked_by == me.id);
    let mut wrongs = Wrongs::default();
    let (answer, note) = match typed.trimmed("action") {
        "withdraw" if is_mine => (Answer::Withdrawn, String::new()),
        "refuse" if save::may_cross(&state, &me).await? => {
            let note = said(&typed, NOTE, "Say why you refuse it", &mut wrongs);
            (Answer::Refused, note)
        }
        "withdraw" | "refuse" => return Err(PageError::NotAllowed),
        _ => return Err(PageError::BadForm),
    };
    let (status, wrong) = match wrongs.of(NOTE) {
        Some(wrong) => (StatusCode::UNPROCESSABLE_ENTITY, wrong),
        None if answered(&state, &me, &record, number, (answer, &note)).await? => {
            let to = format!("/patients/{}/plan?answered={}", record.id, answer.code());
            return Ok(Redirect::to(&to).into_response());
        }
        None => (StatusCode::CONFLICT, GONE),
    };
    let refusing = Refusing {
        note: typed.text(NOTE).to_owned(),
        wrong: Some(wrong.to_owned()),
    };
    let tried = Tried {
        refusing,
        ..Tried::default()
    };
    let page = show::page(&state, &me, &record, &Asked::default(), tried).await?;
    Ok((status, page).into_response())
}
