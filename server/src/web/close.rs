//! Closing an alert: one outcome, a note if there is more to say, or the form again with what is missing.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{self, Path};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use clinical::refusal::NOTE_LEN_MAX;
use clinical::{AlertNumber, Event, Outcome, Refusal};
use serde::Deserialize;

use super::State;
use super::alert_view::AlertView;
use super::conflict;
use super::error::{PageError, render};
use super::frame::Frame;
use super::listing::look_at;
use super::session::Me;
use super::take::find;
use crate::rights::Right;
use crate::store::alert_page;
use crate::store::worklist::{self, AlertRow};

/// How many alerts that were closed last are offered besides the open ones; the case remembers as many.
const CLOSED_OFFERED_MAX: i64 = 5;

/// What the form posts. What is missing is found by us, not by the parser, so that the page can say it.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Filled {
    #[serde(default)]
    outcome: String,
    #[serde(default)]
    note: String,
    /// Of which other alert of the patient it is a duplicate.
    #[serde(default)]
    duplicate_of: String,
}

struct Choice {
    code: &'static str,
    label: &'static str,
    chosen: bool,
}

/// Another alert of the patient, of which this one may be a duplicate.
struct Other {
    number: i64,
    label: String,
    chosen: bool,
}

#[derive(Default)]
struct Missing {
    outcome: Option<&'static str>,
    duplicate_of: Option<&'static str>,
    note: Option<String>,
}

impl Missing {
    fn any(&self) -> bool {
        self.outcome.is_some() || self.duplicate_of.is_some() || self.note.is_some()
    }
}

#[derive(Template)]
#[template(path = "close.html")]
struct ClosePage {
    frame: Frame,
    alert: AlertView,
    choices: Vec<Choice>,
    others: Vec<Other>,
    note: String,
    missing: Missing,
}

/// Shows the form to who has taken the alert.
pub(crate) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path((patient, number)): Path<(String, u32)>,
) -> Result<Response, PageError> {
    me.must(Right::ActOnAlerts)?;
    let (_, alert) = find(&state, &me, &patient, number).await?;
    match unfit(&me, &alert, AlertNumber(number)) {
        Some(refusal) => conflict::page(&state, &me, alert, &refusal).await,
        None => form(&state, &me, alert, Filled::default(), Missing::default()).await,
    }
}

