//! Who at home signs in for a patient: the patient, and carers; invited, shown and taken back by a nurse.

pub(crate) mod carer;
mod list;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};

use super::patient::about::About;
use super::patient::banner::Banner;
use crate::accounts::home::CardCode;
use crate::store::home_access::AccessRow;
use crate::store::people;
use crate::web::State;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::home::card::Card;

/// Gives the addresses of these pages.
pub(crate) fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/patients/{patient}/home", get(list::get))
        .route("/patients/{patient}/home/invite", post(list::invite))
        .route(
            "/patients/{patient}/home/carer",
            get(carer::get).post(carer::post),
        )
        .route(
            "/patients/{patient}/home/{number}/code",
            post(list::new_code),
        )
        .route(
            "/patients/{patient}/home/{number}/revoke",
            post(list::revoke),
        )
}

#[derive(Template)]
#[template(path = "patient/home_card.html")]
struct CardPage {
    frame: Frame,
    banner: Banner,
    card: Card,
}

/// Names the carers among those who sign in at home, with what each sees.
pub(super) fn carers(rows: &[AccessRow]) -> Vec<String> {
    let carers = rows.iter().filter(|it| it.is_own == 0);
    carers
        .map(|it| {
            format!(
                "{} ({}). {}",
                it.name,
                it.relation,
                list::sees_words(it.sees())
            )
        })
        .collect()
}

/// Answers with the card of a code, which is shown only now.
async fn show_card(
    about: &About<'_>,
    name: &str,
    of_other: Option<&str>,
    made: &CardCode,
) -> Result<Response, PageError> {
    let state = about.state;
    let phone = people::phone_for(state.store.readers(), &about.id).await?;
    Ok(render(&CardPage {
        frame: state.frame(Some(about.me)),
        banner: about.banner.clone(),
        card: Card::new(state, name, of_other, made, &phone)?,
    }))
}
