//! What a refusal says: who has the alert, and what to do next. Nothing was changed.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use clinical::Refusal;
use clinical::refusal::NOTE_LEN_MAX;

use super::State;
use super::alert_view::AlertView;
use super::error::{PageError, render};
use super::frame::Frame;
use super::listing::look_at;
use super::session::Me;
use crate::store::worklist::AlertRow;

#[derive(Template)]
#[template(path = "conflict.html")]
struct ConflictPage {
    frame: Frame,
    alert: AlertView,
    heading: String,
    next: String,
    can_take: bool,
    other_href: Option<String>,
}

/// Shows a refusal as a page of its own.
///
/// # Errors
/// When the database does not answer, or a stored time is none.
pub(crate) async fn page(
    state: &State,
    me: &Me,
    alert: AlertRow,
    refusal: &Refusal,
) -> Result<Response, PageError> {
    let listed = look_at(state, alert).await?;
    let view = AlertView::new(&listed, &me.id, &state.local_time())?;
    let (heading, next) = words(&view, refusal);
    let patient = listed.row.patient.as_str();
    let page = ConflictPage {
        frame: state.frame(Some(me)),
        alert: view,
        heading,
        next,
        can_take: matches!(refusal, Refusal::NotTaken(_)),
        other_href: other_href(patient, refusal),
    };
    Ok((StatusCode::CONFLICT, render(&page)).into_response())
}

/// Finds the alert to work with instead.
fn other_href(patient: &str, refusal: &Refusal) -> Option<String> {
    match refusal {
        Refusal::OpenAlready { open, .. } => Some(format!("/alerts/{patient}/{open}")),
        _ => None,
    }
}

const LATER: &str = "Go back and choose a later time.";
const NOT_CLOSED: &str = "It is open, or it was closed too long ago. Look at the patient's open alerts: if there is none \
                          for this, the next reading outside the limits raises one.";

/// Gives a heading and the next step.
pub(crate) fn words(alert: &AlertView, refusal: &Refusal) -> (String, String) {
    let (heading, next) = match refusal {
        Refusal::TakenBy { .. } => return taken(alert),
        Refusal::NotOpen(_) => (
            "This alert is already closed",
            "Go back to the alerts and choose another.".to_owned(),
        ),
        Refusal::NotTaken(_) => (
            "Take this alert first",
            "Take it, so that your colleagues know, and then go on.".to_owned(),
        ),
        Refusal::ToOneself(_) => (
            "This alert is yours already",
            "Go back and choose a colleague to pass it to.".to_owned(),
        ),
        Refusal::NotOffered { .. } => (
            "This alert is not on offer to you any more",
            format!(
                "{0} answers for it. Speak to {0} if you want to take it.",
                alert.answers
            ),
        ),
        Refusal::AsideTooLong { .. } => ("That is too long", refusal.to_string()),
        Refusal::TimeHasPassed => ("That time has passed", LATER.to_owned()),
        Refusal::ReasonMissing => (
            "A reason is missing",
            "Go back and say why, in a few words.".to_owned(),
        ),
        Refusal::NoteTooLong => (
            "The text is too long",
            format!("Go back and shorten it to {NOTE_LEN_MAX} characters."),
        ),
        Refusal::NotClosed(_) => ("This alert cannot be reopened", NOT_CLOSED.to_owned()),
        Refusal::OpenAlready { open, .. } => (
            "Another alert is open for the same problem",
            format!("Work with alert {open} of this patient instead."),
        ),
        Refusal::TriesOver { .. } => (
            "The patient did not answer often enough",
            "Escalate this alert, or go and see the patient.".to_owned(),
        ),
        Refusal::DuplicateOfNothing(_) => (
            "That is no other alert of this patient",
            "Go back and choose the alert that this one repeats.".to_owned(),
        ),
        Refusal::AlreadyMonitored
        | Refusal::NotMonitored
        | Refusal::RetryMissing(_)
        | Refusal::NothingToRetry
        | Refusal::NotTheirReading(_)
        | Refusal::StruckAlready(_)
        | Refusal::NotStruck
        | Refusal::Unfinished(_)
        | Refusal::Discharged
        | Refusal::WatchNoteMissing
        | Refusal::WatchNoteTooLong
        | Refusal::WatchTooLong
        | Refusal::NotWatched
        | Refusal::Pause(_)
        | Refusal::PlanScheduledAlready
        | Refusal::NoPlanScheduled
        | Refusal::TooManyPauses
        | Refusal::PlanOutOfOrder { .. } => {
            return ("Nothing was changed".to_owned(), refusal.to_string());
        }
    };
    (heading.to_owned(), format!("Nothing was changed. {next}"))
}

fn taken(alert: &AlertView) -> (String, String) {
    let holder = alert.state.holder.as_deref().unwrap_or(&alert.answers);
    let at = alert.state.at.as_ref().filter(|_| alert.state.is_taken);
    let heading = match at {
        Some(at) => format!("{holder} took this alert at {}", at.text),
        None => format!("{holder} has this alert"),
    };
    (
        heading,
        format!(
            "Nothing was changed: {0} answers for it. Choose another alert, or speak to {0} if you know something.",
            alert.answers
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::worklist;
    use crate::web::sample::Sample;
    use crate::web::sample_values::oxygen;
    use clinical::AlertNumber;
    use clinical::plan::PlanVersion;
    use clinical::schedule::ScheduleError;

    fn every_refusal() -> Vec<Refusal> {
        let (alert, person) = (AlertNumber(1), || "nurse-2".parse().unwrap());
        vec![
            Refusal::AlreadyMonitored,
            Refusal::NotMonitored,
            Refusal::NotOpen(alert),
            Refusal::TakenBy {
                alert,
                by: person(),
            },
            Refusal::NotTaken(alert),
            Refusal::ToOneself(alert),
            Refusal::NotOffered {
                alert,
                to: person(),
            },
            Refusal::AsideTooLong {
                alert,
                minutes_max: 30,
            },
            Refusal::TimeHasPassed,
            Refusal::ReasonMissing,
            Refusal::NotClosed(alert),
            Refusal::OpenAlready {
                closed: alert,
                open: AlertNumber(2),
            },
            Refusal::Pause(ScheduleError::PauseEmpty),
            Refusal::PlanScheduledAlready,
            Refusal::NoPlanScheduled,
            Refusal::TooManyPauses,
            Refusal::NoteTooLong,
            Refusal::PlanOutOfOrder {
                found: PlanVersion(3),
                current: PlanVersion(1),
            },
        ]
    }

    #[tokio::test]
    async fn every_refusal_says_what_is_so_and_what_to_do_without_an_id_of_ours() {
        let mut sample = Sample::open("2026-03-14T12:20:00Z").await;
        sample.ivor().await;
        let at = "2026-03-14T12:19:00Z";
        sample.reading("ivor", at, oxygen(86, 70), &[]).await;
        let patient = "ivor".parse().unwrap();
        let row = worklist::alert(sample.state.store.readers(), &patient, 1).await;
        let listed = look_at(&sample.state, row.unwrap().unwrap()).await.unwrap();
        let me = "nurse-1".parse().unwrap();
        let view = AlertView::new(&listed, &me, &sample.state.local_time()).unwrap();
        for refusal in every_refusal() {
            let (heading, next) = words(&view, &refusal);
            let said = format!("{heading}. {next}");
            assert!(said.contains("Nothing was changed"), "{said}");
            assert!(!said.contains("nurse-2"), "{said}");
            assert!(next.len() > 20, "what is to be done: {said}");
        }
    }
}
