//! Records in the outbox: numbered, chained and sealed, each once.

use sqlx::SqliteConnection;
use vitals::wire::{Entry, record};
use vitals::{ChainHash, Record, Sequence};

use super::{CaptureRow, NumberedRow, Outbox, OutboxError, SealedRow, Table, room};

/// The length of a chain hash as text: what stands before the record's text under the seal.
pub(super) const HASH_TEXT_LEN: usize = 64;
/// Why a record whose seal is broken is not sent.
pub(super) const SEAL_BROKEN: &str = "seal_broken";

/// What became of a record that was offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// It is new, and has this number.
    New(Sequence),
    /// The same reading is in the outbox already.
    Repeat,
    /// The capture had become a record before.
    Done,
}

/// Where the chain stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainEnd {
    /// The last record's number.
    pub sequence: Sequence,
    /// The last record's hash.
    pub hash: ChainHash,
}

impl Outbox {
    /// Turns a capture into a record, in one commit: the record is numbered, chained and sealed, and the capture goes. Of a
    /// reading that is in the outbox already only the capture goes.
    ///
    /// # Errors
    /// When the disk fails or is full; then the capture stays.
    pub async fn append(
        &self,
        capture: CaptureRow,
        record: &Record,
    ) -> Result<Appended, OutboxError> {
        let mut tx = self.begin().await?;
        // The capture goes first: its pages are then free for the record, even in a full outbox.
        let deleted = sqlx::query("DELETE FROM capture WHERE id = $1")
            .bind(capture.0)
            .execute(&mut *tx)
            .await?
            .rows_affected();
        if deleted == 0 {
            return Ok(Appended::Done);
        }
        let appended = self.add(&mut tx, record).await?;
        tx.commit().await?;
        if let Appended::New(_) = appended {
            self.waiting.send_replace(());
        }
        Ok(appended)
    }

    /// Puts a record that another outbox held into this one.
    ///
    /// # Errors
    /// When the disk fails or is full.
    pub(super) async fn take_over(&self, record: &Record) -> Result<Appended, OutboxError> {
        let mut tx = self.begin().await?;
        room::make(&mut tx, self.pages_max).await?;
        let appended = self.add(&mut tx, record).await?;
        tx.commit().await?;
        Ok(appended)
    }

    async fn add(
        &self,
        connection: &mut SqliteConnection,
        record: &Record,
    ) -> Result<Appended, OutboxError> {
        let text = record::write(record)?;
        let repeat_key = self.sealer.repeat_key(record.id());
        let known: Option<i64> = sqlx::query_scalar("SELECT 1 FROM entry WHERE repeat_key = $1")
            .bind(repeat_key.as_slice())
            .fetch_optional(&mut *connection)
            .await?;
        if known.is_some() {
            return Ok(Appended::Repeat);
        }
        let received_at = record.times().received_at.as_microsecond();
        let sequence = self
            .insert(connection, &repeat_key, &text, received_at)
            .await?;
        Ok(Appended::New(sequence))
    }

    async fn insert(
        &self,
        connection: &mut SqliteConnection,
        repeat_key: &[u8],
        text: &str,
        received_at: i64,
    ) -> Result<Sequence, OutboxError> {
        let (last, head): (i64, String) = sqlx::query_as("SELECT last_sequence, head FROM meta")
            .fetch_one(&mut *connection)
            .await?;
        let row = last + 1;
        let sequence = sequence_of(row)?;
        let previous = hash_of(&head)?;
        let hash = ChainHash::link(previous, self.epoch, sequence, text);
        let sealed = self
            .sealer
            .seal(Table::Entry, row, &format!("{previous}{text}"))?;
        sqlx::query(
            "INSERT INTO entry (sequence, repeat_key, seal, nonce, sealed, received_at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(row)
        .bind(repeat_key)
        .bind(self.seal_row)
        .bind(sealed.nonce.as_slice())
        .bind(sealed.bytes)
        .bind(received_at)
        .execute(&mut *connection)
        .await?;
        sqlx::query("UPDATE meta SET last_sequence = $1, head = $2")
            .bind(row)
            .bind(hash.to_string())
            .execute(connection)
            .await?;
        Ok(sequence)
    }

    /// Tells where the chain stands; `None` before the first record.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn chain_end(&self) -> Result<Option<ChainEnd>, OutboxError> {
        let (last, head): (i64, String) = sqlx::query_as("SELECT last_sequence, head FROM meta")
            .fetch_one(&self.pool)
            .await?;
        if last == 0 {
            return Ok(None);
        }
        Ok(Some(ChainEnd {
            sequence: sequence_of(last)?,
            hash: hash_of(&head)?,
        }))
    }

