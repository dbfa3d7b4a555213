//! Handing over: an alert is offered to a colleague, who accepts or declines; until then it stays where it is.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{self, Path};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use clinical::{AlertNumber, Event, Refusal};
use serde::Deserialize;

use super::colleagues::{self, Colleague};
use super::once::{self, Once};
use super::wrong::Wrong;
use crate::rights::Right;
use crate::store::worklist::AlertRow;
use crate::web::State;
use crate::web::alert_view::AlertView;
use crate::web::close;
use crate::web::conflict;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::listing::look_at;
use crate::web::session::Me;
use crate::web::take::{ROW_ONLY, find, row};

/// What the form posts.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Filled {
    #[serde(default)]
    action: String,
    #[serde(default)]
    to: String,
}

/// What the person who was asked posts. A row of the board has no form of its own that could be sent twice: it posts no
/// action, and answering twice is told from not being asked by who has the alert.
#[derive(Debug, Deserialize)]
pub(crate) struct Answer {
    #[serde(default)]
    action: String,
    answer: String,
    #[serde(default)]
    back: String,
}

#[derive(Template)]
#[template(path = "alert/offer.html")]
struct OfferPage {
    frame: Frame,
    alert: AlertView,
    wrong: Wrong,
    action: String,
    colleagues: Vec<Colleague>,
}

/// Shows the form.
pub(crate) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path((patient, number)): Path<(String, u32)>,
) -> Result<Response, PageError> {
    me.must(Right::ActOnAlerts)?;
    let (_, alert) = find(&state, &me, &patient, number).await?;
    if let Some(refusal) = unfit(&me, &alert, AlertNumber(number)) {
        return conflict::page(&state, &me, alert, &refusal).await;
    }
    let colleagues = colleagues::of_alert(&state, &me, &alert, false, "").await?;
    let action = once::new_id(&state)?;
    form(&state, &me, alert, (action, colleagues), Wrong::default()).await
}

/// Offers the alert.
pub(crate) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path((patient, number)): Path<(String, u32)>,
    filled: Result<Form<Filled>, FormRejection>,
) -> Result<Response, PageError> {
    me.must(Right::ActOnAlerts)?;
    let Form(filled) = filled.map_err(|_| PageError::BadForm)?;
    let (patient, alert) = find(&state, &me, &patient, number).await?;
    let colleagues = colleagues::of_alert(&state, &me, &alert, false, &filled.to).await?;
    let Some(to) = colleagues::find(&colleagues, &filled.to) else {
        let mut wrong = Wrong::default();
        wrong.add("to", "Choose a colleague from the list");
        let page = form(&state, &me, alert, (filled.action, colleagues), wrong).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    let event = Event::AlertOffered {
        alert: AlertNumber(number),
        by: me.id.clone(),
        to: to.id.clone(),
    };
    let target = (&patient, AlertNumber(number));
    match once::happen(&state, &me, target, &event, &filled.action).await? {
        Once::Done | Once::Before => {
            let to = format!("/alerts/{patient}/{number}?after=offer");
            Ok(Redirect::to(&to).into_response())
        }
        Once::Refused(refusal) => {
            let (_, alert) = find(&state, &me, patient.as_str(), number).await?;
            conflict::page(&state, &me, alert, &refusal).await
        }
    }
}

/// Accepts or declines what was offered.
pub(crate) async fn answer(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path((patient, number)): Path<(String, u32)>,
    headers: HeaderMap,
    answer: Result<Form<Answer>, FormRejection>,
) -> Result<Response, PageError> {
    me.must(Right::ActOnAlerts)?;
    let Form(answer) = answer.map_err(|_| PageError::BadForm)?;
    let accepted = match answer.answer.as_str() {
        "accept" => true,
        "decline" => false,
        _ => return Err(PageError::BadForm),
    };
    let (patient, _) = find(&state, &me, &patient, number).await?;
    let event = Event::OfferAnswered {
        alert: AlertNumber(number),
        by: me.id.clone(),
        accepted,
    };
    let target = (&patient, AlertNumber(number));
    let of_board = answer.back == "board";
    let done = if of_board {
        let done = state.happen(&me, &patient, &event).await?;
        done.map_or_else(Once::Refused, |_| Once::Done)
    } else {
        once::happen(&state, &me, target, &event, &answer.action).await?
    };
    // Who declines may have seen the patient only because of the offer.
    let alert = match find(&state, &me, patient.as_str(), number).await {
        Err(PageError::NotFound) => return Ok(Redirect::to("/alerts").into_response()),
        found => found?.1,
    };
    let has_it = alert.held_by.as_deref() == Some(me.id.as_str());
    let done = match done {
        Once::Refused(Refusal::NotOffered { .. }) if of_board && accepted && has_it => Once::Before,
        done => done,
    };
    if headers.contains_key(ROW_ONLY) {
        let refusal = match &done {
            Once::Refused(refusal) => Some(refusal),
            Once::Done | Once::Before => None,
        };
        return row(&state, &me, alert, refusal).await;
    }
    match done {
        Once::Done | Once::Before if of_board => {
            Ok(Redirect::to(&format!("/alerts#alert-{patient}-{number}")).into_response())
        }
        Once::Done | Once::Before => {
            let after = answer.answer;
            let to = format!("/alerts/{patient}/{number}?after={after}");
            Ok(Redirect::to(&to).into_response())
        }
        Once::Refused(refusal) => conflict::page(&state, &me, alert, &refusal).await,
    }
}

/// Tells why an alert cannot be offered by this person as it stands; the case itself decides when it is.
pub(super) fn unfit(me: &Me, alert: &AlertRow, number: AlertNumber) -> Option<Refusal> {
    close::unfit(me, alert, number)
}

async fn form(
    state: &State,
    me: &Me,
    alert: AlertRow,
    (action, colleagues): (String, Vec<Colleague>),
    wrong: Wrong,
) -> Result<Response, PageError> {
    let listed = look_at(state, alert).await?;
    Ok(render(&OfferPage {
        frame: state.frame(Some(me)),
        alert: AlertView::new(&listed, &me.id, &state.local_time())?,
        wrong,
        action,
        colleagues,
    }))
}
