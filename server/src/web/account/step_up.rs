//! Proving again who one is, before something risky, and going on where one was.

use std::net::SocketAddr;
use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{self, ConnectInfo, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use serde::Deserialize;

use super::{enter, passkeys, say};
use crate::accounts::sign_in::Refused;
use crate::audit::{Action, Entry};
use crate::store::{accounts, passkeys as stored};
use crate::web::State;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::session::{Known, Me, encoded, next_page};

const WRONG: &str = "That was not right. Check the password, and that Caps Lock is off.";
const WRONG_CODE: &str = "That was not right. Check the password, and type the code that your phone shows now: each is good once.";
const NO_SCRIPT: &str =
    "A passkey needs JavaScript, which did not run in this browser. Use your password.";

/// Where the pages are.
pub(super) fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/step-up", get(show).post(by_password))
        .route("/step-up/passkey", post(by_passkey))
}

/// Gives the address that asks, and comes back to one of ours.
pub(crate) fn href(back: &str) -> String {
    format!("/step-up?back={}", encoded(back))
}

impl Me {
    /// Tells whether this person has proved lately who they are, as something risky needs.
    pub(crate) fn is_fresh(&self, state: &State) -> bool {
        state.clock.now() < self.proved_at + state.policy.proof_max()
    }

    /// Asks whoever has not proved it lately who they are, and lets them come back: to the form, before it is filled.
    ///
    /// # Errors
    /// [`PageError::ProveAgain`].
    pub(crate) fn must_be_fresh(&self, state: &State, back: &str) -> Result<(), PageError> {
        if self.is_fresh(state) {
            Ok(())
        } else {
            Err(PageError::ProveAgain(back.to_owned()))
        }
    }
}

/// Where to go afterwards.
#[derive(Debug, Default, Deserialize)]
struct After {
    #[serde(default)]
    back: String,
}

/// What the forms post.
#[derive(Deserialize)]
struct Filled {
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    word: String,
    #[serde(default)]
    answer: String,
    #[serde(default)]
    back: String,
}

#[derive(Template)]
#[template(path = "account/step_up.html")]
struct StepUpPage {
    frame: Frame,
    back: String,
    minutes: i64,
    has_password: bool,
    has_code: bool,
    /// Where passkeys work, for who has one.
    place: Option<String>,
    /// The name of another service by which people may sign in, and the way there.
    elsewhere: Option<(String, String)>,
    wrong: Option<String>,
}

/// Asks who it is.
async fn show(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    after: Result<Query<After>, QueryRejection>,
) -> Result<Response, PageError> {
    let after = after.map(|Query(after)| after).unwrap_or_default();
    Ok(render(&page(&state, &me, &after.back, None).await?))
}

/// Takes the password, and the code where there is one.
async fn by_password(
    me: Me,
    Known(session): Known,
    extract::State(state): extract::State<Arc<State>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    filled: Result<Form<Filled>, FormRejection>,
) -> Result<Response, PageError> {
    let Form(filled) = filled.map_err(|_| PageError::BadForm)?;
    let door = state.door();
    let tried = door.prove_again(&session, &filled.password, &filled.code, peer.ip());
    let refused = match tried.await {
        Ok(begun) => return Ok(enter(&begun, &filled.back)),
        Err(refused) => refused,
    };
    if matches!(refused, Refused::Wrong) {
        not_proved(&state, &me, &format!("from {}", peer.ip())).await?;
    }
    let mut again = page(&state, &me, &filled.back, None).await?;
    let wrong = if again.has_code { WRONG_CODE } else { WRONG };
    let said = say(&state, refused, wrong)?;
    again.wrong = Some(said.text);
    Ok((said.status, render(&again)).into_response())
}

/// Takes a passkey.
async fn by_passkey(
    me: Me,
    Known(session): Known,
    extract::State(state): extract::State<Arc<State>>,
    filled: Result<Form<Filled>, FormRejection>,
) -> Result<Response, PageError> {
    let Form(filled) = filled.map_err(|_| PageError::BadForm)?;
    let desk = passkeys::desk(&state)?;
    let (status, wrong) = if filled.answer.is_empty() {
        (StatusCode::UNPROCESSABLE_ENTITY, NO_SCRIPT.to_owned())
    } else {
        let tried = desk.prove_again(&session, &filled.word, &filled.answer);
        match tried.await {
            Ok(begun) => return Ok(enter(&begun, &filled.back)),
            Err(refused) => {
                not_proved(&state, &me, "by passkey").await?;
                passkeys::say(refused)?
            }
        }
    };
    let again = page(&state, &me, &filled.back, Some(wrong)).await?;
    Ok((status, render(&again)).into_response())
}

/// Says in the audit trail that somebody at this browser could not prove to be its person.
async fn not_proved(state: &State, me: &Me, how: &str) -> Result<(), PageError> {
    let entry = Entry::new(me.actor(), Action::SignInFailed).about(&me.id);
    let entry = entry.detail(&format!("proving again, {how}"));
    Ok(state.trail.seen(entry).await?)
}

async fn page(
    state: &State,
    me: &Me,
    back: &str,
    wrong: Option<String>,
) -> Result<StepUpPage, PageError> {
    let readers = state.store.readers();
    let account = accounts::of_person(readers, &me.id).await?;
    let account = account.ok_or(PageError::NotFound)?;
    let has_passkey = !stored::of_person(readers, &me.id).await?.is_empty();
    let back = next_page(back).unwrap_or("/").to_owned();
    let elsewhere = state.oidc.as_ref().map(|provider| {
        let way = format!("/sign-in/oidc?again=1&next={}", encoded(&back));
        (provider.name().to_owned(), way)
    });
    Ok(StepUpPage {
        frame: state.frame(Some(me)),
        minutes: state.policy.proof_max().as_mins(),
        has_password: account.password_hash.is_some(),
        has_code: account.has_second_step(),
        place: passkeys::place(state).filter(|_| has_passkey),
        elsewhere,
        back,
        wrong,
    })
}
