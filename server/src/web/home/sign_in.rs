//! How you sign in: passkeys of people at home, and leaving everywhere at once. There is no password.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{self, Path, Query};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use serde::Deserialize;

use super::clock_words as clock;
use super::frame::HomeFrame;
use super::own::Own;
use super::say;
use super::sorry::Sorry;
use crate::accounts::passkeys::{NAME_LEN_MAX, PASSKEYS_LEN_MAX};
use crate::accounts::sessions::Session;
use crate::audit::{Action, Entry};
use crate::store::{passkeys as stored, sessions};
use crate::web::State;
use crate::web::account::passkeys;
use crate::web::account::step_up::is_lately;
use crate::web::error::{PageError, render};
use crate::web::session::no_cookie;

const PLACE: &str = "/your-sign-in";

/// What was done by a form, when a redirect says it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    done: Option<String>,
}

/// What the form of a new passkey posts.
#[derive(Deserialize)]
pub(super) struct Added {
    #[serde(default)]
    name: String,
    #[serde(default)]
    word: String,
    #[serde(default)]
    answer: String,
}

struct Line {
    number: i64,
    name: String,
    used: String,
}

#[derive(Template)]
#[template(path = "home/sign_in.html")]
struct SignInPage {
    frame: HomeFrame,
    done: Option<&'static str>,
    lines: Vec<Line>,
    /// Where passkeys work; `None` where they cannot.
    place: Option<String>,
    is_fresh: bool,
    is_full: bool,
    name: String,
    name_len_max: usize,
    wrong: Option<String>,
}

/// Tells whether this is the moment to add a passkey: somebody has just come in by a code, and has none.
pub(super) async fn may_add(state: &State, own: &Own) -> anyhow::Result<bool> {
    let is_now = is_fresh(state, &own.session) && passkeys::place(state).is_some();
    let known = stored::of_person(state.store.readers(), &own.id).await?;
    Ok(is_now && known.is_empty())
}

/// Shows how one signs in.
pub(super) async fn get(
    own: Own,
    extract::State(state): extract::State<Arc<State>>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Sorry> {
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    let mut page = page(&state, &own).await?;
    page.done = asked.done.as_deref().and_then(say::done);
    Ok(render(&page))
}

/// Gives the page's script what to ask the device.
pub(super) async fn begin(
    own: Own,
    extract::State(state): extract::State<Arc<State>>,
) -> Result<Response, Sorry> {
    if !is_fresh(&state, &own.session) {
        return Err(Sorry(PageError::NotAllowed));
    }
    match passkeys::desk(&state)?.ask_for_new(&own.id).await {
        Ok(question) => Ok(passkeys::hand_over(&question)?),
        Err(refused) => {
            let (status, said) = passkeys::say(refused)?;
            Ok((status, said).into_response())
        }
    }
}

/// Adds a passkey, or shows the form again.
pub(super) async fn add(
    own: Own,
    extract::State(state): extract::State<Arc<State>>,
    filled: Result<Form<Added>, FormRejection>,
) -> Result<Response, Sorry> {
    let Form(filled) = filled.map_err(|_| PageError::BadForm)?;
    let mut again = page(&state, &own).await?;
    if !again.is_fresh {
        return Ok((StatusCode::FORBIDDEN, render(&again)).into_response());
    }
    let wrong = match passkeys::name_of(&filled.name) {
        Err(_) => say::PASSKEY_NAME.to_owned(),
        Ok(_) if filled.answer.is_empty() => say::NO_SCRIPT.to_owned(),
        Ok(name) => {
            let desk = passkeys::desk(&state)?;
            let added = desk.add(&own.id, &filled.word, &filled.answer, &name);
            match added.await {
                Ok(()) => return Ok(Redirect::to(&format!("{PLACE}?done=passkey")).into_response()),
                Err(refused) => {
                    passkeys::say(refused)?;
                    say::PASSKEY_WRONG.to_owned()
                }
            }
        }
    };
    again.wrong = Some(wrong);
    again.name = filled.name;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, render(&again)).into_response())
}

/// Removes a passkey. Who removes it twice is told nothing else than who removes it once.
pub(super) async fn remove(
    own: Own,
    extract::State(state): extract::State<Arc<State>>,
    Path(number): Path<i64>,
) -> Result<Response, Sorry> {
    let mut write = state.store.write().await?;
    if stored::remove(&mut write, &own.id, number, state.clock.now()).await? {
        let entry = Entry::new(own.actor(), Action::PasskeyRemoved).about(&number);
        state.commit(write, &entry).await?;
    }
    Ok(Redirect::to(&format!("{PLACE}?done=removed")).into_response())
}

/// Ends every session of the person, this one too.
pub(super) async fn everywhere(
    own: Own,
    extract::State(state): extract::State<Arc<State>>,
) -> Result<Response, Sorry> {
    let mut write = state.store.write().await?;
    sessions::end_all(&mut write, &own.id, state.clock.now()).await?;
    let entry = Entry::new(own.actor(), Action::SignedOutEverywhere);
    state.commit(write, &entry).await?;
    let cookie = [(header::SET_COOKIE, no_cookie())];
    Ok((cookie, Redirect::to("/start")).into_response())
}

fn is_fresh(state: &State, session: &Session) -> bool {
    let proved_at = Timestamp::from_microsecond(session.row.proved_at).ok();
    proved_at.is_some_and(|at| is_lately(state, at))
}

async fn page(state: &State, own: &Own) -> Result<SignInPage, Sorry> {
    let local = state.local_time();
    let rows = stored::of_person(state.store.readers(), &own.id).await?;
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        let used = row.used_at.map(jiff::Timestamp::from_microsecond);
        let used = used.transpose()?.map(|at| clock::moment(at, &local));
        lines.push(Line {
            number: row.number,
            name: row.name,
            used: say::used(used.as_deref()),
        });
    }
    Ok(SignInPage {
        frame: HomeFrame::signed_in(state),
        done: None,
        place: passkeys::place(state),
        is_fresh: is_fresh(state, &own.session),
        is_full: lines.len() >= PASSKEYS_LEN_MAX,
        lines,
        name: say::PASSKEY_NAME_FIRST.to_owned(),
        name_len_max: NAME_LEN_MAX,
        wrong: None,
    })
}
