//! Where boxes bring their codes: HTTP over TLS on a listener of its own, with a bound on everything.

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
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_http::limit::RequestBodyLimitLayer;
use tracing::{info, warn};
use vitals::enrol::{PATH, REQUEST_LEN_MAX, Refusal, Request};

use super::authority::Authority;
use super::exchange::exchange;
use super::tls::ServerTls;
use super::tries::Tries;
use crate::clock::Clock;
use crate::store::Store;

/// The most boxes that are served at the same time; others wait to be accepted.
pub const CONNECTIONS_LEN_MAX: usize = 64;
/// How long one connection may take, handshake and answer together.
pub const CONNECTION_WAIT_MAX: Duration = Duration::from_secs(12);
/// The largest head of a request, in bytes.
const HEAD_LEN_MAX: usize = 8 * 1024;
/// The pause after a connection that could not be accepted, such as when no file is left to open.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

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
    let places = Arc::new(Semaphore::new(CONNECTIONS_LEN_MAX));
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            () = shutdown.cancelled() => break,
        };
        match accepted {
            Ok((stream, address, place)) => {
                let endpoint = Arc::clone(&endpoint);
                connections.spawn(async move {
                    // A connection that was cut or is too slow is its box's matter, which tries again.
                    let _ =
                        timeout(CONNECTION_WAIT_MAX, endpoint.connection(stream, address)).await;
                    drop(place);
                });
            }
            Err(error) => {
                warn!(error = format!("{error:#}"), "a box cannot be accepted");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    connections.close();
    connections.wait().await;
    Ok(())
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> anyhow::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await?;
    let (stream, address) = listener.accept().await?;
    Ok((stream, address, place))
}

impl Endpoint {
    async fn connection(
        self: Arc<Self>,
        stream: TcpStream,
        address: SocketAddr,
    ) -> anyhow::Result<()> {
        let stream = TlsAcceptor::from(self.tls.config()).accept(stream).await?;
        let router = router(self).layer(Extension(address));
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
                warn!(error = format!("{error:#}"), "an exchange failed");
                StatusCode::SERVICE_UNAVAILABLE.into_response()
            }
        }
    }
}

fn router(endpoint: Arc<Endpoint>) -> Router {
    Router::new()
        .route(PATH, post(enrol))
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(REQUEST_LEN_MAX))
        .with_state(endpoint)
}

async fn enrol(
    State(endpoint): State<Arc<Endpoint>>,
    Extension(address): Extension<SocketAddr>,
    body: Bytes,
) -> Response {
    endpoint.answer(address, &body).await
}

fn refuse(refusal: Refusal) -> Response {
    info!(refusal = ?refusal, "a box was refused");
    let status = match refusal {
        Refusal::WrongCode => StatusCode::FORBIDDEN,
        Refusal::Locked => StatusCode::LOCKED,
        Refusal::Expired => StatusCode::GONE,
        Refusal::Used | Refusal::DeviceTaken | Refusal::NotInStock | Refusal::AnotherBox => {
            StatusCode::CONFLICT
        }
        Refusal::TooMany => StatusCode::TOO_MANY_REQUESTS,
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
