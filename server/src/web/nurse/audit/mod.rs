//! The audit trail on pages: who looked at one patient's record, for those who care for them; and who did what when, for those
//! who administer the service. Neither shows what is in a record, and every look is itself an entry.

mod asked;
mod chain_view;
mod csv;
mod looked;
mod page;
mod words;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use crate::web::State;

/// Where the trail is looked at.
pub(crate) fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/audit", get(page::get))
        .route("/audit.csv", get(csv::get))
        .route("/patients/{patient}/looked", get(looked::get))
}
