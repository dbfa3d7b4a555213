//! One patient's page, and the forms about a patient.

mod about;
mod agreement;
mod assessment;
pub(crate) mod banner;
mod care;
mod choices;
mod contact;
mod contact_log;
mod coordinator;
mod details;
mod discharge;
mod done;
mod form;
mod kit;
mod list;
mod new;
mod new_person;
mod new_plan;
mod new_plan_fields;
mod page;
mod page_reads;
mod pause;
mod plan_card;
mod referral;
mod situation;
mod soon;
mod strike;
mod tier;
mod tier_view;
mod timeline;
mod timeline_words;
mod told;
mod watch;
mod weight;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::web::State;

/// Gives the addresses of these pages.
pub(crate) fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/patients", get(list::get))
        .route("/patients/new", get(new::get).post(new::post))
        .route("/patients/{patient}", get(page::get))
        .route(
            "/patients/{patient}/agreement",
            get(agreement::get).post(agreement::post),
        )
        .route(
            "/patients/{patient}/assessment",
            get(assessment::get).post(assessment::post),
        )
        .route(
            "/patients/{patient}/contact",
            get(contact::get).post(contact::post),
        )
        .route(
            "/patients/{patient}/coordinator",
            get(coordinator::get).post(coordinator::post),
        )
        .route(
            "/patients/{patient}/details",
            get(details::get).post(details::post),
        )
        .route(
            "/patients/{patient}/pause",
            get(pause::get).post(pause::post),
        )
        .route(
            "/patients/{patient}/discharge",
            get(discharge::get).post(discharge::post),
        )
        .route(
            "/patients/{patient}/readings/{reading}/mark",
            get(strike::get).post(strike::post),
        )
        .route("/patients/{patient}/resume", post(pause::resume))
        .route(
            "/patients/{patient}/referral",
            get(referral::get).post(referral::post),
        )
        .route(
            "/patients/{patient}/referrals/{referral}",
            get(referral::get_step).post(referral::post_step),
        )
        .route(
            "/patients/{patient}/start",
            get(discharge::get_again).post(discharge::post_again),
        )
        .route("/patients/{patient}/tier", get(tier::get).post(tier::post))
        .route(
            "/patients/{patient}/watch",
            get(watch::get).post(watch::post),
        )
        .route("/patients/{patient}/watch/end", post(watch::end))
}
