//! Signing in by another service: sends the browser there, and takes it back.

use std::sync::Arc;

use axum::Router;
use axum::extract;
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::get;
use serde::Deserialize;

use super::enter;
use super::sign_in;
use crate::accounts::oidc::config::BACK;
use crate::accounts::oidc::{self, Provider, Refused};
use crate::web::State;
use crate::web::error::PageError;
use crate::web::session::{cookie_in, next_page};

/// What only the browser has that was sent. It comes back from another site, so it is not strict, but a link cannot post.
const COOKIE: &str = "__Host-hearth-away";

/// Where to go afterwards, and whether the other service must ask again.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Way {
    #[serde(default)]
    next: String,
    again: Option<String>,
}

/// What the other service sends back.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct SentBack {
    #[serde(default)]
    state: String,
    #[serde(default)]
    code: String,
}

/// Where they are.
pub(super) fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/sign-in/oidc", get(leave))
        .route(BACK, get(come_back))
}

fn provider(state: &State) -> Result<&Provider, PageError> {
    state.oidc.as_deref().ok_or(PageError::NotFound)
}

/// Sends the browser to the other service. It is a link and no form: our pages may send forms to ourselves only.
async fn leave(
    extract::State(state): extract::State<Arc<State>>,
    way: Result<Query<Way>, QueryRejection>,
) -> Result<Response, PageError> {
    let way = way.map(|Query(way)| way).unwrap_or_default();
    let next = next_page(&way.next).unwrap_or("/");
    let provider = provider(&state)?;
    let begun = match way.again {
        Some(_) => oidc::begin_again(state.door(), provider, next).await,
        None => oidc::begin(state.door(), provider, next).await,
    };
    match begun {
        Ok(away) => {
            let cookie = format!(
                "{COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=300",
                away.token
            );
            Ok(([(header::SET_COOKIE, cookie)], Redirect::to(&away.address)).into_response())
        }
        Err(refused) => again(&state, provider, refused, next),
    }
}

/// Lets in who comes back, or shows the form with the reason.
async fn come_back(
    extract::State(state): extract::State<Arc<State>>,
    headers: HeaderMap,
    sent: Result<Query<SentBack>, QueryRejection>,
) -> Result<Response, PageError> {
    let sent = sent.map(|Query(sent)| sent).unwrap_or_default();
    let provider = provider(&state)?;
    let browser = cookie_in(&headers, COOKIE).unwrap_or_default();
    let door = state.door();
    let back = oidc::finish(door, provider, &sent.state, &sent.code, &browser).await;
    let mut response = match back {
        Ok(back) => {
            super::signed_in(&state, &back.begun, "by another service").await?;
            enter(&back.begun, &back.next)
        }
        Err(refused) => {
            super::not_signed_in(&state, "by another service").await?;
            again(&state, provider, refused, "")?
        }
    };
    let gone = format!("{COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
    let gone = AppendHeaders([(header::SET_COOKIE, gone)]);
    response = (gone, response).into_response();
    Ok(response)
}

fn again(
    state: &State,
    provider: &Provider,
    refused: Refused,
    next: &str,
) -> Result<Response, PageError> {
    let name = provider.name();
    let (status, text) = match refused {
        Refused::Late => (
            StatusCode::UNPROCESSABLE_ENTITY,
            format!(
                "Signing in with {name} took too long, or was done in another browser. Try again."
            ),
        ),
        Refused::Wrong => (
            StatusCode::UNPROCESSABLE_ENTITY,
            format!(
                "Signing in with {name} did not work. Try again, or sign in by name and password."
            ),
        ),
        Refused::NoAccount => (
            StatusCode::FORBIDDEN,
            format!(
                "You have proved who you are with {name}, but there is no account of that name here. Ask an administrator of \
                 the service for one."
            ),
        ),
        Refused::Away => (
            StatusCode::SERVICE_UNAVAILABLE,
            format!(
                "{name} cannot be reached. Sign in by name and password, or try again in a few minutes."
            ),
        ),
        Refused::TooMany => (
            StatusCode::SERVICE_UNAVAILABLE,
            "Too many people are signing in at this moment. Try again in a few minutes.".to_owned(),
        ),
        Refused::Broken(error) => return Err(PageError::Broken(error)),
    };
    let page = sign_in::again(state, String::new(), next.to_owned(), text);
    Ok((status, page).into_response())
}
