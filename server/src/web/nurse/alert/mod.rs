//! One alert: its papers, and everything that a nurse can do with it; several at once where that is safe.

mod aside;
mod aside_form;
mod bulk;
mod bulk_ask;
mod bulk_rules;
mod colleagues;
mod escalate;
mod known;
mod offer;
mod once;
mod page;
mod papers;
mod past;
mod reading;
mod reading_rows;
mod reopen;
mod sbar;
mod usual;
mod wrong;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::web::State;

/// Gives the addresses of the pages.
pub(crate) fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/alerts/{patient}/{number}", get(page::get))
        .route(
            "/alerts/{patient}/{number}/offer",
            get(offer::get).post(offer::post),
        )
        .route(
            "/alerts/{patient}/{number}/offer/answer",
            post(offer::answer),
        )
        .route(
            "/alerts/{patient}/{number}/wait",
            get(aside::get_wait).post(aside::post_wait),
        )
        .route(
            "/alerts/{patient}/{number}/snooze",
            get(aside::get_snooze).post(aside::post_snooze),
        )
        .route(
            "/alerts/{patient}/{number}/escalate",
            get(escalate::get).post(escalate::post),
        )
        .route("/alerts/{patient}/{number}/sbar", get(escalate::sent))
        .route(
            "/alerts/{patient}/{number}/reopen",
            get(reopen::get).post(reopen::post),
        )
        .route("/alerts/bulk", post(bulk_ask::post))
        .route("/alerts/bulk/do", post(bulk::post))
        .route("/patients/{patient}/alerts", get(past::get))
        .route("/patients/{patient}/readings/{reading}", get(reading::get))
}
