//! TLS 1.3 as this server speaks it: by its authority's certificate, which is made anew before it ends.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use tokio::net::TcpStream;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::server::danger::ClientCertVerifier;
use tokio_rustls::rustls::server::{ClientCertVerifierBuilder, WebPkiClientVerifier};
use tokio_rustls::rustls::version::TLS13;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};
use tokio_rustls::server::TlsStream;
use tracing::warn;

use super::authority::Authority;
use crate::clock::Clock;

/// Makes the configuration for one more connection.
#[derive(Debug)]
pub struct ServerTls {
    authority: Arc<Authority>,
    names: Vec<String>,
    clock: Clock,
    clients: Arc<dyn ClientCertVerifier>,
    current: Mutex<Current>,
}

#[derive(Debug)]
struct Current {
    config: Arc<ServerConfig>,
    renew_at: Timestamp,
}

impl ServerTls {
    /// Lets anybody connect: for boxes that have no certificate yet. A certificate that is shown is checked.
    ///
    /// # Errors
    /// When a name is none, or no certificate can be made.
    pub fn for_anybody(
        authority: Arc<Authority>,
        names: &[String],
        clock: &Clock,
    ) -> anyhow::Result<Self> {
        let clients = verifier(&authority)?.allow_unauthenticated();
        Self::new(authority, names, clock, clients)
    }

    /// Lets only those connect who have a certificate of the authority.
    ///
    /// # Errors
    /// As [`ServerTls::for_anybody`].
    pub fn for_gateways(
        authority: Arc<Authority>,
        names: &[String],
        clock: &Clock,
    ) -> anyhow::Result<Self> {
        let clients = verifier(&authority)?;
        Self::new(authority, names, clock, clients)
    }

    fn new(
        authority: Arc<Authority>,
        names: &[String],
        clock: &Clock,
        clients: ClientCertVerifierBuilder,
    ) -> anyhow::Result<Self> {
        let clients = clients
            .build()
            .context("the authority cannot be used to check certificates")?;
        let current = make(&authority, names, Arc::clone(&clients), clock)?;
        Ok(Self {
            authority,
            names: names.to_vec(),
            clock: clock.clone(),
            clients,
            current: Mutex::new(current),
        })
    }

    /// Gives the configuration for a connection that begins now.
    pub fn config(&self) -> Arc<ServerConfig> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        if now >= current.renew_at {
            let clients = Arc::clone(&self.clients);
            match make(&self.authority, &self.names, clients, &self.clock) {
                Ok(made) => *current = made,
                // The one before is good for another month.
                Err(error) => warn!(
                    error = format!("{error:#}"),
                    "the server's certificate cannot be renewed"
                ),
            }
        }
        Arc::clone(&current.config)
    }
}

/// Gives the SHA-256 of the certificate that was shown on a connection, hexadecimal.
pub(super) fn fingerprint_of(stream: &TlsStream<TcpStream>) -> Option<String> {
    let shown = stream.get_ref().1.peer_certificates()?.first()?;
    Some(hex::encode(digest(&SHA256, shown)))
}

fn verifier(authority: &Authority) -> anyhow::Result<ClientCertVerifierBuilder> {
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate().clone())?;
    let provider = Arc::new(default_provider());
    Ok(WebPkiClientVerifier::builder_with_provider(
        Arc::new(roots),
        provider,
    ))
}

fn make(
    authority: &Authority,
    names: &[String],
    clients: Arc<dyn ClientCertVerifier>,
    clock: &Clock,
) -> anyhow::Result<Current> {
    let own = authority
        .issue_for_server(names, clock.now())
        .context("the server's own certificate cannot be made; see enrol.names")?;
    let provider = Arc::new(default_provider());
    let config = ServerConfig::builder_with_details(provider, Arc::new(clock.clone()))
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(clients)
        .with_single_cert(own.chain, own.key.into())?;
    Ok(Current {
        config: Arc::new(config),
        renew_at: own.renew_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;
    use crate::enrol::authority::SERVER_CERTIFICATE_LIFE;

    #[test]
    fn the_servers_certificate_is_made_anew_after_two_thirds_of_its_life() {
        let dir = tempfile::tempdir().unwrap();
        let hand = ManualClock::new("2026-11-26T09:00:00Z".parse().unwrap(), 1);
        let authority = Arc::new(Authority::load_or_make(dir.path(), &hand.clock()).unwrap());
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let tls = ServerTls::for_gateways(authority, &names, &hand.clock()).unwrap();
        let first = tls.config();
        hand.advance(SERVER_CERTIFICATE_LIFE / 3 * 2 - jiff::SignedDuration::from_secs(1));
        assert!(Arc::ptr_eq(&first, &tls.config()));
        hand.advance(jiff::SignedDuration::from_secs(1));
        let second = tls.config();
        assert!(!Arc::ptr_eq(&first, &second));
        assert!(Arc::ptr_eq(&second, &tls.config()));
    }

    #[test]
    fn what_is_no_name_is_refused_with_the_key_to_mend() {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::system();
        let authority = Arc::new(Authority::load_or_make(dir.path(), &clock).unwrap());
        let error = ServerTls::for_anybody(authority, &["dä".to_owned()], &clock).unwrap_err();
        assert!(error.to_string().contains("enrol.names"), "{error:#}");
    }
}
