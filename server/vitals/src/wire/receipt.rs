//! The receipt: the server's word, tagged, that records are stored and judged.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{RECEIPT_RANGES_LEN_MAX, WireError};
use crate::chain::{Epoch, Sequence};

/// Consecutive sequence numbers, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SequenceRange {
    first: Sequence,
    last: Sequence,
}

impl SequenceRange {
    /// Makes a range; `None` when it runs backwards.
    pub fn new(first: Sequence, last: Sequence) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// Gives the first number.
    pub fn first(&self) -> Sequence {
        self.first
    }

    /// Gives the last number.
    pub fn last(&self) -> Sequence {
        self.last
    }

    /// Joins numbers, in any order and possibly repeated, into the fewest ranges.
    pub fn covering(mut numbers: Vec<Sequence>) -> Vec<Self> {
        numbers.sort_unstable();
        let mut ranges: Vec<Self> = Vec::new();
        for number in numbers {
            match ranges.last_mut() {
                Some(range) if number <= range.last.next() => range.last = number,
                _ => ranges.push(Self {
                    first: number,
                    last: number,
                }),
            }
        }
        ranges
    }
}

/// Why the server keeps a record as evidence but will never count it as a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalReason {
    /// The record cannot be read; what was wrong is kept beside it.
    Malformed,
    /// The device is not registered, or not to this gateway.
    UnknownDevice,
    /// The same number came before with other content.
    SequenceConflict,
}

/// One record that was kept but refused: the gateway sets it aside and goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// The record's number.
    #[serde(serialize_with = "write_sequence")]
    pub sequence: Sequence,
    /// Why.
    pub reason: RefusalReason,
}

/// What the server says of the records of one epoch of one gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The life of the outbox that numbered them.
    pub epoch: Epoch,
    /// Stored and judged, now or earlier: the gateway need not send them again.
    pub stored: Vec<SequenceRange>,
    /// Kept as evidence, never counted.
    pub refused: Vec<Refused>,
    /// Never seen by the server although later ones were: please send again.
    pub missing: Vec<SequenceRange>,
    /// The server's clock.
    pub issued_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireReceipt {
    epoch: String,
    stored: Vec<(u64, u64)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    refused: Vec<WireRefused>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    missing: Vec<(u64, u64)>,
    issued_at: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireRefused {
    sequence: u64,
    reason: RefusalReason,
}

impl Receipt {
    /// Gives the body to be sealed into an envelope.
    pub fn to_body(&self) -> impl Serialize + use<> {
        let refused = |it: &Refused| WireRefused {
            sequence: it.sequence.get(),
            reason: it.reason,
        };
        WireReceipt {
            epoch: self.epoch.to_string(),
            stored: write_ranges(&self.stored),
            refused: self.refused.iter().map(refused).collect(),
            missing: write_ranges(&self.missing),
            issued_at: self.issued_at.to_string(),
        }
    }

    /// Reads the body of an opened envelope.
    ///
    /// # Errors
    /// A named refusal.
    pub fn from_body(body: &str) -> Result<Self, WireError> {
        let wire: WireReceipt = serde_json::from_str(body)?;
        let found = wire.stored.len() + wire.refused.len() + wire.missing.len();
        if found > RECEIPT_RANGES_LEN_MAX {
            return Err(WireError::Count {
                what: "ranges in a receipt",
                found,
                most: RECEIPT_RANGES_LEN_MAX,
            });
        }
        let refused = |it: WireRefused| {
            Ok(Refused {
                sequence: Sequence::new(it.sequence)?,
                reason: it.reason,
            })
        };
        Ok(Self {
            epoch: wire.epoch.parse()?,
            stored: read_ranges(&wire.stored)?,
            refused: wire
                .refused
                .into_iter()
                .map(refused)
                .collect::<Result<_, WireError>>()?,
            missing: read_ranges(&wire.missing)?,
            issued_at: wire.issued_at.parse()?,
        })
    }
}

fn write_sequence<S: serde::Serializer>(
    sequence: &Sequence,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(sequence.get())
}

fn write_ranges(ranges: &[SequenceRange]) -> Vec<(u64, u64)> {
    ranges
        .iter()
        .map(|range| (range.first.get(), range.last.get()))
        .collect()
}

fn read_ranges(pairs: &[(u64, u64)]) -> Result<Vec<SequenceRange>, WireError> {
    let read = |&(first, last): &(u64, u64)| {
        let (first, last) = (Sequence::new(first)?, Sequence::new(last)?);
        SequenceRange::new(first, last).ok_or(WireError::Chain(crate::chain::ChainError::Sequence))
    };
    pairs.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sequences(numbers: &[u64]) -> Vec<Sequence> {
        numbers
            .iter()
            .map(|&number| Sequence::new(number).unwrap())
            .collect()
    }

    #[test]
    fn numbers_join_into_the_fewest_ranges() {
        let ranges = SequenceRange::covering(sequences(&[7, 1, 2, 3, 2, 9, 8]));
        assert_eq!(write_ranges(&ranges), [(1, 3), (7, 9)]);
        assert!(SequenceRange::covering(Vec::new()).is_empty());
    }

    #[test]
    fn a_range_that_runs_backwards_is_refused() {
        let body =
            r#"{"epoch":"0000000000000001","stored":[[3,1]],"issued_at":"2026-11-21T08:00:00Z"}"#;
        assert_eq!(Receipt::from_body(body).unwrap_err().name(), "chain");
    }

    #[test]
    fn a_receipt_with_more_ranges_than_allowed_is_refused() {
        let many: Vec<_> = (0..=RECEIPT_RANGES_LEN_MAX as u64)
            .map(|n| (2 * n + 1, 2 * n + 1))
            .collect();
        let receipt = Receipt {
            epoch: Epoch(1),
            stored: read_ranges(&many).unwrap(),
            refused: Vec::new(),
            missing: Vec::new(),
            issued_at: "2026-11-21T08:00:00Z".parse().unwrap(),
        };
        let body = serde_json::to_string(&receipt.to_body()).unwrap();
        assert_eq!(Receipt::from_body(&body).unwrap_err().name(), "count");
    }
}
