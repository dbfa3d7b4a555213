//! Where boxes bring their codes and renew their certificates: HTTP over TLS on a listener of its own, with a bound on everything.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Extension, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde::Serialize;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower_http::limit::RequestBodyLimitLayer;
use tracing::{info, warn};
use vitals::enrol::{
    LateRenewal, PATH, RENEW_LATE_PATH, RENEW_PATH, REQUEST_LEN_MAX, Refusal, RenewalAnswer,
    RenewalRequest, Request,
};

use super::authority::Authority;
use super::exchange::exchange;
use super::renewal;
use super::tls::{ServerTls, fingerprint_of};
use super::tries::Tries;
use crate::clock::Clock;
use crate::connections::accept_until;
use crate::store::Store;

/// The most boxes that are served at the same time; others wait to be accepted.
pub const CONNECTIONS_LEN_MAX: usize = 64;
/// How long one connection may take, handshake and answer together.
pub const CONNECTION_WAIT_MAX: Duration = Duration::from_secs(12);
/// The largest head of a request, in bytes.
const HEAD_LEN_MAX: usize = 8 * 1024;

/// What the endpoint needs of the program around it.
#[derive(Debug)]
pub struct Endpoint {
    /// Where everything is kept.
    pub store: Store,
    /// Names the boxes.
    pub authority: Arc<Authority>,
    /// How it is reached.
    pub tls: ServerTls,
    /// The time, and randomness.
    pub clock: Clock,
    /// The wrong tries of late.
    pub tries: Tries,
}

/// Serves boxes until shutdown, then finishes what is under way.
///
/// # Errors
/// Never; what is wrong with one connection is no matter of the next.
pub async fn serve(
    listener: TcpListener,
    endpoint: Endpoint,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let endpoint = Arc::new(endpoint);
    accept_until(listener, CONNECTIONS_LEN_MAX, &shutdown, |stream, peer| {
        let connection = Arc::clone(&endpoint).connection(stream, peer);
        async move {
            // A connection that was cut or is too slow is its box's matter, which tries again.
            let _ = timeout(CONNECTION_WAIT_MAX, connection).await;
        }
    })
    .await;
    Ok(())
}

/// Who is at the other end of a connection.
#[derive(Debug, Clone)]
struct Peer {
    address: SocketAddr,
    /// The fingerprint of the certificate that was shown, which is of this authority and has not ended.
    certificate: Option<String>,
}

impl Endpoint {
    async fn connection(
        self: Arc<Self>,
        stream: TcpStream,
        address: SocketAddr,
    ) -> anyhow::Result<()> {
        let stream = TlsAcceptor::from(self.tls.config()).accept(stream).await?;
        let peer = Peer {
            address,
            certificate: fingerprint_of(&stream),
        };
        let router = router(self).layer(Extension(peer));
        http1::Builder::new()
            .keep_alive(false)
            .max_buf_size(HEAD_LEN_MAX)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
            .await
            .context("a box was cut off")
    }

    /// Every request counts as a wrong try until its code has proved right.
    async fn answer(&self, address: SocketAddr, body: &[u8]) -> Response {
        if let Err(refusal) = self.tries.begin(address.ip(), self.clock.now()) {
            return refuse(refusal);
        }
        let request = match Request::from_body(body) {
            Ok(request) => request,
            Err(refusal) => return refuse(refusal),
        };
        match exchange(&self.store, &self.authority, &request, &self.clock).await {
            Ok(Ok(answer)) => {
                self.tries.was_right(address.ip());
                info!(gateway.id = %answer.gateway, "a gateway was enrolled");
                json(StatusCode::OK, &answer)
            }
            Ok(Err(refusal)) => refuse(refusal),
            Err(error) => {
                // It was not the box's fault.
                self.tries.was_right(address.ip());
                failed(&error)
            }
        }
    }

    /// A certificate of the authority is no guess, so it is not counted.
    async fn renew(&self, peer: &Peer, body: &[u8]) -> Response {
        let Some(shown) = &peer.certificate else {
            return refuse(Refusal::NotKnown);
        };
        let request = match RenewalRequest::from_body(body) {
            Ok(request) => request,
            Err(refusal) => return refuse(refusal),
        };
        let now = self.clock.now();
        let answered = renewal::renew(&self.store, &self.authority, shown, &request, now).await;
        renewed(answered)
    }

    /// As with codes, every request counts as a wrong try until it has proved to be of a box that is known.
    async fn renew_late(&self, address: SocketAddr, body: &[u8]) -> Response {
        let now = self.clock.now();
        if let Err(refusal) = self.tries.begin(address.ip(), now) {
            return refuse(refusal);
        }
        let request = match LateRenewal::from_body(body) {
            Ok(request) => request,
            Err(refusal) => return refuse(refusal),
        };
        let answered = renewal::renew_late(&self.store, &self.authority, &request, now).await;
        let is_unknown = matches!(answered, Ok(Err(Refusal::NotKnown | Refusal::Malformed)));
        if !is_unknown {
            self.tries.was_right(address.ip());
        }
        renewed(answered)
    }
}

fn renewed(answered: anyhow::Result<Result<RenewalAnswer, Refusal>>) -> Response {
    match answered {
        Ok(Ok(answer)) => json(StatusCode::OK, &answer),
        Ok(Err(refusal)) => refuse(refusal),
        Err(error) => failed(&error),
    }
}

fn failed(error: &anyhow::Error) -> Response {
    warn!(error = format!("{error:#}"), "an exchange failed");
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

fn router(endpoint: Arc<Endpoint>) -> Router {
    Router::new()
        .route(PATH, post(enrol))
        .route(RENEW_PATH, post(renew))
        .route(RENEW_LATE_PATH, post(renew_late))
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(REQUEST_LEN_MAX))
        .with_state(endpoint)
}

async fn enrol(
    State(endpoint): State<Arc<Endpoint>>,
    Extension(peer): Extension<Peer>,
    body: Bytes,
) -> Response {
    endpoint.answer(peer.address, &body).await
}

async fn renew(
    State(endpoint): State<Arc<Endpoint>>,
    Extension(peer): Extension<Peer>,
    body: Bytes,
) -> Response {
    endpoint.renew(&peer, &body).await
}

async fn renew_late(
    State(endpoint): State<Arc<Endpoint>>,
    Extension(peer): Extension<Peer>,
    body: Bytes,
) -> Response {
    endpoint.renew_late(peer.address, &body).await
}

fn refuse(refusal: Refusal) -> Response {
    info!(refusal = ?refusal, "a box was refused");
    let status = match refusal {
        Refusal::WrongCode | Refusal::NotKnown | Refusal::NotPermitted => StatusCode::FORBIDDEN,
        Refusal::Locked => StatusCode::LOCKED,
        Refusal::Expired | Refusal::TooLate => StatusCode::GONE,
        Refusal::Used
        | Refusal::DeviceTaken
        | Refusal::StillGood
        | Refusal::NotInStock
        | Refusal::AnotherBox => StatusCode::CONFLICT,
        Refusal::TooMany | Refusal::TooOften => StatusCode::TOO_MANY_REQUESTS,
        Refusal::Malformed => StatusCode::BAD_REQUEST,
    };
    json(status, &refusal)
}

fn json(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_string(body) {
        Ok(text) => {
            let headers = [
                (header::CONTENT_TYPE, "application/json"),
                (header::CACHE_CONTROL, "no-store"),
            ];
            (status, headers, text).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
