//! The page for the people at home: served by hyper in the local network, after a PIN.
//!
//! It is plain HTTP: no authority certifies an address in a home, and a warning that everybody must click away teaches the
//! wrong thing. So the page holds no name, and the PIN opens nothing but the page.

mod guard;
mod pin;
mod route;
mod sessions;
mod tries;
mod view;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Contact;
use super::look::Looker;
use pin::Pin;
use sessions::Sessions;
use tries::Tries;

/// The most connections at the same time; others wait to be accepted. A home has a few phones and tablets.
pub const CONNECTIONS_LEN_MAX: usize = 16;
/// How long a connection may take altogether: one question and its answer.
pub const CONNECTION_WAIT_MAX: Duration = Duration::from_secs(15);
/// How long a browser may take to ask.
const HEAD_WAIT_MAX: Duration = Duration::from_secs(5);
/// The most bytes of a request's head. hyper takes no less.
const HEAD_LEN_MAX: usize = 8 * 1024;
/// The most headers of a request.
const HEADERS_LEN_MAX: usize = 64;
/// The pause after a connection that could not be accepted, such as when no file is left to open.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Where the page is served.
#[derive(Debug, Clone)]
pub struct PageConfig {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The file of the PIN.
    pub pin_file: PathBuf,
    /// Names by which it may be asked for, beside every IP address.
    pub names: Vec<String>,
}

/// What a question to the page is answered from.
#[derive(Debug)]
struct Page {
    names: Vec<String>,
    contact: Contact,
    looker: Arc<Looker>,
    pin: Pin,
    tries: Mutex<Tries>,
    sessions: Mutex<Sessions>,
}

/// Serves the page until the stop.
///
/// # Errors
/// When the PIN cannot be read, or the address not be listened at.
pub(super) async fn serve(
    config: PageConfig,
    contact: Contact,
    looker: Arc<Looker>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let page = Page {
        pin: Pin::read(&config.pin_file)?,
        names: config.names,
        contact,
        looker,
        tries: Mutex::default(),
        sessions: Mutex::default(),
    };
    let listener = TcpListener::bind(config.listen).await.with_context(|| {
        format!(
            "home.page.listen: cannot listen at {}; see whether another program does",
            config.listen
        )
    })?;
    tracing::info!(page.address = %listener.local_addr()?, "the page for the home is served");
    accept(&listener, &Arc::new(page), &stop).await;
    Ok(())
}

async fn accept(listener: &TcpListener, page: &Arc<Page>, stop: &CancellationToken) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_LEN_MAX));
    let connections = TaskTracker::new();
    loop {
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await.ok();
            (listener.accept().await, place)
        };
        let (accepted, place) = tokio::select! {
            accepted = accepted => accepted,
            () = stop.cancelled() => break,
        };
        match accepted {
            Ok((stream, address)) => {
                let (page, stop) = (Arc::clone(page), stop.clone());
                connections.spawn(async move {
                    tokio::select! {
                        () = connection(&page, stream, address) => {}
                        () = stop.cancelled() => {}
                    }
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(error = %error, "a browser cannot be accepted");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    connections.close();
    connections.wait().await;
}

/// A connection that was cut or is too slow is its browser's matter, which asks again.
async fn connection(page: &Page, stream: TcpStream, address: SocketAddr) {
    let answer = service_fn(|request| async move {
        Ok::<_, Infallible>(page.answer(request, address.ip()).await)
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WAIT_MAX)
        .keep_alive(false)
        .max_buf_size(HEAD_LEN_MAX)
        .max_headers(HEADERS_LEN_MAX)
        .serve_connection(TokioIo::new(stream), answer);
    if let Ok(Err(error)) = timeout(CONNECTION_WAIT_MAX, served).await {
        tracing::debug!(error = %error, "a browser was cut off");
    }
}
