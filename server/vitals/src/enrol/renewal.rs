//! Renewal: a box asks for its next certificate, by the one that it has or, once that has ended, by its signing key.

use ring::signature::{ED25519, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

use super::exchange::{AnswerError, PROOF_LEN, bytes};
use super::{ANSWER_LEN_MAX, CSR_LEN_MAX, REQUEST_LEN_MAX, Refusal};
use crate::chain::framed;
use crate::id::GatewayId;

const PROOF_DOMAIN: &[u8] = b"hearth late renewal proof v1";

/// What a box asks whose certificate is good: who asks is told by the certificate that it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenewalRequest {
    /// A certificate signing request for a new P-256 key, DER; its subject does not count.
    pub csr: Vec<u8>,
}

/// What a box asks whose certificate has ended. Whether its proof is good is for [`LateRenewal::is_signed_by`] to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateRenewal {
    /// Who asks.
    pub gateway: GatewayId,
    /// As in [`RenewalRequest`].
    pub csr: Vec<u8>,
    proof: [u8; PROOF_LEN],
}

/// What the server answers to either.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RenewalAnswer {
    /// The certificate, PEM. The same request gets the same one.
    pub certificate: String,
}

/// The wire forms, whose binary fields are hexadecimal.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireRenewal {
    csr: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireLateRenewal {
    gateway: GatewayId,
    csr: String,
    proof: String,
}

impl RenewalRequest {
    /// Gives the JSON that is sent.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn to_body(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(&WireRenewal {
            csr: hex::encode(&self.csr),
        })
    }

    /// Reads what was sent.
    ///
    /// # Errors
    /// When it is too long, or no request.
    pub fn from_body(body: &[u8]) -> Result<Self, Refusal> {
        let wire: WireRenewal = read(body)?;
        Ok(Self {
            csr: csr(&wire.csr)?,
        })
    }
}

impl LateRenewal {
    /// Makes a request, which `sign` signs with the box's signing key.
    pub fn new(
        gateway: GatewayId,
        csr: Vec<u8>,
        sign: impl FnOnce(&[u8]) -> [u8; PROOF_LEN],
    ) -> Self {
        let proof = sign(&signed_bytes(&gateway, &csr));
        Self {
            gateway,
            csr,
            proof,
        }
    }

    /// Gives the JSON that is sent.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn to_body(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(&WireLateRenewal {
            gateway: self.gateway.clone(),
            csr: hex::encode(&self.csr),
            proof: hex::encode(self.proof),
        })
    }

    /// Reads what was sent.
    ///
    /// # Errors
    /// When it is too long, or no request.
    pub fn from_body(body: &[u8]) -> Result<Self, Refusal> {
        let wire: WireLateRenewal = read(body)?;
        Ok(Self {
            gateway: wire.gateway,
            csr: csr(&wire.csr)?,
            proof: bytes(&wire.proof)?,
        })
    }

    /// Tells whether the box with this signing key has made the request. A request that is brought again proves nothing
    /// new and does no harm: its certificate is of use only to whoever has the key in it.
    pub fn is_signed_by(&self, signing_public_key: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, signing_public_key)
            .verify(&signed_bytes(&self.gateway, &self.csr), &self.proof)
            .is_ok()
    }
}

impl RenewalAnswer {
    /// Reads what the server sent.
    ///
    /// # Errors
    /// When it is no answer.
    pub fn from_body(body: &[u8]) -> Result<Self, AnswerError> {
        if body.len() > ANSWER_LEN_MAX {
            return Err(AnswerError);
        }
        serde_json::from_slice(body).map_err(|_| AnswerError)
    }
}

fn signed_bytes(gateway: &GatewayId, csr: &[u8]) -> Vec<u8> {
    framed(&[PROOF_DOMAIN, gateway.as_str().as_bytes(), csr])
}

fn read<T: for<'a> Deserialize<'a>>(body: &[u8]) -> Result<T, Refusal> {
    if body.len() > REQUEST_LEN_MAX {
        return Err(Refusal::Malformed);
    }
    serde_json::from_slice(body).map_err(|_| Refusal::Malformed)
}

fn csr(text: &str) -> Result<Vec<u8>, Refusal> {
    let csr = hex::decode(text).map_err(|_| Refusal::Malformed)?;
    if csr.len() > CSR_LEN_MAX {
        return Err(Refusal::Malformed);
    }
    Ok(csr)
}

#[cfg(test)]
mod tests {
    use ring::signature::{Ed25519KeyPair, KeyPair};

    use super::*;

    fn pair(seed: u8) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
    }

    fn late(gateway: &str, csr: &[u8]) -> LateRenewal {
        LateRenewal::new(gateway.parse().unwrap(), csr.to_vec(), |signed| {
            pair(1).sign(signed).as_ref().try_into().unwrap()
        })
    }

    #[test]
    fn what_is_asked_is_read_as_it_was_written() {
        let request = RenewalRequest { csr: vec![1, 2, 3] };
        let body = request.to_body().unwrap();
        assert_eq!(RenewalRequest::from_body(body.as_bytes()), Ok(request));
        let late = late("gw-1", &[1, 2, 3]);
        let body = late.to_body().unwrap();
        assert_eq!(LateRenewal::from_body(body.as_bytes()), Ok(late));
    }

    #[test]
    fn the_proof_covers_the_gateway_and_the_key_and_is_of_the_signing_key() {
        let good = late("gw-1", &[1, 2, 3]);
        let public = |seed| pair(seed).public_key().as_ref().to_vec();
        assert!(good.is_signed_by(&public(1)));
        assert!(!good.is_signed_by(&public(2)));
        let body = good.to_body().unwrap();
        for (from, to) in [("gw-1", "gw-2"), ("010203", "010204")] {
            let changed = body.replacen(from, to, 1);
            assert_ne!(changed, body);
            let changed = LateRenewal::from_body(changed.as_bytes()).unwrap();
            assert!(!changed.is_signed_by(&public(1)), "{from}");
        }
    }

    #[test]
    fn what_is_too_long_or_no_request_is_refused() {
        let body = RenewalRequest { csr: vec![1, 2, 3] }.to_body().unwrap();
        let padded = format!("{body}{}", " ".repeat(REQUEST_LEN_MAX));
        let long = RenewalRequest {
            csr: vec![1; CSR_LEN_MAX + 1],
        };
        for refused in ["", "{}", &padded, &long.to_body().unwrap()] {
            let refusal = RenewalRequest::from_body(refused.as_bytes());
            assert_eq!(refusal, Err(Refusal::Malformed));
            let refusal = LateRenewal::from_body(refused.as_bytes());
            assert_eq!(refusal, Err(Refusal::Malformed));
        }
        assert!(RenewalAnswer::from_body(b"{}").is_err());
    }
}
