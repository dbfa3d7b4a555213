//! The page that asks who is using this computer. It is not sign-in: the listener is loopback only until that exists.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract;
use axum::extract::rejection::FormRejection;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use clinical::PersonId;
use serde::Deserialize;

use super::State;
use super::error::{PageError, render};
use super::frame::Frame;
use super::session::cookie_of;
use crate::store::patient_page::{self, PersonRow};

/// The most members of staff that the page offers.
pub(crate) const STAFF_MAX: i64 = 500;

#[derive(Template)]
#[template(path = "who.html")]
struct WhoPage {
    frame: Frame,
    staff: Vec<PersonRow>,
}

/// The choice that the page posts.
#[derive(Debug, Deserialize)]
pub(crate) struct Choice {
    person: String,
}

/// Lists the staff.
pub(crate) async fn get(
    extract::State(state): extract::State<Arc<State>>,
) -> Result<Response, PageError> {
    Ok(render(&WhoPage {
        frame: state.frame(None),
        staff: patient_page::staff(state.store.readers(), STAFF_MAX).await?,
    }))
}

/// Remembers the choice in this browser.
pub(crate) async fn post(
    extract::State(state): extract::State<Arc<State>>,
    choice: Result<Form<Choice>, FormRejection>,
) -> Result<Response, PageError> {
    let Form(choice) = choice.map_err(|_| PageError::BadForm)?;
    let id: PersonId = choice.person.parse().map_err(|_| PageError::BadForm)?;
    let person = patient_page::person(state.store.readers(), &id).await?;
    if person.is_none() {
        return Err(PageError::BadForm);
    }
    let cookie = [(header::SET_COOKIE, cookie_of(&id))];
    Ok((cookie, Redirect::to("/alerts")).into_response())
}

#[cfg(test)]
mod tests {
    use crate::web::browser::Served;
    use crate::web::sample::Sample;
    use crate::web::snapshot;

    #[tokio::test]
    async fn a_choice_is_remembered_where_scripts_and_other_sites_cannot_reach_it() {
        let sample = Sample::open("2026-03-14T12:20:00Z").await;
        let served = Served::start(&sample.state).await;
        snapshot::check("who", &served.get("/who", "").await.body);
        let chosen = served.post("/who", "", "person=nurse-2").await;
        assert_eq!(
            (chosen.status, chosen.header("location")),
            (303, Some("/alerts"))
        );
        assert_eq!(
            chosen.header("set-cookie"),
            Some("hearth_person=nurse-2; Path=/; HttpOnly; SameSite=Lax")
        );
        for wrong in ["person=nobody", "person=%3Cb%3E", "x=1", ""] {
            let answer = served.post("/who", "", wrong).await;
            assert_eq!(
                (answer.status, answer.header("set-cookie")),
                (400, None),
                "{wrong}"
            );
        }
    }
}
