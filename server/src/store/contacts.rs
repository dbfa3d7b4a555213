//! Contacts: the log of who called, visited or wrote to a patient, and what came of it. A projection of the journal.

use anyhow::Context;
use clinical::{AlertNumber, Contact, ContactHow, ContactResult, PatientId};
use jiff::Timestamp;
use sqlx::{AnyConnection, AnyPool, FromRow};

use super::without_nul;

macro_rules! select_contacts {
    ($rest:literal) => {
        concat!(
            "SELECT c.patient, c.number, c.alert, c.at, c.by_person, c.how, c.result, c.note, c.retry_at, c.unanswered \
             FROM contact c ",
            $rest
        )
    };
}

/// One contact, as stored.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct ContactRow {
    /// With whom.
    pub patient: String,
    /// Which contact of the patient: 1 for the first.
    pub number: i64,
    /// About which alert.
    pub alert: Option<i64>,
    /// When; microseconds UTC.
    pub at: i64,
    /// By whom.
    pub by_person: String,
    /// How, by its code: see [`ContactRow::how`].
    pub how: String,
    /// What came of it, by its code: see [`ContactRow::result`].
    pub result: String,
    /// What was said.
    pub note: String,
    /// When it is tried again; microseconds UTC.
    pub retry_at: Option<i64>,
    /// How many times in a row nobody had answered about the alert by then.
    pub unanswered: i64,
}

impl ContactRow {
    /// Gives how the patient was contacted; `None` for a way that this program does not know.
    pub fn how(&self) -> Option<ContactHow> {
        ContactHow::from_code(&self.how)
    }

    /// Gives what came of it; `None` for a result that this program does not know.
    pub fn result(&self) -> Option<ContactResult> {
        ContactResult::from_code(&self.result)
    }
}

/// Adds a contact to the log.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    connection: &mut AnyConnection,
    patient: &PatientId,
    contact: &Contact,
    unanswered: u8,
    at: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO contact (patient, number, alert, at, by_person, how, result, note, retry_at, unanswered) \
         SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9 FROM contact WHERE patient = $1",
    )
    .bind(patient.as_str())
    .bind(contact.alert.map(|it| i64::from(it.0)))
    .bind(at.as_microsecond())
    .bind(contact.by.as_str())
    .bind(contact.how.code())
    .bind(contact.result.code())
    .bind(without_nul(&contact.note))
    .bind(contact.retry_at.map(Timestamp::as_microsecond))
    .bind(i64::from(unanswered))
    .execute(connection)
    .await?;
    Ok(())
}

/// Reads a patient's contacts, newest first, at most `rows_max`.
///
/// # Errors
/// When the database does not answer.
pub async fn of_patient(
    readers: &AnyPool,
    patient: &PatientId,
    rows_max: i64,
) -> anyhow::Result<Vec<ContactRow>> {
    sqlx::query_as(select_contacts!(
        "WHERE c.patient = $1 ORDER BY c.number DESC LIMIT $2"
    ))
    .bind(patient.as_str())
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read a patient's contacts")
}

/// Reads the contacts about one alert, newest first, at most `rows_max`.
///
/// # Errors
/// When the database does not answer.
pub async fn of_alert(
    readers: &AnyPool,
    patient: &PatientId,
    alert: AlertNumber,
    rows_max: i64,
) -> anyhow::Result<Vec<ContactRow>> {
    sqlx::query_as(select_contacts!(
        "WHERE c.patient = $1 AND c.alert = $2 ORDER BY c.number DESC LIMIT $3"
    ))
    .bind(patient.as_str())
    .bind(i64::from(alert.0))
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read the contacts about an alert")
}

/// Removes a patient's projected contacts, to be projected again.
///
/// # Errors
/// When the database fails.
pub async fn clear(connection: &mut AnyConnection, patient: &PatientId) -> anyhow::Result<()> {
    sqlx::query("DELETE FROM contact WHERE patient = $1")
        .bind(patient.as_str())
        .execute(connection)
        .await?;
    Ok(())
}
