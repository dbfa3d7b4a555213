//! Passkeys on the pages: one's own, and signing in by one. What browsers are asked travels as JSON, since only a script can
//! ask a device; its answer comes back in a form as any other.

mod own;
mod sign_in;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::accounts::passkeys::{Desk, NAME_LEN_MAX, PASSKEYS_LEN_MAX, Question, Refused};
use crate::web::State;
use crate::web::error::PageError;

/// Where they are.
pub(super) fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/sign-in/passkey", post(sign_in::post))
        .route("/sign-in/passkey/begin", post(sign_in::begin))
        .route("/account/passkeys", get(own::get).post(own::add))
        .route("/account/passkeys/begin", post(own::begin))
        .route("/account/passkeys/{number}/rename", post(own::rename))
        .route("/account/passkeys/{number}/remove", post(own::remove))
}

/// Gives what is needed to ask for passkeys.
///
/// # Errors
/// Where the pages have no name, there are none.
pub(super) fn desk(state: &State) -> Result<Desk<'_>, PageError> {
    let party = state.passkeys.as_ref().ok_or(PageError::NotFound)?;
    Ok(Desk {
        store: &state.store,
        clock: &state.clock,
        policy: &state.policy,
        party,
    })
}

/// Says where the address of a page must begin for passkeys to work.
pub(super) fn place(state: &State) -> Option<String> {
    let name = state.passkeys.as_ref()?.name();
    let scheme = if state.names.is_empty() {
        "http"
    } else {
        "https"
    };
    Some(format!("{scheme}://{name}"))
}

#[derive(Serialize)]
struct Asked<'a> {
    word: &'a str,
    options: &'a RawValue,
}

/// Hands a question to the script of the page.
fn hand_over(question: &Question) -> Result<Response, PageError> {
    let options: &RawValue =
        serde_json::from_str(&question.options).map_err(anyhow::Error::from)?;
    let word = question.word.as_str();
    let asked = serde_json::to_string(&Asked { word, options }).map_err(anyhow::Error::from)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], asked).into_response())
}

/// Puts a refusal into words.
pub(super) fn say(refused: Refused) -> Result<(StatusCode, String), PageError> {
    let said = match refused {
        Refused::Late => {
            "That took too long, or it was sent twice. Nothing was done. Try again.".to_owned()
        }
        Refused::Wrong => {
            "Your device's passkey was not accepted. Try again, or sign in by name and \
                           password."
                .to_owned()
        }
        Refused::Copied => {
            "This passkey may have been copied, so it was refused. Sign in by name and password, \
                            remove it from your account, and tell whoever looks after this system."
                .to_owned()
        }
        Refused::Known => "This passkey is another account's here.".to_owned(),
        Refused::TooMany => format!(
            "You have {PASSKEYS_LEN_MAX} passkeys, or too many people are being asked at this moment. Remove one that you \
             do not use, or try again in a few minutes."
        ),
        Refused::Broken(error) => return Err(PageError::Broken(error)),
    };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, said))
}

/// Takes what a person calls a passkey.
fn name_of(typed: &str) -> Result<String, String> {
    let name = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    let length = name.chars().count();
    if length == 0 {
        return Err(
            "Write what you call this passkey, such as the device that it is on".to_owned(),
        );
    }
    if length > NAME_LEN_MAX || name.chars().any(char::is_control) {
        return Err(format!(
            "Shorten the name to {NAME_LEN_MAX} characters; it has {length}"
        ));
    }
    Ok(name)
}
