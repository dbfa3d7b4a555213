//! The page that asks for a name and a password.

use std::net::SocketAddr;
use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{self, ConnectInfo, Query};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::{enter, note, passkeys, say};
use crate::web::State;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::session::{encoded, next_page};

const WRONG: &str =
    "That was not right. Check the name and the password, and that Caps Lock is off.";

/// Where to go afterwards.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct After {
    #[serde(default)]
    pub(crate) next: String,
}

/// What the form posts.
#[derive(Deserialize)]
pub(crate) struct Filled {
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

#[derive(Template)]
#[template(path = "account/sign_in.html")]
struct SignInPage {
    frame: Frame,
    username: String,
    next: String,
    wrong: Option<String>,
    /// Where passkeys work; `None` where they cannot.
    place: Option<String>,
    /// The name of another service by which people may sign in, and the way there.
    elsewhere: Option<(String, String)>,
}

/// Shows the form again, with what was wrong.
pub(super) fn again(state: &State, username: String, next: String, wrong: String) -> Response {
    page(state, username, next, Some(wrong))
}

fn page(state: &State, username: String, next: String, wrong: Option<String>) -> Response {
    let elsewhere = state.oidc.as_ref().map(|provider| {
        let way = match next_page(&next) {
            Some(next) => format!("/sign-in/oidc?next={}", encoded(next)),
            None => "/sign-in/oidc".to_owned(),
        };
        (provider.name().to_owned(), way)
    });
    render(&SignInPage {
        frame: state.frame(None),
        username,
        next,
        wrong,
        place: passkeys::place(state),
        elsewhere,
    })
}

/// Shows the form.
pub(crate) async fn get(
    extract::State(state): extract::State<Arc<State>>,
    after: Result<Query<After>, QueryRejection>,
) -> Response {
    let after = after.map(|Query(after)| after).unwrap_or_default();
    page(&state, String::new(), after.next, None)
}

/// Signs in, or shows the form again.
pub(crate) async fn post(
    extract::State(state): extract::State<Arc<State>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    filled: Result<Form<Filled>, FormRejection>,
) -> Result<Response, PageError> {
    let Form(filled) = filled.map_err(|_| PageError::BadForm)?;
    let door = state.door();
    let tried = door.by_password(&filled.username, &filled.password, peer.ip());
    let tried = tried.await;
    note(&state, tried.as_ref(), peer.ip()).await?;
    match tried {
        Ok(begun) => Ok(enter(&state, &begun, &filled.next)),
        Err(refused) => {
            let said = say(&state, refused, WRONG)?;
            let page = again(&state, filled.username, filled.next, said.text);
            Ok((said.status, page).into_response())
        }
    }
}
