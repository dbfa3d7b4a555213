//! Gateway statuses: the latest that each gateway said of itself, or the broker for it.

use jiff::Timestamp;
use sqlx::AnyConnection;
use vitals::GatewayId;
use vitals::wire::GatewayStatus;

/// Keeps a status. The one that arrives last counts: a last will carries the time of connecting, so its own time is old.
///
/// # Errors
/// When the database fails.
pub async fn put(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
    status: &GatewayStatus,
    now: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO gateway_status (gateway, body, arrived_at) VALUES ($1, $2, $3) \
         ON CONFLICT (gateway) DO UPDATE SET body = excluded.body, arrived_at = excluded.arrived_at",
    )
    .bind(gateway.as_str())
    .bind(serde_json::to_string(status)?)
    .bind(now.as_microsecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// Finds the latest status and when it arrived.
///
/// # Errors
/// When the database fails, or holds what was never a status.
pub async fn of(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
) -> anyhow::Result<Option<(GatewayStatus, Timestamp)>> {
    let row: Option<(String, i64)> =
        sqlx::query_as("SELECT body, arrived_at FROM gateway_status WHERE gateway = $1")
            .bind(gateway.as_str())
            .fetch_optional(connection)
            .await?;
    let Some((body, arrived_at)) = row else {
        return Ok(None);
    };
    Ok(Some((
        GatewayStatus::from_body(&body)?,
        Timestamp::from_microsecond(arrived_at)?,
    )))
}
