//! Why a message is refused: each refusal has a name that can be stored, counted and looked up.

use thiserror::Error;

use crate::chain::ChainError;
use crate::decimal::DecimalError;
use crate::id::IdError;
use crate::quantity::QuantityError;
use crate::raw::RawError;

/// A named refusal of a message or of one record in it.
#[derive(Debug, Error)]
pub enum WireError {
    /// Longer than [`super::PAYLOAD_LEN_MAX`].
    #[error("the message is longer than {} bytes", super::PAYLOAD_LEN_MAX)]
    TooLong,
    /// Not JSON of the expected shape; an unknown field is named in the source.
    #[error("the message is not wire v1: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Another version of the contract.
    #[error(
        "wire version {found} is not spoken here; this program speaks version {}",
        super::VERSION
    )]
    UnknownVersion {
        /// The version in the envelope.
        found: u32,
    },
    /// The kind in the envelope is not one of ours.
    #[error("the envelope's kind is not known")]
    UnknownKind,
    /// The envelope's gateway or kind is not the topic's.
    #[error("the envelope does not belong to the topic it was sent on")]
    WrongTopic,
    /// The tag was not made with this gateway's key.
    #[error("the tag does not match this gateway's key")]
    WrongTag,
    /// More records, ranges or marks than a message may hold, or none at all.
    #[error("{what}: found {found}, allowed 1 to {most}")]
    Count {
        /// What was counted.
        what: &'static str,
        /// How many there were.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// A record longer than [`super::RECORD_LEN_MAX`].
    #[error("a record is longer than {} bytes", super::RECORD_LEN_MAX)]
    RecordTooLong,
    /// The record's id is not the one that its fields derive to.
    #[error("the record's id does not derive from its fields")]
    WrongId,
    /// A time that is not RFC 3339 or not a wall-clock time.
    #[error("a time cannot be read: {0}")]
    Time(#[from] jiff::Error),
    /// An id that breaks the grammar of ids.
    #[error(transparent)]
    Id(#[from] IdError),
    /// A number that is not a decimal.
    #[error(transparent)]
    Decimal(#[from] DecimalError),
    /// A number that cannot be the quantity it claims to be.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    /// Raw bytes or a characteristic that cannot be read.
    #[error(transparent)]
    Raw(#[from] RawError),
    /// An epoch, sequence number, hash or signature that cannot be read.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

impl WireError {
    /// Gives the refusal's stable name, for storage, counters and receipts.
    pub fn name(&self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::Malformed(_) => "malformed",
            Self::UnknownVersion { .. } => "unknown_version",
            Self::UnknownKind => "unknown_kind",
            Self::WrongTopic => "wrong_topic",
            Self::WrongTag => "wrong_tag",
            Self::Count { .. } => "count",
            Self::RecordTooLong => "record_too_long",
            Self::WrongId => "wrong_id",
            Self::Time(_) => "time",
            Self::Id(_) => "id",
            Self::Decimal(_) => "decimal",
            Self::Quantity(_) => "quantity",
            Self::Raw(_) => "raw",
            Self::Chain(_) => "chain",
        }
    }
}
