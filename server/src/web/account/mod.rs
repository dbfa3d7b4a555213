//! The account: signing in and out, setting a password by a code, the second step, and one's own settings.

mod code;
mod enrol;
pub(crate) mod keys;
mod oidc;
mod own;
pub(crate) mod passkeys;
pub(crate) mod preferences;
mod set_up;
mod sign_in;
mod sign_out;
pub(crate) mod step_up;
#[cfg(test)]
mod step_up_tests;
#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use super::State;
use super::error::PageError;
use super::session::{Known, Me, cookie_of, lasting_cookie_of, next_page, next_step};
use crate::accounts::Audience;
use crate::accounts::sessions::Stage;
use crate::accounts::sign_in::{Begun, Refused};
use crate::audit::{Action, Actor, Entry};

/// Where the account's pages are.
pub(crate) fn routes() -> Router<Arc<State>> {
    Router::new()
        .merge(oidc::routes())
        .merge(passkeys::routes())
        .merge(step_up::routes())
        .route("/", get(home))
        .route("/sign-in", get(sign_in::get).post(sign_in::post))
        .route("/sign-in/code", get(code::get).post(code::post))
        .route("/sign-in/second-step", get(enrol::get).post(enrol::post))
        .route("/set-up", get(set_up::get).post(set_up::post))
        .route("/sign-out", post(sign_out::post))
        .route("/account", get(own::get))
        .route("/account/here", post(here))
        .route(
            "/account/preferences",
            get(preferences::get).post(preferences::post),
        )
        .route("/account/password", post(own::password))
        .route("/account/sign-out-everywhere", post(own::everywhere))
}

/// Sends whoever it is to what they work with, and people at home to their own pages.
async fn home(Known(session): Known, me: Result<Me, Response>) -> Result<Redirect, Response> {
    if session.row.audience() == Audience::Home {
        return Ok(Redirect::to("/me"));
    }
    let first = me?.parts().first().map(|it| it.href);
    Ok(Redirect::to(first.unwrap_or("/account")))
}

/// Notes that somebody is there, by a page that asks nothing else.
async fn here(_me: Me) -> StatusCode {
    StatusCode::NO_CONTENT
}

/// Gives the browser its session and sends it on: to the next step, or to where it wanted to go.
pub(crate) fn enter(state: &State, begun: &Begun, next: &str) -> Response {
    let wanted = next_page(next).unwrap_or("/");
    let to = match next_step(begun.stage) {
        Some(step) if wanted != "/" => format!("{step}?next={}", super::session::encoded(wanted)),
        Some(step) => step.to_owned(),
        None => wanted.to_owned(),
    };
    let lasts = state.policy.session_max(begun.audience);
    let cookie = match begun.audience {
        Audience::Staff => cookie_of(&begun.token),
        Audience::Home => lasting_cookie_of(&begun.token, lasts),
    };
    let cookie = [(header::SET_COOKIE, cookie)];
    (cookie, Redirect::to(&to)).into_response()
}

/// Says in the audit trail who has signed in by a password, and that somebody has not.
async fn note(
    state: &State,
    tried: Result<&Begun, &Refused>,
    from: IpAddr,
) -> Result<(), PageError> {
    match tried {
        Ok(begun) => signed_in(state, begun, &format!("from {from}")).await,
        Err(Refused::Wrong) => not_signed_in(state, &format!("from {from}")).await,
        Err(_) => Ok(()),
    }
}

/// Says in the audit trail who has signed in; half a proof is none yet.
pub(crate) async fn signed_in(state: &State, begun: &Begun, how: &str) -> Result<(), PageError> {
    if begun.stage != Stage::Full {
        return Ok(());
    }
    let kind = match begun.audience {
        Audience::Staff => "staff",
        Audience::Home => "home",
    };
    let entry = Entry::new(Actor::person(&begun.person, kind), Action::SignedIn);
    Ok(state.trail.seen(entry.detail(how)).await?)
}

/// Says in the audit trail that somebody has not signed in.
pub(crate) async fn not_signed_in(state: &State, how: &str) -> Result<(), PageError> {
    let entry = Entry::new(Actor::unknown(), Action::SignInFailed);
    Ok(state.trail.seen(entry.detail(how)).await?)
}

/// What a refused try says on the form it came from.
pub(crate) struct Said {
    pub(crate) status: StatusCode,
    pub(crate) text: String,
}

/// Puts a refusal into words; `wrong` is what is said when it was not right.
pub(crate) fn say(state: &State, refused: Refused, wrong: &str) -> Result<Said, PageError> {
    let (status, text) = match refused {
        Refused::Wrong => (StatusCode::UNPROCESSABLE_ENTITY, wrong.to_owned()),
        Refused::Throttled(at) => {
            let at = state
                .local_time()
                .zoned(at)
                .strftime("%H:%M:%S")
                .to_string();
            let text = format!("Too many tries failed. Try again at {at}. Nothing is locked.");
            (StatusCode::TOO_MANY_REQUESTS, text)
        }
        Refused::Busy => (
            StatusCode::SERVICE_UNAVAILABLE,
            "Too many people are signing in at this moment. Try again in a few seconds.".to_owned(),
        ),
        Refused::Broken(error) => return Err(PageError::Broken(error)),
    };
    Ok(Said { status, text })
}
