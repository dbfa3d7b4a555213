//! Same origin: what another site makes a nurse's browser ask for is refused.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::PageError;

/// Lets a request pass if it is for this computer and, where it would change something, comes from one of our own pages.
pub(crate) async fn check(request: Request, next: Next) -> Response {
    let only_reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let headers = request.headers();
    if is_for_this_computer(headers) && (only_reads || is_same_origin(headers)) {
        next.run(request).await
    } else {
        PageError::OtherOrigin.into_response()
    }
}

/// The pages are served on loopback only. A site whose name is made to lead here (DNS rebinding) names itself as the host.
fn is_for_this_computer(headers: &HeaderMap) -> bool {
    let host = headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok());
    let authority = host.and_then(|host| host.parse::<Authority>().ok());
    authority.is_some_and(|authority| {
        let name = authority
            .host()
            .trim_start_matches('[')
            .trim_end_matches(']');
        name == "localhost"
            || name
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    })
}

/// Fetch Metadata (Sec-Fetch-Site) where the browser sends it, else Origin against Host. Neither: refused.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin";
    }
    let origin = text(header::ORIGIN.as_str()).and_then(|origin| origin.parse::<Uri>().ok());
    let host = text(header::HOST.as_str());
    match (origin, host) {
        (Some(origin), Some(host)) => origin
            .authority()
            .is_some_and(|authority| authority.as_str() == host),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(pairs: &[(&'static str, &str)]) -> bool {
        let headers = pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        is_same_origin(&headers.collect::<HeaderMap>())
    }

    #[test]
    fn a_name_that_was_made_to_lead_here_is_refused() {
        let local = |host: &str| {
            is_for_this_computer(
                &[(header::HOST, host.parse().unwrap())]
                    .into_iter()
                    .collect(),
            )
        };
        assert!(local("127.0.0.1:8080") && local("localhost:8080") && local("[::1]:8080"));
        assert!(
            !local("evil.example:8080") && !local("127.0.0.1.evil.example") && !local("10.0.0.1")
        );
        assert!(!is_for_this_computer(&HeaderMap::new()));
    }

    #[test]
    fn only_our_own_pages_may_post() {
        let host = ("host", "127.0.0.1:8080");
        assert!(same(&[host, ("sec-fetch-site", "same-origin")]));
        assert!(same(&[host, ("origin", "http://127.0.0.1:8080")]));
        for wrong in ["cross-site", "same-site", "none"] {
            assert!(!same(&[
                host,
                ("sec-fetch-site", wrong),
                ("origin", "http://127.0.0.1:8080")
            ]));
        }
        assert!(!same(&[host, ("origin", "http://127.0.0.1:9090")]));
        assert!(!same(&[host, ("origin", "https://evil.example")]));
        assert!(!same(&[host, ("origin", "null")]));
        assert!(!same(&[host]));
        assert!(!same(&[("origin", "http://127.0.0.1:8080")]));
    }
}
