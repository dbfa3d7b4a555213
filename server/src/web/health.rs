//! Health, for the machines that watch this one: alive, and able to answer.

use std::sync::Arc;

use axum::extract;
use axum::http::StatusCode;

use super::State;
use crate::store::patient_page;

/// Answers as long as the program runs.
pub(crate) async fn live() -> &'static str {
    "alive\n"
}

/// Answers whether the database does.
pub(crate) async fn ready(
    extract::State(state): extract::State<Arc<State>>,
) -> (StatusCode, &'static str) {
    match patient_page::answers(state.store.readers()).await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(error.chain = format!("{error:#}"), "not ready");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "not ready: the database does not answer\n",
            )
        }
    }
}
