//! Signed chain heads: what each gateway vouched for, and when.

use anyhow::anyhow;
use jiff::Timestamp;
use sqlx::AnyConnection;
use vitals::{ChainHead, Epoch, GatewayId};

use super::entries::{number, sequence};

#[derive(sqlx::FromRow)]
struct HeadRow {
    sequence: i64,
    hash: String,
    signed_at: i64,
    signature: String,
}

/// Stores a head whose signature was checked; tells whether it is new.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
    head: &ChainHead,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let done = sqlx::query(
        "INSERT INTO head (gateway, epoch, sequence, hash, signed_at, signature, stored_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (gateway, epoch, sequence, signed_at) DO NOTHING",
    )
    .bind(gateway.as_str())
    .bind(head.epoch.to_string())
    .bind(number(head.sequence)?)
    .bind(head.hash.to_string())
    .bind(head.signed_at.as_microsecond())
    .bind(hex::encode(head.signature))
    .bind(now.as_microsecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Reads the heads over the numbers after `after` up to `upto`, in order.
///
/// # Errors
/// When the database fails, or holds what was never a head.
pub async fn between(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
    epoch: Epoch,
    after: u64,
    upto: u64,
) -> anyhow::Result<Vec<ChainHead>> {
    let rows: Vec<HeadRow> = sqlx::query_as(
        "SELECT sequence, hash, signed_at, signature FROM head \
         WHERE gateway = $1 AND epoch = $2 AND sequence > $3 AND sequence <= $4 ORDER BY sequence, signed_at",
    )
    .bind(gateway.as_str())
    .bind(epoch.to_string())
    .bind(i64::try_from(after)?)
    .bind(i64::try_from(upto)?)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|row| row.checked(epoch)).collect()
}

impl HeadRow {
    fn checked(self, epoch: Epoch) -> anyhow::Result<ChainHead> {
        let signature = hex::decode(&self.signature)?;
        Ok(ChainHead {
            epoch,
            sequence: sequence(self.sequence)?,
            hash: self.hash.parse()?,
            signed_at: Timestamp::from_microsecond(self.signed_at)?,
            signature: signature
                .try_into()
                .map_err(|_| anyhow!("a stored signature does not have 64 bytes"))?,
        })
    }
}
