//! Serving: HTTP over TLS, or plainly, on connections of which none can hold up another.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tracing::debug;

use super::certificate::Certificate;
use crate::connections::{accept_until, network};

/// The most connections at the same time, live pages included; others wait to be accepted.
pub(super) const CONNECTIONS_LEN_MAX: usize = 4096;
/// The most connections of one caller at the same time; others are closed at once. A whole hospital may come from one
/// address. This machine is no caller: a proxy on it speaks for many.
pub(super) const CONNECTIONS_OF_ONE_LEN_MAX: usize = 2048;
/// How long a TLS handshake may take.
pub(super) const HANDSHAKE_WAIT_MAX: Duration = Duration::from_secs(10);
/// How long the head of a request may take, from the end of the answer before: a connection with no request is closed too.
pub(super) const HEAD_WAIT_MAX: Duration = Duration::from_secs(20);
/// The largest head of a request, in bytes.
pub(super) const HEAD_LEN_MAX: usize = 16 * 1024;
/// How long a connection may take to end after the stop: shorter than the program.
const STOP_WAIT_MAX: Duration = Duration::from_secs(10);

/// Serves until the stop, then finishes what is under way. Handlers learn who is at the other end by
/// `ConnectInfo<SocketAddr>`.
pub(super) async fn serve(
    listener: TcpListener,
    certificate: Option<Arc<Certificate>>,
    router: Router,
    stop: CancellationToken,
) {
    let crowd = Crowd::default();
    accept_until(listener, CONNECTIONS_LEN_MAX, &stop, |stream, peer| {
        let acceptor = certificate
            .as_ref()
            .map(|it| TlsAcceptor::from(it.config()));
        let (place, router, stop) = (crowd.enter(peer.ip()), router.clone(), stop.clone());
        async move {
            if place.is_some() {
                connection(stream, peer, acceptor, router, stop).await;
            }
        }
    })
    .await;
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    acceptor: Option<TlsAcceptor>,
    router: Router,
    stop: CancellationToken,
) {
    // Each event of a live page is a small packet that must not wait for the next.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let Some(acceptor) = acceptor else {
        return speak(stream, peer, router, stop).await;
    };
    let shaken = tokio::select! {
        shaken = timeout(HANDSHAKE_WAIT_MAX, acceptor.accept(stream)) => shaken,
        () = stop.cancelled() => return,
    };
    match shaken {
        Ok(Ok(stream)) => speak(stream, peer, router, stop).await,
        Ok(Err(error)) => debug!(error = %error, "a browser did not agree on TLS"),
        Err(_) => debug!("a browser was too slow to agree on TLS"),
    }
}

async fn speak(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    peer: SocketAddr,
    router: Router,
    stop: CancellationToken,
) {
    let router = TowerToHyperService::new(router);
    let service = service_fn(|mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        router.call(request)
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_WAIT_MAX)
        .max_buf_size(HEAD_LEN_MAX);
    let mut speaking = std::pin::pin!(http.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        ended = speaking.as_mut() => return tell(ended),
        () = stop.cancelled() => {}
    }
    speaking.as_mut().graceful_shutdown();
    tokio::select! {
        ended = speaking => tell(ended),
        () = sleep(STOP_WAIT_MAX) => debug!("a browser did not let go in time"),
    }
}

fn tell(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        debug!(error = %error, "a browser's connection broke");
    }
}

/// How many connections each caller has.
#[derive(Debug, Clone, Default)]
struct Crowd(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// One connection of a caller, until it is dropped.
#[derive(Debug)]
struct Place {
    crowd: Crowd,
    caller: Option<IpAddr>,
}

impl Crowd {
    /// Counts a connection, unless its caller has too many. At most one entry for each connection.
    fn enter(&self, address: IpAddr) -> Option<Place> {
        let caller = (!address.to_canonical().is_loopback()).then(|| network(address));
        if let Some(caller) = caller {
            let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let count = counts.entry(caller).or_default();
            if *count >= CONNECTIONS_OF_ONE_LEN_MAX {
                return None;
            }
            *count += 1;
        }
        let crowd = self.clone();
        Some(Place { crowd, caller })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(caller) = self.caller else { return };
        let counts = &self.crowd.0;
        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&caller) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&caller);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_has_so_many_connections_and_takes_none_from_others() {
        let crowd = Crowd::default();
        let enter = |address: &str| crowd.enter(address.parse().unwrap());
        let mut places: Vec<_> = (0..CONNECTIONS_OF_ONE_LEN_MAX)
            .map(|number| enter(&format!("2001:db8::{number:x}")).unwrap())
            .collect();
        assert!(enter("2001:db8::9999").is_none());
        assert!(enter("2001:db8:0:1::1").is_some());
        assert!(enter("192.0.2.1").is_some());
        places.pop();
        assert!(enter("2001:db8::9999").is_some());
        drop(places);
        assert_eq!(crowd.0.lock().unwrap().len(), 0);
    }

    #[test]
    fn a_proxy_on_this_machine_speaks_for_many() {
        let crowd = Crowd::default();
        let local = "::ffff:127.0.0.1".parse().unwrap();
        let places: Vec<_> = (0..CONNECTIONS_LEN_MAX)
            .map(|_| crowd.enter(local))
            .collect();
        assert!(places.iter().all(Option::is_some));
    }
}
