//! The certificate authority: made on first use, it names gateways and this server to each other.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, anyhow, ensure};
use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertificateSigningRequestParams,
    CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PublicKeyData, SerialNumber, date_time_ymd,
};
use ring::digest::{SHA256, digest};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{
    CertificateDer, CertificateSigningRequestDer, PrivatePkcs8KeyDer,
};
use vitals::GatewayId;

use super::folder::Folder;
use super::secret::{CODE_KEY_LEN, CodeKey};
use crate::clock::Clock;

/// How long a gateway's certificate is good.
pub const GATEWAY_CERTIFICATE_LIFE: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How long the server's own certificate is good.
pub const SERVER_CERTIFICATE_LIFE: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How long the authority itself is good: it is pinned on every box, and changes only with them.
pub const AUTHORITY_LIFE: SignedDuration = SignedDuration::from_hours(20 * 365 * 24);
/// Certificates are good from a little earlier than now, for boxes whose clocks are behind.
pub const CLOCK_BEHIND_MAX: SignedDuration = SignedDuration::from_hours(1);

const CA_KEY_FILE: &str = "ca.key";
const CA_FILE: &str = "ca.pem";
const CODE_KEY_FILE: &str = "code.key";
const SERIAL_LEN: usize = 16;
/// An uncompressed point of P-256.
const P256_POINT_LEN: usize = 65;

/// The authority, and the key by which codes are hashed.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    certificate_pem: String,
    codes: CodeKey,
    clock: Clock,
}

/// A certificate for a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// The certificate, PEM.
    pub pem: String,
    /// The SHA-256 of the certificate, hexadecimal.
    pub fingerprint: String,
    /// The SHA-256 of its key, hexadecimal.
    pub key_digest: String,
    /// When it stops to be good.
    pub expires_at: Timestamp,
}

/// What this server shows of itself in TLS.
pub struct ServerCertificate {
    /// Its certificate, and the authority's.
    pub chain: Vec<CertificateDer<'static>>,
    /// Its key, which is never written down.
    pub key: PrivatePkcs8KeyDer<'static>,
    /// When it must be replaced: after two thirds of its life.
    pub renew_at: Timestamp,
}

/// A request to be named, whose signature was checked.
#[derive(Debug, Clone)]
pub struct GatewayKey(rcgen::PublicKey);

/// Keys are secrets: the debug form shows nothing of them.
impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority")
            .field("fingerprint", &self.fingerprint())
            .finish_non_exhaustive()
    }
}

/// Keys are secrets: the debug form shows nothing of them.
impl fmt::Debug for ServerCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerCertificate")
            .field("renew_at", &self.renew_at)
            .finish_non_exhaustive()
    }
}

impl GatewayKey {
    /// Reads a certificate signing request; everything in it but its key is ignored.
    ///
    /// # Errors
    /// When it is none, its signature is wrong, or its key is not of P-256.
    pub fn from_csr(der: &[u8]) -> anyhow::Result<Self> {
        let request =
            CertificateSigningRequestParams::from_der(&CertificateSigningRequestDer::from(der))?;
        let key = request.public_key;
        ensure!(
            *key.algorithm() == PKCS_ECDSA_P256_SHA256 && key.der_bytes().len() == P256_POINT_LEN,
            "the key is not of P-256"
        );
        Ok(Self(key))
    }

    /// Gives the SHA-256 of the key, hexadecimal.
    pub fn fingerprint(&self) -> String {
        hex::encode(digest(&SHA256, self.0.der_bytes()))
    }
}

