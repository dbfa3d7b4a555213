//! Answering: the incoming nurse accepts what is on offer, all at once or one by one, or declines it.

use std::sync::Arc;

use axum::extract;
use axum::response::{IntoResponse, Redirect, Response};
use clinical::{Event, Refusal};

use super::alert_of;
use super::page::{Typed, page};
use crate::rights::Right;
use crate::web::State;
use crate::web::error::PageError;
use crate::web::nurse::form::{Filled, Posted};
use crate::web::session::Me;
use crate::web::take;

/// The most alerts that one answer names.
const NAMED_MAX: usize = 300;

/// Accepts or declines.
pub(super) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    posted: Posted,
) -> Result<Response, PageError> {
    me.must(Right::ActOnAlerts)?;
    let filled = Filled::read(posted)?;
    let accepted = match filled.get("answer") {
        "accept" => true,
        "decline" => false,
        _ => return Err(PageError::BadForm),
    };
    let mut typed = Typed::default();
    for name in filled.all("alert").take(NAMED_MAX) {
        let (patient, alert) = alert_of(name).ok_or(PageError::BadForm)?;
        let (patient, row) = match take::find(&state, &me, patient.as_str(), alert.0).await {
            Ok(found) => found,
            Err(PageError::NotFound) => {
                typed
                    .left_out
                    .push("An alert that is no longer on offer to you".to_owned());
                continue;
            }
            Err(error) => return Err(error),
        };
        let event = Event::OfferAnswered {
            alert,
            by: me.id.clone(),
            accepted,
        };
        match state.happen(&me, &patient, &event).await? {
            Ok(_) => typed.done_len += 1,
            Err(refusal) => typed.left_out.push(format!(
                "{} {} {} – {}: {}",
                row.title,
                row.given_name,
                row.family_name,
                row.why,
                why(&refusal)
            )),
        }
    }
    if typed.left_out.is_empty() && typed.done_len > 0 {
        let done = if accepted { "accepted" } else { "declined" };
        return Ok(Redirect::to(&format!("/handover?done={done}")).into_response());
    }
    if typed.left_out.is_empty() {
        return Err(PageError::BadForm);
    }
    page(&state, &me, None, typed).await
}

fn why(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NotOffered { .. } => "it is no longer on offer to you".to_owned(),
        Refusal::NotOpen(_) => "it is closed meanwhile".to_owned(),
        other => other.to_string(),
    }
}
