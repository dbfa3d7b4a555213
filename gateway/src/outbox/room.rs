//! Room in the outbox: its cap, what is removed with time, and what goes first when room is needed.

use jiff::{SignedDuration, Timestamp};
use sqlx::SqliteConnection;

use super::{Outbox, OutboxError};
use crate::clock;

/// Pages kept free so that captures already accepted can always become records, and receipts be marked.
const RESERVE_PAGES: i64 = 64;
const RESERVE_PAGES_PER_CAPTURE: i64 = 4;
const EVICT_LEN: i64 = 64;
const EVICT_ROUNDS_MAX: u32 = 64;
const PURGE_LEN_MAX: i64 = 500;

impl Outbox {
    /// Removes records whose receipt is older than the days given, at most 500 at a time; gives how many went.
    ///
    /// Receipts of a time that is yet to come, or of none, were dated by a clock that was wrong: they are dated now, so
    /// that they are kept for all their days.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn purge(&self, now: Timestamp, retention_days: u16) -> Result<u64, OutboxError> {
        let kept_since = now
            .checked_sub(SignedDuration::from_hours(24 * i64::from(retention_days)))
            .unwrap_or(Timestamp::MIN);
        let mut tx = self.begin().await?;
        sqlx::query(
            "UPDATE entry SET receipted_at = $1 WHERE receipted_at > $1 OR receipted_at < $2",
        )
        .bind(now.as_microsecond())
        .bind(clock::earliest().as_microsecond())
        .execute(&mut *tx)
        .await?;
        let purged = sqlx::query(
            "DELETE FROM entry WHERE sequence IN (SELECT sequence FROM entry \
             WHERE receipted_at IS NOT NULL AND receipted_at < $1 ORDER BY receipted_at, sequence LIMIT $2)",
        )
        .bind(kept_since.as_microsecond())
        .bind(PURGE_LEN_MAX)
        .execute(&mut *tx)
        .await?
        .rows_affected();
        tx.commit().await?;
        Ok(purged)
    }
}

/// Makes room for one more capture, if need be by removing what the server has: the oldest receipts first, then what it
/// refused and keeps as evidence itself. What has no receipt is never removed.
pub(super) async fn make(
    connection: &mut SqliteConnection,
    pages_max: i64,
) -> Result<(), OutboxError> {
    let usable = pages_usable(connection, pages_max).await?;
    for _ in 0..EVICT_ROUNDS_MAX {
        if pages_used(connection).await? < usable {
            return Ok(());
        }
        if evict_oldest(connection).await? == 0 {
            return Err(OutboxError::Full);
        }
    }
    Err(OutboxError::Full)
}

/// How many pages may be used before one more capture is refused.
pub(super) async fn pages_usable(
    connection: &mut SqliteConnection,
    pages_max: i64,
) -> Result<i64, OutboxError> {
    let captures: i64 = sqlx::query_scalar("SELECT count(*) FROM capture")
        .fetch_one(connection)
        .await?;
    Ok(pages_max - RESERVE_PAGES - RESERVE_PAGES_PER_CAPTURE * captures)
}

pub(super) async fn pages_used(connection: &mut SqliteConnection) -> Result<i64, OutboxError> {
    Ok(sqlx::query_scalar(
        "SELECT page_count - freelist_count FROM pragma_page_count(), pragma_freelist_count()",
    )
    .fetch_one(connection)
    .await?)
}

async fn evict_oldest(connection: &mut SqliteConnection) -> Result<u64, OutboxError> {
    let receipted = sqlx::query(
        "DELETE FROM entry WHERE sequence IN (SELECT sequence FROM entry \
         WHERE receipted_at IS NOT NULL ORDER BY receipted_at, sequence LIMIT $1)",
    )
    .bind(EVICT_LEN)
    .execute(&mut *connection)
    .await?
    .rows_affected();
    if receipted > 0 {
        return Ok(receipted);
    }
    let refused = sqlx::query(
        "DELETE FROM entry WHERE sequence IN (SELECT sequence FROM entry \
         WHERE set_aside IS NOT NULL AND set_aside <> $1 ORDER BY sequence LIMIT $2)",
    )
    .bind(super::entries::SEAL_BROKEN)
    .bind(EVICT_LEN)
    .execute(connection)
    .await?;
    Ok(refused.rows_affected())
}
