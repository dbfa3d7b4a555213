//! The tag: HMAC-SHA256 over a message, by the key that one gateway shares with the server.

use ring::hmac;

use crate::chain::framed;
use crate::id::GatewayId;
use crate::topic::Kind;

const TAG_DOMAIN: &[u8] = b"hearth message tag v1";
const LOGIN_DOMAIN: &[u8] = b"hearth broker login v1";

/// The length of the shared key, in bytes.
pub const TAG_KEY_LEN: usize = 32;
/// The length of a tag, in bytes.
pub const TAG_LEN: usize = 32;

/// The secret that one gateway shares with the server, agreed at registration.
#[derive(Clone)]
pub struct TagKey(hmac::Key);

impl TagKey {
    /// Takes the key's bytes.
    pub fn new(bytes: &[u8; TAG_KEY_LEN]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// Tags the body of a message. The kind and the gateway are covered, so a body cannot be passed off as
    /// another kind of message, as another gateway's, or be sent back as if it were the server's.
    pub fn tag(&self, gateway: &GatewayId, kind: Kind, body: &str) -> [u8; TAG_LEN] {
        let mut tag = [0; TAG_LEN];
        tag.copy_from_slice(hmac::sign(&self.0, &covered(gateway, kind, body)).as_ref());
        tag
    }

    /// Tells, in constant time, whether the tag belongs to the body.
    pub fn matches(&self, gateway: &GatewayId, kind: Kind, body: &str, tag: &[u8]) -> bool {
        hmac::verify(&self.0, &covered(gateway, kind, body), tag).is_ok()
    }

    /// Derives the password by which the gateway signs in to the broker: 64 hexadecimal digits.
    ///
    /// Both sides derive it, so it needs no place of its own; it tells a broker nothing about the tags.
    pub fn broker_password(&self, gateway: &GatewayId) -> String {
        let bytes = framed(&[LOGIN_DOMAIN, gateway.as_str().as_bytes()]);
        hex::encode(hmac::sign(&self.0, &bytes).as_ref())
    }
}

/// A key is a secret: its debug form shows nothing of it.
impl std::fmt::Debug for TagKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TagKey(..)")
    }
}

fn covered(gateway: &GatewayId, kind: Kind, body: &str) -> Vec<u8> {
    framed(&[
        TAG_DOMAIN,
        kind.as_str().as_bytes(),
        gateway.as_str().as_bytes(),
        body.as_bytes(),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_fits_one_gateway_one_kind_and_one_body() {
        let key = TagKey::new(&[1; TAG_KEY_LEN]);
        let gateway: GatewayId = "gw-1".parse().unwrap();
        let tag = key.tag(&gateway, Kind::Readings, "{}");
        assert!(key.matches(&gateway, Kind::Readings, "{}", &tag));
        assert!(!key.matches(&gateway, Kind::Readings, "{ }", &tag));
        assert!(!key.matches(&gateway, Kind::Receipt, "{}", &tag));
        assert!(!key.matches(&"gw-2".parse().unwrap(), Kind::Readings, "{}", &tag));
        assert!(!TagKey::new(&[2; TAG_KEY_LEN]).matches(&gateway, Kind::Readings, "{}", &tag));
        assert!(
            !key.matches(&gateway, Kind::Readings, "{}", &tag[..16]),
            "a shortened tag is no tag"
        );
    }

    #[test]
    fn the_broker_password_is_bound_to_the_gateway() {
        let key = TagKey::new(&[1; TAG_KEY_LEN]);
        let one = key.broker_password(&"gw-1".parse().unwrap());
        assert_eq!(one.len(), 64);
        assert_ne!(one, key.broker_password(&"gw-2".parse().unwrap()));
    }
}
