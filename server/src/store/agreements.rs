//! Agreements: what was agreed with a patient in words, each version as it was.

use anyhow::Context;
use clinical::{PatientId, PersonId};
use jiff::Timestamp;
use sqlx::{AnyConnection, AnyPool, FromRow};

/// What was agreed, in the words of the patient and the team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// What the patient aims for, in their own words.
    pub target: String,
    /// The rescue medicine and when it is taken; empty when there is none.
    pub rescue: String,
    /// What the patient does when they feel worse, and whom they call.
    pub escalation: String,
    /// Who agreed: the patient, or who speaks for them.
    pub agreed_with: String,
}

/// An agreement as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Which agreement of the patient it is: 1 for the first.
    pub number: i64,
    /// What was agreed.
    pub agreement: Agreement,
    /// When.
    pub at: Timestamp,
    /// The name of who recorded it.
    pub by: String,
}

#[derive(FromRow)]
struct Row {
    number: i64,
    target: String,
    rescue: String,
    escalation: String,
    agreed_with: String,
    recorded_at: i64,
    by_name: String,
}

/// Reads the agreement that holds: the latest.
///
/// # Errors
/// When the database does not answer.
pub async fn latest(readers: &AnyPool, patient: &PatientId) -> anyhow::Result<Option<Recorded>> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT a.number, a.target, a.rescue, a.escalation, a.agreed_with, a.recorded_at, w.name AS by_name \
         FROM agreement a JOIN person w ON w.id = a.recorded_by WHERE a.patient = $1 ORDER BY a.number DESC LIMIT 1",
    )
    .bind(patient.as_str())
    .fetch_optional(readers)
    .await
    .context("cannot read what was agreed with a patient")?;
    row.map(|row| {
        Ok(Recorded {
            number: row.number,
            agreement: Agreement {
                target: row.target,
                rescue: row.rescue,
                escalation: row.escalation,
                agreed_with: row.agreed_with,
            },
            at: Timestamp::from_microsecond(row.recorded_at)?,
            by: row.by_name,
        })
    })
    .transpose()
}

/// Adds the agreement that follows `after` (0 for the first); tells whether nobody was faster.
///
/// # Errors
/// When the database fails.
pub async fn add(
    connection: &mut AnyConnection,
    patient: &PatientId,
    after: i64,
    agreement: &Agreement,
    by: &PersonId,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let done = sqlx::query(
        "INSERT INTO agreement (patient, number, target, rescue, escalation, agreed_with, recorded_at, recorded_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (patient, number) DO NOTHING",
    )
    .bind(patient.as_str())
    .bind(after.saturating_add(1))
    .bind(&agreement.target)
    .bind(&agreement.rescue)
    .bind(&agreement.escalation)
    .bind(&agreement.agreed_with)
    .bind(now.as_microsecond())
    .bind(by.as_str())
    .execute(connection)
    .await
    .context("what was agreed cannot be kept")?;
    Ok(done.rows_affected() > 0)
}
