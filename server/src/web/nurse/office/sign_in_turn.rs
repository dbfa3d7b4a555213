//! The sign-in of a person closed, and opened again.

use std::sync::Arc;

use axum::extract::{self, Path};
use axum::response::{IntoResponse, Redirect, Response};

use super::leaving::{LAST, is_last_administrator};
use super::noted;
use super::people::find;
use super::sign_in::{account_of, href, lock_of, subject, taken};
use crate::audit::Action;
use crate::rights::Right;
use crate::store::accounts::{self, AccountRow};
use crate::store::sessions;
use crate::store::staff::StaffRow;
use crate::web::State;
use crate::web::error::PageError;
use crate::web::nurse::form::{Filled, Posted, Sheet};
use crate::web::session::Me;

/// Asks whether somebody is to be kept from signing in.
pub(super) async fn get_close(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(person): Path<String>,
) -> Result<Response, PageError> {
    ask(&me, &state, &person, Turn::Close).await
}

/// Keeps somebody from signing in, and ends every session of theirs.
pub(super) async fn post_close(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(person): Path<String>,
    posted: Posted,
) -> Result<Response, PageError> {
    turn(&me, &state, &person, posted, Turn::Close).await
}

/// Asks whether somebody is to be let in again.
pub(super) async fn get_open(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(person): Path<String>,
) -> Result<Response, PageError> {
    ask(&me, &state, &person, Turn::Open).await
}

/// Lets somebody sign in again.
pub(super) async fn post_open(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(person): Path<String>,
    posted: Posted,
) -> Result<Response, PageError> {
    turn(&me, &state, &person, posted, Turn::Open).await
}

/// What happens to a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Close,
    Open,
}

async fn ask(me: &Me, state: &Arc<State>, person: &str, turn: Turn) -> Result<Response, PageError> {
    me.must(Right::ManagePeople)?;
    let known = find(state, person).await?;
    let account = account_of(state, &known).await?;
    let sheet = turn_sheet(&known, account.as_ref().ok_or(PageError::NotFound)?, turn);
    me.must_be_fresh(state, &sheet.action)?;
    Ok(sheet.show(state, me))
}

async fn turn(
    me: &Me,
    state: &Arc<State>,
    person: &str,
    posted: Posted,
    turn: Turn,
) -> Result<Response, PageError> {
    me.must(Right::ManagePeople)?;
    let filled = Filled::read(posted)?;
    let (mut write, known, id) = taken(state, person).await?;
    let account = account_of(state, &known).await?;
    let mut sheet = turn_sheet(&known, account.as_ref().ok_or(PageError::NotFound)?, turn);
    if !me.is_fresh(state) {
        return Ok(sheet.not_fresh(state, me));
    }
    if filled.get("lock") != sheet.lock {
        let lock = std::mem::take(&mut sheet.lock);
        return Ok(sheet.conflict(lock, state, me));
    }
    let now = state.clock.now();
    let (action, sentence) = match turn {
        Turn::Open => {
            accounts::set_disabled(&mut write, &id, None).await?;
            let sentence = format!("Sign-in of {} opened again", known.name);
            (Action::SignInOpened, sentence)
        }
        Turn::Close => {
            if id == me.id {
                sheet.refused = Some(
                    "You cannot close your own sign-in: ask another administrator.".to_owned(),
                );
            } else if is_last_administrator(&mut write, &id).await? {
                sheet.refused = Some(LAST.to_owned());
            }
            if sheet.refused.is_some() {
                return Ok(sheet.show(state, me));
            }
            accounts::set_disabled(&mut write, &id, Some(now)).await?;
            sessions::end_all(&mut write, &id, now).await?;
            let sentence = format!("Sign-in of {} closed", known.name);
            (Action::SignInClosed, sentence)
        }
    };
    noted::commit(state, me, write, (action, &subject(&id), &sentence)).await?;
    Ok(Redirect::to(&format!("{}#sign-in", href(&id))).into_response())
}

fn turn_sheet(known: &StaffRow, account: &AccountRow, turn: Turn) -> Sheet {
    let name = &known.name;
    let (title, intro, button, way) = match turn {
        Turn::Close => (
            format!("Close the sign-in of {name}"),
            "They are signed out everywhere at once and cannot sign in. Nothing that they did is lost, and you can open it \
             again.",
            "Close the sign-in",
            "close",
        ),
        Turn::Open => (
            format!("Open the sign-in of {name} again"),
            "They sign in as before, by their password and second step.",
            "Open the sign-in",
            "open",
        ),
    };
    Sheet {
        title,
        intro: vec![intro.to_owned()],
        button: button.to_owned(),
        action: format!("/administration/people/{}/sign-in/{way}", known.id),
        back: format!("/administration/people/{}", known.id),
        lock: lock_of(account),
        ..Sheet::default()
    }
}
