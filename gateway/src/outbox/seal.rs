//! Sealing: every record on the disk is encrypted and bound to its gateway, epoch, table and row.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::{hkdf, hmac};
use vitals::{Epoch, GatewayId, ReadingId};

use super::OutboxError;
use crate::clock;
use crate::keys::SealingKey;

/// The length of the random salt of one opening, in bytes.
pub(super) const SALT_LEN: usize = 32;

const SEAL_DOMAIN: &[u8] = b"hearth outbox seal v1";
const REPEAT_DOMAIN: &[u8] = b"hearth outbox repeat v1";

/// The tables that hold sealed rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    Capture,
    Entry,
    Seal,
}

impl Table {
    fn as_str(self) -> &'static str {
        match self {
            Self::Capture => "capture",
            Self::Entry => "entry",
            Self::Seal => "seal",
        }
    }
}

/// A sealed text and the nonce that it was sealed with.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sealed {
    pub(super) nonce: [u8; NONCE_LEN],
    pub(super) bytes: Vec<u8>,
}

/// A numbered row with its sealed text.
#[derive(sqlx::FromRow)]
pub(super) struct NumberedRow {
    pub(super) id: i64,
    #[sqlx(flatten)]
    pub(super) sealed: SealedRow,
}

/// A sealed text as read back, with the salt of the opening that sealed it.
#[derive(sqlx::FromRow)]
pub(super) struct SealedRow {
    pub(super) salt: Vec<u8>,
    pub(super) nonce: Vec<u8>,
    pub(super) bytes: Vec<u8>,
}

/// Seals with the key of this opening, and opens what any opening of this outbox sealed.
///
/// Each opening draws a new salt and so has a key of its own, under which nonces are counted from zero. A database that
/// is restored from a copy, or runs in two places, therefore never uses a nonce twice with the same key.
pub(super) struct Sealer {
    master: SealingKey,
    place: String,
    salt: [u8; SALT_LEN],
    key: LessSafeKey,
    nonce_next: AtomicU64,
    repeat_key: hmac::Key,
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(..)")
    }
}

impl Sealer {
    pub(super) fn new(
        master: SealingKey,
        gateway: &GatewayId,
        epoch: Epoch,
    ) -> Result<Self, OutboxError> {
        let mut salt = [0; SALT_LEN];
        clock::fill_random(&mut salt).map_err(|_| OutboxError::Seal("no random bytes"))?;
        let repeat_key = hkdf::Salt::new(hkdf::HKDF_SHA256, REPEAT_DOMAIN)
            .extract(master.as_bytes())
            .expand(&[REPEAT_DOMAIN], hmac::HMAC_SHA256)
            .map_err(|_| OutboxError::Seal("no key"))?
            .into();
        Ok(Self {
            key: key_of(&master, &salt)?,
            master,
            place: format!("hearth outbox v1/{gateway}/{epoch}"),
            salt,
            nonce_next: AtomicU64::new(0),
            repeat_key,
        })
    }

    pub(super) fn salt(&self) -> &[u8] {
        &self.salt
    }

    /// A keyed hash of a reading's id, so that the column tells nothing of what was measured.
    pub(super) fn repeat_key(&self, id: ReadingId) -> Vec<u8> {
        hmac::sign(&self.repeat_key, id.to_string().as_bytes())
            .as_ref()
            .to_vec()
    }

