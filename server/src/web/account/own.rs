//! One's own account: the password, where one is signed in, and leaving everywhere at once.

use std::net::SocketAddr;
use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{self, ConnectInfo};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::{enter, say};
use crate::accounts::password::LEN_MIN;
use crate::accounts::set_up::NotSetUp;
use crate::audit::{Action, Entry};
use crate::store::{accounts, sessions};
use crate::web::State;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::session::{Me, no_cookie};

const WRONG: &str = "Your password now is another one. Check it, and that Caps Lock is off.";

/// What the form posts.
#[derive(Deserialize)]
pub(crate) struct Filled {
    #[serde(default)]
    old: String,
    #[serde(default)]
    new: String,
}

#[derive(Template)]
#[template(path = "account/own.html")]
struct OwnPage {
    frame: Frame,
    username: String,
    roles: Vec<&'static str>,
    has_second_step: bool,
    browsers: i64,
    idle_minutes: i64,
    len_min: usize,
    /// Whether the form that changes the password is there: only for who has proved lately who they are.
    is_fresh: bool,
    wrong_old: Option<String>,
    wrong_new: Option<String>,
}

/// Shows the account.
pub(crate) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
) -> Result<Response, PageError> {
    Ok(render(&page(&state, &me).await?))
}

/// Changes the password and ends every other session.
pub(crate) async fn password(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    filled: Result<Form<Filled>, FormRejection>,
) -> Result<Response, PageError> {
    let Form(filled) = filled.map_err(|_| PageError::BadForm)?;
    me.must_be_fresh(&state, "/account#password")?;
    let door = state.door();
    let words = (filled.old.as_str(), filled.new.as_str());
    let tried = door
        .change_password(&me.id, words, me.actor(), peer.ip())
        .await;
    let mut again = page(&state, &me).await?;
    let status = match tried {
        Ok(begun) => return Ok(enter(&begun, "/account")),
        Err(NotSetUp::Weak(weak)) => {
            again.wrong_new = Some(weak.to_string());
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Err(NotSetUp::Refused(refused)) => {
            let said = say(&state, refused, WRONG)?;
            again.wrong_old = Some(said.text);
            said.status
        }
    };
    Ok((status, render(&again)).into_response())
}

/// Ends every session of the person, this one too.
pub(crate) async fn everywhere(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
) -> Result<Response, PageError> {
    let mut write = state.store.write().await?;
    sessions::end_all(&mut write, &me.id, state.clock.now()).await?;
    let entry = Entry::new(me.actor(), Action::SignedOutEverywhere);
    state.commit(write, &entry).await?;
    let cookie = [(header::SET_COOKIE, no_cookie())];
    Ok((cookie, Redirect::to("/sign-in")).into_response())
}

async fn page(state: &State, me: &Me) -> Result<OwnPage, PageError> {
    let readers = state.store.readers();
    let account = accounts::of_person(readers, &me.id).await?;
    let account = account.ok_or(PageError::NotFound)?;
    let now = state.clock.now();
    let idle = state.policy.idle_max();
    Ok(OwnPage {
        frame: state.frame(Some(me)),
        has_second_step: account.has_second_step(),
        username: account.username,
        roles: me.roles.iter().map(|role| role.label()).collect(),
        browsers: sessions::open_len(readers, &me.id, now - idle, now).await?,
        idle_minutes: idle.as_mins(),
        len_min: LEN_MIN,
        is_fresh: me.is_fresh(state),
        wrong_old: None,
        wrong_new: None,
    })
}
