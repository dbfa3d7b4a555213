//! One's own passkeys: adding one, naming it, removing it.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{self, Path};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::{desk, hand_over, name_of, place, say};
use crate::accounts::passkeys::{NAME_LEN_MAX, PASSKEYS_LEN_MAX};
use crate::audit::{Action, Entry};
use crate::store::passkeys;
use crate::web::State;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::local_time::Shown;
use crate::web::session::Me;

const PLACE: &str = "/account/passkeys";
const NO_SCRIPT: &str =
    "A passkey needs JavaScript, which did not run in this browser. Nothing was added.";

/// What the form of a new passkey posts.
#[derive(Deserialize)]
pub(crate) struct Added {
    #[serde(default)]
    name: String,
    #[serde(default)]
    word: String,
    #[serde(default)]
    answer: String,
}

/// What the form of another name posts.
#[derive(Deserialize)]
pub(crate) struct Renamed {
    #[serde(default)]
    name: String,
}

struct Line {
    number: i64,
    name: String,
    added: Shown,
    used: Option<Shown>,
}

#[derive(Template)]
#[template(path = "account/passkeys.html")]
struct PasskeysPage {
    frame: Frame,
    passkeys: Vec<Line>,
    /// Where they work; `None` where they cannot.
    place: Option<String>,
    is_fresh: bool,
    minutes: i64,
    is_full: bool,
    name: String,
    name_len_max: usize,
    wrong: Option<String>,
    /// Which passkey's name is wrong; `None` for the new one.
    wrong_number: Option<i64>,
}

/// Shows them.
pub(crate) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
) -> Result<Response, PageError> {
    Ok(render(&page(&state, &me).await?))
}

/// Gives the page's script what to ask the device.
pub(crate) async fn begin(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
) -> Result<Response, PageError> {
    if !me.is_fresh(&state) {
        return Err(PageError::NotAllowed);
    }
    match desk(&state)?.ask_for_new(&me.id).await {
        Ok(question) => hand_over(&question),
        Err(refused) => {
            let (status, said) = say(refused)?;
            Ok((status, said).into_response())
        }
    }
}

/// Adds a passkey, or shows the form again.
pub(crate) async fn add(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    filled: Result<Form<Added>, FormRejection>,
) -> Result<Response, PageError> {
    let Form(filled) = filled.map_err(|_| PageError::BadForm)?;
    let mut again = page(&state, &me).await?;
    if !again.is_fresh {
        return Ok((StatusCode::FORBIDDEN, render(&again)).into_response());
    }
    let wrong = match name_of(&filled.name) {
        Err(wrong) => wrong,
        Ok(_) if filled.answer.is_empty() => NO_SCRIPT.to_owned(),
        Ok(name) => {
            let desk = desk(&state)?;
            let added = desk.add(&me.id, &filled.word, &filled.answer, &name).await;
            match added {
                Ok(()) => return Ok(Redirect::to(PLACE).into_response()),
                Err(refused) => say(refused)?.1,
            }
        }
    };
    again.wrong = Some(wrong);
    again.name = filled.name;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, render(&again)).into_response())
}

/// Gives a passkey another name.
pub(crate) async fn rename(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(number): Path<i64>,
    filled: Result<Form<Renamed>, FormRejection>,
) -> Result<Response, PageError> {
    let Form(filled) = filled.map_err(|_| PageError::BadForm)?;
    let name = match name_of(&filled.name) {
        Ok(name) => name,
        Err(wrong) => {
            let mut again = page(&state, &me).await?;
            let line = again.passkeys.iter_mut().find(|it| it.number == number);
            line.ok_or(PageError::NotFound)?.name = filled.name;
            again.wrong = Some(wrong);
            again.wrong_number = Some(number);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, render(&again)).into_response());
        }
    };
    let mut write = state.store.write().await?;
    if !passkeys::rename(&mut write, &me.id, number, &name).await? {
        return Err(PageError::NotFound);
    }
    let entry = Entry::new(me.actor(), Action::PasskeyRenamed).about(&number);
    state.commit(write, &entry.detail(&name)).await?;
    Ok(Redirect::to(PLACE).into_response())
}

/// Removes a passkey. Who removes it twice is told nothing else than who removes it once. A browser that was left open must
/// not become the way to keep its person out.
pub(crate) async fn remove(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(number): Path<i64>,
) -> Result<Response, PageError> {
    me.must_be_fresh(&state, PLACE)?;
    let mut write = state.store.write().await?;
    if passkeys::remove(&mut write, &me.id, number, state.clock.now()).await? {
        let entry = Entry::new(me.actor(), Action::PasskeyRemoved).about(&number);
        state.commit(write, &entry).await?;
    }
    Ok(Redirect::to(PLACE).into_response())
}

async fn page(state: &State, me: &Me) -> Result<PasskeysPage, PageError> {
    let local = state.local_time();
    let rows = passkeys::of_person(state.store.readers(), &me.id).await?;
    let lines: Result<Vec<_>, PageError> = rows
        .into_iter()
        .map(|row| {
            Ok(Line {
                number: row.number,
                name: row.name,
                added: local.show_stored(row.added_at)?,
                used: row.used_at.map(|at| local.show_stored(at)).transpose()?,
            })
        })
        .collect();
    let lines = lines?;
    Ok(PasskeysPage {
        frame: state.frame(Some(me)),
        place: place(state),
        is_fresh: me.is_fresh(state),
        minutes: state.policy.proof_max().as_mins(),
        is_full: lines.len() >= PASSKEYS_LEN_MAX,
        passkeys: lines,
        name: String::new(),
        name_len_max: NAME_LEN_MAX,
        wrong: None,
        wrong_number: None,
    })
}
