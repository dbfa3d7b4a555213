//! Remarks: readings of which somebody at home says that they were not the patient's. A reading itself is never changed by it.

use std::collections::BTreeMap;

use anyhow::Context;
use clinical::{PatientId, PersonId};
use jiff::Timestamp;
use sqlx::{AnyConnection, AnyPool, FromRow};
use vitals::ReadingId;

/// What was said last of a reading.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct RemarkRow {
    /// The reading.
    pub reading: String,
    /// When; microseconds UTC.
    pub at: i64,
    /// The name of who said so.
    pub by_name: String,
}

/// Notes that somebody says that a reading was not the patient's, or was after all. Tells whether that is anything new.
///
/// # Errors
/// When the database fails, or there is no such reading.
pub async fn note(
    connection: &mut AnyConnection,
    patient: &PatientId,
    reading: ReadingId,
    is_other: bool,
    by: &PersonId,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let known: Option<i64> = sqlx::query_scalar(
        "SELECT is_other FROM reading_remark WHERE reading = $1 ORDER BY number DESC LIMIT 1",
    )
    .bind(reading.to_string())
    .fetch_optional(&mut *connection)
    .await?;
    if known.unwrap_or(0) == i64::from(is_other) {
        return Ok(false);
    }
    sqlx::query(
        "INSERT INTO reading_remark (patient, number, reading, is_other, at, by_person) \
         SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, $5 FROM reading_remark WHERE patient = $1",
    )
    .bind(patient.as_str())
    .bind(reading.to_string())
    .bind(i64::from(is_other))
    .bind(now.as_microsecond())
    .bind(by.as_str())
    .execute(connection)
    .await?;
    Ok(true)
}

/// Reads of which of a patient's readings, measured at `since` or later, somebody says that they were not the patient's; at
/// most `rows_max`.
///
/// # Errors
/// When the database does not answer.
pub async fn since(
    readers: &AnyPool,
    patient: &PatientId,
    since: Timestamp,
    rows_max: i64,
) -> anyhow::Result<BTreeMap<String, RemarkRow>> {
    let rows: Vec<RemarkRow> = sqlx::query_as(
        "SELECT m.reading, m.at, w.name AS by_name FROM reading_remark m JOIN person w ON w.id = m.by_person \
         JOIN reading r ON r.id = m.reading WHERE m.patient = $1 AND m.is_other = 1 AND r.measured_at >= $2 \
         AND m.number = (SELECT MAX(l.number) FROM reading_remark l WHERE l.reading = m.reading) \
         ORDER BY m.number DESC LIMIT $3",
    )
    .bind(patient.as_str())
    .bind(since.as_microsecond())
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read what was said of readings at home")?;
    let by_reading = rows.into_iter().map(|row| (row.reading.clone(), row));
    Ok(by_reading.collect())
}
