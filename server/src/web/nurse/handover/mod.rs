//! Handover: a shift told by itself; ownership moves when the next nurse accepts, and not before.

mod answer;
mod page;
mod sections;
mod sign;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use clinical::{AlertNumber, PatientId};

use crate::store::worklist::AlertRow;
use crate::web::State;

/// Where a handover is read, signed and answered.
pub(crate) fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/handover", get(page::get))
        .route("/handover/sign", post(sign::post))
        .route("/handover/answer", post(answer::post))
}

/// Reads the name that forms give an alert: `patient-1/3`.
fn alert_of(name: &str) -> Option<(PatientId, AlertNumber)> {
    let (patient, number) = name.split_once('/')?;
    Some((patient.parse().ok()?, AlertNumber(number.parse().ok()?)))
}

/// Gives the name that forms give an alert.
fn name_of(row: &AlertRow) -> String {
    format!("{}/{}", row.patient, row.number)
}

/// Tells whether a person has escalated an alert and waits for what becomes of it.
fn follows_up(row: &AlertRow, me: &str) -> bool {
    let by_me = row.escalated_by.as_deref() == Some(me);
    row.ownership_is == "escalated" && by_me && row.held_by.as_deref() != Some(me)
}

/// Tells whether a person has to hand an alert over: they hold it, or follow it up.
fn is_mine(row: &AlertRow, me: &str) -> bool {
    row.held_by.as_deref() == Some(me) || follows_up(row, me)
}

/// Names whom a person has asked to take an alert over from them and who has not answered.
fn asked_by<'a>(row: &'a AlertRow, me: &str) -> Option<&'a str> {
    let asked = match follows_up(row, me) {
        true => &row.follow_up_offered_to,
        false => &row.offered_to,
    };
    asked.as_deref()
}

/// Tells whether an alert is on offer to a person.
fn is_offered_to(row: &AlertRow, me: &str) -> bool {
    row.offered_to.as_deref() == Some(me) || row.follow_up_offered_to.as_deref() == Some(me)
}
