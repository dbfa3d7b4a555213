//! The exchange: a code and public keys go to the server, a name and a certificate come back.

use std::fmt;

use ring::signature::{ED25519, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

use super::agreement::AGREEMENT_KEY_LEN;
use super::{CSR_LEN_MAX, Code, JOB_DEVICES_LEN_MAX, REQUEST_LEN_MAX, Refusal};
use crate::chain::framed;
use crate::id::{DeviceId, GatewayId};
use crate::wire::Standing;

const PROOF_DOMAIN: &[u8] = b"hearth enrolment proof v1";
const SIGNING_KEY_LEN: usize = 32;
pub(super) const PROOF_LEN: usize = 64;

/// What the box keeps the secret halves of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKeys {
    /// A certificate signing request for a P-256 key, DER; its subject does not count.
    pub csr: Vec<u8>,
    /// Ed25519: checks the signatures under the box's chain heads.
    pub signing: [u8; SIGNING_KEY_LEN],
    /// X25519: the box's half of the key agreement.
    pub agreement: [u8; AGREEMENT_KEY_LEN],
}

/// What a box asks. Its proof was checked when it was read.
#[derive(Debug)]
pub struct Request {
    /// The job's code.
    pub code: Code,
    /// The box's keys.
    pub keys: PublicKeys,
    proof: [u8; PROOF_LEN],
}

/// The wire form, whose binary fields are hexadecimal.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireRequest {
    code: String,
    csr: String,
    signing_public_key: String,
    agreement_public_key: String,
    proof: String,
}

impl PublicKeys {
    /// Gives the bytes that the box's signing key signs: all keys, and that they came with this code.
    fn signed_bytes(&self, code: &Code) -> Vec<u8> {
        framed(&[
            PROOF_DOMAIN,
            &code.hash(),
            &self.csr,
            &self.signing,
            &self.agreement,
        ])
    }
}

impl Request {
    /// Makes a request, which `sign` signs with the box's signing key.
    pub fn new(code: Code, keys: PublicKeys, sign: impl FnOnce(&[u8]) -> [u8; PROOF_LEN]) -> Self {
        let proof = sign(&keys.signed_bytes(&code));
        Self { code, keys, proof }
    }

    /// Gives the JSON that is sent.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn to_body(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(&WireRequest {
            code: self.code.for_job_sheet(),
            csr: hex::encode(&self.keys.csr),
            signing_public_key: hex::encode(self.keys.signing),
            agreement_public_key: hex::encode(self.keys.agreement),
            proof: hex::encode(self.proof),
        })
    }

    /// Reads what was sent, and checks its proof.
    ///
    /// # Errors
    /// When it is too long, no request, or signed by another key; a text that is no code is a wrong code.
    pub fn from_body(body: &[u8]) -> Result<Self, Refusal> {
        if body.len() > REQUEST_LEN_MAX {
            return Err(Refusal::Malformed);
        }
        let wire: WireRequest = serde_json::from_slice(body).map_err(|_| Refusal::Malformed)?;
        let csr = hex::decode(&wire.csr).map_err(|_| Refusal::Malformed)?;
        if csr.len() > CSR_LEN_MAX {
            return Err(Refusal::Malformed);
        }
        let keys = PublicKeys {
            csr,
            signing: bytes(&wire.signing_public_key)?,
            agreement: bytes(&wire.agreement_public_key)?,
        };
        let proof = bytes(&wire.proof)?;
        let code: Code = wire.code.parse().map_err(|_| Refusal::WrongCode)?;
        UnparsedPublicKey::new(&ED25519, &keys.signing)
            .verify(&keys.signed_bytes(&code), &proof)
            .map_err(|_| Refusal::Malformed)?;
        Ok(Self { code, keys, proof })
    }
}

pub(super) fn bytes<const LEN: usize>(text: &str) -> Result<[u8; LEN], Refusal> {
    let mut bytes = [0; LEN];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| Refusal::Malformed)?;
    Ok(bytes)
}

/// A device that the job binds to the box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobDevice {
    /// Names the device in readings.
    pub id: DeviceId,
    /// What it measures: `cuff`, `oximeter`, `scale` or `thermometer`.
    pub kind: String,
}

/// What the server answers. It holds no secret: the key that both share is derived on each side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The box's name from now on.
    pub gateway: GatewayId,
    /// The box's certificate, PEM.
    pub certificate: String,
    /// The certificate of the authority that issued it, PEM.
    pub ca: String,
    /// X25519, hexadecimal: the server's half of the key agreement.
    pub agreement_public_key: String,
    /// The devices of the job.
    pub devices: Vec<JobDevice>,
    /// Whose home it is, as little as tells it from others: initials and the year of birth. It is shown and never kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<String>,
    /// Where the box stands; servers that know of no such thing say nothing, and its readings count at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
}

