//! The TLS in front of the embedded broker: it asks every gateway for its certificate and tells the broker whose it was.
//!
//! mqtt5 0.49 can ask for certificates but shows none of them to whoever decides on a sign-in, so that a gateway could sign
//! in as another. Here the certificate is looked up before a byte reaches the broker; the password stays as a second proof.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use vitals::GatewayId;

use super::tls::{ServerTls, fingerprint_of};
use crate::broker::Peers;
use crate::connections::accept_until;
use crate::store::{Store, certificates};

/// The most gateways that are connected at the same time; others wait to be accepted.
pub const CONNECTIONS_LEN_MAX: usize = 4096;
/// How long a gateway may take to show its certificate.
pub const HANDSHAKE_WAIT_MAX: Duration = Duration::from_secs(10);
/// How often an open connection is looked at again, and ended if its gateway was revoked meanwhile.
pub const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(30);
/// How long a connection may take to end after the stop: longer than the broker, shorter than the program.
const STOP_WAIT_MAX: Duration = Duration::from_secs(8);

/// What the front needs of the program around it.
#[derive(Debug)]
pub struct Front {
    /// Where certificates are kept.
    pub store: Store,
    /// How it is reached.
    pub tls: ServerTls,
    /// Where the embedded broker listens, on this machine.
    pub broker: SocketAddr,
    /// Whom it tells the broker of.
    pub peers: Peers,
}

/// Lets gateways in until shutdown.
///
/// # Errors
/// Never; what is wrong with one connection is no matter of the next.
pub async fn serve(
    listener: TcpListener,
    front: Front,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let front = Arc::new(front);
    accept_until(listener, CONNECTIONS_LEN_MAX, &shutdown, |stream, _| {
        let (front, stop) = (Arc::clone(&front), shutdown.clone());
        async move {
            if let Err(error) = front.connection(stream, &stop).await {
                info!(error = format!("{error:#}"), "a gateway's connection ended");
            }
        }
    })
    .await;
    Ok(())
}

impl Front {
    async fn connection(&self, stream: TcpStream, stop: &CancellationToken) -> anyhow::Result<()> {
        let shaking = TlsAcceptor::from(self.tls.config()).accept(stream);
        let mut outside = timeout(HANDSHAKE_WAIT_MAX, shaking)
            .await
            .context("no certificate was shown in time")??;
        let shown = fingerprint_of(&outside).context("no certificate was shown")?;
        let gateway = self
            .gateway_of(&shown)
            .await?
            .context("the certificate's gateway is revoked or not known")?;
        let mut inside = TcpStream::connect(self.broker).await?;
        let _peer = self.peers.enter(inside.local_addr()?, gateway.clone());
        tokio::select! {
            // A connection that is cut is nothing to tell of.
            _ = copy_bidirectional(&mut outside, &mut inside) => {}
            () = self.until_revoked(&shown) => {
                info!(gateway.id = %gateway, "a gateway was revoked, and its connection is closed");
            }
            () = overdue(stop) => {}
        }
        Ok(())
    }

    async fn gateway_of(&self, fingerprint: &str) -> anyhow::Result<Option<GatewayId>> {
        let mut connection = self.store.readers().acquire().await?;
        certificates::trusted_gateway(&mut connection, fingerprint).await
    }

    async fn until_revoked(&self, fingerprint: &str) {
        loop {
            sleep(LOOK_AGAIN_AFTER).await;
            match self.gateway_of(fingerprint).await {
                Ok(Some(_)) => {}
                Ok(None) => return,
                // Ingest looks at every message anyway.
                Err(error) => warn!(
                    error = format!("{error:#}"),
                    "cannot see whether a gateway was revoked"
                ),
            }
        }
    }
}

async fn overdue(stop: &CancellationToken) {
    stop.cancelled().await;
    sleep(STOP_WAIT_MAX).await;
}
