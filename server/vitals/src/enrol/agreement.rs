//! The key agreement: both sides derive the key that they will share, and it never travels.

use std::fmt;

use ring::hkdf::{HKDF_SHA256, Salt};
use x25519_dalek::{PublicKey, StaticSecret};

use crate::chain::framed;
use crate::id::GatewayId;
use crate::tag::TAG_KEY_LEN;

const DOMAIN: &[u8] = b"hearth tag key v1";
/// The length of an X25519 key, secret or public, in bytes.
pub const AGREEMENT_KEY_LEN: usize = 32;

/// One side's secret half of the agreement, X25519. The box keeps it until it has its answer, so that an exchange that
/// was cut off can be repeated; the server forgets its own at once.
pub struct AgreementKey(StaticSecret);

impl AgreementKey {
    /// Takes random bytes.
    pub fn new(bytes: [u8; AGREEMENT_KEY_LEN]) -> Self {
        Self(StaticSecret::from(bytes))
    }

    /// Gives the public half, which is sent.
    pub fn public_key(&self) -> [u8; AGREEMENT_KEY_LEN] {
        PublicKey::from(&self.0).to_bytes()
    }

    /// Derives, on the box, the key that it shares with the server; `None` when the server's half is no fit key.
    pub fn tag_key_on_gateway(
        &self,
        gateway: &GatewayId,
        server: &[u8; AGREEMENT_KEY_LEN],
    ) -> Option<[u8; TAG_KEY_LEN]> {
        self.derive(gateway, server, &self.public_key(), server)
    }

    /// Derives, on the server, the key that it shares with a box; `None` when the box's half is no fit key.
    pub fn tag_key_on_server(
        &self,
        gateway: &GatewayId,
        boxes: &[u8; AGREEMENT_KEY_LEN],
    ) -> Option<[u8; TAG_KEY_LEN]> {
        self.derive(gateway, boxes, boxes, &self.public_key())
    }

    fn derive(
        &self,
        gateway: &GatewayId,
        theirs: &[u8; AGREEMENT_KEY_LEN],
        boxes: &[u8; AGREEMENT_KEY_LEN],
        server: &[u8; AGREEMENT_KEY_LEN],
    ) -> Option<[u8; TAG_KEY_LEN]> {
        let shared = self.0.diffie_hellman(&PublicKey::from(*theirs));
        // A public key of small order makes the same secret with everybody.
        if !shared.was_contributory() {
            return None;
        }
        let info = framed(&[DOMAIN, gateway.as_str().as_bytes(), boxes, server]);
        let mut key = [0; TAG_KEY_LEN];
        Salt::new(HKDF_SHA256, DOMAIN)
            .extract(shared.as_bytes())
            .expand(&[&info], HKDF_SHA256)
            .and_then(|output| output.fill(&mut key))
            .ok()?;
        Some(key)
    }
}

/// A key is a secret: its debug form shows nothing of it.
impl fmt::Debug for AgreementKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AgreementKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gateway(id: &str) -> GatewayId {
        id.parse().unwrap()
    }

    #[test]
    fn both_sides_derive_the_same_key_and_each_gateway_another() {
        let (boxes, server) = (AgreementKey::new([1; 32]), AgreementKey::new([2; 32]));
        let on_gateway = boxes.tag_key_on_gateway(&gateway("gw-1"), &server.public_key());
        let on_server = server.tag_key_on_server(&gateway("gw-1"), &boxes.public_key());
        assert!(on_gateway.is_some());
        assert_eq!(on_gateway, on_server);
        let other = server.tag_key_on_server(&gateway("gw-2"), &boxes.public_key());
        assert_ne!(on_server, other, "the key is bound to the gateway's name");
        let elsewhere = AgreementKey::new([3; 32]);
        assert_ne!(
            on_gateway,
            boxes.tag_key_on_gateway(&gateway("gw-1"), &elsewhere.public_key())
        );
    }

    /// RFC 7748, section 6.1: Alice's keys.
    #[test]
    fn the_public_half_is_that_of_the_standard() {
        let key = |text: &str| <[u8; 32]>::try_from(hex::decode(text).unwrap()).unwrap();
        let alice = AgreementKey::new(key(
            "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
        ));
        assert_eq!(
            alice.public_key(),
            key("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")
        );
    }

    #[test]
    fn a_half_of_small_order_is_refused() {
        let server = AgreementKey::new([2; 32]);
        assert_eq!(server.tag_key_on_server(&gateway("gw-1"), &[0; 32]), None);
    }
}