impl Authority {
    /// Reads the authority in the folder, and makes what is missing of it.
    ///
    /// # Errors
    /// When the folder or a file in it cannot be used.
    pub fn load_or_make(path: &Path, clock: &Clock) -> anyhow::Result<Self> {
        let folder = Folder::hold(path, "move it away and enrol every gateway again")?;
        let key = match folder.read(CA_KEY_FILE)? {
            Some(bytes) => ca_key(&bytes)
                .with_context(|| broken(path, CA_KEY_FILE, "is not a P-256 key in PKCS#8"))?,
            None => {
                let key = KeyPair::generate().context("cannot make a key")?;
                folder.write(CA_KEY_FILE, key.serialized_der())?;
                key
            }
        };
        let pem = match folder.read(CA_FILE)? {
            Some(bytes) => String::from_utf8(bytes)
                .ok()
                .with_context(|| broken(path, CA_FILE, "is not a certificate in PEM"))?,
            None => {
                let pem = self_signed(&key, clock)?;
                folder.write(CA_FILE, pem.as_bytes())?;
                pem
            }
        };
        let codes = code_key(&folder, path, clock)?;
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes())
            .ok()
            .with_context(|| broken(path, CA_FILE, "is not a certificate in PEM"))?;
        let issuer = Issuer::from_ca_cert_der(&certificate, key)
            .with_context(|| broken(path, CA_FILE, "is not an authority's certificate"))?;
        Ok(Self {
            issuer,
            certificate,
            certificate_pem: pem,
            codes,
            clock: clock.clone(),
        })
    }

    /// Gives the authority's certificate, PEM.
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// Gives the authority's certificate.
    pub fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// Gives the SHA-256 of the authority's certificate, hexadecimal: what boxes are told to trust.
    pub fn fingerprint(&self) -> String {
        hex::encode(digest(&SHA256, &self.certificate))
    }

    /// Gives the key by which codes are hashed.
    pub fn codes(&self) -> &CodeKey {
        &self.codes
    }

    /// Issues a certificate for a gateway, which may only be a client.
    ///
    /// # Errors
    /// When there is no randomness for its serial number, or it cannot be signed.
    pub fn issue(
        &self,
        gateway: &GatewayId,
        key: &GatewayKey,
        now: Timestamp,
    ) -> anyhow::Result<Issued> {
        let mut params = self.params(gateway.as_str(), now, GATEWAY_CERTIFICATE_LIFE)?;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = params.signed_by(&key.0, &self.issuer)?;
        Ok(Issued {
            pem: certificate.pem(),
            fingerprint: hex::encode(digest(&SHA256, certificate.der())),
            key_digest: key.fingerprint(),
            expires_at: now.saturating_add(GATEWAY_CERTIFICATE_LIFE)?,
        })
    }

    /// Signs what was asked for, as the authority.
    pub(super) fn sign(
        &self,
        params: &CertificateParams,
        key: &KeyPair,
    ) -> Result<Certificate, rcgen::Error> {
        params.signed_by(key, &self.issuer)
    }

    /// Issues this server's own certificate, with a new key, for the names and addresses that boxes reach it by.
    ///
    /// # Errors
    /// When a name is none, or the certificate cannot be made.
    pub fn issue_for_server(
        &self,
        names: &[String],
        now: Timestamp,
    ) -> anyhow::Result<ServerCertificate> {
        let mut params = self.params("hearth-server", now, SERVER_CERTIFICATE_LIFE)?;
        params.subject_alt_names = CertificateParams::new(names)?.subject_alt_names;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate().context("cannot make a key")?;
        let certificate = self.sign(&params, &key)?;
        Ok(ServerCertificate {
            chain: vec![certificate.der().clone(), self.certificate.clone()],
            key: PrivatePkcs8KeyDer::from(key.serialize_der()),
            renew_at: now.saturating_add(SERVER_CERTIFICATE_LIFE / 3 * 2)?,
        })
    }

    pub(super) fn params(
        &self,
        name: &str,
        now: Timestamp,
        life: SignedDuration,
    ) -> anyhow::Result<CertificateParams> {
        let mut params = params(name, now, life)?;
        params.serial_number = Some(serial(&self.clock)?);
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.use_authority_key_identifier_extension = true;
        Ok(params)
    }
}

fn params(name: &str, now: Timestamp, life: SignedDuration) -> anyhow::Result<CertificateParams> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    let at = |time: Timestamp| -> anyhow::Result<_> {
        let seconds = u64::try_from(time.as_second())?;
        Ok(date_time_ymd(1970, 1, 1) + Duration::from_secs(seconds))
    };
    params.not_before = at(now.saturating_sub(CLOCK_BEHIND_MAX)?)?;
    params.not_after = at(now.saturating_add(life)?)?;
    Ok(params)
}

fn self_signed(key: &KeyPair, clock: &Clock) -> anyhow::Result<String> {
    let mut params = params("Hearth authority", clock.now(), AUTHORITY_LIFE)?;
    params.serial_number = Some(serial(clock)?);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(CertifiedIssuer::self_signed(params, key)?.pem())
}

