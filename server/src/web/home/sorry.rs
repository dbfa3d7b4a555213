//! Errors as pages for people at home: in plain words, with the safety text.

use askama::Template;
use axum::response::{IntoResponse, Response};

use super::frame::HomeFrame;
use super::say;
use crate::web::error::{PageError, render};

/// Why there is no page to show, said to a patient or a carer.
#[derive(Debug)]
pub(crate) struct Sorry(pub(crate) PageError);

impl<E: Into<PageError>> From<E> for Sorry {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

#[derive(Template)]
#[template(path = "home/sorry.html")]
struct SorryPage {
    frame: HomeFrame,
    heading: &'static str,
    next: &'static str,
}

impl IntoResponse for Sorry {
    fn into_response(self) -> Response {
        let (heading, next) = match &self.0 {
            PageError::NotFound => say::NOT_FOUND,
            PageError::TooOften(_) => say::TOO_OFTEN,
            PageError::BadForm | PageError::OtherOrigin => say::BAD_FORM,
            _ => say::BROKEN,
        };
        // Status, headers and what is logged are those of any error.
        let (mut parts, _) = self.0.into_response().into_parts();
        let page = SorryPage {
            frame: HomeFrame::bare(),
            heading,
            next,
        };
        let (_, body) = render(&page).into_parts();
        parts.headers.remove(axum::http::header::CONTENT_LENGTH);
        Response::from_parts(parts, body)
    }
}
