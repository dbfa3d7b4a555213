//! The list of those at home who sign in for a patient; inviting the patient, another code, and taking access back.

use std::sync::Arc;

use anyhow::Context;
use askama::Template;
use axum::extract::{self, Path};
use axum::response::{IntoResponse, Redirect, Response};

use super::super::patient::about::About;
use super::super::patient::banner::Banner;
use super::super::patient::done;
use super::show_card;
use crate::accounts::home::{self, Guest};
use crate::audit::{Action, Entry};
use crate::rights::Right;
use crate::store::home_access::{self, AccessRow, Sees};
use crate::web::State;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::local_time::{LocalTime, Shown};
use crate::web::session::Me;

/// One person at home.
pub(super) struct PersonView {
    number: i64,
    name: String,
    relation: String,
    sees: String,
    consent: String,
    given: Shown,
    given_by: String,
    state: String,
}

#[derive(Template)]
#[template(path = "patient/home.html")]
struct HomePage {
    frame: Frame,
    banner: Banner,
    people: Vec<PersonView>,
    has_own: bool,
}

/// Shows the list.
pub(super) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ManagePatients, &patient).await?;
    let rows = rows(&about).await?;
    let people: Result<Vec<_>, PageError> = rows.iter().map(|it| view(it, &about.local)).collect();
    Ok(render(&HomePage {
        frame: state.frame(Some(&me)),
        people: people?,
        has_own: rows.iter().any(|it| it.is_own == 1),
        banner: about.banner,
    }))
}

/// Invites the patient: gives them an account, and shows its card.
pub(super) async fn invite(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ManagePatients, &patient).await?;
    let team = about.team().await?;
    let mut write = state.store.write().await?;
    // Two who invite at once do so one after the other.
    crate::store::cases::hold(&mut write, &about.id).await?;
    if home_access::own_of(&mut write, &about.id).await?.is_some() {
        let next = "Make a new code on the list instead: the account that there is stays.";
        return Ok(about.refused("The patient has an account already", next));
    }
    let guest = Guest {
        patient: &about.id,
        team: &team,
        name: &about.banner.spoken,
        relation: None,
        sees: Sees::EVERYTHING,
        consent: "",
        by: &me.id,
    };
    let made = home::invite(&mut write, guest, &state.clock).await?;
    let entry = Entry::new(me.actor(), Action::HomeAccessGiven).of(&about.id);
    state
        .trail
        .append(&mut write, &entry.about("patient"))
        .await?;
    write.commit().await.context("an invitation was not kept")?;
    show_card(&about, &about.banner.spoken, None, &made).await
}

/// Makes another code for somebody of the list, and shows its card.
pub(super) async fn new_code(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path((patient, number)): Path<(String, i64)>,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ManagePatients, &patient).await?;
    let rows = rows(&about).await?;
    let row = rows.iter().find(|it| it.number == number);
    let row = row.ok_or(PageError::NotFound)?;
    let person = row.person.parse().context("a stored id is none")?;
    let mut write = state.store.write().await?;
    let made = home::new_code(&mut write, &person, &state.clock).await?;
    let entry = Entry::new(me.actor(), Action::HomeCodeMade).of(&about.id);
    state
        .trail
        .append(&mut write, &entry.about(&person))
        .await?;
    write.commit().await.context("a code was not kept")?;
    let of_other = (row.is_own == 0).then_some(about.banner.spoken.as_str());
    show_card(&about, &row.name, of_other, &made).await
}

/// Takes access back, at once. Who does it twice is told nothing else than who does it once.
pub(super) async fn revoke(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path((patient, number)): Path<(String, i64)>,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ManagePatients, &patient).await?;
    let mut write = state.store.write().await?;
    if home::revoke(&mut write, &about.id, number, &me.id, &state.clock).await? {
        let entry = Entry::new(me.actor(), Action::HomeAccessRevoked).of(&about.id);
        state
            .trail
            .append(&mut write, &entry.about(&number))
            .await?;
        write.commit().await.context("it was not taken back")?;
    }
    let to = done::href(&about.id, "home_revoked");
    Ok(Redirect::to(&to).into_response())
}

pub(super) async fn rows(about: &About<'_>) -> Result<Vec<AccessRow>, PageError> {
    let readers = about.state.store.readers();
    let now = about.local.now();
    Ok(home_access::of_patient(readers, &about.id, now).await?)
}

fn view(row: &AccessRow, local: &LocalTime) -> Result<PersonView, PageError> {
    Ok(PersonView {
        number: row.number,
        name: row.name.clone(),
        relation: row.relation.clone(),
        sees: if row.is_own == 1 {
            "Sees everything of their own.".to_owned()
        } else {
            sees_words(row.sees())
        },
        consent: row.consent.clone(),
        given: local.show_stored(row.given_at)?,
        given_by: row.given_by.clone(),
        state: state_of(row, local)?,
    })
}

fn state_of(row: &AccessRow, local: &LocalTime) -> Result<String, PageError> {
    let code = row.code_until.map(|at| local.show_stored(at)).transpose()?;
    let seen = row.seen_at.map(|at| local.show_stored(at)).transpose()?;
    Ok(match (code, seen) {
        (Some(until), None) => format!(
            "Has not signed in yet. The code is good until {}.",
            until.text
        ),
        (None, None) => "Has not signed in, and the code is not good any more.".to_owned(),
        (Some(until), Some(seen)) => format!(
            "Last here {}. A new code is good until {}.",
            seen.text, until.text
        ),
        (None, Some(seen)) => format!("Last here {} ({}).", seen.text, seen.ago),
    })
}

/// Says what a carer sees.
pub(super) fn sees_words(sees: Sees) -> String {
    let parts = [
        (sees.readings, "readings"),
        (sees.alerts, "what became of them"),
        (sees.contacts, "contacts with the team"),
    ];
    let parts: Vec<&str> = parts.into_iter().filter(|it| it.0).map(|it| it.1).collect();
    let more = if parts.is_empty() {
        String::new()
    } else {
        format!(", and {}", parts.join(", "))
    };
    format!("Sees whether the patient has measured{more}.")
}
