//! The envelope of every message: version, kind, gateway, tag, and the body byte for byte.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{PAYLOAD_LEN_MAX, VERSION, WireError};
use crate::id::GatewayId;
use crate::tag::{TAG_LEN, TagKey};
use crate::topic::{Kind, Topic};

/// A message that has been read but not yet believed: [`Envelope::open`] checks its tag.
#[derive(Debug)]
pub struct Envelope {
    gateway: GatewayId,
    kind: Kind,
    tag: [u8; TAG_LEN],
    body: Box<RawValue>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireEnvelope<Body> {
    version: u32,
    kind: String,
    gateway: String,
    tag: String,
    body: Body,
}

#[derive(Deserialize)]
struct VersionOnly {
    version: u32,
}

/// Writes a body into a tagged envelope, ready to publish.
///
/// # Errors
/// When the message would be longer than [`PAYLOAD_LEN_MAX`].
pub fn seal(topic: &Topic, key: &TagKey, body: &impl Serialize) -> Result<Vec<u8>, WireError> {
    let body = serde_json::value::to_raw_value(body)?;
    let tag = key.tag(&topic.gateway, topic.kind, body.get());
    let payload = serde_json::to_vec(&WireEnvelope {
        version: VERSION,
        kind: topic.kind.as_str().to_owned(),
        gateway: topic.gateway.to_string(),
        tag: hex::encode(tag),
        body,
    })?;
    if payload.len() > PAYLOAD_LEN_MAX {
        Err(WireError::TooLong)
    } else {
        Ok(payload)
    }
}

impl Envelope {
    /// Reads an envelope and checks that it belongs to the topic it was sent on.
    ///
    /// # Errors
    /// A named refusal: too long, malformed, unknown version or kind, wrong topic.
    pub fn read(topic: &Topic, payload: &[u8]) -> Result<Self, WireError> {
        if payload.len() > PAYLOAD_LEN_MAX {
            return Err(WireError::TooLong);
        }
        let VersionOnly { version } = serde_json::from_slice(payload)?;
        if version != VERSION {
            return Err(WireError::UnknownVersion { found: version });
        }
        let wire: WireEnvelope<Box<RawValue>> = serde_json::from_slice(payload)?;
        let kind = Kind::from_name(&wire.kind).ok_or(WireError::UnknownKind)?;
        let gateway = GatewayId::try_from(wire.gateway)?;
        if gateway != topic.gateway || kind != topic.kind {
            return Err(WireError::WrongTopic);
        }
        let mut tag = [0; TAG_LEN];
        hex::decode_to_slice(&wire.tag, &mut tag).map_err(|_| WireError::WrongTag)?;
        Ok(Self {
            gateway,
            kind,
            tag,
            body: wire.body,
        })
    }

    /// Gives the body, once the tag is known to be the gateway's.
    ///
    /// # Errors
    /// [`WireError::WrongTag`] when it is not.
    pub fn open(&self, key: &TagKey) -> Result<&str, WireError> {
        if key.matches(&self.gateway, self.kind, self.body.get(), &self.tag) {
            Ok(self.body.get())
        } else {
            Err(WireError::WrongTag)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn topic(kind: Kind) -> Topic {
        Topic::new("gw-1".parse().unwrap(), kind)
    }

    fn key() -> TagKey {
        TagKey::new(&[3; 32])
    }

    #[test]
    fn what_is_sealed_opens_with_the_same_key_only() {
        let payload = seal(&topic(Kind::Status), &key(), &json!({"a": 1})).unwrap();
        let envelope = Envelope::read(&topic(Kind::Status), &payload).unwrap();
        assert_eq!(envelope.open(&key()).unwrap(), "{\"a\":1}");
        assert_eq!(
            envelope.open(&TagKey::new(&[4; 32])).unwrap_err().name(),
            "wrong_tag"
        );
    }

    #[test]
    fn an_envelope_sent_on_another_topic_is_refused() {
        let payload = seal(&topic(Kind::Status), &key(), &json!({})).unwrap();
        for other in [
            topic(Kind::Head),
            Topic::new("gw-2".parse().unwrap(), Kind::Status),
        ] {
            assert_eq!(
                Envelope::read(&other, &payload).unwrap_err().name(),
                "wrong_topic"
            );
        }
    }

    #[test]
    fn an_unknown_version_is_named_before_anything_else_is_read() {
        let payload = br#"{"version":2,"something":"new"}"#;
        let error = Envelope::read(&topic(Kind::Status), payload).unwrap_err();
        assert_eq!(error.name(), "unknown_version");
        assert!(error.to_string().contains("version 2"));
    }

    #[test]
    fn an_unknown_field_is_named() {
        let payload =
            br#"{"version":1,"kind":"status","gateway":"gw-1","tag":"","body":{},"extra":1}"#;
        let error = Envelope::read(&topic(Kind::Status), payload).unwrap_err();
        assert!(
            error.to_string().contains("unknown field `extra`"),
            "{error}"
        );
    }

    #[test]
    fn a_message_over_the_bound_is_neither_written_nor_read() {
        let body = "x".repeat(PAYLOAD_LEN_MAX);
        assert_eq!(
            seal(&topic(Kind::Status), &key(), &body)
                .unwrap_err()
                .name(),
            "too_long"
        );
        let payload = vec![b' '; PAYLOAD_LEN_MAX + 1];
        assert_eq!(
            Envelope::read(&topic(Kind::Status), &payload)
                .unwrap_err()
                .name(),
            "too_long"
        );
    }
}
