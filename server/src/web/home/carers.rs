//! Who helps you: the carers who see a patient's pages, invited and taken back by the patient.

use std::sync::Arc;

use anyhow::Context;
use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use clinical::PatientId;
use serde::Deserialize;

use super::card::Card;
use super::clock_words as clock;
use super::frame::HomeFrame;
use super::own::Own;
use super::say;
use super::sorry::Sorry;
use crate::accounts::home::{self, Guest};
use crate::audit::{Action, Entry};
use crate::store::home_access::{self, AccessRow, Belonging, Sees};
use crate::store::{cases, patients};
use crate::web::State;
use crate::web::error::{PageError, render};
use crate::web::local_time::LocalTime;
use crate::web::nurse::home::carer::{CARERS_MAX, NAME_LEN_MAX, RELATION_LEN_MAX, sees};
use crate::web::nurse::patient::form::{Filled, Sent, needed};

/// What was done by a form, when a redirect says it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    done: Option<String>,
}

struct CarerView {
    number: i64,
    name: String,
    relation: String,
    sees: Vec<&'static str>,
    seen: String,
}

#[derive(Default)]
struct Wrong {
    name: Option<String>,
    relation: Option<String>,
    whole: Option<String>,
}

impl Wrong {
    fn any(&self) -> bool {
        self.name.is_some() || self.relation.is_some() || self.whole.is_some()
    }
}

#[derive(Template)]
#[template(path = "home/carers.html")]
struct CarersPage {
    frame: HomeFrame,
    href: String,
    done: Option<&'static str>,
    carers: Vec<CarerView>,
    wrong: Wrong,
    name: String,
    relation: String,
    ticked: Sees,
}

#[derive(Template)]
#[template(path = "home/carer_card.html")]
struct CardPage {
    frame: HomeFrame,
    href: String,
    card: Card,
}

/// Shows the carers, and the form that invites one.
pub(super) async fn get(
    own: Own,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Sorry> {
    let (id, it) = find(&own, &state, &patient).await?;
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    let mut page = page(&state, &id, &it, &Filled::default(), Wrong::default()).await?;
    page.done = asked.done.as_deref().and_then(say::done);
    Ok(render(&page))
}

/// Invites a carer, and shows the card.
pub(super) async fn post(
    own: Own,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
    sent: Sent,
) -> Result<Response, Sorry> {
    let (id, it) = find(&own, &state, &patient).await?;
    let filled = Filled::read(sent)?;
    let mut write = state.store.write().await?;
    // Two who invite at once do so one after the other.
    cases::hold(&mut write, &id).await?;
    let team = patients::team(&mut write, &id).await?;
    let team = team.ok_or(PageError::NotFound)?;
    let (name, relation) = (filled.text("name"), filled.text("relation"));
    let rows = rows(&state, &id).await?;
    let wrong = Wrong {
        name: needed(name, NAME_LEN_MAX, say::NAME_MISSING),
        relation: needed(relation, RELATION_LEN_MAX, say::RELATION_MISSING),
        whole: (rows.len() >= CARERS_MAX).then(|| say::TOO_MANY_CARERS.to_owned()),
    };
    if wrong.any() {
        let page = page(&state, &id, &it, &filled, wrong).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, render(&page)).into_response());
    }
    let guest = Guest {
        patient: &id,
        team: &team,
        name,
        relation: Some(relation),
        sees: sees(&filled),
        consent: "",
        by: &own.id,
    };
    let made = home::invite(&mut write, guest, &state.clock).await?;
    let entry = Entry::new(own.actor(), Action::HomeAccessGiven).of(&id);
    state
        .trail
        .append(&mut write, &entry.about("carer"))
        .await?;
    write.commit().await.context("an invitation was not kept")?;
    let frame = HomeFrame::about(&state, &id, &it).await?;
    let of_other = say::full_name(&it.patient);
    let card = Card::new(&state, name, Some(&of_other), &made, &frame.phone)?;
    Ok(render(&CardPage {
        frame,
        href: format!("/me/{id}/carers"),
        card,
    }))
}

/// Takes access back, at once. Who does it twice is told nothing else than who does it once.
pub(super) async fn revoke(
    own: Own,
    extract::State(state): extract::State<Arc<State>>,
    Path((patient, number)): Path<(String, i64)>,
) -> Result<Response, Sorry> {
    let (id, _) = find(&own, &state, &patient).await?;
    // The patient's own row is no carer's.
    if rows(&state, &id)
        .await?
        .iter()
        .any(|it| it.number == number)
    {
        let mut write = state.store.write().await?;
        home::revoke(&mut write, &id, number, &own.id, &state.clock).await?;
        let entry = Entry::new(own.actor(), Action::HomeAccessRevoked).of(&id);
        state
            .trail
            .append(&mut write, &entry.about(&number))
            .await?;
        write.commit().await.context("it was not taken back")?;
    }
    Ok(Redirect::to(&format!("/me/{id}/carers?done=revoked")).into_response())
}

/// Only the patient decides who helps them.
async fn find(
    own: &Own,
    state: &State,
    patient: &str,
) -> Result<(PatientId, Belonging), PageError> {
    let (id, it) = own.find(state, patient).await?;
    if it.is_own {
        Ok((id, it))
    } else {
        Err(PageError::NotFound)
    }
}

async fn rows(state: &State, id: &PatientId) -> anyhow::Result<Vec<AccessRow>> {
    let readers = state.store.readers();
    let mut rows = home_access::of_patient(readers, id, state.clock.now()).await?;
    rows.retain(|it| it.is_own == 0);
    Ok(rows)
}

async fn page(
    state: &State,
    id: &PatientId,
    it: &Belonging,
    filled: &Filled,
    wrong: Wrong,
) -> Result<CarersPage, PageError> {
    let local = state.local_time();
    let rows = rows(state, id).await?;
    let carers: Result<Vec<_>, PageError> = rows.iter().map(|row| view(row, &local)).collect();
    Ok(CarersPage {
        frame: HomeFrame::about(state, id, it).await?,
        href: format!("/me/{id}/carers"),
        done: None,
        carers: carers?,
        wrong,
        name: filled.text("name").to_owned(),
        relation: filled.text("relation").to_owned(),
        ticked: sees(filled),
    })
}

fn view(row: &AccessRow, local: &LocalTime) -> Result<CarerView, PageError> {
    let seen_at = row.seen_at.map(jiff::Timestamp::from_microsecond);
    let seen = match seen_at.transpose()? {
        Some(at) => say::carer_seen(&clock::moment(at, local)),
        None => say::CARER_NOT_SEEN.to_owned(),
    };
    Ok(CarerView {
        number: row.number,
        name: row.name.clone(),
        relation: row.relation.clone(),
        sees: say::carer_sees(row.sees()),
        seen,
    })
}
