//! Enrolment: by a one-time code this box gets its name, a certificate, and the key that it shares with the server; later
//! it renews the certificate by itself.

pub mod identity;
mod key_change;
mod out_of_time;
mod pinned;
mod post;
pub mod renew;
pub mod schedule;

use std::path::Path;

use anyhow::{Context, ensure};
use rcgen::{CertificateParams, KeyPair as TlsKey};
use serde::{Deserialize, Serialize};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use vitals::GatewayId;
use vitals::enrol::exchange::PublicKeys;
use vitals::enrol::{AgreementKey, Answer, Code, JobDevice, Request};

use crate::keys::{self, Keys, StateLock};
use crate::outbox;
use crate::standing;
pub use out_of_time::OutOfTime;
pub use pinned::Fingerprint;
pub use post::ServerUrl;

/// This box's certificate, PEM. Since its first renewal its key stands in the same file, so that both change at once.
pub const CERTIFICATE_FILE: &str = "gateway.pem";
/// The certificate of the server's authority, PEM.
pub const CA_FILE: &str = "ca.pem";
/// The key of this box's first certificate, PKCS#8.
pub const TLS_KEY_FILE: &str = "tls.key";
const AGREEMENT_KEY_FILE: &str = "agreement.key";
/// Written last: while it is not there, the exchange is done again.
const ENROLMENT_FILE: &str = "enrolment.json";

/// What this box was told when it was enrolled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrolment {
    /// This box's name.
    pub gateway: GatewayId,
    /// The devices of this home.
    pub devices: Vec<JobDevice>,
    /// Whose home it is, as it was told by the exchange just made; nothing about a patient is kept on the box.
    #[serde(skip)]
    pub home: Option<String>,
    /// Where its certificate is renewed; `None` where an older version has enrolled it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<ServerUrl>,
}

/// Where and by what this box is enrolled.
#[derive(Debug)]
pub struct Job {
    /// Where the code is brought.
    pub server: ServerUrl,
    /// What the server is known by.
    pub fingerprint: Fingerprint,
    /// The code.
    pub code: Code,
}

/// Reads what this box was told; `None` before it is enrolled.
///
/// # Errors
/// When the file is there and cannot be read.
pub fn enrolment(state_dir: &Path) -> anyhow::Result<Option<Enrolment>> {
    let path = state_dir.join(ENROLMENT_FILE);
    if !path.exists() {
        return Ok(None);
    }
    let about = || format!("cannot read {}", path.display());
    let text = std::fs::read_to_string(&path).with_context(about)?;
    serde_json::from_str(&text).with_context(about).map(Some)
}

/// Enrols this box. One that is enrolled already stays as it is; one that was cut off goes on where it was, with the same
/// keys.
///
/// # Errors
/// When another program holds the folder, the server cannot be reached, is another one or refuses, or nothing can be
/// written. The error says what to do.
pub async fn enrol(state_dir: &Path, job: Job) -> anyhow::Result<Enrolment> {
    let lock = keys::lock_state(state_dir)?;
    if let Some(enrolment) = enrolment(state_dir)? {
        return Ok(enrolment);
    }
    ensure!(
        !state_dir.join(outbox::FILE_NAME).exists(),
        "{} holds readings of a gateway that was registered by hand; let it send them, then enrol with another state_dir",
        state_dir.display()
    );
    let box_keys = BoxKeys::load_or_make(state_dir, &lock)?;
    let body = box_keys.request(&job.code)?.to_body()?;
    let answer = post::bring_code(&job.server, job.fingerprint, body).await?;
    box_keys.keep(state_dir, &lock, job, answer)
}

/// What this box keeps the secret halves of, from before the first question on.
struct BoxKeys {
    keys: Keys,
    tls: TlsKey,
    agreement: AgreementKey,
}

impl BoxKeys {
    fn load_or_make(state_dir: &Path, lock: &StateLock) -> anyhow::Result<Self> {
        let keys = keys::load_or_make_locked(state_dir, lock)?;
        let new_tls_key = || -> anyhow::Result<_> { Ok(TlsKey::generate()?.serialize_der()) };
        let tls = keys::read_or_write(state_dir, TLS_KEY_FILE, lock, new_tls_key)?;
        let agreement = keys::read_or_write(state_dir, AGREEMENT_KEY_FILE, lock, || {
            let mut bytes = [0; 32];
            crate::clock::fill_random(&mut bytes)?;
            Ok(bytes.to_vec())
        })?;
        let about = |name| {
            format!(
                "{name} in {} is broken; remove it and enrol again",
                state_dir.display()
            )
        };
        let agreement = <[u8; 32]>::try_from(agreement)
            .ok()
            .with_context(|| about(AGREEMENT_KEY_FILE))?;
        Ok(Self {
            keys,
            tls: TlsKey::try_from(tls).with_context(|| about(TLS_KEY_FILE))?,
            agreement: AgreementKey::new(agreement),
        })
    }

    fn request(&self, code: &Code) -> anyhow::Result<Request> {
        let signing = self.keys.signing.public_key();
        let public = PublicKeys {
            csr: signing_request(&self.tls)?,
            signing: signing.try_into().context("an Ed25519 key has 32 bytes")?,
            agreement: self.agreement.public_key(),
        };
        let sign = |bytes: &[u8]| self.keys.signing.sign(bytes);
        Ok(Request::new(code.clone(), public, sign))
    }

    /// Keeps the answer; what this box is called is written last.
    fn keep(
        &self,
        state_dir: &Path,
        lock: &StateLock,
        job: Job,
        answer: Answer,
    ) -> anyhow::Result<Enrolment> {
        let ca = CertificateDer::from_pem_slice(answer.ca.as_bytes())
            .ok()
            .context("the server sent no authority's certificate")?;
        ensure!(
            job.fingerprint.is_of(&ca),
            "the server sent another authority than the one it was reached by; tell the office"
        );
        let tag_key = self
            .agreement
            .tag_key_on_gateway(&answer.gateway, &answer.agreement_key()?)
            .context("the server's half of the key agreement is no fit key; tell the office")?;
        let enrolment = Enrolment {
            gateway: answer.gateway,
            devices: answer.devices,
            home: answer.home,
            server: Some(job.server),
        };
        if let Some(standing) = answer.standing {
            standing::keep_first(state_dir, lock, standing)?;
        }
        let told = serde_json::to_vec_pretty(&enrolment)?;
        for (name, bytes) in [
            // In place of the one that this box made for itself.
            (keys::TAG_KEY_FILE, tag_key.as_slice()),
            (CERTIFICATE_FILE, answer.certificate.as_bytes()),
            (CA_FILE, answer.ca.as_bytes()),
            (ENROLMENT_FILE, told.as_slice()),
        ] {
            keys::write(state_dir, name, lock, bytes)?;
        }
        Ok(enrolment)
    }
}

/// Asks for a certificate of this key. The name is the server's to give.
fn signing_request(key: &TlsKey) -> anyhow::Result<Vec<u8>> {
    let csr = CertificateParams::default().serialize_request(key)?;
    Ok(csr.der().to_vec())
}
