//! What a refusal says: who has the alert, and what to do next. Nothing was changed.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use clinical::Refusal;

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
    let page = ConflictPage {
        frame: state.frame(Some(me)),
        alert: view,
        heading,
        next,
        can_take: matches!(refusal, Refusal::NotTaken(_)),
    };
    Ok((StatusCode::CONFLICT, render(&page)).into_response())
}

/// Gives a heading and the next step.
pub(crate) fn words(alert: &AlertView, refusal: &Refusal) -> (String, String) {
    match refusal {
        Refusal::TakenBy { .. } => {
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
        Refusal::NotOpen(_) => (
            "This alert is already closed".to_owned(),
            "Nothing was changed. Go back to the alerts and choose another.".to_owned(),
        ),
        Refusal::NotTaken(_) => (
            "Take this alert first".to_owned(),
            "Nothing was changed. Take it, so that your colleagues know, and then close it."
                .to_owned(),
        ),
        other => ("Nothing was changed".to_owned(), other.to_string()),
    }
}
