//! TLS 1.3 to an external broker: by which certificate this server is known there, and whom it believes.

use std::sync::Arc;

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::version::TLS13;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tracing::error;

use crate::broker::config::TlsFiles;
use crate::clock::Clock;
use crate::pem;

/// From how long before the end of the certificate on it is said at each connection.
const END_IS_NEAR: SignedDuration = SignedDuration::from_hours(30 * 24);
const CERTIFICATE_KEY: &str = "broker.external.tls.certificate_file";

/// Reads the files.
///
/// # Errors
/// When one cannot be read, holds something else, or the key can be read by everybody; the error names its key.
pub(super) fn client(files: &TlsFiles, clock: &Clock) -> anyhow::Result<Arc<ClientConfig>> {
    read(files, clock).context("`server broker-certificate` makes the files of broker.external.tls")
}

fn read(files: &TlsFiles, clock: &Clock) -> anyhow::Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    for authority in pem::certificates("broker.external.tls.ca_file", &files.ca_file)? {
        roots.add(authority)?;
    }
    let chain = pem::certificates(CERTIFICATE_KEY, &files.certificate_file)?;
    say_when_it_ends(&chain, clock.now())?;
    let key = pem::private_key("broker.external.tls.key_file", &files.key_file)?;
    let provider = Arc::new(default_provider());
    let config = ClientConfig::builder_with_details(provider, Arc::new(clock.clone()))
        .with_protocol_versions(&[&TLS13])?
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)
        .context("broker.external.tls: the certificate and the key do not fit")?;
    Ok(Arc::new(config))
}

/// When it has ended the broker lets this server in no more, and readings stay in the homes.
fn say_when_it_ends(chain: &[CertificateDer<'_>], now: Timestamp) -> anyhow::Result<()> {
    let ends_at = pem::ends_at(CERTIFICATE_KEY, chain)?;
    if ends_at.duration_since(now) <= END_IS_NEAR {
        error!(
            certificate.ends_at = %ends_at,
            "this server's certificate for the broker ends soon, and then no reading arrives any more: run server \
             broker-certificate"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use tempfile::TempDir;

    use super::*;
    use crate::enrol::authority::Authority;

    fn files(folder: &TempDir) -> TlsFiles {
        let clock = Clock::system();
        let authority = Authority::load_or_make(&folder.path().join("enrol"), &clock).unwrap();
        let pair = authority.issue_for_broker_client("hearth_server", clock.now());
        let pair = pair.unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
            path
        };
        TlsFiles {
            ca_file: write("ca.pem", authority.certificate_pem()),
            certificate_file: write("server.pem", &pair.certificate),
            key_file: write("server.key", &pair.key),
        }
    }

    #[test]
    fn a_file_that_cannot_be_used_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let good = files(&folder);
        let refusal = |files: &TlsFiles| {
            let error = client(files, &Clock::system()).unwrap_err();
            format!("{error:#}")
        };
        client(&good, &Clock::system()).unwrap();
        let mut wrong = good.clone();
        wrong.ca_file = folder.path().join("none");
        assert!(refusal(&wrong).contains("tls.ca_file"));
        let mut wrong = good.clone();
        wrong.certificate_file = good.key_file.clone();
        assert!(refusal(&wrong).contains("tls.certificate_file"));
        let mut wrong = good.clone();
        wrong.key_file = good.ca_file.clone();
        assert!(refusal(&wrong).contains("tls.key_file"));
        let other = tempfile::tempdir().unwrap();
        let mut wrong = good.clone();
        wrong.key_file = files(&other).key_file;
        assert!(refusal(&wrong).contains("do not fit"));
        fs::set_permissions(&good.key_file, Permissions::from_mode(0o644)).unwrap();
        assert!(refusal(&good).contains("chmod o="));
    }
}
