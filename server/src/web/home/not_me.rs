//! "That was not me": a reading that somebody else took is marked for the team. It stays, and counts until a nurse decides.

use std::sync::Arc;

use anyhow::Context;
use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{self, Path};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use vitals::ReadingId;

use super::clock_words as clock;
use super::frame::HomeFrame;
use super::own::Own;
use super::page::PLANS_MAX;
use super::sorry::Sorry;
use super::value_words::ValueView;
use crate::audit::{Action, Entry};
use crate::store::patient_page::{self, StoredReading};
use crate::store::{patient_record, remarks};
use crate::web::State;
use crate::web::error::{PageError, render};

/// What the form posts.
#[derive(Default, Deserialize)]
pub(super) struct Filled {
    #[serde(default)]
    back: String,
}

#[derive(Template)]
#[template(path = "home/not_me.html")]
struct NotMePage {
    frame: HomeFrame,
    href: String,
    id: String,
    when: String,
    value: ValueView,
}

/// Asks whether it is meant.
pub(super) async fn get(
    own: Own,
    extract::State(state): extract::State<Arc<State>>,
    Path((patient, reading)): Path<(String, String)>,
) -> Result<Response, Sorry> {
    let (id, it) = own.find(&state, &patient).await?;
    let stored = find(&state, &id, &reading, it.sees.readings).await?;
    let plans = patient_page::plans(state.store.readers(), &id, PLANS_MAX).await?;
    let local = state.local_time();
    Ok(render(&NotMePage {
        frame: HomeFrame::about(&state, &id, &it).await?,
        href: format!("/me/{id}"),
        id: stored.reading.id.to_string(),
        when: clock::moment(stored.reading.times.measured_at, &local),
        value: ValueView::new(&stored, &plans),
    }))
}

/// Marks the reading, or takes the mark back. Who does it twice is told nothing else than who does it once.
pub(super) async fn post(
    own: Own,
    extract::State(state): extract::State<Arc<State>>,
    Path((patient, reading)): Path<(String, String)>,
    filled: Result<Form<Filled>, FormRejection>,
) -> Result<Response, Sorry> {
    let Form(filled) = filled.map_err(|_| PageError::BadForm)?;
    let (id, it) = own.find(&state, &patient).await?;
    let stored = find(&state, &id, &reading, it.sees.readings).await?;
    let is_other = filled.back != "1";
    let mut write = state.store.write().await?;
    let now = state.clock.now();
    let reading = stored.reading.id;
    if remarks::note(&mut write, &id, reading, is_other, &own.id, now).await? {
        let entry = Entry::new(own.actor(), Action::ReadingRemarked).of(&id);
        let entry = entry.about(&reading);
        state.trail.append(&mut write, &entry).await?;
        write.commit().await.context("a remark was not kept")?;
    }
    let code = if is_other { "not-me" } else { "was-me" };
    Ok(Redirect::to(&format!("/me/{id}/readings?done={code}")).into_response())
}

async fn find(
    state: &State,
    patient: &clinical::PatientId,
    reading: &str,
    may_see: bool,
) -> Result<StoredReading, PageError> {
    let id: ReadingId = reading.parse().map_err(|_| PageError::NotFound)?;
    let found = patient_record::reading(state.store.readers(), patient, id).await?;
    found.filter(|_| may_see).ok_or(PageError::NotFound)
}
