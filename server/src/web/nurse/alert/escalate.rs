//! Escalating: a clinician is asked to take an alert, with what they need to know; and the page that shows what was sent.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{self, Path};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use clinical::{AlertNumber, Event};
use serde::Deserialize;

use super::colleagues::{self, Colleague};
use super::known::{background, situation};
use super::once::{self, Once};
use super::papers;
use super::sbar::{RECOMMENDATIONS, Sbar};
use super::wrong::Wrong;
use crate::rights::Right;
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

/// What the form posts.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Filled {
    #[serde(default)]
    action: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    situation: String,
    #[serde(default)]
    background: String,
    #[serde(default)]
    assessment: String,
    #[serde(default)]
    recommendation: String,
}

struct Choice {
    code: &'static str,
    label: &'static str,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "alert/escalate.html")]
struct EscalatePage {
    frame: Frame,
    alert: AlertView,
    wrong: Wrong,
    filled: Filled,
    colleagues: Vec<Colleague>,
    choices: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "alert/sbar.html")]
struct SentPage {
    frame: Frame,
    alert: AlertView,
    at: Shown,
    by: String,
    to: String,
    waits: bool,
    text: String,
}

/// Shows the form, filled in as far as it is known.
pub(crate) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path((patient, number)): Path<(String, u32)>,
) -> Result<Response, PageError> {
    me.must(Right::ActOnAlerts)?;
    let (patient, alert) = find(&state, &me, &patient, number).await?;
    if let Some(refusal) = unfit(&me, &alert, AlertNumber(number)) {
        return conflict::page(&state, &me, alert, &refusal).await;
    }
    let listed = look_at(&state, alert.clone()).await?;
    let view = AlertView::new(&listed, &me.id, &state.local_time())?;
    let filled = Filled {
        action: once::new_id(&state)?,
        situation: situation(&state, &view, &alert)?,
        background: background(&state, &patient, &alert).await?,
        ..Filled::default()
    };
    form(&state, &me, alert, filled, Wrong::default()).await
}

/// Asks the clinician.
pub(crate) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path((patient, number)): Path<(String, u32)>,
    filled: Result<Form<Filled>, FormRejection>,
) -> Result<Response, PageError> {
    me.must(Right::ActOnAlerts)?;
    let Form(filled) = filled.map_err(|_| PageError::BadForm)?;
    let (patient, alert) = find(&state, &me, &patient, number).await?;
    let colleagues = colleagues::of_alert(&state, &me, &alert, true, &filled.to).await?;
    let mut wrong = Wrong::default();
    let to = colleagues::find(&colleagues, &filled.to);
    if to.is_none() {
        wrong.add("to", "Choose who is to take it from the list");
    }
    let sbar = Sbar {
        situation: filled.situation.clone(),
        background: filled.background.clone(),
        assessment: filled.assessment.clone(),
        recommendation: filled.recommendation.clone(),
    };
    let note = sbar.text(&mut wrong);
    let Some(to) = to.filter(|_| !wrong.any()) else {
        let page = form(&state, &me, alert, filled, wrong).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    let event = Event::AlertEscalated {
        alert: AlertNumber(number),
        by: me.id.clone(),
        to: to.id.clone(),
        note,
    };
    let target = (&patient, AlertNumber(number));
    match once::happen(&state, &me, target, &event, &filled.action).await? {
        Once::Done | Once::Before => {
            Ok(Redirect::to(&format!("/alerts/{patient}/{number}/sbar")).into_response())
        }
        Once::Refused(refusal) => {
            let (_, alert) = find(&state, &me, patient.as_str(), number).await?;
            conflict::page(&state, &me, alert, &refusal).await
        }
    }
}

/// Shows what was sent last, to be printed or copied.
pub(crate) async fn sent(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path((patient, number)): Path<(String, u32)>,
) -> Result<Response, PageError> {
    let (patient, alert) = find(&state, &me, &patient, number).await?;
    let local = state.local_time();
    let explained = papers::explained(&state, &patient, number, &local).await?;
    let Some(escalated) = explained.story.escalated.clone() else {
        return Ok(Redirect::to(&format!("/alerts/{patient}/{number}")).into_response());
    };
    let waits = alert.ownership_is == "escalated" && alert.closed_at.is_none();
    let listed = look_at(&state, alert).await?;
    Ok(render(&SentPage {
        frame: state.frame(Some(&me)),
        alert: AlertView::new(&listed, &me.id, &local)?,
        at: local.show(escalated.at),
        by: explained.name(&escalated.by),
        to: explained.name(&escalated.to),
        waits,
        text: escalated.note,
    }))
}

async fn form(
    state: &State,
    me: &Me,
    alert: AlertRow,
    filled: Filled,
    wrong: Wrong,
) -> Result<Response, PageError> {
    let choices = RECOMMENDATIONS.map(|(code, label)| Choice {
        code,
        label,
        chosen: code == filled.recommendation,
    });
    let colleagues = colleagues::of_alert(state, me, &alert, true, &filled.to).await?;
    let listed = look_at(state, alert).await?;
    Ok(render(&EscalatePage {
        frame: state.frame(Some(me)),
        alert: AlertView::new(&listed, &me.id, &state.local_time())?,
        wrong,
        filled,
        colleagues,
        choices: choices.into(),
    }))
}
