//! The keys of the sign-in service for tests, and tokens signed by them (RFC 7515).

use anyhow::{Context, ensure};
use rcgen::{KeyPair, PublicKeyData, SigningKey};
use serde_json::{Value, json};

/// Made for these tests and used nowhere else: ring makes no RSA keys.
const RSA: &[u8] = include_bytes!("oidc_rsa.der");
/// Nobody is told of this one.
const FORGED: &[u8] = include_bytes!("oidc_forged.der");
/// Where the modulus of 2,048 bits is in an RSA public key (RFC 8017, A.1.1).
const MODULUS: std::ops::Range<usize> = 9..265;
/// 65,537, as all such keys have it.
const EXPONENT: [u8; 3] = [1, 0, 1];
/// Half of a signature or of a point on P-256, in bytes.
const HALF_LEN: usize = 32;

/// An RSA key, an EC key, and one that is not theirs.
#[derive(Debug)]
pub(crate) struct Keys {
    rsa: KeyPair,
    rsa_id: String,
    ec: KeyPair,
    forged: KeyPair,
}

impl Keys {
    pub(crate) fn new() -> anyhow::Result<Self> {
        Ok(Self {
            rsa: KeyPair::try_from(RSA).context("the RSA key")?,
            rsa_id: "rsa-1".to_owned(),
            ec: KeyPair::generate()?,
            forged: KeyPair::try_from(FORGED).context("the other RSA key")?,
        })
    }

    /// Calls the RSA key by another name, which nobody knows before they ask again.
    pub(crate) fn rename_rsa(&mut self) {
        self.rsa_id = "rsa-2".to_owned();
    }

    /// Gives the public keys (RFC 7517).
    pub(crate) fn public(&self) -> Value {
        let rsa = self.rsa.der_bytes();
        let point = self.ec.der_bytes();
        json!({ "keys": [
            {
                "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.rsa_id,
                "n": base64(&rsa[MODULUS]), "e": base64(&EXPONENT),
            },
            {
                "kty": "EC", "use": "sig", "alg": "ES256", "crv": "P-256", "kid": "ec-1",
                "x": base64(&point[1..=HALF_LEN]), "y": base64(&point[1 + HALF_LEN..]),
            },
        ] })
    }

    /// Signs claims by `rsa`, `ec`, or `forged`, which says that it is `rsa`; by `none`, nothing is signed.
    pub(crate) fn sign(&self, key: &str, claims: &Value) -> anyhow::Result<String> {
        let (algorithm, id) = match key {
            "ec" => ("ES256", "ec-1"),
            "none" => ("none", "rsa-1"),
            _ => ("RS256", self.rsa_id.as_str()),
        };
        let header = json!({ "alg": algorithm, "kid": id, "typ": "JWT" });
        let said = format!(
            "{}.{}",
            base64(header.to_string().as_bytes()),
            base64(claims.to_string().as_bytes())
        );
        let signature = match key {
            "rsa" => self.rsa.sign(said.as_bytes())?,
            "forged" => self.forged.sign(said.as_bytes())?,
            "ec" => halves(&self.ec.sign(said.as_bytes())?)?,
            _ => Vec::new(),
        };
        Ok(format!("{said}.{}", base64(&signature)))
    }
}

/// Writes an EC signature as tokens have it (RFC 7518, 3.4): its two numbers, each of full length.
fn halves(signature: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut rest = signature.get(2..).context("no signature")?;
    let mut halves = Vec::new();
    for _ in 0..2 {
        ensure!(rest.len() > 2 && rest[0] == 2, "no number");
        let (number, after) = rest[2..].split_at(usize::from(rest[1]));
        let start = number.len().saturating_sub(HALF_LEN);
        halves.resize(halves.len() + HALF_LEN - (number.len() - start), 0);
        halves.extend(&number[start..]);
        rest = after;
    }
    Ok(halves)
}

/// Writes base 64 for addresses, without padding (RFC 4648, 5).
pub(crate) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut three = [0; 3];
        three[..chunk.len()].copy_from_slice(chunk);
        let [a, b, c] = three.map(usize::from);
        let number = (a << 16) | (b << 8) | c;
        for place in 0..=chunk.len() {
            text.push(char::from(LETTERS[(number >> (18 - 6 * place)) & 63]));
        }
    }
    text
}
