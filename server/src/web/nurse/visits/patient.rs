//! One patient, as a visitor sees them; and noting a visit.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use clinical::refusal::NOTE_LEN_MAX;
use clinical::{Contact, ContactHow, ContactResult, Event, PatientId};
use serde::Deserialize;

use super::super::patient::banner::spoken;
use super::super::patient::form::{Filled, Sent, too_long};
use super::super::patient::page_reads;
use super::super::patient::situation::AdherenceView;
use super::list;
use crate::audit::{Action, Entry};
use crate::rights::Right;
use crate::store::visits::{self, VisitedRow};
use crate::store::{contacts, patient_page, people};
use crate::web::State;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::local_time::{LocalTime, Shown};
use crate::web::patient_view::{self, LatestView};
use crate::web::session::Me;

/// The most contacts that the page shows.
const CONTACTS_MAX: i64 = 10;
/// The most plans by which latest values are held.
const PLANS_MAX: i64 = 20;

/// Whether something was done, when a redirect says it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    done: Option<String>,
}

struct ContactLine {
    at: Shown,
    text: String,
}

#[derive(Default)]
struct Wrong {
    result: Option<String>,
    note: Option<String>,
    whole: Option<String>,
}

#[derive(Template)]
#[template(path = "visits/patient.html")]
struct VisitPage {
    frame: Frame,
    row: VisitedRow,
    spoken: String,
    is_done: bool,
    measured: Option<AdherenceView>,
    contacts: Vec<ContactLine>,
    latest: Vec<LatestView>,
    results: Vec<(&'static str, &'static str, bool)>,
    note: String,
    wrong: Wrong,
}

/// Shows the patient.
pub(super) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, PageError> {
    let (id, row) = find(&state, &me, &patient).await?;
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    let mut page = page(&state, &me, &id, row, &Filled::default(), Wrong::default()).await?;
    page.is_done = asked.done.is_some();
    Ok(render(&page))
}

/// Notes a visit.
pub(super) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
    sent: Sent,
) -> Result<Response, PageError> {
    let (id, row) = find(&state, &me, &patient).await?;
    let filled = Filled::read(sent)?;
    let note = filled.text("note");
    let result = ContactResult::from_code(filled.text("result"));
    let mut wrong = Wrong {
        result: result
            .is_none()
            .then(|| "Choose what came of the visit".to_owned()),
        note: too_long(note, NOTE_LEN_MAX),
        whole: None,
    };
    if let (Some(result), None) = (result, &wrong.note) {
        let visit = Event::Contacted(Contact {
            alert: None,
            by: me.id.clone(),
            how: ContactHow::Visit,
            result,
            note: note.to_owned(),
            retry_at: None,
        });
        match state.happen(&me, &id, &visit).await? {
            Ok(_) => return Ok(Redirect::to(&format!("/visits/{id}?done=1")).into_response()),
            Err(refusal) => wrong.whole = Some(refusal.to_string()),
        }
    }
    let page = page(&state, &me, &id, row, &filled, wrong).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, render(&page)).into_response())
}

/// Finds a patient whom the person may visit. That they looked is in the audit trail before anything is shown.
async fn find(state: &State, me: &Me, patient: &str) -> Result<(PatientId, VisitedRow), PageError> {
    me.must(Right::SeeContacts)?;
    let id: PatientId = patient.parse().map_err(|_| PageError::NotFound)?;
    let viewer = me.viewer(state.clock.now());
    let row = visits::find(state.store.readers(), viewer, &id).await?;
    let row = row.ok_or(PageError::NotFound)?;
    let what = if row.may_see == 1 {
        "contacts, and readings by consent"
    } else {
        "contacts"
    };
    let entry = Entry::new(me.actor(), Action::RecordViewed).of(&id);
    state.trail.seen(entry.detail(what)).await?;
    Ok((id, row))
}

async fn page(
    state: &State,
    me: &Me,
    id: &PatientId,
    row: VisitedRow,
    filled: &Filled,
    wrong: Wrong,
) -> Result<VisitPage, PageError> {
    let local = state.local_time();
    let chosen = filled.text("result");
    let results = ContactResult::ALL.map(|it| (it.code(), it.label(), it.code() == chosen));
    Ok(VisitPage {
        frame: state.frame(Some(me)),
        spoken: spoken(&row.title, &row.given_name, &row.family_name),
        is_done: false,
        measured: list::measured(state, id, &local).await?,
        contacts: contact_lines(state, id, &local).await?,
        latest: latest(state, id, &row, &local).await?,
        results: results.into(),
        note: filled.text("note").to_owned(),
        row,
        wrong,
    })
}

/// Contacts without what was said: a nurse's note may hold a vital sign.
async fn contact_lines(
    state: &State,
    id: &PatientId,
    local: &LocalTime,
) -> Result<Vec<ContactLine>, PageError> {
    let readers = state.store.readers();
    let names = people::names(readers).await?;
    let rows = contacts::of_patient(readers, id, CONTACTS_MAX).await?;
    let line = |row: &contacts::ContactRow| {
        let name = names.get(&row.by_person).unwrap_or(&row.by_person);
        let how = row.how().map_or("was in touch", ContactHow::verb);
        let result = row.result().map_or("", ContactResult::words);
        Ok(ContactLine {
            at: local.show_stored(row.at)?,
            text: format!("{name} {how}: {result}"),
        })
    };
    rows.iter().map(line).collect()
}

/// The latest values, only with the patient's consent.
async fn latest(
    state: &State,
    id: &PatientId,
    row: &VisitedRow,
    local: &LocalTime,
) -> Result<Vec<LatestView>, PageError> {
    if row.may_see != 1 {
        return Ok(Vec::new());
    }
    let plans = patient_page::plans(state.store.readers(), id, PLANS_MAX).await?;
    let latest = page_reads::latest(state, id).await?;
    Ok(patient_view::latest(&latest, &plans, local))
}