impl Answer {
    /// Reads what the server sent.
    ///
    /// # Errors
    /// When it is no answer, or names more devices than a job has.
    pub fn from_body(body: &[u8]) -> Result<Self, AnswerError> {
        let answer: Self = serde_json::from_slice(body).map_err(|_| AnswerError)?;
        if answer.devices.len() > JOB_DEVICES_LEN_MAX {
            return Err(AnswerError);
        }
        Ok(answer)
    }

    /// Gives the server's half of the key agreement.
    ///
    /// # Errors
    /// When it is no key.
    pub fn agreement_key(&self) -> Result<[u8; AGREEMENT_KEY_LEN], AnswerError> {
        bytes(&self.agreement_public_key).map_err(|_| AnswerError)
    }
}

/// What came back is not what a server of this version answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnswerError;

impl fmt::Display for AnswerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the server's answer cannot be read: install the same version on both, and try again",
        )
    }
}

impl std::error::Error for AnswerError {}

#[cfg(test)]
mod tests {
    use ring::signature::{Ed25519KeyPair, KeyPair};

    use super::*;

    fn request(seed: u8) -> Request {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
        let keys = PublicKeys {
            csr: vec![1, 2, 3],
            signing: pair.public_key().as_ref().try_into().unwrap(),
            agreement: [9; AGREEMENT_KEY_LEN],
        };
        Request::new("WDJB-MJHT".parse().unwrap(), keys, |signed| {
            pair.sign(signed).as_ref().try_into().unwrap()
        })
    }

    #[test]
    fn a_request_is_read_as_it_was_written_and_shows_no_code() {
        let sent = request(1);
        assert!(!format!("{sent:?}").contains("WDJB"));
        let read = Request::from_body(sent.to_body().unwrap().as_bytes()).unwrap();
        assert_eq!(read.keys, sent.keys);
        assert_eq!(read.code.letters(), sent.code.letters());
    }

    #[test]
    fn the_proof_covers_the_code_and_every_key() {
        let body = request(1).to_body().unwrap();
        let other = hex::encode(request(2).keys.signing);
        for (from, to) in [
            ("WDJB-MJHT", "WDJB-MJHX"),
            ("010203", "010204"),
            (&hex::encode([9; 32]), &hex::encode([8; 32])),
            (&hex::encode(request(1).keys.signing), &other),
        ] {
            let changed = body.replacen(from, to, 1);
            assert_ne!(changed, body);
            let refusal = Request::from_body(changed.as_bytes()).unwrap_err();
            assert_eq!(refusal, Refusal::Malformed, "{from}");
        }
    }

    #[test]
    fn what_is_too_long_or_no_request_is_refused() {
        let body = request(1).to_body().unwrap();
        let padded = format!("{body}{}", " ".repeat(REQUEST_LEN_MAX));
        let long_csr = body.replacen("010203", &"01".repeat(CSR_LEN_MAX + 1), 1);
        for refused in ["", "{}", &padded, &long_csr] {
            let refusal = Request::from_body(refused.as_bytes()).unwrap_err();
            assert_eq!(refusal, Refusal::Malformed);
        }
        let no_code = body.replacen("WDJB-MJHT", "WDJB", 1);
        let refusal = Request::from_body(no_code.as_bytes()).unwrap_err();
        assert_eq!(refusal, Refusal::WrongCode);
    }

    #[test]
    fn an_answer_with_too_many_devices_is_none() {
        let device = |number| JobDevice {
            id: format!("cuff-{number}").try_into().unwrap(),
            kind: "cuff".into(),
        };
        let mut answer = Answer {
            gateway: "gw-1".parse().unwrap(),
            certificate: String::new(),
            ca: String::new(),
            agreement_public_key: hex::encode([7; 32]),
            devices: (0..JOB_DEVICES_LEN_MAX).map(device).collect(),
            home: None,
            standing: None,
        };
        let body = |answer: &Answer| serde_json::to_vec(answer).unwrap();
        let read = Answer::from_body(&body(&answer)).unwrap();
        assert_eq!(read, answer);
        assert_eq!(read.agreement_key(), Ok([7; 32]));
        answer.devices.push(device(JOB_DEVICES_LEN_MAX));
        assert_eq!(Answer::from_body(&body(&answer)), Err(AnswerError));
    }
}
