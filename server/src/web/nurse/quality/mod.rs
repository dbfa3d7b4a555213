//! The quality of alerts: how much of them there is, how fast people act, and which of them are noise.

mod csv;
mod figures;
mod measure;
mod page;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use crate::web::State;

/// Where the quality of alerts is looked at.
pub(crate) fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/alerts/quality", get(page::get))
        .route("/alerts/quality.csv", get(csv::get))
}