/// Closes the alert.
pub(crate) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path((patient, number)): Path<(String, u32)>,
    filled: Result<Form<Filled>, FormRejection>,
) -> Result<Response, PageError> {
    me.must(Right::ActOnAlerts)?;
    let Form(filled) = filled.map_err(|_| PageError::BadForm)?;
    let (patient, alert) = find(&state, &me, &patient, number).await?;
    let note = filled.note.replace("\r\n", "\n").trim().to_owned();
    let (outcome, missing) = check(&filled, &note);
    let Some(outcome) = outcome.filter(|_| !missing.any()) else {
        let page = form(&state, &me, alert, filled, missing).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    let duplicate_of = filled.duplicate_of.trim().parse().ok().map(AlertNumber);
    let event = Event::AlertClosed {
        alert: AlertNumber(number),
        by: me.id.clone(),
        outcome,
        note,
        duplicate_of,
    };
    match state.happen(&me, &patient, &event).await? {
        Ok(_) => {
            let to = if outcome == Outcome::LimitsNeedChanging && me.may(Right::EditPlans) {
                format!("/patients/{patient}/plan")
            } else {
                format!("/alerts?closed_patient={patient}&closed_number={number}")
            };
            Ok(Redirect::to(&to).into_response())
        }
        Err(refusal) => {
            let (_, alert) = find(&state, &me, patient.as_str(), number).await?;
            conflict::page(&state, &me, alert, &refusal).await
        }
    }
}

/// Spares a nurse the form when closing would be refused; the case itself decides when it is posted.
pub(crate) fn unfit(me: &Me, alert: &AlertRow, number: AlertNumber) -> Option<Refusal> {
    if alert.closed_at.is_some() {
        Some(Refusal::NotOpen(number))
    } else {
        match alert.held_by.as_deref() {
            None => Some(Refusal::NotTaken(number)),
            Some(holder) if holder == me.id.as_str() => None,
            Some(holder) => {
                let by = holder.parse().ok()?;
                Some(Refusal::TakenBy { alert: number, by })
            }
        }
    }
}

fn check(filled: &Filled, note: &str) -> (Option<Outcome>, Missing) {
    let outcome = Outcome::from_code(&filled.outcome);
    let names_no_other = filled.duplicate_of.trim().parse::<u32>().is_err();
    let note_len = note.chars().count();
    let missing = Missing {
        outcome: outcome
            .is_none()
            .then_some("Choose what happened with this alert"),
        duplicate_of: (outcome == Some(Outcome::Duplicate) && names_no_other)
            .then_some("Choose the other alert, or another outcome if there is none"),
        note: (note_len > NOTE_LEN_MAX)
            .then(|| format!("Shorten the note to {NOTE_LEN_MAX} characters; it has {note_len}")),
    };
    (outcome, missing)
}

/// Lists the other alerts of the patient: those that are open, then those that were closed last.
async fn others(state: &State, alert: &AlertRow, filled: &Filled) -> Result<Vec<Other>, PageError> {
    let (readers, local) = (state.store.readers(), state.local_time());
    let patient = alert.patient.parse().map_err(anyhow::Error::from)?;
    let open = worklist::open_alerts_of(readers, &patient).await?;
    let open = open
        .into_iter()
        .filter(|it| it.number != alert.number)
        .map(|it| (it.number, it.opened_at, it.why, "open"));
    let closed = alert_page::closed(readers, &patient, CLOSED_OFFERED_MAX).await?;
    let closed = closed
        .into_iter()
        .map(|it| (it.number, it.opened_at, it.why, "closed"));
    let other =
        |(number, opened_at, why, state): (i64, i64, String, &str)| -> Result<Other, PageError> {
            let since = local.show_stored(opened_at)?.text;
            Ok(Other {
                label: format!("Alert {number}, {state}: {why} (since {since})"),
                chosen: filled.duplicate_of.trim() == number.to_string(),
                number,
            })
        };
    open.chain(closed).map(other).collect()
}

async fn form(
    state: &State,
    me: &Me,
    alert: AlertRow,
    filled: Filled,
    missing: Missing,
) -> Result<Response, PageError> {
    let choices = Outcome::ALL.map(|outcome| Choice {
        code: outcome.code(),
        label: outcome.label(),
        chosen: outcome.code() == filled.outcome,
    });
    let others = others(state, &alert, &filled).await?;
    let listed = look_at(state, alert).await?;
    Ok(render(&ClosePage {
        frame: state.frame(Some(me)),
        alert: AlertView::new(&listed, &me.id, &state.local_time())?,
        choices: choices.into(),
        others,
        note: filled.note,
        missing,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::browser::Served;
    use crate::web::sample::Sample;
    use crate::web::sample_values::oxygen;
    use crate::web::snapshot;

    const CLOSE: &str = "/alerts/ivor/1/close";

    async fn taken() -> (Sample, Served) {
        let mut sample = Sample::open("2026-03-14T12:20:00Z").await;
        sample.ivor().await;
        sample
            .reading("ivor", "2026-03-14T12:19:00Z", oxygen(86, 70), &[])
            .await;
        let served = Served::start(&sample.state).await;
        let early = served.get(CLOSE, "nurse-1").await;
        assert_eq!(early.status, 409);
        assert!(early.body.contains("Take this alert first"));
        served.post("/alerts/ivor/1/take", "nurse-1", "").await;
        (sample, served)
    }

    #[tokio::test]
    async fn an_outcome_is_needed_and_a_note_is_not() {
        let (_sample, served) = taken().await;
        snapshot::check("close", &served.get(CLOSE, "nurse-1").await.body);
        let empty = served.post(CLOSE, "nurse-1", "").await;
        assert_eq!(empty.status, 422);
        snapshot::check("close-missing", &empty.body);
        let half = served.post(CLOSE, "nurse-1", "note=Rang+111").await;
        assert_eq!(half.status, 422);
        assert!(
            half.body.contains(">Rang 111</textarea>"),
            "what was written is kept"
        );

        let done = served
            .post(CLOSE, "nurse-1", "outcome=referred&note=++%0D%0A")
            .await;
        assert_eq!(done.status, 303);
        let back = served
            .get(done.header("location").unwrap(), "nurse-1")
            .await;
        assert!(
            back.body
                .contains("You closed the alert for Mr Ivor Evans.")
        );
        assert!(back.body.contains("No open alerts about patients."));
        let late = served.get(CLOSE, "nurse-1").await;
        assert_eq!(late.status, 409);
        assert!(late.body.contains("already closed"));
    }

    #[tokio::test]
    async fn only_who_has_it_closes_it() {
        let (_sample, served) = taken().await;
        let form = "outcome=referred&note=Rang+111";
        for answer in [
            served.get(CLOSE, "nurse-2").await,
            served.post(CLOSE, "nurse-2", form).await,
        ] {
            assert_eq!(answer.status, 409);
            assert!(answer.body.contains("Anna Price took this alert at 12:20"));
        }
    }

    #[tokio::test]
    async fn a_note_is_as_long_as_its_bound_and_no_longer() {
        let (_sample, served) = taken().await;
        let form = |len: usize| format!("outcome=referred&note={}", "x".repeat(len));
        let long = served.post(CLOSE, "nurse-1", &form(NOTE_LEN_MAX + 1)).await;
        assert_eq!(long.status, 422);
        assert!(long.body.contains("it has 2001"));
        let fits = served.post(CLOSE, "nurse-1", &form(NOTE_LEN_MAX)).await;
        assert_eq!(fits.status, 303);
    }
}
