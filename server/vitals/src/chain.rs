//! The chain: every record numbered, hashed onto the one before it, and its head signed.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use ring::{digest, signature};
use thiserror::Error;

use crate::id::GatewayId;

const GENESIS_DOMAIN: &[u8] = b"hearth chain genesis v1";
const LINK_DOMAIN: &[u8] = b"hearth chain link v1";
const HEAD_DOMAIN: &[u8] = b"hearth chain head v1";

/// One life of an outbox: a random number made when its database is created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub u64);

/// The position of a record in its epoch: 1 for the first, without gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sequence(u64);

/// A SHA-256 over a record and everything before it in its epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChainHash([u8; 32]);

/// A text or number that is not an epoch, a sequence number, a hash or a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ChainError {
    /// Not 16 hexadecimal digits.
    #[error("an epoch is 16 hexadecimal digits")]
    Epoch,
    /// Zero, or more than a database integer holds.
    #[error("a sequence number is a whole number from 1 to 2^63 - 1")]
    Sequence,
    /// Not 64 hexadecimal digits.
    #[error("a chain hash is 64 hexadecimal digits")]
    Hash,
    /// Not 128 hexadecimal digits.
    #[error("a signature is 128 hexadecimal digits")]
    Signature,
    /// The head is not signed by the key that was registered for the gateway.
    #[error("the chain head is not signed by this gateway's registered key")]
    WrongSigner,
}

impl Epoch {
    /// Tells the place before the first record: what the first record is chained to.
    pub fn genesis(self, gateway: &GatewayId) -> ChainHash {
        hash(&[
            GENESIS_DOMAIN,
            gateway.as_str().as_bytes(),
            &self.0.to_be_bytes(),
        ])
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for Epoch {
    type Err = ChainError;

    fn from_str(text: &str) -> Result<Self, ChainError> {
        let mut bytes = [0; 8];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| ChainError::Epoch)?;
        Ok(Self(u64::from_be_bytes(bytes)))
    }
}

impl Sequence {
    /// The first record of an epoch.
    pub const FIRST: Self = Self(1);

    /// Checks a number.
    ///
    /// # Errors
    /// When it is zero or more than a database integer holds.
    pub fn new(number: u64) -> Result<Self, ChainError> {
        let fits = number >= 1 && i64::try_from(number).is_ok();
        if fits {
            Ok(Self(number))
        } else {
            Err(ChainError::Sequence)
        }
    }

    /// Gives the number.
    pub fn get(self) -> u64 {
        self.0
    }

    /// Gives the number after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl ChainHash {
    /// Hashes one record onto the record before it.
    ///
    /// `record` is the record's JSON text, byte for byte as it travels and is stored.
    #[must_use]
    pub fn link(previous: Self, epoch: Epoch, sequence: Sequence, record: &str) -> Self {
        hash(&[
            LINK_DOMAIN,
            &previous.0,
            &epoch.0.to_be_bytes(),
            &sequence.0.to_be_bytes(),
            record.as_bytes(),
        ])
    }
}

impl fmt::Display for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl FromStr for ChainHash {
    type Err = ChainError;

    fn from_str(text: &str) -> Result<Self, ChainError> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| ChainError::Hash)?;
        Ok(Self(bytes))
    }
}

/// Where a gateway's chain stood at a moment, signed by the gateway with Ed25519.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainHead {
    /// The epoch of the chain.
    pub epoch: Epoch,
    /// The last record's number.
    pub sequence: Sequence,
    /// The last record's hash.
    pub hash: ChainHash,
    /// When it was signed, by the gateway's clock.
    pub signed_at: Timestamp,
    /// The Ed25519 signature of [`ChainHead::signed_bytes`].
    pub signature: [u8; 64],
}

