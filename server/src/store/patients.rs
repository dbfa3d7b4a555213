//! Patients: who they are, and who answers for them.

use anyhow::Context;
use clinical::{PatientId, PersonId, TeamId};
use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::{AnyConnection, AnyPool};

use crate::nhs_number::NhsNumber;

/// A patient as registered. There is no patient without a care coordinator.
#[derive(Clone, PartialEq, Eq)]
pub struct Patient {
    /// Names the patient within this service.
    pub id: PatientId,
    /// How they are addressed, such as `Mrs`.
    pub title: String,
    /// The given name.
    pub given_name: String,
    /// The family name.
    pub family_name: String,
    /// The date of birth.
    pub born_on: Date,
    /// The NHS number.
    pub nhs_number: NhsNumber,
    /// The team that looks after them.
    pub team: TeamId,
    /// The one person who answers for them.
    pub coordinator: PersonId,
}

/// Personal data stays out of logs: the debug form shows the id alone.
impl std::fmt::Debug for Patient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Patient")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Writes a patient; tells whether anything changed. Who answers for a patient who is known already changes through
/// an event alone, never here.
///
/// # Errors
/// When the database fails, or another patient has the same NHS number.
pub async fn put(
    connection: &mut AnyConnection,
    patient: &Patient,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let done = sqlx::query(
        "INSERT INTO patient (id, family_name, given_name, title, born_on, nhs_number, team, coordinator, activated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         ON CONFLICT (id) DO UPDATE SET family_name = excluded.family_name, given_name = excluded.given_name, \
         title = excluded.title, born_on = excluded.born_on, nhs_number = excluded.nhs_number, team = excluded.team \
         WHERE patient.family_name <> excluded.family_name OR patient.given_name <> excluded.given_name \
         OR patient.title <> excluded.title OR patient.born_on <> excluded.born_on \
         OR patient.nhs_number <> excluded.nhs_number OR patient.team <> excluded.team",
    )
    .bind(patient.id.as_str())
    .bind(&patient.family_name)
    .bind(&patient.given_name)
    .bind(&patient.title)
    .bind(patient.born_on.to_string())
    .bind(patient.nhs_number.as_str())
    .bind(patient.team.as_str())
    .bind(patient.coordinator.as_str())
    .bind(now.as_microsecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Projects who answers for a patient.
///
/// # Errors
/// When the database fails, or the person is not known.
pub async fn set_coordinator(
    connection: &mut AnyConnection,
    patient: &PatientId,
    coordinator: &PersonId,
) -> anyhow::Result<()> {
    sqlx::query("UPDATE patient SET coordinator = $1 WHERE id = $2")
        .bind(coordinator.as_str())
        .bind(patient.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// Finds the team that looks after a patient; `None` when there is no such patient.
///
/// # Errors
/// When the database fails.
pub async fn team(
    connection: &mut AnyConnection,
    patient: &PatientId,
) -> anyhow::Result<Option<TeamId>> {
    let team: Option<String> = sqlx::query_scalar("SELECT team FROM patient WHERE id = $1")
        .bind(patient.as_str())
        .fetch_optional(connection)
        .await?;
    team.map(|id| Ok(id.try_into()?)).transpose()
}

/// Gives a patient's team; `None` for nobody.
///
/// # Errors
/// When the database does not answer.
pub async fn team_of(readers: &AnyPool, patient: &PatientId) -> anyhow::Result<Option<TeamId>> {
    let team: Option<String> = sqlx::query_scalar("SELECT team FROM patient WHERE id = $1")
        .bind(patient.as_str())
        .fetch_optional(readers)
        .await
        .context("cannot read a patient's team")?;
    Ok(team.map(TeamId::try_from).transpose()?)
}

/// Lists every patient.
///
/// # Errors
/// When the database fails.
pub async fn ids(connection: &mut AnyConnection) -> anyhow::Result<Vec<PatientId>> {
    let ids: Vec<String> = sqlx::query_scalar("SELECT id FROM patient ORDER BY id")
        .fetch_all(connection)
        .await?;
    ids.into_iter().map(|id| Ok(id.try_into()?)).collect()
}

/// Lists a team's patients in the order of their ids, those after `after`, at most `rows_max`.
///
/// # Errors
/// When the database fails.
pub async fn of_team(
    connection: &mut AnyConnection,
    team: &TeamId,
    after: Option<&PatientId>,
    rows_max: i64,
) -> anyhow::Result<Vec<PatientId>> {
    let ids: Vec<String> = sqlx::query_scalar(
        "SELECT id FROM patient WHERE team = $1 AND id > $2 ORDER BY id LIMIT $3",
    )
    .bind(team.as_str())
    .bind(after.map_or("", PatientId::as_str))
    .bind(rows_max)
    .fetch_all(connection)
    .await?;
    ids.into_iter().map(|id| Ok(id.try_into()?)).collect()
}

/// Gives as little of a patient as tells their home from others: initials and the year of birth.
///
/// # Errors
/// When there is no such patient, or the database fails.
pub async fn home_hint(
    connection: &mut AnyConnection,
    patient: &PatientId,
) -> anyhow::Result<String> {
    let (given, family, born_on): (String, String, String) =
        sqlx::query_as("SELECT given_name, family_name, born_on FROM patient WHERE id = $1")
            .bind(patient.as_str())
            .fetch_one(connection)
            .await
            .context("the patient of an install job cannot be read")?;
    let initial = |name: &str| name.chars().next().map(|it| format!("{it}."));
    let initials: String = [initial(&given), initial(&family)]
        .into_iter()
        .flatten()
        .collect();
    let year = born_on.split('-').next().unwrap_or_default();
    Ok(format!("{initials}, born {year}"))
}
