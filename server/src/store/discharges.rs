//! Discharges: when monitoring of a patient ended and why, and when it started again. A projection of the journal.

use anyhow::Context;
use clinical::{Discharge, DischargeReason, PatientId};
use jiff::Timestamp;
use sqlx::{AnyConnection, AnyPool, FromRow};

use super::without_nul;

/// One end of monitoring.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct DischargeRow {
    /// Of whom.
    pub patient: String,
    /// When; microseconds UTC.
    pub at: i64,
    /// By whom.
    pub by_person: String,
    /// Why, by its code.
    pub reason: String,
    /// What they wrote.
    pub note: String,
    /// When monitoring started again; microseconds UTC.
    pub started_again_at: Option<i64>,
}

impl DischargeRow {
    /// Gives why; one that this program does not know is another reason.
    pub fn reason(&self) -> DischargeReason {
        DischargeReason::from_code(&self.reason).unwrap_or(DischargeReason::Other)
    }
}

/// Projects that a patient was discharged.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    connection: &mut AnyConnection,
    patient: &PatientId,
    discharge: &Discharge,
    at: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO discharge (patient, number, at, by_person, reason, note) \
         SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, $5 FROM discharge WHERE patient = $1",
    )
    .bind(patient.as_str())
    .bind(at.as_microsecond())
    .bind(discharge.by.as_str())
    .bind(discharge.reason.code())
    .bind(without_nul(&discharge.note))
    .execute(connection)
    .await?;
    Ok(())
}

/// Projects that monitoring started again.
///
/// # Errors
/// When the database fails.
pub async fn start_again(
    connection: &mut AnyConnection,
    patient: &PatientId,
    at: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query(
        "UPDATE discharge SET started_again_at = $2 WHERE patient = $1 AND started_again_at IS NULL",
    )
    .bind(patient.as_str())
    .bind(at.as_microsecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// Finds the discharge of a patient who is not monitored any more; `None` of one who is, or never was.
///
/// # Errors
/// When the database does not answer.
pub async fn of_patient(
    readers: &AnyPool,
    patient: &PatientId,
) -> anyhow::Result<Option<DischargeRow>> {
    sqlx::query_as(
        "SELECT patient, at, by_person, reason, note, started_again_at FROM discharge \
         WHERE patient = $1 AND started_again_at IS NULL",
    )
    .bind(patient.as_str())
    .fetch_optional(readers)
    .await
    .context("cannot read a patient's discharge")
}

/// Reads the patients who are discharged now, the latest first, at most `rows_max`.
///
/// # Errors
/// When the database does not answer.
pub async fn current(readers: &AnyPool, rows_max: i64) -> anyhow::Result<Vec<DischargeRow>> {
    sqlx::query_as(
        "SELECT patient, at, by_person, reason, note, started_again_at FROM discharge \
         WHERE started_again_at IS NULL ORDER BY at DESC, patient LIMIT $1",
    )
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read the discharged patients")
}

/// Removes a patient's projected discharges, to be projected again.
///
/// # Errors
/// When the database fails.
pub async fn clear(connection: &mut AnyConnection, patient: &PatientId) -> anyhow::Result<()> {
    sqlx::query("DELETE FROM discharge WHERE patient = $1")
        .bind(patient.as_str())
        .execute(connection)
        .await?;
    Ok(())
}
