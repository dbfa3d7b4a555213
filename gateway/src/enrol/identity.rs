//! How an enrolled box speaks TLS: by its certificate, with whoever has one of its authority.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use jiff::Timestamp;
use tokio_rustls::rustls::client::WantsClientCert;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::version::TLS13;
use tokio_rustls::rustls::{ClientConfig, ConfigBuilder, RootCertStore};

use super::schedule::Validity;
use super::{CA_FILE, CERTIFICATE_FILE, TLS_KEY_FILE};
use crate::clock::Clock;
use crate::keys;

/// A certificate and its key.
pub(super) struct Identity {
    pub(super) certificate: CertificateDer<'static>,
    pub(super) key: PrivatePkcs8KeyDer<'static>,
}

/// Makes the TLS 1.3 client of this box from what it was given when it was enrolled, and renewed since.
///
/// # Errors
/// When it was not enrolled, or a file is broken or can be read by other users.
pub fn client(state_dir: &Path, clock: &Clock) -> anyhow::Result<Arc<ClientConfig>> {
    Identity::load(state_dir)?.client(state_dir, clock)
}

/// Makes the TLS 1.3 client of a box whose certificate has ended, and that shows none.
///
/// # Errors
/// As [`client`].
pub fn without_certificate(state_dir: &Path, clock: &Clock) -> anyhow::Result<Arc<ClientConfig>> {
    Ok(Arc::new(builder(state_dir, clock)?.with_no_client_auth()))
}

/// Tells from when to when this box's certificate is good.
///
/// # Errors
/// As [`client`].
pub fn validity(state_dir: &Path) -> anyhow::Result<Validity> {
    Identity::load(state_dir)?.validity()
}

impl Identity {
    /// Reads the pair that this box has now. The key stands beside its certificate once that was renewed.
    pub(super) fn load(state_dir: &Path) -> anyhow::Result<Self> {
        let pem = keys::read_key(&state_dir.join(CERTIFICATE_FILE))?;
        let key = match PrivatePkcs8KeyDer::from_pem_slice(&pem) {
            Ok(key) => key,
            Err(_) => keys::read_key(&state_dir.join(TLS_KEY_FILE))?.into(),
        };
        Ok(Self {
            certificate: certificate(state_dir, CERTIFICATE_FILE, &pem)?,
            key,
        })
    }

    /// Makes the TLS 1.3 client by this pair.
    pub(super) fn client(
        self,
        state_dir: &Path,
        clock: &Clock,
    ) -> anyhow::Result<Arc<ClientConfig>> {
        let config = builder(state_dir, clock)?
            .with_client_auth_cert(vec![self.certificate], self.key.into())
            .context("this box's certificate and its key do not fit; enrol it again")?;
        Ok(Arc::new(config))
    }

    pub(super) fn validity(&self) -> anyhow::Result<Validity> {
        let (_, certificate) = x509_parser::parse_x509_certificate(&self.certificate)
            .context("this box's certificate cannot be read; enrol it again")?;
        let validity = certificate.validity();
        Ok(Validity {
            begins_at: Timestamp::from_second(validity.not_before.timestamp())?,
            ends_at: Timestamp::from_second(validity.not_after.timestamp())?,
        })
    }
}

fn builder(
    state_dir: &Path,
    clock: &Clock,
) -> anyhow::Result<ConfigBuilder<ClientConfig, WantsClientCert>> {
    let ca = keys::read_key(&state_dir.join(CA_FILE))?;
    let mut roots = RootCertStore::empty();
    roots.add(certificate(state_dir, CA_FILE, &ca)?)?;
    let provider = Arc::new(default_provider());
    Ok(
        ClientConfig::builder_with_details(provider, Arc::new(clock.clone()))
            .with_protocol_versions(&[&TLS13])?
            .with_root_certificates(roots),
    )
}

fn certificate(
    state_dir: &Path,
    name: &str,
    pem: &[u8],
) -> anyhow::Result<CertificateDer<'static>> {
    CertificateDer::from_pem_slice(pem)
        .ok()
        .with_context(|| format!("{name} in {} is no certificate", state_dir.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_that_was_not_enrolled_has_no_identity() {
        let folder = tempfile::tempdir().unwrap();
        let error = format!("{:#}", client(folder.path(), &Clock::system()).unwrap_err());
        assert!(error.contains("gateway.pem"), "{error}");
    }
}
