//! Guards on every answer: strict headers, and a bound on how long a page may take.

use std::time::Duration;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
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