/// A random serial number, as long as the standard lets it be and positive.
fn serial(clock: &Clock) -> anyhow::Result<SerialNumber> {
    let mut serial = [0; SERIAL_LEN];
    clock.fill_random(&mut serial)?;
    serial[0] = serial[0] & 0x7f | 0x40;
    Ok(SerialNumber::from_slice(&serial))
}

fn ca_key(bytes: &[u8]) -> Option<KeyPair> {
    KeyPair::from_pkcs8_der_and_sign_algo(&PrivatePkcs8KeyDer::from(bytes), &PKCS_ECDSA_P256_SHA256)
        .ok()
}

fn code_key(folder: &Folder, path: &Path, clock: &Clock) -> anyhow::Result<CodeKey> {
    let bytes = match folder.read(CODE_KEY_FILE)? {
        Some(bytes) => <[u8; CODE_KEY_LEN]>::try_from(bytes)
            .map_err(|_| anyhow!(broken(path, CODE_KEY_FILE, "does not hold 32 bytes")))?,
        None => {
            let mut bytes = [0; CODE_KEY_LEN];
            clock.fill_random(&mut bytes)?;
            folder.write(CODE_KEY_FILE, &bytes)?;
            bytes
        }
    };
    Ok(CodeKey::new(&bytes))
}

