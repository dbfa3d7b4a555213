//! Reports of boxes: the latest of each, and which are wanted.

use anyhow::Context;
use jiff::Timestamp;
use sqlx::{AnyConnection, AnyPool};
use vitals::GatewayId;
use vitals::report::Report;

/// The latest report of a box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReport {
    /// What it found.
    pub report: Report,
    /// When the server got it.
    pub stored_at: Timestamp,
}

/// Keeps a report as the box's latest.
///
/// # Errors
/// When the database fails.
pub async fn put(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
    report: &Report,
    now: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO box_report (gateway, report, stored_at) VALUES ($1, $2, $3) \
         ON CONFLICT (gateway) DO UPDATE SET report = excluded.report, stored_at = excluded.stored_at",
    )
    .bind(gateway.as_str())
    .bind(serde_json::to_string(report)?)
    .bind(now.as_microsecond())
    .execute(connection)
    .await
    .context("a report cannot be kept")?;
    Ok(())
}

/// Gives the latest report of a box.
///
/// # Errors
/// When the database fails.
pub async fn latest(
    readers: &AnyPool,
    gateway: &GatewayId,
) -> anyhow::Result<Option<StoredReport>> {
    let row: Option<(String, i64)> =
        sqlx::query_as("SELECT report, stored_at FROM box_report WHERE gateway = $1")
            .bind(gateway.as_str())
            .fetch_optional(readers)
            .await
            .context("a report cannot be read")?;
    let Some((report, stored_at)) = row else {
        return Ok(None);
    };
    Ok(Some(StoredReport {
        report: Report::from_body(&report)?,
        stored_at: Timestamp::from_microsecond(stored_at)?,
    }))
}

/// Notes that a report is wanted from now on, until one comes.
///
/// # Errors
/// When the database fails.
pub async fn want(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
    now: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO box_ask (gateway, asked_at) VALUES ($1, $2) \
         ON CONFLICT (gateway) DO UPDATE SET asked_at = excluded.asked_at",
    )
    .bind(gateway.as_str())
    .bind(now.as_microsecond())
    .execute(connection)
    .await
    .context("a report cannot be asked for")?;
    Ok(())
}

/// Tells whether a report is wanted that has not come yet.
///
/// # Errors
/// When the database fails.
pub async fn is_wanted(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
) -> anyhow::Result<bool> {
    let wanted: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM box_ask a WHERE a.gateway = $1 AND NOT EXISTS \
         (SELECT 1 FROM box_report r WHERE r.gateway = a.gateway AND r.stored_at >= a.asked_at)",
    )
    .bind(gateway.as_str())
    .fetch_one(connection)
    .await
    .context("it cannot be read whether a report is wanted")?;
    Ok(wanted > 0)
}

/// Gives the boxes of which a report is wanted since a time, and has not come yet.
///
/// # Errors
/// When the database fails.
pub async fn wanted_since(
    connection: &mut AnyConnection,
    since: Timestamp,
) -> anyhow::Result<Vec<GatewayId>> {
    let wanted: Vec<String> = sqlx::query_scalar(
        "SELECT a.gateway FROM box_ask a WHERE a.asked_at >= $1 AND NOT EXISTS \
         (SELECT 1 FROM box_report r WHERE r.gateway = a.gateway AND r.stored_at >= a.asked_at) ORDER BY a.gateway",
    )
    .bind(since.as_microsecond())
    .fetch_all(connection)
    .await
    .context("it cannot be read which reports are wanted")?;
    let named = wanted
        .into_iter()
        .map(|id| id.try_into().context("a gateway's name is broken"));
    named.collect()
}
