//! The pages of people at home: patients, and the carers whom they trust. Nothing of staff's is here, and nobody of the staff
//! comes here.

pub(crate) mod card;
mod carers;
mod clock_words;
mod entry;
mod frame;
mod looked;
mod looking_after;
mod not_me;
mod own;
mod page;
mod readings;
mod receipt_words;
mod say;
mod sign_in;
mod sorry;
mod start;
#[cfg(test)]
pub(crate) mod tests;
mod todo;
mod value_words;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use super::State;

/// Gives the addresses of these pages.
pub(crate) fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/start", get(start::get).post(start::post))
        .route("/me", get(entry::get).post(entry::post))
        .route("/me/{patient}", get(page::get))
        .route("/me/{patient}/readings", get(readings::get))
        .route(
            "/me/{patient}/readings/{reading}/not-me",
            get(not_me::get).post(not_me::post),
        )
        .route("/me/{patient}/looked", get(looked::get))
        .route("/me/{patient}/carers", get(carers::get).post(carers::post))
        .route("/me/{patient}/carers/{number}/revoke", post(carers::revoke))
        .route("/your-sign-in", get(sign_in::get).post(sign_in::add))
        .route("/your-sign-in/begin", post(sign_in::begin))
        .route("/your-sign-in/{number}/remove", post(sign_in::remove))
        .route(
            "/your-sign-in/sign-out-everywhere",
            post(sign_in::everywhere),
        )
}
