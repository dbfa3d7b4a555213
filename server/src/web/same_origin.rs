//! Same origin: what another site makes a browser ask for is refused. Whether a change comes from one of our own pages is
//! told by tower-http's CSRF layer; here is what it leaves open.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::PageError;

/// Lets a request pass if it is for this server and, where it would change something, says where it comes from.
pub(crate) async fn check(
    State(state): State<Arc<super::State>>,
    request: Request,
    next: Next,
) -> Response {
    let only_reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let headers = request.headers();
    if !is_for_us(headers, &state.names) {
        PageError::OtherName.into_response()
    } else if only_reads || says_its_origin(headers) {
        next.run(request).await
    } else {
        PageError::OtherOrigin.into_response()
    }
}

/// A site whose name is made to lead here (DNS rebinding) names itself as the host.
fn is_for_us(headers: &HeaderMap, names: &[String]) -> bool {
    let host = headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok());
    let authority = host.and_then(|host| host.parse::<Authority>().ok());
    authority.is_some_and(|authority| {
        let name = authority
            .host()
            .trim_start_matches('[')
            .trim_end_matches(']');
        let address: Option<IpAddr> = name.parse().ok();
        name == "localhost"
            || address.is_some_and(|address| address.is_loopback())
            || names.iter().any(|known| {
                known.eq_ignore_ascii_case(name)
                    || (address.is_some() && known.parse().ok() == address)
            })
    })
}

/// The layer lets pass what has neither header, for programs; every browser sends one of them with a form, so that one
/// without was stripped on its way.
fn says_its_origin(headers: &HeaderMap) -> bool {
    headers.contains_key("sec-fetch-site") || headers.contains_key(header::ORIGIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::browser::Served;
    use crate::web::sample::Sample;

    #[test]
    fn a_name_that_was_made_to_lead_here_is_refused() {
        let names = ["hearth.example".to_owned(), "2001:db8::1".to_owned()];
        let ours = |host: &str| {
            is_for_us(
                &[(header::HOST, host.parse().unwrap())]
                    .into_iter()
                    .collect(),
                &names,
            )
        };
        assert!(ours("127.0.0.1:8080") && ours("localhost:8080") && ours("[::1]:8080"));
        assert!(ours("hearth.example") && ours("Hearth.Example:8443"));
        assert!(ours("[2001:db8:0::1]:443"));
        assert!(!ours("evil.example:8080") && !ours("127.0.0.1.evil.example") && !ours("10.0.0.1"));
        assert!(!ours("hearth.example.evil.example") && !ours("evil.hearth.example"));
        assert!(!is_for_us(&HeaderMap::new(), &names));
    }

    #[tokio::test]
    async fn only_our_own_pages_may_post() {
        let sample = Sample::open("2026-03-14T12:20:00Z").await;
        let served = Served::start(&sample.state).await;
        let own = format!("Origin: http://{}\r\n", served.host);
        let post = async |headers: &str| {
            let answer = served.send("POST /sign-out", headers, "").await;
            answer.status
        };
        assert_eq!(post(&own).await, 303);
        assert_eq!(post("Sec-Fetch-Site: same-origin\r\n").await, 303);
        for wrong in ["cross-site", "same-site"] {
            let headers = format!("Sec-Fetch-Site: {wrong}\r\n{own}");
            assert_eq!(post(&headers).await, 403, "{wrong}");
        }
        for wrong in [
            "",
            "Origin: http://127.0.0.1:1\r\n",
            "Origin: https://evil.example\r\n",
            "Origin: null\r\n",
        ] {
            assert_eq!(post(wrong).await, 403, "{wrong:?}");
        }
    }

    #[tokio::test]
    async fn who_comes_by_another_name_is_told_the_right_one() {
        let mut sample = Sample::open("2026-03-14T12:20:00Z").await;
        sample.state.names = vec!["hearth.example".to_owned()];
        let served = Served::start(&sample.state).await;
        for (host, status) in [("evil.example", 421), ("hearth.example", 200)] {
            let answer = served.send_to(host, "GET /sign-in", "", "").await;
            assert_eq!(answer.status, status, "{host}");
        }
    }
}
