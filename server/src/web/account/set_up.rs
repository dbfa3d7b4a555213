//! Setting a password by the code that somebody of the service gave.

use std::net::SocketAddr;
use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{self, ConnectInfo};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::{enter, note, say};
use crate::accounts::password::LEN_MIN;
use crate::accounts::set_up::NotSetUp;
use crate::web::State;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;

const WRONG: &str = "That code is not good, or not any more. Check it, or ask an administrator of the service for another.";

/// What the form posts.
#[derive(Deserialize)]
pub(crate) struct Filled {
    #[serde(default)]
    code: String,
    #[serde(default)]
    password: String,
}

#[derive(Template)]
#[template(path = "account/set_up.html")]
struct SetUpPage {
    frame: Frame,
    code: String,
    len_min: usize,
    wrong_code: Option<String>,
    wrong_password: Option<String>,
}

/// Shows the form.
pub(crate) async fn get(extract::State(state): extract::State<Arc<State>>) -> Response {
    render(&page(&state, String::new()))
}

/// Sets the password and signs in, or shows the form again.
pub(crate) async fn post(
    extract::State(state): extract::State<Arc<State>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    filled: Result<Form<Filled>, FormRejection>,
) -> Result<Response, PageError> {
    let Form(filled) = filled.map_err(|_| PageError::BadForm)?;
    let tried = state
        .door()
        .set_up(&filled.code, &filled.password, peer.ip())
        .await;
    let mut again = page(&state, filled.code);
    let status = match tried {
        Ok(begun) => {
            note(&state, Ok(&begun), peer.ip()).await?;
            return Ok(enter(&state, &begun, "/"));
        }
        Err(NotSetUp::Weak(weak)) => {
            again.wrong_password = Some(weak.to_string());
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Err(NotSetUp::Refused(refused)) => {
            note(&state, Err(&refused), peer.ip()).await?;
            let said = say(&state, refused, WRONG)?;
            again.wrong_code = Some(said.text);
            said.status
        }
    };
    Ok((status, render(&again)).into_response())
}

fn page(state: &State, code: String) -> SetUpPage {
    SetUpPage {
        frame: state.frame(None),
        code,
        len_min: LEN_MIN,
        wrong_code: None,
        wrong_password: None,
    }
}
