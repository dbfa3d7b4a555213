//! Test records: what was taken while a box was being set up, or after its time. Nothing that judges, expects or averages
//! reads this table.

use anyhow::Context;
use clinical::{PatientId, TeamId};
use jiff::Timestamp;
use sqlx::{AnyConnection, AnyPool};
use vitals::Record;

use super::entries::{Place, number};
use super::readings::{FactsRow, StoredFacts};

/// The most devices of boxes that are being set up that the board shows.
pub const SETTING_UP_LEN_MAX: i64 = 50;

/// A device of a box that is being set up, and its latest test.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct SettingUp {
    /// The box.
    pub gateway: String,
    /// The device.
    pub device: String,
    /// What people call it.
    pub label: String,
    /// When its latest test was stored.
    pub stored_at: Option<i64>,
}

/// Stores a test; tells whether it is new. What was stored as a reading or an attempt stays one.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    connection: &mut AnyConnection,
    record: &Record,
    patient: &PatientId,
    place: &Place,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let done = sqlx::query(
        "INSERT INTO test_record \
         (id, kind, patient, device, measured_at, received_at, stored_at, gateway, epoch, sequence) \
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 \
         WHERE NOT EXISTS (SELECT 1 FROM reading WHERE id = $1) \
         AND NOT EXISTS (SELECT 1 FROM attempt WHERE id = $1) ON CONFLICT (id) DO NOTHING",
    )
    .bind(record.id().to_string())
    .bind(kind(record))
    .bind(patient.as_str())
    .bind(record.device().as_str())
    .bind(record.times().measured_at.as_microsecond())
    .bind(record.times().received_at.as_microsecond())
    .bind(now.as_microsecond())
    .bind(place.gateway.as_str())
    .bind(place.epoch.to_string())
    .bind(number(place.sequence)?)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Finds the test that has a record's id, and when it was stored.
///
/// # Errors
/// When the database fails, or holds what was never one.
pub async fn stored_facts(
    connection: &mut AnyConnection,
    record: &Record,
) -> anyhow::Result<Option<(StoredFacts, Timestamp)>> {
    let row: Option<FactsRow> = sqlx::query_as(
        "SELECT device, measured_at, received_at, gateway, epoch, sequence, stored_at FROM test_record \
         WHERE id = $1 AND kind = $2",
    )
    .bind(record.id().to_string())
    .bind(kind(record))
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let stored_at = Timestamp::from_microsecond(row.stored_at)?;
    Ok(Some((row.try_into()?, stored_at)))
}

/// Lists the devices of a team's boxes that are being set up, each with its latest test.
///
/// # Errors
/// When the database does not answer.
pub async fn setting_up(readers: &AnyPool, team: &TeamId) -> anyhow::Result<Vec<SettingUp>> {
    sqlx::query_as(
        "SELECT d.gateway, d.id AS device, d.label, MAX(t.stored_at) AS stored_at FROM gateway g \
         JOIN device d ON d.gateway = g.id JOIN patient p ON p.id = d.patient \
         LEFT JOIN test_record t ON t.device = d.id AND t.gateway = g.id \
         WHERE g.state = 'commissioning' AND p.team = $2 GROUP BY d.gateway, d.id, d.label ORDER BY d.gateway, d.id LIMIT $1",
    )
    .bind(SETTING_UP_LEN_MAX)
    .bind(team.as_str())
    .fetch_all(readers)
    .await
    .context("cannot read the boxes that are being set up")
}

fn kind(record: &Record) -> &'static str {
    match record {
        Record::Reading(_) => "reading",
        Record::Attempt(_) => "attempt",
    }
}
