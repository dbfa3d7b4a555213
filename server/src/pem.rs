//! PEM: certificates and keys in the files that an operator names, with errors that name the key to mend.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, ensure};
use jiff::Timestamp;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The longest file that is read, in bytes.
const FILE_LEN_MAX: u64 = 64 * 1024;

/// Reads the certificates of a file, in their order. `key` is that of the configuration which names the file.
///
/// # Errors
/// When the file cannot be read, is too long, or holds none.
pub(crate) fn certificates(key: &str, path: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let pem = read(key, path)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let found = found.ok().filter(|found| !found.is_empty());
    found.with_context(|| about(key, path, "holds no certificate in PEM"))
}

/// Reads the key of a file.
///
/// # Errors
/// When the file cannot be read, can be read by everybody, is too long, or holds none. No error shows what it holds.
pub(crate) fn private_key(key: &str, path: &Path) -> anyhow::Result<PrivateKeyDer<'static>> {
    let pem = read(key, path)?;
    let mode = std::fs::metadata(path)?.permissions().mode();
    ensure!(
        mode & 0o007 == 0,
        about(
            key,
            path,
            "can be read by everybody; run: chmod o= on it, and make another if it may have been read"
        )
    );
    PrivateKeyDer::from_pem_slice(&pem)
        .ok()
        .with_context(|| about(key, path, "holds no key in PEM"))
}

/// Tells when the first certificate of a chain ends.
///
/// # Errors
/// When it is no certificate.
pub(crate) fn ends_at(key: &str, chain: &[CertificateDer<'_>]) -> anyhow::Result<Timestamp> {
    let own = chain.first().context("a chain is never empty")?;
    let (_, own) = x509_parser::parse_x509_certificate(own)
        .with_context(|| format!("{key}: it cannot be read"))?;
    Ok(Timestamp::from_second(
        own.validity().not_after.timestamp(),
    )?)
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
    format!("{key}: {} {what}", path.display())
}
