//! Visits: what a voluntary visitor sees of the patients of a team, and what a nurse decides about that.

mod consent;
mod list;
mod patient;
mod reach;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use crate::web::State;

/// Gives the addresses of these pages.
pub(crate) fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/visits", get(list::get))
        .route("/visits/{patient}", get(patient::get).post(patient::post))
        .route(
            "/patients/{patient}/reach",
            get(reach::get).post(reach::post),
        )
        .route(
            "/patients/{patient}/visitors",
            get(consent::get).post(consent::post),
        )
}
