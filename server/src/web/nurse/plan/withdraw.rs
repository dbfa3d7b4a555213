//! Withdrawing the plan that waits for its day, with the reason why.

use std::sync::Arc;

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{self, Path};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use clinical::Refusal;

use super::form::decided::said;
use super::form::typed::{Typed, Wrongs};
use super::record::Record;
use super::show::{self, Asked, Tried, Withdrawing};
use crate::planning::{PlanningRefusal, withdraw};
use crate::rights::Right;
use crate::web::State;
use crate::web::error::PageError;
use crate::web::session::Me;

/// The field of the reason.
const REASON: &str = "withdraw_reason";
const GONE: &str =
    "No plan waits for its day any more: somebody has withdrawn it, or it has begun.";

/// Withdraws the plan.
pub(crate) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
    sent: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Result<Response, PageError> {
    me.must(Right::EditPlans)?;
    let Form(sent) = sent.map_err(|_| PageError::BadForm)?;
    let typed = Typed::of(sent);
    let record = Record::find(&state, &me, &patient).await?;
    let mut wrongs = Wrongs::default();
    let reason = said(&typed, REASON, "Say why the plan is withdrawn", &mut wrongs);
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    let mut withdrawing = Withdrawing {
        reason: typed.text(REASON).to_owned(),
        wrong: wrongs.of(REASON).map(str::to_owned),
    };
    if withdrawing.wrong.is_none() {
        let now = state.clock.now();
        let by = me.id.clone();
        let withdrawn = withdraw(&state.store, &record.id, by, reason, me.actor(), now).await?;
        withdrawing.wrong = match withdrawn {
            Ok(()) => {
                state.changes.announce(record.id.clone());
                let to = format!("/patients/{}/plan?withdrawn=1", record.id);
                return Ok(Redirect::to(&to).into_response());
            }
            Err(PlanningRefusal::Case(Refusal::NoPlanScheduled)) => {
                status = StatusCode::CONFLICT;
                Some(GONE.to_owned())
            }
            Err(refusal) => Some(refusal.to_string()),
        };
    }
    // Read again: the page says how it is now.
    let record = Record::find(&state, &me, &patient).await?;
    let tried = Tried {
        withdrawing,
        ..Tried::default()
    };
    let page = show::page(&state, &me, &record, &Asked::default(), tried).await?;
    Ok((status, page).into_response())
}
