//! The page that asks for a name and a password.

use std::net::SocketAddr;
use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{self, ConnectInfo, Query};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::{enter, say};
use crate::web::State;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;

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
}

/// Shows the form.
pub(crate) async fn get(
    extract::State(state): extract::State<Arc<State>>,
    after: Result<Query<After>, QueryRejection>,
) -> Response {
    let after = after.map(|Query(after)| after).unwrap_or_default();
    render(&SignInPage {
        frame: state.frame(None),
        username: String::new(),
        next: after.next,
        wrong: None,
    })
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
    match tried.await {
        Ok(begun) => Ok(enter(&begun, &filled.next)),
        Err(refused) => {
            let said = say(&state, refused, WRONG)?;
            let page = SignInPage {
                frame: state.frame(None),
                username: filled.username,
                next: filled.next,
                wrong: Some(said.text),
            };
            Ok((said.status, render(&page)).into_response())
        }
    }
}
