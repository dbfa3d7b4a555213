//! Errors as pages: what happened, and what to do next.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use jiff::SignedDuration;
use thiserror::Error;

use super::account::step_up;
use super::frame::Frame;

/// Why there is no page to show.
#[derive(Debug, Error)]
pub(crate) enum PageError {
    /// Nothing has this address.
    #[error("there is no such page")]
    NotFound,
    /// The address exists, but not for this method.
    #[error("this address does not take that")]
    WrongMethod,
    /// The person's role does not include it.
    #[error("the person's role does not include this")]
    NotAllowed,
    /// The person proved too long ago who they are; they come back to this address once they have again.
    #[error("the person has to prove again who they are")]
    ProveAgain(String),
    /// The form was not sent by one of our pages.
    #[error("the form was sent by another site")]
    OtherOrigin,
    /// Nobody watches the patient yet.
    #[error("the patient is not monitored")]
    NotMonitored,
    /// The server was asked by a name that is none of its own.
    #[error("the server has another name")]
    OtherName,
    /// The form held nothing that could be understood.
    #[error("the form cannot be read")]
    BadForm,
    /// More was sent than any form of ours holds.
    #[error("the form is too long")]
    TooLong,
    /// Too many pages are listening for changes.
    #[error("too many pages are open")]
    TooManyLive,
    /// Somebody asks for too much; a request is taken again after this time.
    #[error("too many requests")]
    TooOften(SignedDuration),
    /// It took too long.
    #[error("the page took too long")]
    TooSlow,
    /// That somebody looks cannot be recorded, so nothing is shown.
    #[error("the audit trail does not take it")]
    NotRecorded(#[from] crate::audit::NotRecorded),
    /// Something of ours failed.
    #[error("a page failed")]
    Broken(#[from] anyhow::Error),
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    heading: &'static str,
    next: &'static str,
}

impl PageError {
    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotAllowed | Self::OtherOrigin => StatusCode::FORBIDDEN,
            Self::ProveAgain(_) => StatusCode::SEE_OTHER,
            Self::NotMonitored => StatusCode::CONFLICT,
            Self::OtherName => StatusCode::MISDIRECTED_REQUEST,
            Self::BadForm => StatusCode::BAD_REQUEST,
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooManyLive | Self::TooSlow | Self::NotRecorded(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::TooOften(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::NotFound => (
                "Page not found",
                "Check the address, or go back to the alerts. If a patient's link led here, tell your team lead.",
            ),
            Self::WrongMethod => (
                "This address cannot be used that way",
                "Go back to the alerts and use the buttons there.",
            ),
            Self::NotAllowed => (
                "Your role does not include this",
                "Nothing was changed. If you need it for your work, ask an administrator of the service to change your role.",
            ),
            Self::ProveAgain(_) => (
                "Prove again that it is you",
                "Nothing was changed. Prove again who you are, then come back and try again.",
            ),
            Self::OtherOrigin => (
                "Nothing was changed",
                "The form did not come from this service's own pages, so it was refused. \
                 Go back to the alerts and use the button there.",
            ),
            Self::NotMonitored => (
                "Monitoring has not started",
                "This patient has no plan yet, so there is none to change. Ask your team lead to start monitoring first.",
            ),
            Self::OtherName => (
                "This is not the address of this service",
                "Use the address that your team was given. If it is the one that you used, tell whoever runs this \
                 server: the name is missing from web.names in its configuration.",
            ),
            Self::BadForm => (
                "The form could not be read",
                "Nothing was changed. Go back and send the form again.",
            ),
            Self::TooLong => (
                "What you sent is too long",
                "Nothing was changed. Go back, shorten what you wrote, and send it again.",
            ),
            Self::TooManyLive => (
                "Too many pages are open",
                "Close some pages, or reload this one yourself to see changes.",
            ),
            Self::TooOften(_) => (
                "Too many pages were asked for at once",
                "Nothing was changed. Wait a second, then go back and try again.",
            ),
            Self::TooSlow => (
                "This is taking too long",
                "It may or may not have been saved. Go back to the alerts and look before you try again.",
            ),
            Self::NotRecorded(_) => (
                "This page cannot be shown now",
                "Whoever looks at a patient's record is written down first, and that is not possible at the moment. \
                 Wait a few seconds and load the page again. If it happens again, tell your team lead: \
                 alerts may not be shown while this lasts.",
            ),
            Self::Broken(_) => (
                "Sorry, something went wrong",
                "Go back to the alerts and try again. If it happens again, tell your team lead: \
                 alerts may not be shown while this lasts.",
            ),
        }
    }
}

impl From<jiff::Error> for PageError {
    fn from(error: jiff::Error) -> Self {
        Self::Broken(error.into())
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        if let Self::Broken(error) = &self {
            tracing::error!(error.chain = format!("{error:#}"), "a page failed");
        }
        if let Self::ProveAgain(back) = &self {
            return Redirect::to(&step_up::href(back)).into_response();
        }
        let (heading, next) = self.words();
        let page = ErrorPage {
            frame: Frame::bare(),
            heading,
            next,
        };
        let mut response = (self.status(), render(&page)).into_response();
        if let Self::TooOften(wait) = self {
            // Whole seconds: every rate gives a token back within one.
            let seconds = HeaderValue::from(wait.as_secs() + 1);
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }
}

/// Renders a page. A template can only fail when it cannot write, which a text in memory always can.
pub(crate) fn render(page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => {
            tracing::error!(error.message = %error, "a template failed");
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                "Sorry, something went wrong. Reload the page.",
            )
                .into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::NotRecorded;
    use crate::web::snapshot;

    #[test]
    fn what_was_not_recorded_is_not_shown_now() {
        let response = PageError::from(NotRecorded::QueueFull).into_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    }

    #[test]
    fn the_error_page_says_what_to_do_next() {
        let (heading, next) = PageError::OtherOrigin.words();
        let page = ErrorPage {
            frame: Frame::bare(),
            heading,
            next,
        };
        snapshot::check("error", &page.render().unwrap());
    }
}
