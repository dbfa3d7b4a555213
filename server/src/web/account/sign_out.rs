//! Signing out of this browser.

use std::sync::Arc;

use axum::extract;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};

use crate::accounts::Audience;
use crate::audit::{Action, Actor, Entry};
use crate::store::sessions;
use crate::web::State;
use crate::web::error::PageError;
use crate::web::session::{Known, no_cookie};

/// Ends the session and forgets it in the browser.
pub(crate) async fn post(
    Known(session): Known,
    extract::State(state): extract::State<Arc<State>>,
) -> Result<Response, PageError> {
    let mut write = state.store.write().await?;
    sessions::end(&mut write, &session.row.digest, state.clock.now()).await?;
    let person = session.row.person.parse().map_err(anyhow::Error::from)?;
    let (kind, to) = match session.row.audience() {
        Audience::Staff => ("staff", "/sign-in"),
        Audience::Home => ("home", "/start"),
    };
    let entry = Entry::new(Actor::person(&person, kind), Action::SignedOut);
    state.trail.append(&mut write, &entry).await?;
    write.commit().await.map_err(anyhow::Error::from)?;
    let cookie = [(header::SET_COOKIE, no_cookie())];
    Ok((cookie, Redirect::to(to)).into_response())
}
