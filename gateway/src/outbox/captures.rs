//! Captures in the outbox: committed as they arrive, and gone once they are records.

use gatt::Dialect;
use serde::{Deserialize, Serialize};
use vitals::Characteristic;

use super::{Outbox, OutboxError, SealedRow, Table, room};
use crate::capture::Capture;

/// The most captures read at once.
const LEFTOVERS_LEN_MAX: i64 = 64;

/// The number of a capture in the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaptureRow(pub(super) i64);

/// A capture that is on disk and not yet a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// Its number.
    pub row: CaptureRow,
    /// The capture.
    pub capture: Capture,
    /// How often decoding has been begun.
    pub tries: i64,
}

#[derive(sqlx::FromRow)]
struct TriedRow {
    id: i64,
    tries: i64,
    #[sqlx(flatten)]
    sealed: SealedRow,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredCapture {
    device: String,
    characteristic: String,
    raw: String,
    received_at_us: i64,
    clock_offset_seconds: Option<i64>,
    /// Left out where it is the standard one, as in captures of programs that knew no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dialect: Option<String>,
}

impl CaptureRow {
    /// Gives the number: each capture of an outbox has a larger one than those before it.
    pub fn number(self) -> i64 {
        self.0
    }
}

impl Outbox {
    /// Gives the number of the last capture that was committed, 0 before the first.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn last_capture(&self) -> Result<CaptureRow, OutboxError> {
        let last = sqlx::query_scalar("SELECT last_capture FROM meta")
            .fetch_one(&self.pool)
            .await?;
        Ok(CaptureRow(last))
    }

    /// Commits a capture to the disk. Its first try counts as begun.
    ///
    /// # Errors
    /// [`OutboxError::Full`] when there is no room for it, [`OutboxError::ReadOnly`] when it did not reach the disk: then
    /// nothing has been accepted.
    pub async fn commit_capture(&self, capture: &Capture) -> Result<CaptureRow, OutboxError> {
        let text = write(capture)?;
        let mut tx = self.begin().await?;
        room::make(&mut tx, self.pages_max).await?;
        let row: i64 = sqlx::query_scalar(
            "UPDATE meta SET last_capture = last_capture + 1 RETURNING last_capture",
        )
        .fetch_one(&mut *tx)
        .await?;
        let sealed = self.sealer.seal(Table::Capture, row, &text)?;
        sqlx::query(
            "INSERT INTO capture (id, seal, nonce, sealed, received_at, tries) VALUES ($1, $2, $3, $4, $5, 1)",
        )
        .bind(row)
        .bind(self.seal_row)
        .bind(sealed.nonce.as_slice())
        .bind(sealed.bytes)
        .bind(capture.received_at.as_microsecond())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        // Once more, since it may have happened on the way. What is then offered again has the same id.
        self.check_writable()?;
        Ok(CaptureRow(row))
    }

    /// Reads the oldest captures after a number that are not yet records. One whose seal is broken is kept, marked and
    /// left out.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn leftovers(&self, after: Option<CaptureRow>) -> Result<Vec<Leftover>, OutboxError> {
        let rows: Vec<TriedRow> = sqlx::query_as(
            "SELECT c.id, c.tries, s.salt, c.nonce, c.sealed AS bytes FROM capture c JOIN seal s ON s.id = c.seal \
             WHERE c.broken = 0 AND c.id > $1 ORDER BY c.id LIMIT $2",
        )
        .bind(after.map_or(0, |row| row.0))
        .bind(LEFTOVERS_LEN_MAX)
        .fetch_all(&self.pool)
        .await?;
        let mut leftovers = Vec::with_capacity(rows.len());
        for TriedRow { id, tries, sealed } in rows {
            match self.sealer.open(Table::Capture, id, sealed) {
                Ok(text) => leftovers.push(Leftover {
                    row: CaptureRow(id),
                    capture: read(&text)?,
                    tries,
                }),
                Err(error) => self.mark_broken(id, &error).await?,
            }
        }
        Ok(leftovers)
    }

    /// Raises, and commits, how often decoding of a capture has been begun.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn raise_tries(&self, row: CaptureRow) -> Result<(), OutboxError> {
        self.add_tries(row, 1).await
    }

    /// Takes back a try that decoding survived, so that only what stops the program counts.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn lower_tries(&self, row: CaptureRow) -> Result<(), OutboxError> {
        self.add_tries(row, -1).await
    }

    async fn add_tries(&self, row: CaptureRow, more: i64) -> Result<(), OutboxError> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE capture SET tries = max(1, tries + $1) WHERE id = $2")
            .bind(more)
            .bind(row.0)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    async fn mark_broken(&self, row: i64, error: &OutboxError) -> Result<(), OutboxError> {
        tracing::error!(outbox.capture = row, error = %error, "a capture cannot be read and is set aside");
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE capture SET broken = 1 WHERE id = $1")
            .bind(row)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }
}

fn write(capture: &Capture) -> Result<String, OutboxError> {
    let stored = StoredCapture {
        device: capture.device.to_string(),
        characteristic: capture.characteristic.to_string(),
        raw: capture.raw.to_string(),
        received_at_us: capture.received_at.as_microsecond(),
        clock_offset_seconds: capture.clock_offset_seconds,
        dialect: (capture.dialect != Dialect::Standard).then(|| capture.dialect.name().to_owned()),
    };
    serde_json::to_string(&stored).map_err(|_| OutboxError::Corrupt { what: "a capture" })
}

pub(super) fn read(text: &str) -> Result<Capture, OutboxError> {
    let corrupt = || OutboxError::Corrupt { what: "a capture" };
    let stored: StoredCapture = serde_json::from_str(text).map_err(|_| corrupt())?;
    let characteristic: Characteristic = stored.characteristic.parse().map_err(|_| corrupt())?;
    let dialect = match stored.dialect.as_deref() {
        Some(name) => Dialect::from_name(name).ok_or_else(corrupt)?,
        None => Dialect::Standard,
    };
    Ok(Capture {
        device: stored.device.parse().map_err(|_| corrupt())?,
        characteristic,
        raw: stored.raw.parse().map_err(|_| corrupt())?,
        received_at: jiff::Timestamp::from_microsecond(stored.received_at_us)
            .map_err(|_| corrupt())?,
        clock_offset_seconds: stored.clock_offset_seconds,
        dialect,
    })
}
