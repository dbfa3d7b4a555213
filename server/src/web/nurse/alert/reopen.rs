//! Reopening: an alert that was closed lately is open again, with a reason, and belongs to whoever reopened it.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{self, Path};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use clinical::refusal::NOTE_LEN_MAX;
use clinical::{AlertNumber, Event, Refusal};
use serde::Deserialize;

use super::once::{self, Once};
use super::wrong::{Wrong, tidy};
use crate::rights::Right;
use crate::store::worklist::AlertRow;
use crate::web::State;
use crate::web::alert_view::AlertView;
use crate::web::conflict;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::listing::look_at;
use crate::web::session::Me;
use crate::web::take::find;

/// What the form posts.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Filled {
    #[serde(default)]
    action: String,
    #[serde(default)]
    reason: String,
}

#[derive(Template)]
#[template(path = "alert/reopen.html")]
struct ReopenPage {
    frame: Frame,
    alert: AlertView,
    wrong: Wrong,
    action: String,
    reason: String,
}

/// Shows the form.
pub(crate) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path((patient, number)): Path<(String, u32)>,
) -> Result<Response, PageError> {
    me.must(Right::ActOnAlerts)?;
    let (_, alert) = find(&state, &me, &patient, number).await?;
    if alert.closed_at.is_none() {
        let refusal = Refusal::NotClosed(AlertNumber(number));
        return conflict::page(&state, &me, alert, &refusal).await;
    }
    let filled = Filled {
        action: once::new_id(&state)?,
        ..Filled::default()
    };
    form(&state, &me, alert, filled, Wrong::default()).await
}

/// Reopens the alert.
pub(crate) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path((patient, number)): Path<(String, u32)>,
    filled: Result<Form<Filled>, FormRejection>,
) -> Result<Response, PageError> {
    me.must(Right::ActOnAlerts)?;
    let Form(filled) = filled.map_err(|_| PageError::BadForm)?;
    let (patient, alert) = find(&state, &me, &patient, number).await?;
    let reason = tidy(&filled.reason);
    let mut wrong = Wrong::default();
    let missing = "Say why it is to be open again, in a few words";
    wrong.check_text("reason", &reason, missing, NOTE_LEN_MAX);
    if wrong.any() {
        let page = form(&state, &me, alert, filled, wrong).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let event = Event::AlertReopened {
        alert: AlertNumber(number),
        by: me.id.clone(),
        reason,
    };
    let target = (&patient, AlertNumber(number));
    match once::happen(&state, &me, target, &event, &filled.action).await? {
        Once::Done | Once::Before => {
            let to = format!("/alerts/{patient}/{number}?after=reopen");
            Ok(Redirect::to(&to).into_response())
        }
        Once::Refused(refusal) => {
            let (_, alert) = find(&state, &me, patient.as_str(), number).await?;
            conflict::page(&state, &me, alert, &refusal).await
        }
    }
}

async fn form(
    state: &State,
    me: &Me,
    alert: AlertRow,
    filled: Filled,
    wrong: Wrong,
) -> Result<Response, PageError> {
    let listed = look_at(state, alert).await?;
    Ok(render(&ReopenPage {
        frame: state.frame(Some(me)),
        alert: AlertView::new(&listed, &me.id, &state.local_time())?,
        wrong,
        action: filled.action,
        reason: filled.reason,
    }))
}
