//! Certificates for an external broker, and for this server as its client.

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair};

use super::authority::Authority;

/// How long these are good. An operator replaces them by hand, so it is longer than what renews itself.
pub const BROKER_CERTIFICATE_LIFE: SignedDuration = SignedDuration::from_hours(397 * 24);

/// A certificate with its key, PEM.
pub struct PemPair {
    /// The certificate.
    pub certificate: String,
    /// Its key, PKCS#8.
    pub key: String,
}

/// A key is a secret: the debug form shows nothing of it.
impl std::fmt::Debug for PemPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PemPair")
            .field("certificate", &self.certificate)
            .finish_non_exhaustive()
    }
}

impl Authority {
    /// Issues the certificate of a broker, for the names and addresses that it is reached by. It may only be a server.
    ///
    /// # Errors
    /// When a name is none, or the certificate cannot be made.
    pub fn issue_for_broker(&self, names: &[String], now: Timestamp) -> anyhow::Result<PemPair> {
        let mut params = self.params("hearth_broker", now, BROKER_CERTIFICATE_LIFE)?;
        params.subject_alt_names = CertificateParams::new(names)?.subject_alt_names;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.pair(&params)
    }

    /// Issues the certificate by which a server is a client of the broker, which knows it by this name.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn issue_for_broker_client(&self, name: &str, now: Timestamp) -> anyhow::Result<PemPair> {
        let mut params = self.params(name, now, BROKER_CERTIFICATE_LIFE)?;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.pair(&params)
    }

    fn pair(&self, params: &CertificateParams) -> anyhow::Result<PemPair> {
        let key = KeyPair::generate().context("cannot make a key")?;
        Ok(PemPair {
            certificate: self.sign(params, &key)?.pem(),
            key: key.serialize_pem(),
        })
    }
}
