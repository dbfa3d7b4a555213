//! Demographics: a patient's details as they are, and what they were before each change.

use anyhow::Context;
use clinical::{PatientId, PersonId};
use jiff::Timestamp;
use sqlx::{AnyConnection, AnyPool, FromRow};

use super::patients::{self, Patient};
use crate::nhs_number::NhsNumber;

/// A patient's details with how often they were changed: what a form was filled in from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    /// As they are.
    pub patient: Patient,
    /// How often they were changed.
    pub changes_len: i64,
}

#[derive(FromRow)]
struct Row {
    title: String,
    given_name: String,
    family_name: String,
    born_on: String,
    nhs_number: String,
    team: String,
    coordinator: String,
    changes_len: i64,
}

/// Reads a patient's details.
///
/// # Errors
/// When there is no such patient, the database does not answer, or it holds what are no details.
pub async fn of(connection: &mut AnyConnection, id: &PatientId) -> anyhow::Result<Details> {
    let row: Row = sqlx::query_as(
        "SELECT p.title, p.given_name, p.family_name, p.born_on, p.nhs_number, p.team, p.coordinator, \
         (SELECT COUNT(*) FROM patient_change c WHERE c.patient = p.id) AS changes_len FROM patient p WHERE p.id = $1",
    )
    .bind(id.as_str())
    .fetch_one(connection)
    .await
    .context("a patient's details cannot be read")?;
    Ok(Details {
        patient: Patient {
            id: id.clone(),
            title: row.title,
            given_name: row.given_name,
            family_name: row.family_name,
            born_on: row.born_on.parse()?,
            nhs_number: row.nhs_number.parse()?,
            team: row.team.try_into()?,
            coordinator: row.coordinator.try_into()?,
        },
        changes_len: row.changes_len,
    })
}

/// Writes changed details and keeps what they were before; tells whether nobody was faster.
///
/// # Errors
/// When the database fails.
pub async fn change(
    connection: &mut AnyConnection,
    before: &Details,
    after: &Patient,
    by: &PersonId,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let was = &before.patient;
    let text = serde_json::json!({
        "title": was.title, "given_name": was.given_name, "family_name": was.family_name,
        "born_on": was.born_on, "nhs_number": was.nhs_number.as_str(),
    });
    let done = sqlx::query(
        "INSERT INTO patient_change (patient, number, at, by_whom, before) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (patient, number) DO NOTHING",
    )
    .bind(was.id.as_str())
    .bind(before.changes_len.saturating_add(1))
    .bind(now.as_microsecond())
    .bind(by.as_str())
    .bind(text.to_string())
    .execute(&mut *connection)
    .await
    .context("what a patient's details were cannot be kept")?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    patients::put(connection, after, now).await?;
    Ok(true)
}

/// Finds the patient who has an NHS number, whoever looks after them.
///
/// # Errors
/// When the database does not answer.
pub async fn by_nhs_number(
    readers: &AnyPool,
    number: &NhsNumber,
) -> anyhow::Result<Option<PatientId>> {
    let id: Option<String> = sqlx::query_scalar("SELECT id FROM patient WHERE nhs_number = $1")
        .bind(number.as_str())
        .fetch_optional(readers)
        .await
        .context("it cannot be read whether an NHS number is registered")?;
    Ok(id.map(PatientId::try_from).transpose()?)
}
