//! TLS 1.3 to an external broker: by which certificate this server is known there, and whom it believes.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, ensure};
use jiff::{SignedDuration, Timestamp};
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::version::TLS13;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tracing::error;

use crate::broker::config::TlsFiles;
use crate::clock::Clock;

/// From how long before the end of the certificate on it is said at each connection.
const END_IS_NEAR: SignedDuration = SignedDuration::from_hours(30 * 24);
const FILE_LEN_MAX: u64 = 64 * 1024;

/// Reads the files.
///
/// # Errors
/// When one cannot be read, holds something else, or the key can be read by everybody; the error names its key.
pub(super) fn client(files: &TlsFiles, clock: &Clock) -> anyhow::Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    for authority in certificates("ca_file", &files.ca_file)? {
        roots.add(authority)?;
    }
    let chain = certificates("certificate_file", &files.certificate_file)?;
    say_when_it_ends(&chain, clock.now())?;
    let key = PrivateKeyDer::from_pem_slice(&read_key(&files.key_file)?)
        .ok()
        .with_context(|| about("key_file", &files.key_file, "holds no key in PEM"))?;
    let provider = Arc::new(default_provider());
    let config = ClientConfig::builder_with_details(provider, Arc::new(clock.clone()))
        .with_protocol_versions(&[&TLS13])?
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)
        .context("broker.external.tls: the certificate and the key do not fit")?;
    Ok(Arc::new(config))
}

fn certificates(key: &str, path: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let pem = read(key, path)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let found = found.ok().filter(|found| !found.is_empty());
    found.with_context(|| about(key, path, "holds no certificate in PEM"))
}

fn read_key(path: &Path) -> anyhow::Result<Vec<u8>> {
    let pem = read("key_file", path)?;
    let mode = std::fs::metadata(path)?.permissions().mode();
    ensure!(
        mode & 0o007 == 0,
        about(
            "key_file",
            path,
            "can be read by everybody; run: chmod o= on it, and make another if it may have been read"
        )
    );
    Ok(pem)
}

fn read(key: &str, path: &Path) -> anyhow::Result<Vec<u8>> {
    let unreadable = || about(key, path, "cannot be read");
    let metadata = std::fs::metadata(path).with_context(unreadable)?;
    ensure!(
        metadata.len() <= FILE_LEN_MAX,
        about(key, path, "is longer than any such file")
    );
    std::fs::read(path).with_context(unreadable)
}

fn about(key: &str, path: &Path, what: &str) -> String {
    format!(
        "broker.external.tls.{key}: {} {what}; `server broker-certificate` makes these files",
        path.display()
    )
}

/// When it has ended the broker lets this server in no more, and readings stay in the homes.
fn say_when_it_ends(chain: &[CertificateDer<'_>], now: Timestamp) -> anyhow::Result<()> {
    let own = chain.first().context("a chain is never empty")?;
    let (_, own) = x509_parser::parse_x509_certificate(own)
        .context("broker.external.tls.certificate_file: it cannot be read")?;
    let ends_at = Timestamp::from_second(own.validity().not_after.timestamp())?;
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
