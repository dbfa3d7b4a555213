//! Strikes: which readings are marked as wrong, by whom, when and why. A projection of the journal, in which no row changes.

use anyhow::Context;
use clinical::{PatientId, Strike, StrikeBack, StrikeReason};
use jiff::Timestamp;
use sqlx::{AnyConnection, AnyPool, FromRow};
use vitals::ReadingId;

use super::without_nul;

/// A reading that was marked as wrong, or such a mark taken back.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct StrikeRow {
    /// Which strike of the patient: 1 for the first.
    pub number: i64,
    /// The reading.
    pub reading: String,
    /// 1 when it was marked as wrong, 0 when that was taken back.
    pub is_struck: i64,
    /// When; microseconds UTC.
    pub at: i64,
    /// By whom.
    pub by_person: String,
    /// Why, by its code: see [`StrikeReason::from_code`]; `None` when it was taken back.
    pub reason: Option<String>,
    /// What they wrote.
    pub note: String,
}

impl StrikeRow {
    /// Tells whether the reading was marked as wrong; otherwise that was taken back.
    pub fn is_struck(&self) -> bool {
        self.is_struck != 0
    }

    /// Gives why; one that this program does not know is another reason.
    pub fn reason(&self) -> StrikeReason {
        let known = self.reason.as_deref().and_then(StrikeReason::from_code);
        known.unwrap_or(StrikeReason::Other)
    }
}

/// That a reading is marked as wrong, as pages say it beside the reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Struck {
    /// By whom.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: StrikeReason,
    /// What they wrote.
    pub note: String,
}

/// Projects that a reading was marked as wrong.
///
/// # Errors
/// When the database fails, or there is no such reading.
pub async fn strike(
    connection: &mut AnyConnection,
    patient: &PatientId,
    strike: &Strike,
    at: Timestamp,
) -> anyhow::Result<()> {
    let reason = Some(strike.reason.code());
    let (reading, by) = (strike.reading, strike.by.as_str());
    insert(connection, patient, (reading, by, reason, &strike.note), at).await
}

/// Projects that such a mark was taken back.
///
/// # Errors
/// When the database fails, or there is no such reading.
pub async fn take_back(
    connection: &mut AnyConnection,
    patient: &PatientId,
    back: &StrikeBack,
    at: Timestamp,
) -> anyhow::Result<()> {
    let (reading, by) = (back.reading, back.by.as_str());
    insert(connection, patient, (reading, by, None, &back.note), at).await
}

async fn insert(
    connection: &mut AnyConnection,
    patient: &PatientId,
    (reading, by, reason, note): (ReadingId, &str, Option<&str>, &str),
    at: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO strike (patient, number, reading, is_struck, at, by_person, reason, note) \
         SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, $5, $6, $7 FROM strike WHERE patient = $1",
    )
    .bind(patient.as_str())
    .bind(reading.to_string())
    .bind(i64::from(reason.is_some()))
    .bind(at.as_microsecond())
    .bind(by)
    .bind(reason)
    .bind(without_nul(note))
    .execute(connection)
    .await?;
    Ok(())
}

/// Reads what was marked as wrong and taken back of a patient, newest first, at most `rows_max`.
///
/// # Errors
/// When the database does not answer.
pub async fn of_patient(
    readers: &AnyPool,
    patient: &PatientId,
    rows_max: i64,
) -> anyhow::Result<Vec<StrikeRow>> {
    sqlx::query_as(
        "SELECT number, reading, is_struck, at, by_person, reason, note FROM strike WHERE patient = $1 \
         ORDER BY number DESC LIMIT $2",
    )
    .bind(patient.as_str())
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read what was struck out")
}

/// Removes a patient's projected strikes, to be projected again.
///
/// # Errors
/// When the database fails.
pub async fn clear(connection: &mut AnyConnection, patient: &PatientId) -> anyhow::Result<()> {
    sqlx::query("DELETE FROM strike WHERE patient = $1")
        .bind(patient.as_str())
        .execute(connection)
        .await?;
    Ok(())
}
