//! Giving and taking back what somebody at home sees.

use anyhow::Context;
use clinical::{PatientId, PersonId};
use jiff::Timestamp;
use sqlx::AnyConnection;

use super::{ACCESS_ROWS_MAX, Sees, sees};
use crate::store::without_nul;

/// A row to be written.
#[derive(Debug, Clone, Copy)]
pub struct NewAccess<'a> {
    /// Whose pages.
    pub patient: &'a PatientId,
    /// Who sees them.
    pub person: &'a PersonId,
    /// They are the patient.
    pub is_own: bool,
    /// What they see.
    pub sees: Sees,
    /// How the patient agreed; empty where the patient did it.
    pub consent: &'a str,
    /// Who gave it.
    pub by: &'a PersonId,
    /// When.
    pub now: Timestamp,
}

/// Lets somebody see a patient's pages.
///
/// # Errors
/// When the database fails.
pub async fn give(connection: &mut AnyConnection, new: NewAccess<'_>) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO home_access (patient, number, person, is_own, sees_readings, sees_alerts, sees_contacts, consent, \
         given_at, given_by) SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9 FROM home_access \
         WHERE patient = $1",
    )
    .bind(new.patient.as_str())
    .bind(new.person.as_str())
    .bind(i64::from(new.is_own))
    .bind(i64::from(new.sees.readings))
    .bind(i64::from(new.sees.alerts))
    .bind(i64::from(new.sees.contacts))
    .bind(without_nul(new.consent))
    .bind(new.now.as_microsecond())
    .bind(new.by.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

/// What a row gives that has not been taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Whose pages.
    pub patient: PatientId,
    /// Which row of the patient.
    pub number: i64,
    /// They are the patient.
    pub is_own: bool,
    /// What they see.
    pub sees: Sees,
    /// How the patient agreed.
    pub consent: String,
    /// Who gave it.
    pub given_by: PersonId,
}

type HeldRow = (String, i64, i64, i64, i64, i64, String, String);

/// Lists what a person was given, at most [`ACCESS_ROWS_MAX`].
///
/// # Errors
/// When the database fails.
pub async fn held_by(
    connection: &mut AnyConnection,
    person: &PersonId,
) -> anyhow::Result<Vec<Held>> {
    let rows: Vec<HeldRow> = sqlx::query_as(
        "SELECT patient, number, is_own, sees_readings, sees_alerts, sees_contacts, consent, given_by FROM home_access \
         WHERE person = $1 AND revoked_at IS NULL ORDER BY patient, number LIMIT $2",
    )
    .bind(person.as_str())
    .bind(ACCESS_ROWS_MAX)
    .fetch_all(connection)
    .await
    .context("cannot read what somebody was given")?;
    let held = |row: HeldRow| {
        let (patient, number, is_own, readings, alerts, contacts, consent, given_by) = row;
        Ok(Held {
            patient: patient.try_into()?,
            number,
            is_own: is_own == 1,
            sees: sees(readings, alerts, contacts),
            consent,
            given_by: given_by.try_into()?,
        })
    };
    rows.into_iter().map(held).collect()
}

/// Takes back what a row gave, from now on; names whose it was, or nobody when there is no such row any more.
///
/// # Errors
/// When the database fails.
pub async fn revoke(
    connection: &mut AnyConnection,
    patient: &PatientId,
    number: i64,
    by: &PersonId,
    now: Timestamp,
) -> anyhow::Result<Option<PersonId>> {
    let person: Option<String> = sqlx::query_scalar(
        "UPDATE home_access SET revoked_at = $3, revoked_by = $4 \
         WHERE patient = $1 AND number = $2 AND revoked_at IS NULL RETURNING person",
    )
    .bind(patient.as_str())
    .bind(number)
    .bind(now.as_microsecond())
    .bind(by.as_str())
    .fetch_optional(connection)
    .await?;
    Ok(person.map(PersonId::try_from).transpose()?)
}

/// Counts the patients whose pages a person may still see.
///
/// # Errors
/// When the database fails.
pub async fn left_len(connection: &mut AnyConnection, person: &PersonId) -> anyhow::Result<i64> {
    sqlx::query_scalar("SELECT COUNT(*) FROM home_access WHERE person = $1 AND revoked_at IS NULL")
        .bind(person.as_str())
        .fetch_one(connection)
        .await
        .context("cannot count whose pages somebody sees")
}

/// Finds the patient's own account among those who see their pages.
///
/// # Errors
/// When the database fails.
pub async fn own_of(
    connection: &mut AnyConnection,
    patient: &PatientId,
) -> anyhow::Result<Option<PersonId>> {
    let person: Option<String> = sqlx::query_scalar(
        "SELECT person FROM home_access WHERE patient = $1 AND is_own = 1 AND revoked_at IS NULL \
         ORDER BY number DESC LIMIT 1",
    )
    .bind(patient.as_str())
    .fetch_optional(connection)
    .await
    .context("cannot read a patient's own account")?;
    Ok(person.map(PersonId::try_from).transpose()?)
}
