//! The chain: every entry numbered, and hashed onto the one before it.

use jiff::Timestamp;
use ring::digest;
use serde::Serialize;

use super::entry::Entry;

/// What the first entry is chained to.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

const ENTRY_DOMAIN: &str = "hearth audit entry v1";

/// An entry as it is stored: nothing in it is interpreted, so that whatever stands there can be judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Recorded {
    /// Its place: 1 for the first, without gaps.
    pub number: i64,
    /// When it was done, by the server's clock; microseconds UTC.
    pub at: i64,
    /// Who did it: the id of a member of staff, or a word that begins with `@`.
    pub person: String,
    /// The role that they acted by.
    pub role: String,
    /// In which session.
    pub session: Option<String>,
    /// Whose record.
    pub patient: Option<String>,
    /// What was done, by its code.
    pub action: String,
    /// To which thing.
    pub subject: Option<String>,
    /// What else is to be remembered.
    pub detail: Option<String>,
    /// The hash of the entry before it, hexadecimal; [`GENESIS`] before the first.
    pub previous: String,
    /// Its own hash, hexadecimal: the SHA-256 over the hash before it and every other field.
    pub hash: String,
}

impl Recorded {
    /// Puts an entry after another.
    pub fn link(previous: &str, number: i64, at: Timestamp, entry: &Entry) -> Self {
        let mut recorded = Self {
            number,
            at: at.as_microsecond(),
            person: entry.actor.person.clone(),
            role: entry.actor.role.clone(),
            session: entry.actor.session.clone(),
            patient: entry.patient.as_ref().map(ToString::to_string),
            action: entry.action.code().to_owned(),
            subject: entry.subject.clone(),
            detail: entry.detail.clone(),
            previous: previous.to_owned(),
            hash: String::new(),
        };
        recorded.hash = recorded.hash_of_content();
        recorded
    }

    /// Works out the hash that it must have.
    pub fn hash_of_content(&self) -> String {
        let bytes = Canonical::of(ENTRY_DOMAIN)
            .text(&self.previous)
            .number(self.number)
            .number(self.at)
            .text(&self.person)
            .text(&self.role)
            .optional(self.session.as_deref())
            .optional(self.patient.as_deref())
            .text(&self.action)
            .optional(self.subject.as_deref())
            .optional(self.detail.as_deref())
            .bytes();
        hex::encode(digest::digest(&digest::SHA256, &bytes))
    }
}

/// Fields as bytes, such that no two lists of fields have the same: a text follows its length in eight bytes, a number is
/// eight bytes, and what may be missing follows a 1, or is a 0. Everything is big-endian, texts are UTF-8.
#[derive(Debug)]
pub(super) struct Canonical(Vec<u8>);

impl Canonical {
    /// Begins with what the bytes are for.
    pub(super) fn of(domain: &str) -> Self {
        Self(Vec::new()).text(domain)
    }

    pub(super) fn text(mut self, text: &str) -> Self {
        self.0.extend_from_slice(&(text.len() as u64).to_be_bytes());
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    pub(super) fn number(mut self, number: i64) -> Self {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    fn optional(mut self, text: Option<&str>) -> Self {
        self.0.push(u8::from(text.is_some()));
        match text {
            Some(text) => self.text(text),
            None => self,
        }
    }

    pub(super) fn bytes(self) -> Vec<u8> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Action, Actor};

    fn entry() -> Recorded {
        let actor = Actor::person(&"nurse-1".parse().unwrap(), "Nurse");
        let entry = Entry::new(actor, Action::AlertTaken).of(&"ivor".parse().unwrap());
        let at = "2026-11-27T08:00:00Z".parse().unwrap();
        Recorded::link(GENESIS, 1, at, &entry.about(&3))
    }

    /// Whoever checks an export without this program needs the bytes to stay as they are.
    #[test]
    fn the_hash_is_that_of_the_written_out_bytes() {
        let mut bytes = Vec::new();
        let text = |bytes: &mut Vec<u8>, text: &str| {
            bytes.extend_from_slice(&u64::try_from(text.len()).unwrap().to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
        };
        text(&mut bytes, "hearth audit entry v1");
        text(&mut bytes, &"0".repeat(64));
        bytes.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 1]);
        bytes.extend_from_slice(&1_795_766_400_000_000_i64.to_be_bytes());
        text(&mut bytes, "nurse-1");
        text(&mut bytes, "Nurse");
        bytes.push(0);
        bytes.push(1);
        text(&mut bytes, "ivor");
        text(&mut bytes, "alert_taken");
        bytes.push(1);
        text(&mut bytes, "3");
        bytes.push(0);
        let hash = hex::encode(digest::digest(&digest::SHA256, &bytes));
        assert_eq!(entry().hash, hash);
    }

    #[test]
    fn a_text_that_moves_to_the_next_field_is_another_entry() {
        let entry = entry();
        let moved = Recorded {
            subject: None,
            detail: Some("3".to_owned()),
            ..entry.clone()
        };
        assert_ne!(moved.hash_of_content(), entry.hash);
        let shifted = Recorded {
            person: "nurse-1N".to_owned(),
            role: "urse".to_owned(),
            ..entry.clone()
        };
        assert_ne!(shifted.hash_of_content(), entry.hash);
        let empty = Recorded {
            detail: Some(String::new()),
            ..entry.clone()
        };
        assert_ne!(empty.hash_of_content(), entry.hash);
    }
}
