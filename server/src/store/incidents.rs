//! Incidents: many homes that went quiet together, each one row.

use clinical::silence::{Incident, Scope};
use jiff::Timestamp;
use sqlx::AnyConnection;

/// An incident that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownIncident {
    /// Its number: 1 for the first.
    pub number: i64,
    /// What it is.
    pub incident: Incident,
}

#[derive(sqlx::FromRow)]
struct Row {
    number: i64,
    began_at: i64,
    over_at: Option<i64>,
    scope: String,
    homes: String,
}

/// Reads the incidents that last, or were over after a time, the earliest first.
///
/// # Errors
/// When the database fails.
pub async fn since(
    connection: &mut AnyConnection,
    since: Timestamp,
) -> anyhow::Result<Vec<KnownIncident>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT number, began_at, over_at, scope, homes FROM incident WHERE over_at IS NULL OR over_at > $1 \
         ORDER BY number",
    )
    .bind(since.as_microsecond())
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(KnownIncident::try_from).collect()
}

/// Opens an incident and gives its number. Only who holds the heartbeat may.
///
/// # Errors
/// When the database fails.
pub async fn open(
    connection: &mut AnyConnection,
    incident: &Incident,
    now: Timestamp,
) -> anyhow::Result<i64> {
    let number: i64 =
        sqlx::query_scalar("SELECT CAST(COALESCE(MAX(number), 0) + 1 AS BIGINT) FROM incident")
            .fetch_one(&mut *connection)
            .await?;
    sqlx::query(
        "INSERT INTO incident (number, began_at, found_at, over_at, scope, homes, homes_len, sentence) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(number)
    .bind(incident.began_at.as_microsecond())
    .bind(now.as_microsecond())
    .bind(incident.ended_at.map(Timestamp::as_microsecond))
    .bind(serde_json::to_string(&incident.scope)?)
    .bind(serde_json::to_string(&incident.homes)?)
    .bind(homes_len(incident)?)
    .bind(incident.sentence())
    .execute(connection)
    .await?;
    Ok(number)
}

/// Writes what an incident has become.
///
/// # Errors
/// When the database fails.
pub async fn update(connection: &mut AnyConnection, known: &KnownIncident) -> anyhow::Result<()> {
    let incident = &known.incident;
    sqlx::query(
        "UPDATE incident SET over_at = $2, scope = $3, homes = $4, homes_len = $5, sentence = $6 WHERE number = $1",
    )
    .bind(known.number)
    .bind(incident.ended_at.map(Timestamp::as_microsecond))
    .bind(serde_json::to_string(&incident.scope)?)
    .bind(serde_json::to_string(&incident.homes)?)
    .bind(homes_len(incident)?)
    .bind(incident.sentence())
    .execute(connection)
    .await?;
    Ok(())
}

fn homes_len(incident: &Incident) -> anyhow::Result<i64> {
    Ok(i64::try_from(incident.homes.len())?)
}

impl TryFrom<Row> for KnownIncident {
    type Error = anyhow::Error;

    fn try_from(row: Row) -> anyhow::Result<Self> {
        let scope: Scope = serde_json::from_str(&row.scope)?;
        Ok(Self {
            number: row.number,
            incident: Incident {
                scope,
                began_at: Timestamp::from_microsecond(row.began_at)?,
                ended_at: row.over_at.map(Timestamp::from_microsecond).transpose()?,
                homes: serde_json::from_str(&row.homes)?,
            },
        })
    }
}
