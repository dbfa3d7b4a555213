//! A patient's plan: what it says and said, and the form that changes it.

mod edit;
mod fields;
mod form;
mod from_templates;
mod number_line;
mod panel;
mod record;
mod request;
mod said;
mod save;
mod show;
mod stale;
mod trial;
mod withdraw;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::web::State;

pub use trial::TRIALS_MAX;

/// The pages of a patient's plan.
pub(crate) fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/patients/{patient}/plan", get(show::get))
        .route(
            "/patients/{patient}/plan/edit",
            get(edit::get).post(edit::post),
        )
        .route(
            "/patients/{patient}/plan/start",
            get(from_templates::get).post(from_templates::post),
        )
        .route("/patients/{patient}/plan/request", post(request::post))
        .route("/patients/{patient}/plan/withdraw", post(withdraw::post))
}
