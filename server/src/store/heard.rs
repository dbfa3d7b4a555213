//! When each gateway was heard: its last message, its own last status, and the stretches in which it was not heard.

use clinical::silence::Stretch;
use jiff::{SignedDuration, Timestamp};
use sqlx::AnyConnection;
use vitals::GatewayId;
use vitals::wire::GatewayStatus;

/// A silence this long is noted when it is over: a gateway speaks every minute.
pub const QUIET_NOTED_MIN: SignedDuration = SignedDuration::from_mins(2);
/// How long a stretch that is over is kept: no window and its grace are longer.
pub const STRETCH_KEPT_MAX: SignedDuration = SignedDuration::from_hours(14 * 24);
/// The most stretches that are read of one gateway and kind, the latest first.
pub const STRETCHES_LEN_MAX: i64 = 200;

/// What a stretch was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StretchKind {
    /// The gateway was not heard.
    Quiet,
    /// The gateway said that it has no working Bluetooth adapter.
    RadioDown,
}

impl StretchKind {
    fn code(self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::RadioDown => "radio_down",
        }
    }
}

/// The last of a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// When its last message arrived, of any kind. A last will is none.
    pub at: Timestamp,
    /// The last status that it wrote itself, and when it arrived.
    pub status: Option<(GatewayStatus, Timestamp)>,
}

/// Notes that a gateway was heard, and the silence that this ended.
///
/// # Errors
/// When the database fails.
pub async fn note(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
    now: Timestamp,
) -> anyhow::Result<()> {
    let noted_before = now.checked_sub(QUIET_NOTED_MIN).unwrap_or(Timestamp::MIN);
    sqlx::query(
        "INSERT INTO gateway_stretch (gateway, kind, began_at, ended_at) \
         SELECT gateway, 'quiet', heard_at, CAST($2 AS BIGINT) FROM gateway_heard WHERE gateway = $1 AND heard_at <= $3 \
         ON CONFLICT (gateway, kind, began_at) DO NOTHING",
    )
    .bind(gateway.as_str())
    .bind(now.as_microsecond())
    .bind(noted_before.as_microsecond())
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "INSERT INTO gateway_heard (gateway, heard_at) VALUES ($1, $2) \
         ON CONFLICT (gateway) DO UPDATE SET heard_at = excluded.heard_at \
         WHERE gateway_heard.heard_at < excluded.heard_at",
    )
    .bind(gateway.as_str())
    .bind(now.as_microsecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps the status that a gateway wrote itself, after [`note`], and whether its radio works.
///
/// # Errors
/// When the database fails.
pub async fn note_status(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
    status: &GatewayStatus,
    now: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query("UPDATE gateway_heard SET status = $2, status_at = $3 WHERE gateway = $1")
        .bind(gateway.as_str())
        .bind(serde_json::to_string(status)?)
        .bind(now.as_microsecond())
        .execute(&mut *connection)
        .await?;
    let statement = if status.radio_ready {
        "UPDATE gateway_stretch SET ended_at = $2 WHERE gateway = $1 AND kind = 'radio_down' AND ended_at IS NULL"
    } else {
        "INSERT INTO gateway_stretch (gateway, kind, began_at) SELECT id, 'radio_down', CAST($2 AS BIGINT) FROM gateway WHERE id = $1 \
         AND NOT EXISTS (SELECT 1 FROM gateway_stretch s WHERE s.gateway = $1 AND s.kind = 'radio_down' \
         AND s.ended_at IS NULL) ON CONFLICT (gateway, kind, began_at) DO NOTHING"
    };
    sqlx::query(statement)
        .bind(gateway.as_str())
        .bind(now.as_microsecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// Finds when a gateway was last heard; `None` when it never was.
///
/// # Errors
/// When the database fails, or holds what was never a status.
pub async fn of(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
) -> anyhow::Result<Option<Heard>> {
    let row: Option<(i64, Option<String>, Option<i64>)> =
        sqlx::query_as("SELECT heard_at, status, status_at FROM gateway_heard WHERE gateway = $1")
            .bind(gateway.as_str())
            .fetch_optional(connection)
            .await?;
    let Some((at, status, status_at)) = row else {
        return Ok(None);
    };
    let status = match status.zip(status_at) {
        Some((body, at)) => Some((
            GatewayStatus::from_body(&body)?,
            Timestamp::from_microsecond(at)?,
        )),
        None => None,
    };
    Ok(Some(Heard {
        at: Timestamp::from_microsecond(at)?,
        status,
    }))
}

/// Reads a gateway's stretches of one kind that went on after `since`, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn stretches(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
    kind: StretchKind,
    since: Timestamp,
) -> anyhow::Result<Vec<Stretch>> {
    let rows: Vec<(i64, Option<i64>)> = sqlx::query_as(
        "SELECT began_at, ended_at FROM gateway_stretch WHERE gateway = $1 AND kind = $2 \
         AND (ended_at IS NULL OR ended_at > $3) ORDER BY began_at DESC LIMIT $4",
    )
    .bind(gateway.as_str())
    .bind(kind.code())
    .bind(since.as_microsecond())
    .bind(STRETCHES_LEN_MAX)
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(from, until)| {
            Ok(Stretch {
                from: Timestamp::from_microsecond(from)?,
                until: until.map(Timestamp::from_microsecond).transpose()?,
            })
        })
        .collect()
}

/// Reads the silences that were over by a time and whose windows nobody has looked at again, the oldest first.
///
/// # Errors
/// When the database fails.
pub async fn to_look_at(
    connection: &mut AnyConnection,
    over_by: Timestamp,
    len_max: i64,
) -> anyhow::Result<Vec<(GatewayId, Stretch)>> {
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(
        "SELECT gateway, began_at, ended_at FROM gateway_stretch \
         WHERE kind = 'quiet' AND looked_at IS NULL AND ended_at <= $1 ORDER BY ended_at, gateway LIMIT $2",
    )
    .bind(over_by.as_microsecond())
    .bind(len_max)
    .fetch_all(connection)
    .await?;
    over(rows)
}

/// Makes silences that are over of their rows: gateway, beginning and end.
pub(super) fn over(rows: Vec<(String, i64, i64)>) -> anyhow::Result<Vec<(GatewayId, Stretch)>> {
    let over = rows.into_iter().map(|(gateway, from, until)| {
        let stretch = Stretch {
            from: Timestamp::from_microsecond(from)?,
            until: Some(Timestamp::from_microsecond(until)?),
        };
        Ok((gateway.try_into()?, stretch))
    });
    over.collect()
}

/// Notes that the windows of a silence were looked at again. Tells whether nobody was faster.
///
/// # Errors
/// When the database fails.
pub async fn note_looked_at(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
    stretch: &Stretch,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let done = sqlx::query(
        "UPDATE gateway_stretch SET looked_at = $3 \
         WHERE gateway = $1 AND kind = 'quiet' AND began_at = $2 AND looked_at IS NULL",
    )
    .bind(gateway.as_str())
    .bind(stretch.from.as_microsecond())
    .bind(now.as_microsecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Forgets the stretches that ended before [`STRETCH_KEPT_MAX`].
///
/// # Errors
/// When the database fails.
pub async fn forget(connection: &mut AnyConnection, now: Timestamp) -> anyhow::Result<()> {
    let before = now.checked_sub(STRETCH_KEPT_MAX).unwrap_or(Timestamp::MIN);
    sqlx::query("DELETE FROM gateway_stretch WHERE ended_at < $1")
        .bind(before.as_microsecond())
        .execute(connection)
        .await?;
    Ok(())
}
