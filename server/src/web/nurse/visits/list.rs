//! Whom a visitor may visit: how to reach them, and whether they have measured. No vital signs.

use std::sync::Arc;

use askama::Template;
use axum::extract;
use axum::response::Response;
use clinical::PatientId;

use super::super::patient::banner::spoken;
use super::super::patient::situation::{self, AdherenceView};
use crate::audit::{Action, Entry};
use crate::rights::Right;
use crate::store::visits::{self, VisitedRow};
use crate::store::{cases, patient_page};
use crate::web::State;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::local_time::{LocalTime, Shown};
use crate::web::session::Me;

/// The most patients that the list shows.
const ROWS_MAX: i64 = 200;
/// The most plans of a patient by which is counted what was expected.
const PLANS_MAX: i64 = 20;

struct RowView {
    id: String,
    spoken: String,
    phone: String,
    measured: String,
    is_poor: bool,
    contact: Option<Shown>,
}

#[derive(Template)]
#[template(path = "visits/list.html")]
struct ListPage {
    frame: Frame,
    rows: Vec<RowView>,
    is_cut: bool,
}

/// Shows the list.
pub(super) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
) -> Result<Response, PageError> {
    me.must(Right::SeeContacts)?;
    let local = state.local_time();
    let viewer = me.viewer(local.now());
    let found = visits::list(state.store.readers(), viewer, ROWS_MAX).await?;
    // Of many patients, so the entry names none.
    let entry = Entry::new(me.actor(), Action::WorklistViewed);
    state.trail.seen(entry.detail("visits")).await?;
    let mut rows = Vec::with_capacity(found.len());
    for row in &found {
        rows.push(view(&state, row, &local).await?);
    }
    Ok(render(&ListPage {
        frame: state.frame(Some(&me)),
        is_cut: i64::try_from(rows.len()).is_ok_and(|len| len >= ROWS_MAX),
        rows,
    }))
}

async fn view(state: &State, row: &VisitedRow, local: &LocalTime) -> Result<RowView, PageError> {
    let id: PatientId = row.id.parse().map_err(anyhow::Error::from)?;
    let measured = measured(state, &id, local).await?;
    Ok(RowView {
        id: row.id.clone(),
        spoken: spoken(&row.title, &row.given_name, &row.family_name),
        phone: row.phone.clone(),
        is_poor: measured.as_ref().is_some_and(|it| it.is_poor),
        measured: measured.map_or_else(|| "Not monitored now.".to_owned(), |it| it.sentence),
        contact: row.contact_at.map(|at| local.show_stored(at)).transpose()?,
    })
}

/// Counts how many of the expected readings came; nothing for who is not monitored.
pub(super) async fn measured(
    state: &State,
    id: &PatientId,
    local: &LocalTime,
) -> Result<Option<AdherenceView>, PageError> {
    let readers = state.store.readers();
    let case = cases::read(readers, id).await?;
    let Some(case) = case.filter(|case| case.discharged().is_none()) else {
        return Ok(None);
    };
    let plans = patient_page::plans(readers, id, PLANS_MAX).await?;
    let plans = situation::plans_of(&plans);
    Ok(Some(situation::adherence(&case, &plans, local.now())))
}
