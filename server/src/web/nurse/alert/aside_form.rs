//! The forms that put an alert aside: until when, and for what reason.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{self, Path};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use clinical::refusal::NOTE_LEN_MAX;
use clinical::{AlertNumber, Event, PatientId};
use jiff::SignedDuration;
use serde::Deserialize;

use super::aside::{Kind, NEXT_READING, OWN_TIME, span_words, until};
use super::once::{self, Once};
use super::wrong::{Wrong, tidy};
use crate::rights::Right;
use crate::store::cases;
use crate::store::worklist::AlertRow;
use crate::web::State;
use crate::web::alert_view::AlertView;
use crate::web::close::unfit;
use crate::web::conflict;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::listing::look_at;
use crate::web::local_time::Shown;
use crate::web::session::Me;
use crate::web::take::find;

/// How a browser writes a day and a time.
const OWN_TIME_FORMAT: &str = "%Y-%m-%dT%H:%M";

/// What the form posts.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Filled {
    #[serde(default)]
    action: String,
    #[serde(default)]
    span: String,
    #[serde(default)]
    until: String,
    #[serde(default)]
    reason: String,
}

struct Span {
    minutes: u32,
    label: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "alert/aside.html")]
struct AsidePage {
    frame: Frame,
    alert: AlertView,
    wrong: Wrong,
    action: String,
    path: &'static str,
    is_wait: bool,
    spans: Vec<Span>,
    longest: String,
    reading_chosen: bool,
    own_chosen: bool,
    own: String,
    earliest: String,
    latest: String,
    end: Shown,
    reason: String,
}

type Part = Path<(String, u32)>;
type Filling = Result<Form<Filled>, FormRejection>;

/// Shows the form for waiting for the patient.
pub(crate) async fn get_wait(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path((patient, number)): Part,
) -> Result<Response, PageError> {
    get(Kind::Wait, &state, &me, &patient, number).await
}

/// Shows the form for putting the alert aside.
pub(crate) async fn get_snooze(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path((patient, number)): Part,
) -> Result<Response, PageError> {
    get(Kind::Snooze, &state, &me, &patient, number).await
}

/// Waits for the patient.
pub(crate) async fn post_wait(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path((patient, number)): Part,
    filled: Filling,
) -> Result<Response, PageError> {
    post(Kind::Wait, &state, &me, (&patient, number), filled).await
}

/// Puts the alert aside.
pub(crate) async fn post_snooze(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path((patient, number)): Part,
    filled: Filling,
) -> Result<Response, PageError> {
    post(Kind::Snooze, &state, &me, (&patient, number), filled).await
}

async fn get(
    kind: Kind,
    state: &State,
    me: &Me,
    patient: &str,
    number: u32,
) -> Result<Response, PageError> {
    me.must(Right::ActOnAlerts)?;
    let (patient, alert) = find(state, me, patient, number).await?;
    if let Some(refusal) = unfit(me, &alert, AlertNumber(number)) {
        return conflict::page(state, me, alert, &refusal).await;
    }
    let longest = longest(kind, state, &patient, &alert).await?;
    let filled = Filled {
        action: once::new_id(state)?,
        ..Filled::default()
    };
    form(kind, state, me, (alert, longest), filled, Wrong::default()).await
}

async fn post(
    kind: Kind,
    state: &State,
    me: &Me,
    (patient, number): (&str, u32),
    filled: Filling,
) -> Result<Response, PageError> {
    me.must(Right::ActOnAlerts)?;
    let Form(filled) = filled.map_err(|_| PageError::BadForm)?;
    let (patient, alert) = find(state, me, patient, number).await?;
    let longest = longest(kind, state, &patient, &alert).await?;
    let mut wrong = Wrong::default();
    let now = state.clock.now();
    let chosen = (filled.span.as_str(), filled.until.as_str());
    let until = until(chosen, longest, (now, &state.time_zone), &mut wrong);
    let reason = tidy(&filled.reason);
    if kind == Kind::Snooze {
        wrong.check_text("reason", &reason, "Say why, in a few words", NOTE_LEN_MAX);
    }
    let Some(until) = until.filter(|_| !wrong.any()) else {
        let page = form(kind, state, me, (alert, longest), filled, wrong).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    let (alert, by) = (AlertNumber(number), me.id.clone());
    let event = match kind {
        Kind::Wait => Event::AlertWaits { alert, by, until },
        Kind::Snooze => Event::AlertSnoozed {
            alert,
            by,
            until,
            until_reading: filled.span == NEXT_READING,
            reason,
        },
    };
    match once::happen(state, me, (&patient, alert), &event, &filled.action).await? {
        Once::Done | Once::Before => {
            let path = kind.path();
            let to = format!("/alerts/{patient}/{number}?after={path}");
            Ok(Redirect::to(&to).into_response())
        }
        Once::Refused(refusal) => {
            let (_, alert) = find(state, me, patient.as_str(), number).await?;
            conflict::page(state, me, alert, &refusal).await
        }
    }
}

async fn longest(
    kind: Kind,
    state: &State,
    patient: &PatientId,
    alert: &AlertRow,
) -> Result<u32, PageError> {
    let case = cases::read(state.store.readers(), patient).await?;
    Ok(kind.longest(alert.priority(), case.as_ref()))
}

async fn form(
    kind: Kind,
    state: &State,
    me: &Me,
    (alert, longest): (AlertRow, u32),
    filled: Filled,
    wrong: Wrong,
) -> Result<Response, PageError> {
    let local = state.local_time();
    let listed = look_at(state, alert).await?;
    let spans = kind.spans(longest).into_iter().map(|minutes| Span {
        minutes,
        label: span_words(minutes),
        chosen: filled.span == minutes.to_string(),
    });
    let after = |minutes: u32| {
        let span = SignedDuration::from_mins(i64::from(minutes));
        local.now().saturating_add(span).unwrap_or(local.now())
    };
    let own_time = |at| local.zoned(at).strftime(OWN_TIME_FORMAT).to_string();
    Ok(render(&AsidePage {
        frame: state.frame(Some(me)),
        alert: AlertView::new(&listed, &me.id, &local)?,
        wrong,
        action: filled.action,
        path: kind.path(),
        is_wait: kind == Kind::Wait,
        spans: spans.collect(),
        longest: span_words(longest),
        reading_chosen: filled.span == NEXT_READING,
        own_chosen: filled.span == OWN_TIME,
        own: filled.until,
        earliest: own_time(after(1)),
        latest: own_time(after(longest)),
        end: local.show(after(longest)),
        reason: filled.reason,
    }))
}
