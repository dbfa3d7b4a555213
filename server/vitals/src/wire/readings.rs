//! The readings message: a batch of numbered, chained records of one epoch.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{ENTRIES_LEN_MAX, WireError};
use crate::chain::{ChainHash, Epoch, Sequence};

/// One record in its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The record's number.
    pub sequence: Sequence,
    /// The hash of the record before it.
    pub previous: ChainHash,
    /// The record's JSON text, byte for byte: see [`super::record`].
    pub record: String,
}

impl Entry {
    /// Gives the record's own hash: what the next record is chained to.
    pub fn hash(&self, epoch: Epoch) -> ChainHash {
        ChainHash::link(self.previous, epoch, self.sequence, &self.record)
    }
}

/// A batch of records of one epoch, in any order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readings {
    /// The life of the outbox that numbered them.
    pub epoch: Epoch,
    /// 1 to [`ENTRIES_LEN_MAX`] records.
    pub entries: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireReadings {
    epoch: String,
    entries: Vec<WireEntry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireEntry {
    sequence: u64,
    previous: String,
    record: Box<RawValue>,
}

impl Readings {
    /// Gives the body to be sealed into an envelope.
    ///
    /// # Errors
    /// When a record is not JSON or the batch is empty or too large.
    pub fn to_body(&self) -> Result<impl Serialize + use<>, WireError> {
        check_count(self.entries.len())?;
        let entries = self
            .entries
            .iter()
            .map(WireEntry::try_from)
            .collect::<Result<_, _>>()?;
        Ok(WireReadings {
            epoch: self.epoch.to_string(),
            entries,
        })
    }

    /// Reads the body of an opened envelope. The records stay text: one that cannot be read must not hide the others.
    ///
    /// # Errors
    /// A named refusal of the whole message.
    pub fn from_body(body: &str) -> Result<Self, WireError> {
        let wire: WireReadings = serde_json::from_str(body)?;
        check_count(wire.entries.len())?;
        let entries = wire
            .entries
            .into_iter()
            .map(Entry::try_from)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            epoch: wire.epoch.parse()?,
            entries,
        })
    }
}

fn check_count(found: usize) -> Result<(), WireError> {
    if (1..=ENTRIES_LEN_MAX).contains(&found) {
        Ok(())
    } else {
        Err(WireError::Count {
            what: "records in a message",
            found,
            most: ENTRIES_LEN_MAX,
        })
    }
}

impl TryFrom<&Entry> for WireEntry {
    type Error = WireError;

    fn try_from(entry: &Entry) -> Result<Self, WireError> {
        Ok(Self {
            sequence: entry.sequence.get(),
            previous: entry.previous.to_string(),
            record: RawValue::from_string(entry.record.clone())?,
        })
    }
}

impl TryFrom<WireEntry> for Entry {
    type Error = WireError;

    fn try_from(wire: WireEntry) -> Result<Self, WireError> {
        Ok(Self {
            sequence: Sequence::new(wire.sequence)?,
            previous: wire.previous.parse()?,
            record: wire.record.get().to_owned(),
        })
    }
}
