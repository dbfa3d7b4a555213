//! The change of this box's key: the next one is written beside, and takes its place together with its certificate, in one
//! file and at once. Whenever the power goes, there is a pair that works.

use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};
use rcgen::KeyPair as TlsKey;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

use super::identity::Identity;
use super::{CERTIFICATE_FILE, TLS_KEY_FILE};
use crate::clock::Clock;
use crate::crash;
use crate::keys::{self, StateLock};

/// The key for which a certificate is asked, PKCS#8. It stays the same until it has one: what is asked again is answered as
/// before.
const NEXT_KEY_FILE: &str = "next.key";

/// A key that waits for its certificate.
pub(super) struct NextKey<'a> {
    state_dir: &'a Path,
    lock: &'a StateLock,
    pub(super) key: TlsKey,
}

impl<'a> NextKey<'a> {
    /// Reads the key that waits, or makes one.
    pub(super) fn load_or_make(state_dir: &'a Path, lock: &'a StateLock) -> anyhow::Result<Self> {
        settle(state_dir)?;
        let bytes = keys::read_or_write(state_dir, NEXT_KEY_FILE, lock, || {
            Ok(TlsKey::generate()?.serialize_der())
        })?;
        let key = TlsKey::try_from(bytes).with_context(|| {
            format!(
                "{NEXT_KEY_FILE} in {} is broken; remove it, and another is made",
                state_dir.display()
            )
        })?;
        Ok(Self {
            state_dir,
            lock,
            key,
        })
    }

    /// Puts the key and its certificate in the place of those before. What does not fit changes nothing.
    pub(super) fn take_over(self, pem: &str, clock: &Clock) -> anyhow::Result<()> {
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes())
            .ok()
            .context("the server sent no certificate")?;
        let key = self.key.serialize_der().into();
        let next = Identity { certificate, key };
        let ends_at = next.validity()?.ends_at;
        ensure!(
            ends_at > clock.now() && ends_at > Identity::load(self.state_dir)?.validity()?.ends_at,
            "the server sent a certificate that ends no later than the one before; see whether both clocks are right"
        );
        // Fails when the key is not the certificate's.
        next.client(self.state_dir, clock)?;
        let pair = format!("{pem}{}", self.key.serialize_pem());
        keys::write(self.state_dir, CERTIFICATE_FILE, self.lock, pair.as_bytes())?;
        crash::point(crash::RENEWAL_SWAPPED);
        clear_away(self.state_dir)
    }
}

/// Ends a change that a power cut has interrupted: the next key took its place, and what it replaced was not cleared away.
pub(super) fn settle(state_dir: &Path) -> anyhow::Result<()> {
    let waits = state_dir.join(NEXT_KEY_FILE);
    if !waits.exists() {
        return Ok(());
    }
    if keys::read_key(&waits)? == Identity::load(state_dir)?.key.secret_pkcs8_der() {
        clear_away(state_dir)?;
    }
    Ok(())
}

/// Removes what is of use no more: the key that has become a pair, and the one of the first certificate.
fn clear_away(state_dir: &Path) -> anyhow::Result<()> {
    // The next key goes last: as long as it is there, this is done again.
    for name in [TLS_KEY_FILE, NEXT_KEY_FILE] {
        let path = state_dir.join(name);
        if path.exists() {
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rcgen::{CertificateParams, CertifiedIssuer, date_time_ymd};
    use tempfile::TempDir;

    use super::*;
    use crate::enrol::CA_FILE;

    /// A box that was enrolled, and its authority.
    struct Enrolled {
        folder: TempDir,
        lock: StateLock,
        issuer: CertifiedIssuer<'static, TlsKey>,
        clock: Clock,
    }

    impl Enrolled {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let lock = keys::lock_state(folder.path()).unwrap();
            let ca = TlsKey::generate().unwrap();
            let mut params = CertificateParams::default();
            params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
            let issuer = CertifiedIssuer::self_signed(params, ca).unwrap();
            let clock = Clock::manual("2026-11-26T09:00:00Z".parse().unwrap()).0;
            let it = Self {
                folder,
                lock,
                issuer,
                clock,
            };
            let key = TlsKey::generate().unwrap();
            it.write(CA_FILE, it.issuer.pem().as_bytes());
            it.write(TLS_KEY_FILE, &key.serialize_der());
            it.write(CERTIFICATE_FILE, it.certificate(&key, 90).as_bytes());
            it
        }

        fn write(&self, name: &str, bytes: &[u8]) {
            keys::write(self.folder.path(), name, &self.lock, bytes).unwrap();
        }

        fn certificate(&self, key: &TlsKey, days: u64) -> String {
            let mut params = CertificateParams::default();
            params.not_before = date_time_ymd(2026, 11, 26);
            params.not_after = params.not_before + Duration::from_secs(days * 24 * 3600);
            params.signed_by(key, &self.issuer).unwrap().pem()
        }

        fn next(&self) -> NextKey<'_> {
            NextKey::load_or_make(self.folder.path(), &self.lock).unwrap()
        }

        /// The key that this box connects by.
        fn key(&self) -> Vec<u8> {
            super::super::identity::client(self.folder.path(), &self.clock).unwrap();
            let identity = Identity::load(self.folder.path()).unwrap();
            identity.key.secret_pkcs8_der().to_vec()
        }

        fn has(&self, name: &str) -> bool {
            self.folder.path().join(name).exists()
        }
    }

    #[test]
    fn the_next_key_waits_and_takes_over_with_its_certificate() {
        let it = Enrolled::new();
        let first = it.key();
        let asked = it.next().key.serialize_der();
        assert_eq!(it.next().key.serialize_der(), asked, "asked again");
        assert_eq!(it.key(), first, "the pair before works meanwhile");
        let next = it.next();
        let pem = it.certificate(&next.key, 150);
        next.take_over(&pem, &it.clock).unwrap();
        assert_eq!(it.key(), asked);
        assert!(!it.has(NEXT_KEY_FILE) && !it.has(TLS_KEY_FILE));
        assert_ne!(it.next().key.serialize_der(), asked, "a new key each time");
    }

    #[test]
    fn a_power_cut_before_the_old_keys_are_cleared_away_is_made_good() {
        let it = Enrolled::new();
        let next = it.next();
        let asked = next.key.serialize_der();
        let pair = it.certificate(&next.key, 150) + &next.key.serialize_pem();
        it.write(CERTIFICATE_FILE, pair.as_bytes());
        assert!(it.has(NEXT_KEY_FILE) && it.has(TLS_KEY_FILE));
        assert_eq!(it.key(), asked);
        assert_ne!(it.next().key.serialize_der(), asked);
        assert_eq!(it.key(), asked);
        assert!(!it.has(TLS_KEY_FILE));
    }

    #[test]
    fn what_does_not_fit_changes_nothing() {
        let it = Enrolled::new();
        let first = it.key();
        let other = TlsKey::generate().unwrap();
        for (pem, said) in [
            ("hello".to_owned(), "no certificate"),
            (it.certificate(&other, 150), "do not fit"),
            (it.certificate(&it.next().key, 90), "ends no later"),
        ] {
            let error = it.next().take_over(&pem, &it.clock).unwrap_err();
            assert!(format!("{error:#}").contains(said), "{error:#}");
            assert_eq!(it.key(), first);
        }
        it.write(NEXT_KEY_FILE, b"no");
        let broken = NextKey::load_or_make(it.folder.path(), &it.lock);
        assert!(broken.err().unwrap().to_string().contains("remove it"));
    }
}
