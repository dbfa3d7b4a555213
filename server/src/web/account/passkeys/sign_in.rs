//! Signing in by a passkey, which is both steps at once.

use std::sync::Arc;

use axum::Form;
use axum::extract;
use axum::extract::rejection::FormRejection;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::{desk, hand_over, say};
use crate::accounts::passkeys::Refused;
use crate::web::State;
use crate::web::account::{enter, not_signed_in, sign_in, signed_in};
use crate::web::error::PageError;

const NO_SCRIPT: &str =
    "A passkey needs JavaScript, which did not run in this browser. Sign in by name and password.";

/// What the form posts.
#[derive(Deserialize)]
pub(crate) struct Filled {
    #[serde(default)]
    word: String,
    #[serde(default)]
    answer: String,
    #[serde(default)]
    next: String,
}

/// Gives the page's script what to ask the device.
pub(crate) async fn begin(
    extract::State(state): extract::State<Arc<State>>,
) -> Result<Response, PageError> {
    match desk(&state)?.ask_for_known().await {
        Ok(question) => hand_over(&question),
        Err(refused) => {
            let (status, said) = say(refused)?;
            Ok((status, said).into_response())
        }
    }
}

/// Signs in, or shows the form again.
pub(crate) async fn post(
    extract::State(state): extract::State<Arc<State>>,
    filled: Result<Form<Filled>, FormRejection>,
) -> Result<Response, PageError> {
    let Form(filled) = filled.map_err(|_| PageError::BadForm)?;
    let desk = desk(&state)?;
    let tried = if filled.answer.is_empty() {
        None
    } else {
        Some(desk.sign_in(&filled.word, &filled.answer).await)
    };
    let refused = match tried {
        Some(Ok(begun)) => {
            signed_in(&state, &begun, "by passkey").await?;
            return Ok(enter(&state, &begun, &filled.next));
        }
        Some(Err(refused)) => {
            not_signed_in(&state, "by passkey").await?;
            Some(refused)
        }
        None => None,
    };
    let (status, wrong) = match refused {
        Some(refused) => say(refused)?,
        None => (say(Refused::Wrong)?.0, NO_SCRIPT.to_owned()),
    };
    Ok((
        status,
        sign_in::again(&state, String::new(), filled.next, wrong),
    )
        .into_response())
}
