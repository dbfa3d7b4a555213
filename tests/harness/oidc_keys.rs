//! The keys of the sign-in service for tests, and tokens signed by them (RFC 7515).

use anyhow::{Context, anyhow};
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use serde_json::{Value, json};

/// Made for these tests and used nowhere else: ring makes no RSA keys.
const RSA: &[u8] = include_bytes!("oidc_rsa.der");
/// Nobody is told of this one.
const FORGED: &[u8] = include_bytes!("oidc_forged.der");

/// An RSA key, an EC key, and one that is not theirs.
#[derive(Debug)]
pub(crate) struct Keys {
    rsa: RsaKeyPair,
    rsa_id: String,
    ec: EcdsaKeyPair,
    forged: RsaKeyPair,
    random: SystemRandom,
}

impl Keys {
    #[expect(
        clippy::disallowed_methods,
        reason = "a service that is not under test draws its own randomness"
    )]
    pub(crate) fn new() -> anyhow::Result<Self> {
        let random = SystemRandom::new();
        let kind = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let made = EcdsaKeyPair::generate_pkcs8(kind, &random).map_err(|_| anyhow!("no EC key"))?;
        let ec = EcdsaKeyPair::from_pkcs8(kind, made.as_ref(), &random);
        Ok(Self {
            rsa: rsa(RSA)?,
            rsa_id: "rsa-1".to_owned(),
            ec: ec.map_err(|error| anyhow!("the EC key: {error}"))?,
            forged: rsa(FORGED)?,
            random,
        })
    }

    /// Calls the RSA key by another name, which nobody knows before they ask again.
    pub(crate) fn rename_rsa(&mut self) {
        self.rsa_id = "rsa-2".to_owned();
    }

    /// Gives the public keys (RFC 7517).
    pub(crate) fn public(&self) -> Value {
        let PublicKeyComponents { n, e } = PublicKeyComponents::<Vec<u8>>::from(self.rsa.public());
        let point = self.ec.public_key().as_ref();
        json!({ "keys": [
            {
                "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.rsa_id,
                "n": base64(&n),
                "e": base64(&e),
            },
            {
                "kty": "EC", "use": "sig", "alg": "ES256", "crv": "P-256", "kid": "ec-1",
                "x": base64(&point[1..33]), "y": base64(&point[33..65]),
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
            "rsa" => self.sign_rsa(&self.rsa, &said)?,
            "forged" => self.sign_rsa(&self.forged, &said)?,
            "ec" => {
                let signed = self.ec.sign(&self.random, said.as_bytes());
                signed.ok().context("nothing was signed")?.as_ref().to_vec()
            }
            _ => Vec::new(),
        };
        Ok(format!("{said}.{}", base64(&signature)))
    }

    fn sign_rsa(&self, key: &RsaKeyPair, said: &str) -> anyhow::Result<Vec<u8>> {
        let mut signature = vec![0; key.public().modulus_len()];
        let signed = key.sign(
            &RSA_PKCS1_SHA256,
            &self.random,
            said.as_bytes(),
            &mut signature,
        );
        signed.ok().context("nothing was signed")?;
        Ok(signature)
    }
}

fn rsa(pkcs8: &[u8]) -> anyhow::Result<RsaKeyPair> {
    RsaKeyPair::from_pkcs8(pkcs8).map_err(|error| anyhow!("the RSA key: {error}"))
}

/// Writes base 64 for addresses, without padding (RFC 4648, 5).
pub(crate) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut three = [0; 3];
        three[..chunk.len()].copy_from_slice(chunk);
        let [a, b, c] = three.map(usize::from);
        let number = a << 16 | b << 8 | c;
        for place in 0..=chunk.len() {
            text.push(char::from(LETTERS[number >> (18 - 6 * place) & 63]));
        }
    }
    text
}
