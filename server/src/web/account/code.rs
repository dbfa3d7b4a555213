//! The second step: a one-time code from the person's phone.

use std::net::SocketAddr;
use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{self, ConnectInfo, Query};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::sign_in::After;
use super::{enter, note, say};
use crate::accounts::sessions::Stage;
use crate::web::State;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::session::{Known, next_step};

pub(super) const WRONG: &str =
    "That code was not right, or was used already. Wait for the next one and type it.";

/// What the form posts.
#[derive(Deserialize)]
pub(crate) struct Filled {
    #[serde(default)]
    pub(super) code: String,
    #[serde(default)]
    pub(super) next: String,
}

#[derive(Template)]
#[template(path = "account/code.html")]
struct CodePage {
    frame: Frame,
    next: String,
    wrong: Option<String>,
}

/// Shows the form.
pub(crate) async fn get(
    Known(session): Known,
    extract::State(state): extract::State<Arc<State>>,
    after: Result<Query<After>, QueryRejection>,
) -> Response {
    if session.stage != Stage::Code {
        return Redirect::to(next_step(session.stage).unwrap_or("/")).into_response();
    }
    let after = after.map(|Query(after)| after).unwrap_or_default();
    render(&CodePage {
        frame: state.frame(None),
        next: after.next,
        wrong: None,
    })
}

/// Takes the code, or shows the form again.
pub(crate) async fn post(
    Known(session): Known,
    extract::State(state): extract::State<Arc<State>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    filled: Result<Form<Filled>, FormRejection>,
) -> Result<Response, PageError> {
    let Form(filled) = filled.map_err(|_| PageError::BadForm)?;
    if session.stage != Stage::Code {
        return Ok(Redirect::to(next_step(session.stage).unwrap_or("/")).into_response());
    }
    let door = state.door();
    let tried = door.by_code(&session, &filled.code, peer.ip()).await;
    note(&state, tried.as_ref(), peer.ip()).await?;
    match tried {
        Ok(begun) => Ok(enter(&state, &begun, &filled.next)),
        Err(refused) => {
            let said = say(&state, refused, WRONG)?;
            let page = CodePage {
                frame: state.frame(None),
                next: filled.next,
                wrong: Some(said.text),
            };
            Ok((said.status, render(&page)).into_response())
        }
    }
}
