//! Administration: the organisation, its areas, teams and clinics, and the people who work here.

mod clinics;
mod ids;
mod leaving;
pub(crate) mod noted;
mod overview;
mod people;
mod person;
mod places;
mod sign_in;
mod sign_in_turn;
mod sign_in_view;
mod teams;

#[cfg(test)]
mod sign_in_tests;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use crate::store::office::OfficeChange;
use crate::web::State;
use crate::web::local_time::LocalTime;
use crate::web::local_time::Shown;

/// The most changes that a page lists.
const CHANGES_MAX: i64 = 30;

/// Where the office is administered.
pub(crate) fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/administration", get(overview::get))
        .route(
            "/administration/organisation",
            get(places::get_organisation).post(places::post_organisation),
        )
        .route(
            "/administration/areas/new",
            get(places::get_new).post(places::post_new),
        )
        .route(
            "/administration/areas/{area}",
            get(places::get_area).post(places::post_area),
        )
        .route(
            "/administration/teams/new",
            get(teams::get_new).post(teams::post_new),
        )
        .route(
            "/administration/teams/{team}",
            get(teams::get).post(teams::post),
        )
        .route(
            "/administration/clinics/new",
            get(clinics::get_new).post(clinics::post_new),
        )
        .route(
            "/administration/clinics/{clinic}",
            get(clinics::get).post(clinics::post),
        )
        .route(
            "/administration/people/new",
            get(people::get_new).post(people::post_new),
        )
        .route("/administration/people/{person}", get(person::get))
        .route(
            "/administration/people/{person}/edit",
            get(people::get_edit).post(people::post_edit),
        )
        .route(
            "/administration/people/{person}/roles",
            get(person::get_roles).post(person::post_roles),
        )
        .route(
            "/administration/people/{person}/sign-in",
            get(sign_in::get).post(sign_in::post),
        )
        .route(
            "/administration/people/{person}/sign-in/close",
            get(sign_in_turn::get_close).post(sign_in_turn::post_close),
        )
        .route(
            "/administration/people/{person}/sign-in/open",
            get(sign_in_turn::get_open).post(sign_in_turn::post_open),
        )
        .route(
            "/administration/people/{person}/leave",
            get(leaving::get).post(leaving::post),
        )
}

/// One change, ready to show.
struct Change {
    at: Shown,
    by: String,
    sentence: String,
}

fn changes(rows: Vec<OfficeChange>, local: &LocalTime) -> Result<Vec<Change>, jiff::Error> {
    let view = |it: OfficeChange| {
        Ok(Change {
            at: local.show_stored(it.at)?,
            by: it.by_name,
            sentence: it.sentence,
        })
    };
    rows.into_iter().map(view).collect()
}

fn back() -> Response {
    Redirect::to("/administration?done=1").into_response()
}