impl ChainHead {
    /// Gives the bytes that the gateway signs.
    pub fn signed_bytes(
        gateway: &GatewayId,
        epoch: Epoch,
        sequence: Sequence,
        hash_of_last: ChainHash,
        signed_at: Timestamp,
    ) -> Vec<u8> {
        let moment = signed_at.as_microsecond().to_be_bytes();
        framed(&[
            HEAD_DOMAIN,
            gateway.as_str().as_bytes(),
            &epoch.0.to_be_bytes(),
            &sequence.0.to_be_bytes(),
            &hash_of_last.0,
            &moment,
        ])
    }

    /// Checks the signature against the gateway's registered Ed25519 public key.
    ///
    /// # Errors
    /// [`ChainError::WrongSigner`] when it does not match.
    pub fn verify(&self, gateway: &GatewayId, public_key: &[u8]) -> Result<(), ChainError> {
        let signed = Self::signed_bytes(
            gateway,
            self.epoch,
            self.sequence,
            self.hash,
            self.signed_at,
        );
        signature::UnparsedPublicKey::new(&signature::ED25519, public_key)
            .verify(&signed, &self.signature)
            .map_err(|_| ChainError::WrongSigner)
    }
}

/// Each field preceded by its length, so that no two lists of fields have the same bytes.
pub(crate) fn framed(fields: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(fields.iter().map(|field| field.len() + 8).sum());
    for field in fields {
        bytes.extend_from_slice(&(field.len() as u64).to_be_bytes());
        bytes.extend_from_slice(field);
    }
    bytes
}

fn hash(fields: &[&[u8]]) -> ChainHash {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest::digest(&digest::SHA256, &framed(fields)).as_ref());
    ChainHash(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::{Ed25519KeyPair, KeyPair};

    fn gateway() -> GatewayId {
        "gw-1".parse().unwrap()
    }

    #[test]
    fn a_link_depends_on_everything_before_it() {
        let epoch = Epoch(7);
        let first = ChainHash::link(
            epoch.genesis(&gateway()),
            epoch,
            Sequence::FIRST,
            "{\"a\":1}",
        );
        let second = ChainHash::link(first, epoch, Sequence::FIRST.next(), "{\"b\":2}");
        let edited = ChainHash::link(
            epoch.genesis(&gateway()),
            epoch,
            Sequence::FIRST,
            "{\"a\":2}",
        );
        assert_ne!(first, edited);
        assert_ne!(
            second,
            ChainHash::link(edited, epoch, Sequence::FIRST.next(), "{\"b\":2}")
        );
        assert_ne!(epoch.genesis(&gateway()), Epoch(8).genesis(&gateway()));
    }

    #[test]
    fn a_head_is_believed_only_from_the_registered_key() {
        let key = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let other = Ed25519KeyPair::from_seed_unchecked(&[8; 32]).unwrap();
        let (epoch, sequence) = (Epoch(7), Sequence::FIRST);
        let hash = epoch.genesis(&gateway());
        let signed_at = "2026-11-21T08:00:00Z".parse().unwrap();
        let signed = ChainHead::signed_bytes(&gateway(), epoch, sequence, hash, signed_at);
        let mut signature = [0; 64];
        signature.copy_from_slice(key.sign(&signed).as_ref());
        let head = ChainHead {
            epoch,
            sequence,
            hash,
            signed_at,
            signature,
        };

        assert_eq!(head.verify(&gateway(), key.public_key().as_ref()), Ok(()));
        assert_eq!(
            head.verify(&gateway(), other.public_key().as_ref()),
            Err(ChainError::WrongSigner)
        );
        let moved = ChainHead {
            sequence: sequence.next(),
            ..head
        };
        assert_eq!(
            moved.verify(&gateway(), key.public_key().as_ref()),
            Err(ChainError::WrongSigner)
        );
    }

    #[test]
    fn numbers_and_hashes_are_checked() {
        assert_eq!(Sequence::new(0), Err(ChainError::Sequence));
        assert_eq!(Sequence::new(u64::MAX), Err(ChainError::Sequence));
        assert_eq!("00000000000000ff".parse(), Ok(Epoch(255)));
        assert_eq!("ff".parse::<Epoch>(), Err(ChainError::Epoch));
        assert_eq!("ff".parse::<ChainHash>(), Err(ChainError::Hash));
    }
}
