//! Numbers of the outbox, for the status message and for support staff.

use std::path::Path;

use jiff::Timestamp;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use super::{Outbox, OutboxError, PAGE_LEN, room};
use crate::clock;

/// How the outbox stands. It tells nothing of what was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutboxStatus {
    /// Captures and records without a receipt.
    pub unreceipted_len: u64,
    /// The arrival of the oldest of them.
    pub oldest_unreceipted_at: Option<Timestamp>,
    /// How full it is, in percent of what may be used; at 100 no more is taken.
    pub used_percent: u8,
    /// Records that are set aside: refused by the server, or their seal broken.
    pub refused_len: u64,
    /// Records kept after their receipt.
    pub receipted_len: u64,
}

impl Outbox {
    /// Counts what is in the outbox.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn status(&self) -> Result<OutboxStatus, OutboxError> {
        let mut connection = self.pool.acquire().await?;
        count(&mut connection, self.pages_max).await
    }
}

/// Counts what is in an outbox that another program may have open.
///
/// # Errors
/// When the file is not an outbox or cannot be read.
pub async fn of_file(file: &Path, size_bytes_max: u64) -> Result<OutboxStatus, OutboxError> {
    let mut connection = SqliteConnectOptions::new()
        .filename(file)
        .read_only(true)
        .busy_timeout(super::BUSY_TIMEOUT)
        .connect()
        .await?;
    let pages_max = i64::try_from(size_bytes_max / PAGE_LEN).unwrap_or(i64::MAX);
    let status = count(&mut connection, pages_max).await?;
    connection.close().await?;
    Ok(status)
}

async fn count(
    connection: &mut SqliteConnection,
    pages_max: i64,
) -> Result<OutboxStatus, OutboxError> {
    let (waiting, oldest): (i64, Option<i64>) = sqlx::query_as(
        "SELECT count(*), min(received_at) FROM entry WHERE receipted_at IS NULL AND set_aside IS NULL",
    )
    .fetch_one(&mut *connection)
    .await?;
    let (captures, oldest_capture): (i64, Option<i64>) =
        // What waits for its date has arrived at no time that is known.
        sqlx::query_as("SELECT count(*), min(CASE WHEN received_at >= $1 THEN received_at END) FROM capture")
            .bind(clock::earliest().as_microsecond())
            .fetch_one(&mut *connection)
            .await?;
    let (set_aside, receipted): (i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM entry WHERE set_aside IS NOT NULL), \
         (SELECT count(*) FROM entry WHERE receipted_at IS NOT NULL)",
    )
    .fetch_one(&mut *connection)
    .await?;
    let usable = room::pages_usable(connection, pages_max).await?.max(1);
    let percent = (room::pages_used(connection).await? * 100 / usable).clamp(0, 100);
    let oldest = [oldest, oldest_capture].into_iter().flatten().min();
    Ok(OutboxStatus {
        unreceipted_len: (waiting + captures).unsigned_abs(),
        oldest_unreceipted_at: oldest.and_then(|us| Timestamp::from_microsecond(us).ok()),
        used_percent: u8::try_from(percent).unwrap_or(100),
        refused_len: set_aside.unsigned_abs(),
        receipted_len: receipted.unsigned_abs(),
    })
}
