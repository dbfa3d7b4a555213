//! Escalating: a clinician is asked to take an alert, with what they need to know; and the page that shows what was sent.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{self, Path};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use clinical::{AlertNumber, Event, PatientId};
use serde::Deserialize;

use super::colleagues::{self, Colleague};
use super::once::{self, Once};
use super::papers;
use super::past::PastView;
use super::sbar::{RECOMMENDATIONS, Sbar};
use super::usual::usual;
use super::wrong::Wrong;
use crate::rights::Right;
use crate::store::worklist::AlertRow;
use crate::store::{alert_page, cases, people};
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

/// How many earlier alerts of the same problem the background names.
const EARLIER_MAX: i64 = 3;
/// A day and a time that are clear whenever they are read.
const DATED: &str = "%a %-d %b %Y, %H:%M";

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

/// Says who it is and what is happening.
fn situation(state: &State, view: &AlertView, alert: &AlertRow) -> Result<String, PageError> {
    let local = state.local_time();
    let dated = |us: i64| -> Result<String, PageError> {
        let at = jiff::Timestamp::from_microsecond(us)?;
        Ok(local.zoned(at).strftime(DATED).to_string())
    };
    let (since, latest) = (dated(alert.opened_at)?, dated(alert.newest_measured_at)?);
    let over = view
        .over
        .map_or_else(String::new, |over| format!(" {over}."));
    Ok(format!(
        "{}, born {}, NHS No. {}. Alert ({}) since {since}: {}. {}, latest {latest}.{over}",
        view.spoken, view.born, view.nhs_number, view.priority, view.why, view.evidence
    ))
}

/// Says what is known of before: the plan, what is usual, and how it ended the last times.
async fn background(
    state: &State,
    patient: &PatientId,
    alert: &AlertRow,
) -> Result<String, PageError> {
    let readers = state.store.readers();
    let local = state.local_time();
    let names = people::names(readers).await?;
    let name = |id: &str| names.get(id).cloned().unwrap_or_else(|| id.to_owned());
    let mut lines = Vec::new();
    if let Some(case) = cases::read(readers, patient).await? {
        let plan = case.plan();
        let templates = plan.care.templates.join(", ");
        let from = if templates.is_empty() {
            String::new()
        } else {
            format!("Care plan: {templates}. ")
        };
        let (version, by, reason) = (plan.version, name(plan.set_by.as_str()), &plan.reason);
        lines.push(format!("{from}Plan {version}, set by {by}: {reason}"));
        let opened_at = jiff::Timestamp::from_microsecond(alert.opened_at)?;
        let usual = usual(case.history(), &alert.problem, opened_at);
        lines.push(if usual.is_empty() {
            "Usual range: too few readings in the 14 days before to say".to_owned()
        } else {
            format!("Usual in the 14 days before: {}", usual.join("; "))
        });
    }
    let earlier =
        alert_page::earlier(readers, patient, &alert.problem, alert.number, EARLIER_MAX).await?;
    for past in &earlier {
        let past = PastView::new(past, patient, &local)?;
        lines.push(format!(
            "Before, {}: {} – {}",
            past.opened.text, past.why, past.how
        ));
    }
    lines.push(format!("Care coordinator: {}", name(&alert.coordinator)));
    Ok(lines.join("\n"))
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
