//! Heads: where the trail stood on a day, signed with Ed25519.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ring::signature::{self, Ed25519KeyPair, KeyPair};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::chain::Canonical;

const HEAD_DOMAIN: &str = "hearth audit head v1";

/// A signed head, as it stands in the database and, as one line of JSON, in the file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::FromRow)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The day on which it was signed, in UTC, ISO 8601.
    pub day: String,
    /// The newest entry's number.
    pub number: i64,
    /// The newest entry's hash, hexadecimal.
    pub hash: String,
    /// When it was signed, by the server's clock; microseconds UTC.
    pub signed_at: i64,
    /// The Ed25519 key that signed it, hexadecimal.
    pub public_key: String,
    /// The Ed25519 signature of all of the above but the key, hexadecimal.
    pub signature: String,
}

/// Why a head proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum HeadError {
    /// Signed by a key that nobody named as this service's.
    #[error("was signed by a key that is not known here")]
    UnknownKey,
    /// The signature is not of this head.
    #[error("is not as it was signed: it was forged or edited")]
    Forged,
}

impl Head {
    /// Signs where the trail stands.
    pub fn sign(key: &Ed25519KeyPair, number: i64, hash: &str, now: Timestamp) -> Self {
        let mut head = Self {
            day: day_of(now),
            number,
            hash: hash.to_owned(),
            signed_at: now.as_microsecond(),
            public_key: hex::encode(key.public_key()),
            signature: String::new(),
        };
        head.signature = hex::encode(key.sign(&head.signed_bytes()));
        head
    }

    /// Checks it against the keys that may sign, hexadecimal.
    ///
    /// # Errors
    /// When none of them did.
    pub fn check(&self, trusted: &[String]) -> Result<(), HeadError> {
        if !trusted.contains(&self.public_key) {
            return Err(HeadError::UnknownKey);
        }
        let (Ok(key), Ok(signature)) =
            (hex::decode(&self.public_key), hex::decode(&self.signature))
        else {
            return Err(HeadError::Forged);
        };
        signature::UnparsedPublicKey::new(&signature::ED25519, key)
            .verify(&self.signed_bytes(), &signature)
            .map_err(|_| HeadError::Forged)
    }

    fn signed_bytes(&self) -> Vec<u8> {
        Canonical::of(HEAD_DOMAIN)
            .text(&self.day)
            .number(self.number)
            .text(&self.hash)
            .number(self.signed_at)
            .bytes()
    }
}

/// Gives the day that a time is in, in UTC, as it stands in a head.
pub fn day_of(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).date().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
    }

    fn head() -> Head {
        let now = "2026-11-27T23:59:59Z".parse().unwrap();
        Head::sign(&key(1), 7, &"ab".repeat(32), now)
    }

    #[test]
    fn a_head_is_believed_as_it_was_signed_by_a_known_key() {
        let (head, trusted) = (head(), [hex::encode(key(1).public_key())]);
        assert_eq!(head.day, "2026-11-27");
        assert_eq!(head.check(&trusted), Ok(()));
        let others = [hex::encode(key(2).public_key())];
        assert_eq!(head.check(&others), Err(HeadError::UnknownKey));
        assert_eq!(head.check(&[]), Err(HeadError::UnknownKey));
        let edits: [fn(&mut Head); 5] = [
            |head| head.day = "2026-11-28".to_owned(),
            |head| head.number = 8,
            |head| head.hash = "ac".repeat(32),
            |head| head.signed_at += 1,
            |head| head.signature = "no".to_owned(),
        ];
        for edit in edits {
            let mut edited = head.clone();
            edit(&mut edited);
            assert_eq!(edited.check(&trusted), Err(HeadError::Forged));
        }
        // Signed by whoever has the database, who names the key that is known.
        let mut forged = Head::sign(
            &key(2),
            7,
            &head.hash,
            "2026-11-27T00:00:00Z".parse().unwrap(),
        );
        forged.public_key.clone_from(&head.public_key);
        assert_eq!(forged.check(&trusted), Err(HeadError::Forged));
    }

    #[test]
    fn a_line_of_json_is_read_as_it_was_written() {
        let line = serde_json::to_string(&head()).unwrap();
        assert_eq!(serde_json::from_str::<Head>(&line).unwrap(), head());
        let more = line.replace('{', "{\"note\":1,");
        assert!(serde_json::from_str::<Head>(&more).is_err());
    }
}
