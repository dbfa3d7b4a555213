//! An alert's page: what it is, what can be done with it, its papers, and what happened to it.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Path, Query};
use axum::response::Response;
use clinical::{AlertNumber, PatientId};
use serde::Deserialize;

use super::papers::{self, PapersView};
use super::past::PastView;
use super::reading_rows::{self, DAYS, READINGS_MAX, ReadingRow};
use super::{offer, once};
use crate::rights::Right;
use crate::store::alert_page;
use crate::store::worklist::AlertRow;
use crate::web::State;
use crate::web::alert_view::AlertView;
use crate::web::close::unfit;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::listing::{Listed, look_at};
use crate::web::local_time::{LocalTime, Shown};
use crate::web::session::Me;
use crate::web::take::find;
use crate::web::words;

/// How many earlier alerts of the same problem the page shows.
const EARLIER_MAX: i64 = 3;

/// What a form that sent the nurse here did.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct After {
    #[serde(default)]
    after: String,
}

/// What this person can do with the alert as it stands.
struct Can {
    act: bool,
    offer: bool,
    put_aside: bool,
    reopen: bool,
    /// The form's id, where the alert is on offer to this person.
    answer: Option<String>,
}

#[derive(Template)]
#[template(path = "alert/page.html")]
struct AlertPage {
    frame: Frame,
    alert: AlertView,
    number: u32,
    problem: String,
    closed: Option<Shown>,
    done: Option<String>,
    can: Can,
    holder: String,
    papers: Option<PapersView>,
    earlier: Vec<PastView>,
    readings: Vec<ReadingRow>,
    readings_cut: bool,
    readings_max: usize,
    days: i64,
    alerts_href: String,
}

/// Shows the page.
pub(crate) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path((patient, number)): Path<(String, u32)>,
    after: Result<Query<After>, QueryRejection>,
) -> Result<Response, PageError> {
    let (patient, row) = find(&state, &me, &patient, number).await?;
    let local = state.local_time();
    let listed = look_at(&state, row.clone()).await?;
    let after = after.map(|Query(after)| after.after).unwrap_or_default();
    let (readings, readings_cut) = reading_rows::read(&state, &patient, &row, &local).await?;
    let page = AlertPage {
        frame: state.frame(Some(&me)),
        alert: AlertView::new(&listed, &me.id, &local)?,
        number,
        problem: words::problem_of(&row.problem),
        closed: row.closed_at.map(|at| local.show_stored(at)).transpose()?,
        done: done(&after, &listed, &me, &local)?,
        can: can(&state, &me, &row, AlertNumber(number))?,
        holder: listed.names.held_by.clone().unwrap_or_default(),
        papers: read_papers(&state, &patient, number, &local).await,
        earlier: earlier(&state, &patient, &row, &local).await?,
        readings,
        readings_cut,
        readings_max: READINGS_MAX,
        days: DAYS,
        alerts_href: format!("/patients/{patient}/alerts"),
    };
    Ok(render(&page))
}

/// Reads the papers. When they cannot be read the alert can still be acted on: the page says that they are missing.
async fn read_papers(
    state: &State,
    patient: &PatientId,
    number: u32,
    local: &LocalTime,
) -> Option<PapersView> {
    match papers::explained(state, patient, number, local).await {
        Ok(explained) => Some(PapersView::new(&explained, patient, local)),
        Err(error) => {
            tracing::error!(
                error.chain = format!("{error:#}"),
                "the papers of an alert cannot be read"
            );
            None
        }
    }
}

async fn earlier(
    state: &State,
    patient: &PatientId,
    row: &AlertRow,
    local: &LocalTime,
) -> Result<Vec<PastView>, PageError> {
    let readers = state.store.readers();
    let earlier =
        alert_page::earlier(readers, patient, &row.problem, row.number, EARLIER_MAX).await?;
    let earlier: Result<Vec<PastView>, jiff::Error> = earlier
        .iter()
        .map(|past| PastView::new(past, patient, local))
        .collect();
    Ok(earlier?)
}

fn can(state: &State, me: &Me, row: &AlertRow, number: AlertNumber) -> Result<Can, PageError> {
    let may = me.may(Right::ActOnAlerts);
    let is_open = row.closed_at.is_none();
    let is_offered = may && is_open && row.offered_to.as_deref() == Some(me.id.as_str());
    Ok(Can {
        act: may && is_open,
        offer: may && offer::unfit(me, row, number).is_none(),
        put_aside: may && unfit(me, row, number).is_none(),
        reopen: may && !is_open,
        answer: is_offered.then(|| once::new_id(state)).transpose()?,
    })
}

/// Says what is so after a form was sent, by what the database says; whatever was asked for, and however often.
fn done(
    after: &str,
    listed: &Listed,
    me: &Me,
    local: &LocalTime,
) -> Result<Option<String>, PageError> {
    let (row, names) = (&listed.row, &listed.names);
    let is_open = row.closed_at.is_none();
    let mine = is_open && row.held_by.as_deref() == Some(me.id.as_str());
    let until = row
        .aside_until
        .map(|at| local.show_stored(at))
        .transpose()?;
    let until = until.filter(|_| mine).map(|it| it.text);
    let said = match (after, until) {
        ("take", _) if mine => Some("You have taken this alert.".to_owned()),
        ("accept", _) if mine => Some("This alert is yours now.".to_owned()),
        ("reopen", _) if mine => Some("You reopened this alert, and it is yours.".to_owned()),
        ("decline", _) if !mine => {
            let holder = names.held_by.as_deref().unwrap_or("who had it");
            Some(format!("You declined this alert: {holder} keeps it."))
        }
        ("offer", _) if mine && row.offered_to.is_some() => {
            let to = names.offered_to.as_deref().unwrap_or_default();
            Some(format!(
                "You offered this alert to {to}. It stays yours until {to} accepts it."
            ))
        }
        ("wait", Some(until)) if row.ownership_is == "waiting" => Some(format!(
            "You wait for the patient. The alert comes back at {until}; you answer for it until then."
        )),
        ("snooze", Some(until))
            if row.ownership_is == "snoozed" && row.aside_until_reading == 1 =>
        {
            Some(format!(
                "You put this alert aside. It comes back at the next reading, at {until} at the latest; you answer for it \
                 until then."
            ))
        }
        ("snooze", Some(until)) if row.ownership_is == "snoozed" => Some(format!(
            "You put this alert aside. It comes back at {until}, or when a reading is worse; you answer for it until then."
        )),
        ("take" | "accept" | "decline" | "reopen" | "offer" | "wait" | "snooze", _) => {
            Some("That was done. The alert has changed since: see what happened.".to_owned())
        }
        _ => None,
    };
    Ok(said)
}