fn broken(path: &Path, name: &str, what: &str) -> String {
    format!(
        "{} {what}; restore it from a backup, or move the whole folder away: a new authority is made then, and every gateway \
         must be enrolled again",
        path.join(name).display()
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rcgen::PKCS_ECDSA_P384_SHA384;
    use tokio_rustls::rustls::pki_types::UnixTime;
    use tokio_rustls::rustls::server::WebPkiClientVerifier;
    use tokio_rustls::rustls::{RootCertStore, crypto::ring::default_provider};

    use super::*;
    use crate::clock::ManualClock;

    fn now() -> Timestamp {
        "2026-11-26T09:00:00Z".parse().unwrap()
    }

    fn clock() -> Clock {
        ManualClock::new(now(), 1).clock()
    }

    fn csr(pair: &KeyPair, name: &str) -> Vec<u8> {
        let mut params = params(name, now(), GATEWAY_CERTIFICATE_LIFE).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.serialize_request(pair).unwrap().der().to_vec()
    }

    fn issued(authority: &Authority, csr: &[u8]) -> Issued {
        let key = GatewayKey::from_csr(csr).unwrap();
        let gateway = "gw-1".parse().unwrap();
        authority.issue(&gateway, &key, now()).unwrap()
    }

    fn is_accepted(authority: &Authority, pem: &str, at: Timestamp) -> bool {
        let mut roots = RootCertStore::empty();
        roots.add(authority.certificate().clone()).unwrap();
        let provider = Arc::new(default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .unwrap();
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
        let seconds = u64::try_from(at.as_second()).unwrap();
        let at = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        verifier.verify_client_cert(&certificate, &[], at).is_ok()
    }

    #[test]
    fn it_is_made_once_and_stays() {
        let dir = tempfile::tempdir().unwrap();
        let first = Authority::load_or_make(dir.path(), &clock()).unwrap();
        let again = Authority::load_or_make(dir.path(), &Clock::system()).unwrap();
        assert_eq!(first.fingerprint(), again.fingerprint());
        let code = "WDJB-MJHT".parse().unwrap();
        assert_eq!(first.codes().half(&code), again.codes().half(&code));
        let pair = KeyPair::generate().unwrap();
        let issued = issued(&again, &csr(&pair, "x"));
        assert!(is_accepted(&first, &issued.pem, now()));
        assert!(!format!("{first:?}").contains("KeyPair"));
    }

    #[test]
    fn a_crash_between_key_and_certificate_is_made_good() {
        let dir = tempfile::tempdir().unwrap();
        Authority::load_or_make(dir.path(), &clock()).unwrap();
        std::fs::remove_file(dir.path().join(CA_FILE)).unwrap();
        let authority = Authority::load_or_make(dir.path(), &clock()).unwrap();
        let pair = KeyPair::generate().unwrap();
        assert!(is_accepted(
            &authority,
            &issued(&authority, &csr(&pair, "x")).pem,
            now()
        ));
    }

    #[test]
    fn what_a_request_asks_for_is_ignored_but_its_key() {
        let dir = tempfile::tempdir().unwrap();
        let authority = Authority::load_or_make(dir.path(), &clock()).unwrap();
        let pair = KeyPair::generate().unwrap();
        let issued = issued(&authority, &csr(&pair, "hearth-server"));
        let der = CertificateDer::from_pem_slice(issued.pem.as_bytes()).unwrap();
        assert_eq!(issued.fingerprint, hex::encode(digest(&SHA256, &der)));
        let has = |bytes: &[u8]| der.windows(bytes.len()).any(|window| window == bytes);
        assert!(has(b"gw-1") && !has(b"hearth-server"));
        assert!(has(pair.public_key_raw()));
        // It may issue nothing, whatever it asked.
        let basic_constraints_of_a_ca = [0x30, 0x03, 0x01, 0x01, 0xff];
        assert!(!has(&basic_constraints_of_a_ca));
    }

    #[test]
    fn a_certificate_is_good_for_ninety_days_and_a_little_before() {
        let dir = tempfile::tempdir().unwrap();
        let authority = Authority::load_or_make(dir.path(), &clock()).unwrap();
        let issued = issued(&authority, &csr(&KeyPair::generate().unwrap(), "x"));
        assert_eq!(issued.expires_at.to_string(), "2027-02-24T09:00:00Z");
        let second = SignedDuration::from_secs(1);
        assert!(is_accepted(
            &authority,
            &issued.pem,
            now() - CLOCK_BEHIND_MAX
        ));
        assert!(is_accepted(
            &authority,
            &issued.pem,
            issued.expires_at - second
        ));
        assert!(!is_accepted(
            &authority,
            &issued.pem,
            issued.expires_at + second
        ));
        let too_early = now() - CLOCK_BEHIND_MAX - second;
        assert!(!is_accepted(&authority, &issued.pem, too_early));
    }

    #[test]
    fn another_authoritys_certificate_and_the_servers_own_are_no_gateways() {
        let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let [one, other] = dirs
            .each_ref()
            .map(|dir| Authority::load_or_make(dir.path(), &clock()).unwrap());
        let issued = issued(&other, &csr(&KeyPair::generate().unwrap(), "x"));
        assert!(!is_accepted(&one, &issued.pem, now()));
        assert_ne!(one.fingerprint(), other.fingerprint());
        let server = one.issue_for_server(&["localhost".into()], now()).unwrap();
        assert_eq!(server.renew_at.to_string(), "2027-01-25T09:00:00Z");
        let mut roots = RootCertStore::empty();
        roots.add(one.certificate().clone()).unwrap();
        let provider = Arc::new(default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .unwrap();
        let at =
            UnixTime::since_unix_epoch(Duration::from_secs(now().as_second().try_into().unwrap()));
        assert!(
            verifier
                .verify_client_cert(&server.chain[0], &[], at)
                .is_err()
        );
    }

    #[test]
    fn only_a_signed_request_for_p256_is_read() {
        let p384 = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
        let refusal = GatewayKey::from_csr(&csr(&p384, "x")).unwrap_err();
        assert!(refusal.to_string().contains("P-256"), "{refusal}");
        let mut broken = csr(&KeyPair::generate().unwrap(), "x");
        *broken.last_mut().unwrap() ^= 1;
        assert!(GatewayKey::from_csr(&broken).is_err());
        assert!(GatewayKey::from_csr(b"").is_err());
    }

    #[test]
    fn a_broken_file_is_named_and_not_replaced() {
        for name in [CA_KEY_FILE, CA_FILE, CODE_KEY_FILE] {
            let dir = tempfile::tempdir().unwrap();
            Authority::load_or_make(dir.path(), &clock()).unwrap();
            std::fs::write(dir.path().join(name), "no").unwrap();
            let error = Authority::load_or_make(dir.path(), &clock()).unwrap_err();
            assert!(error.to_string().contains(name), "{error:#}");
            assert_eq!(std::fs::read(dir.path().join(name)).unwrap(), b"no");
        }
    }
}
