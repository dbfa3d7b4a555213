//! Watches: the patients on whom whoever comes next keeps an eye, each with one line. A projection of the journal.

use anyhow::Context;
use clinical::{PatientId, Watch};
use jiff::Timestamp;
use sqlx::{AnyConnection, AnyPool, FromRow};

use super::without_nul;

/// One patient to keep an eye on.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct WatchRow {
    /// Whom.
    pub patient: String,
    /// On what, in one line.
    pub note: String,
    /// Until when; microseconds UTC.
    pub until_at: i64,
    /// Since when; microseconds UTC.
    pub at: i64,
    /// Who asks.
    pub by_person: String,
}

/// Projects a watch, in the place of the one before.
///
/// # Errors
/// When the database fails.
pub async fn put(
    connection: &mut AnyConnection,
    patient: &PatientId,
    watch: &Watch,
    at: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO watch (patient, note, until_at, at, by_person) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (patient) DO UPDATE SET note = excluded.note, until_at = excluded.until_at, at = excluded.at, \
         by_person = excluded.by_person",
    )
    .bind(patient.as_str())
    .bind(without_nul(&watch.note))
    .bind(watch.until.as_microsecond())
    .bind(at.as_microsecond())
    .bind(watch.by.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

/// Reads the patients to keep an eye on at `now`, by whose watch ends first, at most `rows_max`.
///
/// # Errors
/// When the database does not answer.
pub async fn current(
    readers: &AnyPool,
    now: Timestamp,
    rows_max: i64,
) -> anyhow::Result<Vec<WatchRow>> {
    sqlx::query_as(
        "SELECT patient, note, until_at, at, by_person FROM watch WHERE until_at > $1 \
         ORDER BY until_at, patient LIMIT $2",
    )
    .bind(now.as_microsecond())
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read the watch list")
}

/// Finds what to keep an eye on with one patient at `now`.
///
/// # Errors
/// When the database does not answer.
pub async fn of_patient(
    readers: &AnyPool,
    patient: &PatientId,
    now: Timestamp,
) -> anyhow::Result<Option<WatchRow>> {
    sqlx::query_as(
        "SELECT patient, note, until_at, at, by_person FROM watch WHERE patient = $1 AND until_at > $2",
    )
    .bind(patient.as_str())
    .bind(now.as_microsecond())
    .fetch_optional(readers)
    .await
    .context("cannot read what to keep an eye on")
}

/// Projects the end of a watch; a rebuild begins with it too.
///
/// # Errors
/// When the database fails.
pub async fn remove(connection: &mut AnyConnection, patient: &PatientId) -> anyhow::Result<()> {
    sqlx::query("DELETE FROM watch WHERE patient = $1")
        .bind(patient.as_str())
        .execute(connection)
        .await?;
    Ok(())
}
