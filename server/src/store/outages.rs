//! Outages: when no server ran, or none could reach the database, by the heartbeat that a running one leaves.

use clinical::silence::Outage;
use jiff::Timestamp;
use sqlx::AnyConnection;

/// Takes the heartbeat for this transaction, and gives when it beat last; `None` at the very first beat. Whoever has it
/// is the only server that looks at all homes.
///
/// # Errors
/// When the database fails.
pub async fn beat(
    connection: &mut AnyConnection,
    now: Timestamp,
) -> anyhow::Result<Option<Timestamp>> {
    let first = sqlx::query(
        "INSERT INTO heartbeat (id, beat_at) VALUES ('server', $1) ON CONFLICT (id) DO NOTHING",
    )
    .bind(now.as_microsecond())
    .execute(&mut *connection)
    .await?;
    if first.rows_affected() > 0 {
        return Ok(None);
    }
    let last: i64 = sqlx::query_scalar(
        "UPDATE heartbeat SET beat_at = beat_at WHERE id = 'server' RETURNING beat_at",
    )
    .fetch_one(&mut *connection)
    .await?;
    sqlx::query("UPDATE heartbeat SET beat_at = $1 WHERE id = 'server'")
        .bind(now.as_microsecond())
        .execute(connection)
        .await?;
    Ok(Some(Timestamp::from_microsecond(last)?))
}

/// Notes an outage that is over.
///
/// # Errors
/// When the database fails.
pub async fn note(
    connection: &mut AnyConnection,
    from: Timestamp,
    until: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO outage (began_at, ended_at) VALUES ($1, $2) ON CONFLICT (began_at) DO NOTHING",
    )
    .bind(from.as_microsecond())
    .bind(until.as_microsecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// Reads the outages that ended after a time, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn since(
    connection: &mut AnyConnection,
    since: Timestamp,
) -> anyhow::Result<Vec<Outage>> {
    let rows: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT began_at, ended_at FROM outage WHERE ended_at > $1 ORDER BY began_at DESC",
    )
    .bind(since.as_microsecond())
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(from, until)| {
            Ok(Outage {
                from: Timestamp::from_microsecond(from)?,
                until: Some(Timestamp::from_microsecond(until)?),
            })
        })
        .collect()
}
