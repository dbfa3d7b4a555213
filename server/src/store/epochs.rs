//! Epochs: how far each life of an outbox is known without a gap, so that gaps are found without reading it all.

use jiff::Timestamp;
use sqlx::AnyConnection;
use vitals::wire::SequenceRange;
use vitals::{Epoch, GatewayId};

use super::entries::sequence;

/// Takes an epoch for this transaction and gives the last number before its first gap, as far as is known.
///
/// # Errors
/// When the database fails.
pub async fn lock(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
    epoch: Epoch,
    now: Timestamp,
) -> anyhow::Result<i64> {
    let contiguous_upto: i64 = sqlx::query_scalar(
        "INSERT INTO epoch (gateway, epoch, contiguous_upto, first_seen_at) VALUES ($1, $2, 0, $3) \
         ON CONFLICT (gateway, epoch) DO UPDATE SET contiguous_upto = epoch.contiguous_upto \
         RETURNING contiguous_upto",
    )
    .bind(gateway.as_str())
    .bind(epoch.to_string())
    .bind(now.as_microsecond())
    .fetch_one(connection)
    .await?;
    Ok(contiguous_upto)
}

/// Finds the first gaps after a number, at most `len_max`.
///
/// # Errors
/// When the database fails.
pub async fn gaps(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
    epoch: Epoch,
    after: i64,
    len_max: i64,
) -> anyhow::Result<Vec<SequenceRange>> {
    let rows: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT before + 1, sequence - 1 FROM \
         (SELECT sequence, COALESCE(LAG(sequence) OVER (ORDER BY sequence), $3) AS before \
          FROM entry WHERE gateway = $1 AND epoch = $2 AND sequence > $3) AS numbered \
         WHERE sequence > before + 1 ORDER BY sequence LIMIT $4",
    )
    .bind(gateway.as_str())
    .bind(epoch.to_string())
    .bind(after)
    .bind(len_max)
    .fetch_all(connection)
    .await?;
    let ranges: anyhow::Result<Vec<Option<SequenceRange>>> = rows
        .into_iter()
        .map(|(first, last)| Ok(SequenceRange::new(sequence(first)?, sequence(last)?)))
        .collect();
    Ok(ranges?.into_iter().flatten().collect())
}

/// Remembers how far an epoch is known without a gap: up to its first gap, or to its end when there is none.
///
/// # Errors
/// When the database fails.
pub async fn advance(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
    epoch: Epoch,
    first_gap: Option<SequenceRange>,
) -> anyhow::Result<()> {
    let before_gap = first_gap
        .map(|gap| i64::try_from(gap.first().get() - 1))
        .transpose()?;
    sqlx::query(
        "UPDATE epoch SET contiguous_upto = COALESCE($3, \
         (SELECT MAX(sequence) FROM entry WHERE entry.gateway = $1 AND entry.epoch = $2), 0) \
         WHERE gateway = $1 AND epoch = $2",
    )
    .bind(gateway.as_str())
    .bind(epoch.to_string())
    .bind(before_gap)
    .execute(connection)
    .await?;
    Ok(())
}