    /// Reads the oldest records after a number that have no receipt, at most `len_max`; none only when none waits. One
    /// whose seal is broken is kept, marked and left out.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn waiting_after(
        &self,
        after: Option<Sequence>,
        len_max: usize,
    ) -> Result<Vec<Entry>, OutboxError> {
        loop {
            let rows = self.waiting_rows(after, len_max).await?;
            let none_waits = rows.is_empty();
            let mut entries = Vec::with_capacity(rows.len());
            for NumberedRow { id, sealed } in rows {
                match self.open_entry(id, sealed) {
                    Ok(entry) => entries.push(entry),
                    Err(error) => self.set_aside_broken(id, &error).await?,
                }
            }
            // Those set aside no longer wait, so each round looks at others.
            if none_waits || !entries.is_empty() {
                return Ok(entries);
            }
        }
    }

    async fn waiting_rows(
        &self,
        after: Option<Sequence>,
        len_max: usize,
    ) -> Result<Vec<NumberedRow>, OutboxError> {
        Ok(sqlx::query_as(
            "SELECT e.sequence AS id, s.salt, e.nonce, e.sealed AS bytes FROM entry e JOIN seal s ON s.id = e.seal \
             WHERE e.receipted_at IS NULL AND e.set_aside IS NULL AND e.sequence > $1 ORDER BY e.sequence LIMIT $2",
        )
        .bind(after.map_or(0, number_of))
        .bind(i64::try_from(len_max.max(1)).unwrap_or(i64::MAX))
        .fetch_all(&self.pool)
        .await?)
    }

    pub(super) fn open_entry(&self, row: i64, sealed: SealedRow) -> Result<Entry, OutboxError> {
        let text = self.sealer.open(Table::Entry, row, sealed)?;
        let (previous, record) =
            text.split_at_checked(HASH_TEXT_LEN)
                .ok_or(OutboxError::SealBroken {
                    table: "entry",
                    row,
                })?;
        Ok(Entry {
            sequence: sequence_of(row)?,
            previous: hash_of(previous)?,
            record: record.to_owned(),
        })
    }

    async fn set_aside_broken(&self, row: i64, error: &OutboxError) -> Result<(), OutboxError> {
        tracing::error!(outbox.sequence = row, error = %error, "a record cannot be read and is set aside");
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE entry SET set_aside = $1 WHERE sequence = $2")
            .bind(SEAL_BROKEN)
            .bind(row)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }
}

/// A sequence number as the database holds it: never more than 2^63 - 1.
pub(super) fn number_of(sequence: Sequence) -> i64 {
    i64::try_from(sequence.get()).unwrap_or(i64::MAX)
}

fn sequence_of(row: i64) -> Result<Sequence, OutboxError> {
    u64::try_from(row)
        .ok()
        .and_then(|number| Sequence::new(number).ok())
        .ok_or(OutboxError::Corrupt {
            what: "a sequence number",
        })
}

fn hash_of(text: &str) -> Result<ChainHash, OutboxError> {
    text.parse().map_err(|_| OutboxError::Corrupt {
        what: "a chain hash",
    })
}
