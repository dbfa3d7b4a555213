//! Entries: every numbered record as it arrived, refused ones included. The chain is proved from here.

use anyhow::Context;
use jiff::Timestamp;
use sqlx::AnyConnection;
use vitals::wire::{Entry, RefusalReason};
use vitals::{ChainHash, Epoch, GatewayId, Sequence};

/// Where a record stands: its gateway, the life of its outbox, its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Who numbered it.
    pub gateway: GatewayId,
    /// The life of the outbox.
    pub epoch: Epoch,
    /// The number.
    pub sequence: Sequence,
}

/// What is known of a number that has been used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The hash of the record that holds the number.
    pub hash: ChainHash,
    /// Why it was refused, if it was.
    pub refused: Option<RefusalReason>,
}

/// An entry as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    /// The entry as it arrived.
    pub entry: Entry,
    /// The hash that it had then.
    pub hash: ChainHash,
    /// Whether it was refused.
    pub is_refused: bool,
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    sequence: i64,
    previous: String,
    hash: String,
    record: String,
    refused: Option<String>,
}

/// Stores an entry; tells whether its number was free.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    connection: &mut AnyConnection,
    place: &Place,
    entry: &Entry,
    refused: Option<RefusalReason>,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let done = sqlx::query(
        "INSERT INTO entry (gateway, epoch, sequence, previous, hash, record, refused, stored_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (gateway, epoch, sequence) DO NOTHING",
    )
    .bind(place.gateway.as_str())
    .bind(place.epoch.to_string())
    .bind(number(place.sequence)?)
    .bind(entry.previous.to_string())
    .bind(entry.hash(place.epoch).to_string())
    .bind(&entry.record)
    .bind(refused.map(refusal_code))
    .bind(now.as_microsecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Finds what holds a number.
///
/// # Errors
/// When the database fails.
pub async fn known(connection: &mut AnyConnection, place: &Place) -> anyhow::Result<Option<Known>> {
    let row: Option<(String, Option<String>)> = sqlx::query_as(
        "SELECT hash, refused FROM entry WHERE gateway = $1 AND epoch = $2 AND sequence = $3",
    )
    .bind(place.gateway.as_str())
    .bind(place.epoch.to_string())
    .bind(number(place.sequence)?)
    .fetch_optional(connection)
    .await?;
    let Some((hash, refused)) = row else {
        return Ok(None);
    };
    Ok(Some(Known {
        hash: hash.parse()?,
        refused: refused.as_deref().map(refusal).transpose()?,
    }))
}

/// Lists the lives of a gateway's outbox.
///
/// # Errors
/// When the database fails.
pub async fn epochs(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
) -> anyhow::Result<Vec<Epoch>> {
    // Also those of which only a signed head is left.
    let epochs: Vec<String> = sqlx::query_scalar(
        "SELECT epoch FROM entry WHERE gateway = $1 UNION SELECT epoch FROM head WHERE gateway = $1 ORDER BY epoch",
    )
    .bind(gateway.as_str())
    .fetch_all(connection)
    .await?;
    epochs.iter().map(|epoch| Ok(epoch.parse()?)).collect()
}

/// Reads entries in order of number, those after `after`, at most `len_max`.
///
/// # Errors
/// When the database fails, or holds what was never an entry.
pub async fn page(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
    epoch: Epoch,
    after: u64,
    len_max: i64,
) -> anyhow::Result<Vec<StoredEntry>> {
    let rows: Vec<EntryRow> = sqlx::query_as(
        "SELECT sequence, previous, hash, record, refused FROM entry \
         WHERE gateway = $1 AND epoch = $2 AND sequence > $3 ORDER BY sequence LIMIT $4",
    )
    .bind(gateway.as_str())
    .bind(epoch.to_string())
    .bind(i64::try_from(after)?)
    .bind(len_max)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(StoredEntry::try_from).collect()
}

/// Finds the entry that holds a number.
///
/// # Errors
/// When the database fails, or holds what was never an entry.
pub async fn at(
    connection: &mut AnyConnection,
    place: &Place,
) -> anyhow::Result<Option<StoredEntry>> {
    let after = place.sequence.get() - 1;
    let page = page(connection, &place.gateway, place.epoch, after, 1).await?;
    Ok(page
        .into_iter()
        .find(|stored| stored.entry.sequence == place.sequence))
}

impl TryFrom<EntryRow> for StoredEntry {
    type Error = anyhow::Error;

    fn try_from(row: EntryRow) -> anyhow::Result<Self> {
        Ok(Self {
            entry: Entry {
                sequence: sequence(row.sequence)?,
                previous: row.previous.parse()?,
                record: row.record,
            },
            hash: row.hash.parse()?,
            is_refused: row.refused.is_some(),
        })
    }
}

/// Gives a sequence number as the database holds it.
pub(super) fn number(sequence: Sequence) -> anyhow::Result<i64> {
    i64::try_from(sequence.get()).context("a sequence number is too large for the database")
}

/// Reads a sequence number from the database.
pub(super) fn sequence(number: i64) -> anyhow::Result<Sequence> {
    Ok(Sequence::new(u64::try_from(number)?)?)
}

/// Gives the name that a refusal is stored by.
pub fn refusal_code(reason: RefusalReason) -> &'static str {
    match reason {
        RefusalReason::Malformed => "malformed",
        RefusalReason::UnknownDevice => "unknown_device",
        RefusalReason::SequenceConflict => "sequence_conflict",
    }
}

fn refusal(code: &str) -> anyhow::Result<RefusalReason> {
    serde_json::from_value(serde_json::Value::from(code))
        .with_context(|| format!("the database holds an unknown refusal {code:?}"))
}
