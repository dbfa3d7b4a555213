//! Gateways whose identity is used in two places: each finding a row, which lasts for as long as signs of it are seen.

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use sqlx::AnyConnection;
use vitals::GatewayId;

use crate::ingest::clones::Sign;

/// After so long without a sign a finding is over, and the next sign is another.
pub const SIGN_KEPT_MAX: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundClone {
    /// Whose identity it is.
    pub gateway: GatewayId,
    /// When it was found.
    pub found_at: Timestamp,
    /// When a sign of it was seen last.
    pub seen_at: Timestamp,
    /// By what it was found.
    pub sign: Sign,
}

/// Notes a sign, and tells whether it is a new finding. The gateway must be locked.
///
/// # Errors
/// When the database fails, or the gateway is not known.
pub async fn note(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
    sign: Sign,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let known = sqlx::query(
        "UPDATE clone SET seen_at = $2 WHERE gateway = $1 AND seen_at > $3 AND seen_at <= $2",
    )
    .bind(gateway.as_str())
    .bind(now.as_microsecond())
    .bind(now.saturating_sub(SIGN_KEPT_MAX)?.as_microsecond())
    .execute(&mut *connection)
    .await?;
    if known.rows_affected() > 0 {
        return Ok(false);
    }
    let added = sqlx::query(
        "INSERT INTO clone (gateway, found_at, seen_at, sign) VALUES ($1, $2, $2, $3) \
         ON CONFLICT (gateway, found_at) DO NOTHING",
    )
    .bind(gateway.as_str())
    .bind(now.as_microsecond())
    .bind(sign.code())
    .execute(connection)
    .await?;
    Ok(added.rows_affected() > 0)
}

/// Lists what lasts, by gateway. Revoking the gateway ends it.
///
/// # Errors
/// When the database fails, or holds what was never found.
pub async fn open(
    connection: &mut AnyConnection,
    now: Timestamp,
) -> anyhow::Result<Vec<FoundClone>> {
    let rows: Vec<(String, i64, i64, String)> = sqlx::query_as(
        "SELECT clone.gateway, clone.found_at, clone.seen_at, clone.sign FROM clone \
         JOIN gateway ON gateway.id = clone.gateway WHERE clone.seen_at > $1 AND gateway.revoked_at IS NULL \
         ORDER BY clone.gateway, clone.found_at",
    )
    .bind(now.saturating_sub(SIGN_KEPT_MAX)?.as_microsecond())
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(gateway, found_at, seen_at, sign)| {
            Ok(FoundClone {
                gateway: gateway.try_into()?,
                found_at: Timestamp::from_microsecond(found_at)?,
                seen_at: Timestamp::from_microsecond(seen_at)?,
                sign: Sign::from_code(&sign)
                    .with_context(|| format!("the database holds an unknown sign {sign:?}"))?,
            })
        })
        .collect()
}
