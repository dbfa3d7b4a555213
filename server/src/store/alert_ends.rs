//! Alerts that ended, and were reopened, as pages read them: a projection of the journal.

use clinical::{AlertNumber, Outcome, PatientId};
use jiff::Timestamp;
use sqlx::AnyConnection;

use super::alerts::number;
use super::without_nul;

/// The outcome of an alert that ended without a person.
pub const ENDED_BY_ITSELF: &str = "by_itself";

/// How a person ended an alert.
#[derive(Debug, Clone, Copy)]
pub struct Ended<'a> {
    /// How it ended.
    pub outcome: Outcome,
    /// What they wrote.
    pub note: &'a str,
    /// Of which other alert it is a duplicate.
    pub duplicate_of: Option<AlertNumber>,
}

/// Projects the end of an alert by a person. Who answered last stays written; nothing is due any more.
///
/// # Errors
/// When the database fails.
pub async fn close(
    connection: &mut AnyConnection,
    patient: &PatientId,
    alert: AlertNumber,
    ended: Ended<'_>,
    at: Timestamp,
) -> anyhow::Result<()> {
    let note = Some(without_nul(ended.note));
    let of = ended.duplicate_of.map(number);
    end(
        connection,
        patient,
        alert,
        (ended.outcome.code(), note, of),
        at,
    )
    .await
}

/// Projects the end of an alert without a person.
///
/// # Errors
/// When the database fails.
pub async fn end_by_itself(
    connection: &mut AnyConnection,
    patient: &PatientId,
    alert: AlertNumber,
    at: Timestamp,
) -> anyhow::Result<()> {
    let ended = (ENDED_BY_ITSELF, None, None);
    end(connection, patient, alert, ended, at).await
}

async fn end(
    connection: &mut AnyConnection,
    patient: &PatientId,
    alert: AlertNumber,
    (outcome, note, duplicate_of): (&str, Option<String>, Option<i64>),
    at: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query(
        "UPDATE alert SET closed_at = $3, outcome = $4, note = $5, duplicate_of = $6, respond_by = NULL, \
         offered_to = NULL, follow_up_offered_to = NULL, came_back_at = NULL, aside_until = NULL, aside_reason = NULL \
         WHERE patient = $1 AND number = $2",
    )
    .bind(patient.as_str())
    .bind(number(alert))
    .bind(at.as_microsecond())
    .bind(outcome)
    .bind(note)
    .bind(duplicate_of)
    .execute(connection)
    .await?;
    Ok(())
}

/// Projects that a closed alert is open again; what it has become is for [`super::alerts::update`].
///
/// # Errors
/// When the database fails.
pub async fn reopen(
    connection: &mut AnyConnection,
    patient: &PatientId,
    alert: AlertNumber,
) -> anyhow::Result<()> {
    sqlx::query(
        "UPDATE alert SET closed_at = NULL, outcome = NULL, note = NULL, duplicate_of = NULL \
         WHERE patient = $1 AND number = $2",
    )
    .bind(patient.as_str())
    .bind(number(alert))
    .execute(connection)
    .await?;
    Ok(())
}