    pub(super) fn seal(&self, table: Table, row: i64, text: &str) -> Result<Sealed, OutboxError> {
        let count = self.nonce_next.fetch_add(1, Ordering::SeqCst);
        let mut nonce = [0; NONCE_LEN];
        nonce[NONCE_LEN - 8..].copy_from_slice(&count.to_be_bytes());
        let mut bytes = text.as_bytes().to_vec();
        self.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                self.aad(table, row),
                &mut bytes,
            )
            .map_err(|_| OutboxError::Seal("the cipher refused"))?;
        Ok(Sealed { nonce, bytes })
    }

    pub(super) fn open(
        &self,
        table: Table,
        row: i64,
        mut sealed: SealedRow,
    ) -> Result<String, OutboxError> {
        let broken = || OutboxError::SealBroken {
            table: table.as_str(),
            row,
        };
        let key = key_of(&self.master, &sealed.salt)?;
        let nonce = Nonce::try_assume_unique_for_key(&sealed.nonce).map_err(|_| broken())?;
        let text = key
            .open_in_place(nonce, self.aad(table, row), &mut sealed.bytes)
            .map_err(|_| broken())?;
        String::from_utf8(text.to_vec()).map_err(|_| broken())
    }

    fn aad(&self, table: Table, row: i64) -> Aad<String> {
        // No part can hold a slash, so two different places never have the same text.
        Aad::from(format!("{}/{}/{row}", self.place, table.as_str()))
    }
}

fn key_of(master: &SealingKey, salt: &[u8]) -> Result<LessSafeKey, OutboxError> {
    hkdf::Salt::new(hkdf::HKDF_SHA256, salt)
        .extract(master.as_bytes())
        .expand(&[SEAL_DOMAIN], &AES_256_GCM)
        .map(|key| LessSafeKey::new(UnboundKey::from(key)))
        .map_err(|_| OutboxError::Seal("no key"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer(gateway: &str, epoch: u64) -> Sealer {
        let master = SealingKey::new([5; 32]);
        Sealer::new(master, &gateway.parse().unwrap(), Epoch(epoch)).unwrap()
    }

    fn row(sealer: &Sealer, sealed: &Sealed) -> SealedRow {
        SealedRow {
            salt: sealer.salt().to_vec(),
            nonce: sealed.nonce.to_vec(),
            bytes: sealed.bytes.clone(),
        }
    }

    #[test]
    fn what_one_opening_sealed_the_next_can_open() {
        let first = sealer("gw-1", 1);
        let sealed = first.seal(Table::Entry, 7, "text").unwrap();
        let next = sealer("gw-1", 1);
        assert_ne!(first.salt(), next.salt());
        assert_eq!(
            next.open(Table::Entry, 7, row(&first, &sealed)).unwrap(),
            "text"
        );
    }

    #[test]
    fn a_sealed_text_opens_only_in_its_own_place() {
        let sealer_1 = sealer("gw-1", 1);
        let sealed = sealer_1.seal(Table::Entry, 7, "text").unwrap();
        assert!(
            sealer_1
                .open(Table::Entry, 8, row(&sealer_1, &sealed))
                .is_err()
        );
        assert!(
            sealer_1
                .open(Table::Capture, 7, row(&sealer_1, &sealed))
                .is_err()
        );
        for other in [sealer("gw-2", 1), sealer("gw-1", 2)] {
            assert!(
                other
                    .open(Table::Entry, 7, row(&sealer_1, &sealed))
                    .is_err()
            );
        }
    }

    #[test]
    fn no_nonce_is_used_twice_and_equal_texts_differ_when_sealed() {
        let sealer = sealer("gw-1", 1);
        let sealed: Vec<Sealed> = (0..100)
            .map(|_| sealer.seal(Table::Entry, 1, "text").unwrap())
            .collect();
        for (place, one) in sealed.iter().enumerate() {
            assert!(sealed[..place].iter().all(|it| it.nonce != one.nonce));
            assert!(sealed[..place].iter().all(|it| it.bytes != one.bytes));
        }
    }

    #[test]
    fn one_changed_bit_breaks_the_seal_by_name() {
        let sealer = sealer("gw-1", 1);
        let mut sealed = sealer.seal(Table::Entry, 7, "text").unwrap();
        sealed.bytes[0] ^= 1;
        let error = sealer
            .open(Table::Entry, 7, row(&sealer, &sealed))
            .unwrap_err();
        assert!(error.to_string().contains("entry 7"), "{error}");
    }
}
