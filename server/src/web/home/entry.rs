//! The way in: to one's own pages, or to the list of those whom one helps; and adding another of them by a code.

use std::net::SocketAddr;
use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{self, ConnectInfo};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::frame::HomeFrame;
use super::own::Own;
use super::say;
use super::sorry::Sorry;
use crate::accounts::sign_in::Refused;
use crate::audit::{Action, Entry};
use crate::rights::Role;
use crate::store::home_access;
use crate::web::State;
use crate::web::account;
use crate::web::error::{PageError, render};

/// What the form posts.
#[derive(Default, Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    code: String,
}

struct Person {
    name: String,
    href: String,
}

#[derive(Template)]
#[template(path = "home/entry.html")]
struct EntryPage {
    frame: HomeFrame,
    people: Vec<Person>,
    may_add: bool,
    code: String,
    wrong: Option<String>,
}

/// Sends a patient to their pages, and who helps one patient to that patient's; shows the others whom they help.
pub(crate) async fn get(
    own: Own,
    extract::State(state): extract::State<Arc<State>>,
) -> Result<Response, Sorry> {
    let page = page(&state, &own, String::new()).await?;
    Ok(match page.people.as_slice() {
        [one] if !page.may_add => Redirect::to(&one.href).into_response(),
        _ => render(&page),
    })
}

/// Adds the patient of a code to those whom a carer helps.
pub(crate) async fn post(
    own: Own,
    extract::State(state): extract::State<Arc<State>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    typed: Result<Form<Typed>, FormRejection>,
) -> Result<Response, Sorry> {
    let Form(typed) = typed.map_err(|_| PageError::BadForm)?;
    if !own.roles.contains(&Role::Carer) {
        return Err(Sorry(PageError::NotFound));
    }
    let (door, actor) = (state.door(), own.actor());
    let joined = door.join(&own.id, &actor, &typed.code, peer.ip());
    let Err(refused) = joined.await else {
        return Ok(Redirect::to("/me").into_response());
    };
    if matches!(refused, Refused::Wrong) {
        let entry = Entry::new(actor, Action::SignInFailed).about(&own.id);
        let how = format!("by the code of another card, from {}", peer.ip());
        state.trail.seen(entry.detail(&how)).await?;
    }
    let said = account::say(&state, refused, say::CODE_WRONG)?;
    let mut again = page(&state, &own, typed.code).await?;
    again.wrong = Some(said.text);
    Ok((said.status, render(&again)).into_response())
}

async fn page(state: &State, own: &Own, code: String) -> Result<EntryPage, Sorry> {
    let all = home_access::of_person(state.store.readers(), &own.id).await?;
    let people = all.into_iter().map(|it| Person {
        name: say::full_name(&it.patient),
        href: format!("/me/{}", it.patient.id),
    });
    Ok(EntryPage {
        frame: HomeFrame::signed_in(state),
        people: people.collect(),
        may_add: own.roles.contains(&Role::Carer),
        code,
        wrong: None,
    })
}
