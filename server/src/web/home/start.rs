//! Coming in: the code of a card, or a passkey. Nothing has to be remembered.

use std::net::SocketAddr;
use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{self, ConnectInfo, Query};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::frame::HomeFrame;
use super::say;
use super::sorry::Sorry;
use crate::accounts::sign_in::Refused;
use crate::web::State;
use crate::web::account::{enter, not_signed_in, passkeys, signed_in};
use crate::web::error::{PageError, render};

/// What the form posts, and what the picture on the card says.
#[derive(Default, Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    code: String,
}

#[derive(Template)]
#[template(path = "home/start.html")]
struct StartPage {
    frame: HomeFrame,
    code: String,
    wrong: Option<String>,
    /// Where passkeys work; `None` where they cannot.
    place: Option<String>,
}

/// Shows the form.
pub(crate) async fn get(
    extract::State(state): extract::State<Arc<State>>,
    typed: Result<Query<Typed>, QueryRejection>,
) -> Response {
    let code = typed.map(|Query(typed)| typed.code).unwrap_or_default();
    render(&page(&state, code, None))
}

/// Lets somebody in, or shows the form again.
pub(crate) async fn post(
    extract::State(state): extract::State<Arc<State>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    typed: Result<Form<Typed>, FormRejection>,
) -> Result<Response, Sorry> {
    let Form(typed) = typed.map_err(|_| PageError::BadForm)?;
    let how = format!("by the code of a card, from {}", peer.ip());
    let refused = match state.door().by_card(&typed.code, peer.ip()).await {
        Ok(begun) => {
            signed_in(&state, &begun, &how).await?;
            return Ok(enter(&state, &begun, "/me"));
        }
        Err(refused) => refused,
    };
    if matches!(refused, Refused::Wrong) {
        not_signed_in(&state, &how).await?;
    }
    let said = crate::web::account::say(&state, refused, say::CODE_WRONG)?;
    let page = page(&state, typed.code, Some(said.text));
    Ok((said.status, render(&page)).into_response())
}

fn page(state: &State, code: String, wrong: Option<String>) -> StartPage {
    StartPage {
        frame: HomeFrame::open(state),
        code,
        wrong,
        place: passkeys::place(state),
    }
}
