//! Editing a rota: the core checks every change, and nothing is saved over what somebody else saved meanwhile.

use std::sync::Arc;

use anyhow::Context;
use axum::response::{IntoResponse, Redirect, Response};
use clinical::duty::{RotaEdit, amend};
use jiff::Timestamp;
use tokio::task::spawn_blocking;

use super::{Opened, named, words};
use crate::audit::Action;
use crate::store::{assignments, duty, rota_gaps};
use crate::web::State;
use crate::web::error::PageError;
use crate::web::nurse::form::{Filled, Sheet};
use crate::web::nurse::office::noted;
use crate::web::session::Me;

/// What became of a change.
enum Outcome {
    Done,
    /// Somebody else was faster; this names the rota as it is now.
    Stale(String),
    /// Why not, in sentences.
    Refused(String),
}

/// Saves a change that a form asked for, and shows what became of it: the team's week, or the form with what is wrong.
///
/// # Errors
/// When the database fails.
pub(super) async fn save(
    state: &Arc<State>,
    me: &Me,
    opened: &Opened,
    filled: &Filled,
    mut sheet: Sheet,
    change: (Vec<RotaEdit>, String),
) -> Result<Response, PageError> {
    match carry_out(state, me, opened, filled.get("lock"), change).await? {
        Outcome::Done => Ok(Redirect::to(&format!("{}?done=1", opened.href())).into_response()),
        Outcome::Stale(lock) => Ok(sheet.conflict(lock, state, me)),
        Outcome::Refused(why) => {
            sheet.refused = Some(why);
            Ok(sheet.show(state, me))
        }
    }
}

async fn carry_out(
    state: &State,
    me: &Me,
    opened: &Opened,
    lock: &str,
    (edits, sentence): (Vec<RotaEdit>, String),
) -> Result<Outcome, PageError> {
    if lock != opened.lock {
        return Ok(Outcome::Stale(opened.lock.clone()));
    }
    let now = state.clock.now();
    let mut reader = state.store.readers().acquire().await.context("no reader")?;
    let coordinators = assignments::of_team(&mut reader, &opened.team).await?;
    drop(reader);
    let (rota, known) = (opened.rota.clone(), coordinators.clone());
    // A long rota takes a while, and nothing else is to wait for it.
    let amended = spawn_blocking(move || amend(&rota, &known, &edits, now));
    let amended = match amended.await.context("a rota cannot be checked")? {
        Ok(amended) => amended,
        Err(refusal) => {
            let name = |person: &_| opened.name(person);
            return Ok(Outcome::Refused(words::refusal(&refusal, name)));
        }
    };
    let mut write = state.store.write().await?;
    rota_gaps::lock(&mut write, &opened.team).await?;
    let current = duty::rota(&mut write, &opened.team, Timestamp::MAX).await?;
    let current = current.ok_or(PageError::NotFound)?;
    let coordinators_now = assignments::of_team(&mut write, &opened.team).await?;
    // What was checked is what is changed: neither the rota nor who coordinates whom has moved since.
    if current != opened.rota || coordinators_now != coordinators {
        return Ok(Outcome::Stale(named(&current)?));
    }
    duty::save(&mut write, &amended, now).await?;
    let subject = format!("team:{}", opened.team);
    noted::commit(state, me, write, (Action::DutyChanged, &subject, &sentence)).await?;
    Ok(Outcome::Done)
}
