//! How an enrolled box speaks TLS to the broker: by its certificate, with whoever has one of its authority.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::version::TLS13;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::{CA_FILE, CERTIFICATE_FILE, TLS_KEY_FILE};
use crate::keys;

/// Makes the TLS 1.3 client of this box from what it was given when it was enrolled.
///
/// # Errors
/// When it was not enrolled, or a file is broken or can be read by other users.
pub fn client(state_dir: &Path) -> anyhow::Result<Arc<ClientConfig>> {
    let certificate = |name: &str| {
        let pem = keys::read_key(&state_dir.join(name))?;
        CertificateDer::from_pem_slice(&pem)
            .ok()
            .with_context(|| format!("{name} in {} is no certificate", state_dir.display()))
    };
    let mut roots = RootCertStore::empty();
    roots.add(certificate(CA_FILE)?)?;
    let key = keys::read_key(&state_dir.join(TLS_KEY_FILE))?;
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&TLS13])?
        .with_root_certificates(roots)
        .with_client_auth_cert(
            vec![certificate(CERTIFICATE_FILE)?],
            PrivatePkcs8KeyDer::from(key).into(),
        )
        .context("this box's certificate and its key do not fit; enrol it again")?;
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_that_was_not_enrolled_has_no_identity() {
        let folder = tempfile::tempdir().unwrap();
        let error = format!("{:#}", client(folder.path()).unwrap_err());
        assert!(error.contains("ca.pem"), "{error}");
    }
}
