//! Receipts in the outbox: what the server has is marked, what it refused is set aside, what it misses is sent again.

use jiff::Timestamp;
use sqlx::SqliteConnection;
use vitals::wire::{Receipt, RefusalReason, SequenceRange};

use super::entries::{SEAL_BROKEN, number_of};
use super::{Outbox, OutboxError};

/// What a receipt changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReceiptEffect {
    /// Records that the server has, and was not known to have.
    pub receipted_len: u64,
    /// Records newly set aside because the server refused them.
    pub refused_len: u64,
    /// Records that had a receipt and wait again, because the server misses them.
    pub wanted_again_len: u64,
}

impl Outbox {
    /// Applies a receipt of this epoch in one commit.
    ///
    /// # Errors
    /// When the disk fails; the receipt may then be applied again.
    pub async fn apply_receipt(
        &self,
        receipt: &Receipt,
        now: Timestamp,
    ) -> Result<ReceiptEffect, OutboxError> {
        let mut effect = ReceiptEffect::default();
        let mut tx = self.begin().await?;
        for range in &receipt.stored {
            effect.receipted_len += mark_stored(&mut tx, range, now).await?;
        }
        for refused in &receipt.refused {
            let row = number_of(refused.sequence);
            effect.refused_len += set_aside(&mut tx, row, refused.reason).await?;
        }
        for range in &receipt.missing {
            effect.wanted_again_len += want_again(&mut tx, range).await?;
        }
        tx.commit().await?;
        if effect.wanted_again_len > 0 {
            self.waiting.send_replace(());
        }
        Ok(effect)
    }
}

async fn mark_stored(
    connection: &mut SqliteConnection,
    range: &SequenceRange,
    now: Timestamp,
) -> Result<u64, OutboxError> {
    let done = sqlx::query(
        "UPDATE entry SET receipted_at = $1, set_aside = NULL WHERE sequence BETWEEN $2 AND $3 AND receipted_at IS NULL",
    )
    .bind(now.as_microsecond())
    .bind(number_of(range.first()))
    .bind(number_of(range.last()))
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// A record that was stored once stays receipted, whatever a later refusal says of a repeat.
async fn set_aside(
    connection: &mut SqliteConnection,
    row: i64,
    reason: RefusalReason,
) -> Result<u64, OutboxError> {
    let done = sqlx::query(
        "UPDATE entry SET set_aside = $1 WHERE sequence = $2 AND receipted_at IS NULL AND set_aside IS NULL",
    )
    .bind(reason_name(reason))
    .bind(row)
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

async fn want_again(
    connection: &mut SqliteConnection,
    range: &SequenceRange,
) -> Result<u64, OutboxError> {
    let done = sqlx::query(
        "UPDATE entry SET receipted_at = NULL, set_aside = NULL WHERE sequence BETWEEN $1 AND $2 \
         AND (receipted_at IS NOT NULL OR (set_aside IS NOT NULL AND set_aside <> $3))",
    )
    .bind(number_of(range.first()))
    .bind(number_of(range.last()))
    .bind(SEAL_BROKEN)
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

fn reason_name(reason: RefusalReason) -> &'static str {
    match reason {
        RefusalReason::Malformed => "malformed",
        RefusalReason::UnknownDevice => "unknown_device",
        RefusalReason::SequenceConflict => "sequence_conflict",
    }
}
