//! What is answered to what is asked.

use std::net::IpAddr;
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use tokio::time::Instant;

use super::sessions::{COOKIE, SESSION_AGE_MAX};
use super::{Page, guard, view};
use crate::home::words::words;

/// The most bytes of a form: a PIN, and room for what browsers add.
const FORM_LEN_MAX: usize = 512;
const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = include_str!("style.css");
const ICON: &str = include_str!("icon.svg");

type Answer = Response<Full<Bytes>>;

impl Page {
    /// Answers one question.
    pub(super) async fn answer(&self, request: Request<Incoming>, from: IpAddr) -> Answer {
        let mut answer = self.look_up(request, from).await;
        guard::make_strict(answer.headers_mut());
        answer
    }

    async fn look_up(&self, request: Request<Incoming>, from: IpAddr) -> Answer {
        if !guard::is_asked_for_here(request.headers(), &self.names) {
            return self.message(StatusCode::MISDIRECTED_REQUEST, &view::WRONG_NAME);
        }
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        match (method, path.as_str()) {
            (Method::GET, "/") => self.home(request.headers()).await,
            (Method::GET, "/style.css") => of_type("text/css; charset=utf-8", STYLE),
            (Method::GET, "/icon.svg" | "/favicon.ico") => of_type("image/svg+xml", ICON),
            (Method::POST, "/sign-in") => self.sign_in(request, from).await,
            (Method::POST, "/sign-out") => self.sign_out(request.headers()),
            (_, "/" | "/style.css" | "/icon.svg" | "/favicon.ico" | "/sign-in" | "/sign-out") => {
                self.message(StatusCode::METHOD_NOT_ALLOWED, &view::NOT_FOUND)
            }
            _ => self.message(StatusCode::NOT_FOUND, &view::NOT_FOUND),
        }
    }

    async fn home(&self, headers: &HeaderMap) -> Answer {
        let token = guard::cookie(headers, COOKIE).unwrap_or_default();
        if !locked(&self.sessions).has(token, Instant::now()) {
            return html(StatusCode::OK, view::sign_in(&self.contact, None));
        }
        let state = self.looker.look().await;
        let home = self.looker.home_time_zone();
        let words = words(&state, home, &self.contact);
        html(StatusCode::OK, view::readings(&words, &self.contact))
    }

    async fn sign_in(&self, request: Request<Incoming>, from: IpAddr) -> Answer {
        if !guard::is_from_here(request.headers()) {
            return self.message(StatusCode::FORBIDDEN, &view::FROM_ELSEWHERE);
        }
        let now = Instant::now();
        if let Err(wait) = locked(&self.tries).begin(from, now) {
            tracing::warn!("the PIN of the page was tried too often");
            return self.too_many(wait);
        }
        let Ok(form) = Limited::new(request.into_body(), FORM_LEN_MAX)
            .collect()
            .await
        else {
            return self.message(StatusCode::PAYLOAD_TOO_LARGE, &view::TOO_LONG);
        };
        if !self.pin.is(&typed(&form.to_bytes())) {
            let wrong = Some("That is not the right PIN. Look at the sheet, and try again.");
            return html(StatusCode::FORBIDDEN, view::sign_in(&self.contact, wrong));
        }
        locked(&self.tries).was_right(from);
        match locked(&self.sessions).begin(now) {
            Ok(token) => see_home(&cookie(&token, SESSION_AGE_MAX)),
            Err(error) => {
                tracing::error!(error = %error, "nobody can be signed in");
                self.message(StatusCode::INTERNAL_SERVER_ERROR, &view::FAILED)
            }
        }
    }

    fn sign_out(&self, headers: &HeaderMap) -> Answer {
        if !guard::is_from_here(headers) {
            return self.message(StatusCode::FORBIDDEN, &view::FROM_ELSEWHERE);
        }
        if let Some(token) = guard::cookie(headers, COOKIE) {
            locked(&self.sessions).end(token);
        }
        see_home(&cookie("", Duration::ZERO))
    }

    fn too_many(&self, wait: Duration) -> Answer {
        let page = view::too_many(wait, &self.contact);
        let mut answer = html(StatusCode::TOO_MANY_REQUESTS, page);
        let seconds = HeaderValue::from(wait.as_secs() + 1);
        answer.headers_mut().insert(header::RETRY_AFTER, seconds);
        answer
    }

    fn message(&self, status: StatusCode, message: &view::Message) -> Answer {
        html(status, view::message(message, &self.contact))
    }
}

/// Each change is whole, so a panic elsewhere has not spoilt it.
fn locked<T>(mutex: &std::sync::Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes the PIN out of a form: `pin=480215`. Digits are written as they are, a space as a plus.
fn typed(form: &[u8]) -> String {
    let form = String::from_utf8_lossy(form);
    let fields = form.split('&').filter_map(|field| field.split_once('='));
    let mut pins = fields.filter_map(|(name, value)| (name == "pin").then_some(value));
    pins.next()
        .unwrap_or_default()
        .replace("%20", "+")
        .replace('+', " ")
}

fn cookie(token: &str, age_max: Duration) -> String {
    format!(
        "{COOKIE}={token}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict",
        age_max.as_secs()
    )
}

fn see_home(cookie: &str) -> Answer {
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = StatusCode::SEE_OTHER;
    let headers = answer.headers_mut();
    headers.insert(header::LOCATION, HeaderValue::from_static("/"));
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        headers.insert(header::SET_COOKIE, cookie);
    }
    answer
}

fn html(status: StatusCode, page: String) -> Answer {
    let mut answer = Response::new(Full::from(page));
    *answer.status_mut() = status;
    let kind = HeaderValue::from_static(HTML);
    answer.headers_mut().insert(header::CONTENT_TYPE, kind);
    answer
}

fn of_type(kind: &'static str, content: &'static str) -> Answer {
    let mut answer = Response::new(Full::from(content));
    let kind = HeaderValue::from_static(kind);
    answer.headers_mut().insert(header::CONTENT_TYPE, kind);
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_read_from_the_form_as_it_was_typed() {
        assert_eq!(typed(b"pin=480215"), "480215");
        assert_eq!(typed(b"a=b&pin=480+215&pin=9"), "480 215");
        assert_eq!(typed(b"pin=480%20215"), "480 215");
        assert_eq!(typed(b"pins=1"), "");
        assert_eq!(typed(b"\xFF\xFE"), "");
    }
}
