//! Guards on every request and answer: nothing that no database keeps, strict headers, our own words, and a bound on how
//! long a page may take.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;

use super::error::PageError;

/// The largest request body, in bytes. The longest form is a note of 2,000 characters.
pub(crate) const BODY_LEN_MAX: usize = 64 * 1024;
/// How long a page may take. Above what waiting for a database connection may take, so that the cause is named.
pub(crate) const PAGE_WAIT_MAX: Duration = Duration::from_secs(15);

const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const STRICT: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// A year, in seconds.
const STRICT_TRANSPORT_SECURITY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Tells browsers to come over TLS from now on, in every answer that was itself sent over it.
pub(crate) async fn only_over_tls(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .insert(header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT_SECURITY);
    response
}

/// Adds the strict headers to every answer, errors included. What says nothing of caching is not to be kept anywhere.
pub(crate) async fn strict_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in STRICT {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Refuses a NUL: PostgreSQL keeps none in a text, and nobody types one.
pub(crate) async fn no_nul(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let address = parts.uri.path_and_query();
    if address.is_some_and(|it| has_nul(it.as_str().as_bytes())) {
        return PageError::NotFound.into_response();
    }
    let Ok(form) = to_bytes(body, BODY_LEN_MAX).await else {
        return PageError::TooLong.into_response();
    };
    if has_nul(&form) {
        return PageError::BadForm.into_response();
    }
    let request = Request::from_parts(parts, Body::from(form));
    next.run(request).await
}

fn has_nul(encoded: &[u8]) -> bool {
    encoded.contains(&0) || encoded.windows(3).any(|it| it == b"%00")
}

/// Says in our own words what the router and its layers refuse in theirs: a part of an address that is none, such as a
/// number that is too great, a form that is too long, and a method that an address does not take.
pub(crate) async fn own_words(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_page = kind.is_some_and(|it| it.as_bytes().starts_with(b"text/html"));
    match response.status() {
        _ if is_page => response,
        StatusCode::BAD_REQUEST => PageError::NotFound.into_response(),
        StatusCode::PAYLOAD_TOO_LARGE => PageError::TooLong.into_response(),
        StatusCode::METHOD_NOT_ALLOWED => PageError::WrongMethod.into_response(),
        _ => response,
    }
}

/// Gives up on a page that takes too long. Live streams do not pass here.
pub(crate) async fn in_time(request: Request, next: Next) -> Response {
    match timeout(PAGE_WAIT_MAX, next.run(request)).await {
        Ok(response) => response,
        Err(_) => PageError::TooSlow.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::assets;
    use crate::web::browser::Served;
    use crate::web::sample::Sample;

    #[tokio::test]
    async fn every_answer_is_strict_and_pages_are_kept_nowhere() {
        let sample = Sample::open("2026-03-14T12:20:00Z").await;
        sample.ivor().await;
        let served = Served::start(&sample.state).await;
        let style = format!("/static/{}/site.css", assets::build());
        for (path, status) in [
            ("/alerts", 200),
            ("/patients/ivor", 200),
            ("/sign-in", 200),
            ("/", 303),
            ("/nowhere", 404),
            ("/static/0/site.css", 404),
            ("/livez", 200),
            ("/readyz", 200),
            ("/alerts/ivor/1/take", 405),
            (&style, 200),
            ("/favicon.ico", 200),
        ] {
            let answer = served.get(path, "nurse-1").await;
            assert_eq!(answer.status, status, "{path}");
            for (name, value) in STRICT {
                assert_eq!(answer.header(name.as_str()), Some(value), "{path}");
            }
            let cached = answer.header("cache-control").unwrap();
            let is_asset = path == style || path == "/favicon.ico";
            assert_eq!(cached != "no-store", is_asset, "{path}: {cached}");
        }
        let live = served.get("/alerts/live", "").await;
        assert!(live.header("content-security-policy").is_some());
    }

    #[tokio::test]
    async fn a_form_over_the_bound_is_refused() {
        let sample = Sample::open("2026-03-14T12:20:00Z").await;
        let served = Served::start(&sample.state).await;
        let form = format!("username={}", "x".repeat(BODY_LEN_MAX));
        assert_eq!(served.post("/sign-in", "", &form).await.status, 413);
    }

    #[tokio::test]
    async fn not_ready_without_a_database_but_alive() {
        let sample = Sample::open("2026-03-14T12:20:00Z").await;
        let served = Served::start(&sample.state).await;
        served.cookie("nurse-1").await;
        sample.state.store.close().await;
        assert_eq!(served.get("/readyz", "").await.status, 503);
        assert_eq!(served.get("/livez", "").await.status, 200);
        let page = served.get("/alerts", "nurse-1").await;
        assert_eq!(page.status, 500);
        assert!(page.body.contains("tell your team lead"));
    }
}
