//! Teams and people: who may answer for patients.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use clinical::{PatientId, PersonId, TeamId};
use sqlx::{AnyConnection, AnyPool};

use super::without_nul;
use crate::accounts::Audience;

/// A locality team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Names the team.
    pub id: TeamId,
    /// What people call it.
    pub name: String,
}

/// A member of staff. Whoever is at home is kept by [`put_at_home`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Names the person.
    pub id: PersonId,
    /// What people call them.
    pub name: String,
    /// What they do, in words for pages.
    pub role: String,
    /// Where they belong.
    pub team: TeamId,
    /// Whether they may let a plan go beyond the hard stops.
    pub prescriber: bool,
}

/// Writes a team; tells whether anything changed.
///
/// # Errors
/// When the database fails.
pub async fn put_team(connection: &mut AnyConnection, team: &Team) -> anyhow::Result<bool> {
    let done = sqlx::query(
        "INSERT INTO team (id, name) VALUES ($1, $2) \
         ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE team.name <> excluded.name",
    )
    .bind(team.id.as_str())
    .bind(&team.name)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Writes a person; tells whether anything changed.
///
/// # Errors
/// When the database fails, or the team is not known.
pub async fn put_person(connection: &mut AnyConnection, person: &Person) -> anyhow::Result<bool> {
    let done = sqlx::query(
        "INSERT INTO person (id, name, role, team, prescriber) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role, team = excluded.team, \
         prescriber = excluded.prescriber \
         WHERE person.name <> excluded.name OR person.role <> excluded.role OR person.team <> excluded.team \
         OR person.prescriber <> excluded.prescriber",
    )
    .bind(person.id.as_str())
    .bind(&person.name)
    .bind(&person.role)
    .bind(person.team.as_str())
    .bind(i64::from(person.prescriber))
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Registers somebody at home: a patient, or a carer with what they are to the patient. They are never staff.
///
/// # Errors
/// When the database fails, or the id is taken.
pub async fn put_at_home(
    connection: &mut AnyConnection,
    id: &PersonId,
    name: &str,
    relation: &str,
    team: &TeamId,
) -> anyhow::Result<()> {
    sqlx::query("INSERT INTO person (id, name, role, team, is_staff) VALUES ($1, $2, $3, $4, 0)")
        .bind(id.as_str())
        .bind(without_nul(name))
        .bind(without_nul(relation))
        .bind(team.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// Tells whether a person is staff or at home.
///
/// # Errors
/// When the database fails, or the person is not known.
pub async fn audience(
    connection: &mut AnyConnection,
    person: &PersonId,
) -> anyhow::Result<Audience> {
    let is_staff: i64 = sqlx::query_scalar("SELECT is_staff FROM person WHERE id = $1")
        .bind(person.as_str())
        .fetch_one(connection)
        .await
        .context("cannot read whether somebody is staff")?;
    Ok(audience_of(is_staff))
}

/// Reads the column: whatever is not 1 is no staff.
pub(super) fn audience_of(is_staff: i64) -> Audience {
    if is_staff == 1 {
        Audience::Staff
    } else {
        Audience::Home
    }
}

/// Gives the number by which a patient's team is called; empty when none is recorded.
///
/// # Errors
/// When the database does not answer.
pub async fn phone_for(readers: &AnyPool, patient: &PatientId) -> anyhow::Result<String> {
    let phone: Option<String> = sqlx::query_scalar(
        "SELECT t.phone FROM team t JOIN patient p ON p.team = t.id WHERE p.id = $1",
    )
    .bind(patient.as_str())
    .fetch_optional(readers)
    .await
    .context("cannot read a team's telephone number")?;
    Ok(phone.unwrap_or_default())
}

/// Gives the number by which a team's patients call it.
///
/// # Errors
/// When the database does not answer.
pub async fn phone_of(readers: &AnyPool, team: &TeamId) -> anyhow::Result<String> {
    let phone: Option<String> = sqlx::query_scalar("SELECT phone FROM team WHERE id = $1")
        .bind(team.as_str())
        .fetch_optional(readers)
        .await
        .context("cannot read a team's telephone number")?;
    Ok(phone.unwrap_or_default())
}

/// Writes the number by which a team's patients call it.
///
/// # Errors
/// When the database fails.
pub async fn set_phone(
    connection: &mut AnyConnection,
    team: &TeamId,
    phone: &str,
) -> anyhow::Result<()> {
    sqlx::query("UPDATE team SET phone = $2 WHERE id = $1")
        .bind(team.as_str())
        .bind(without_nul(phone))
        .execute(connection)
        .await?;
    Ok(())
}

/// Names those who may let a plan go beyond the hard stops.
///
/// # Errors
/// When the database fails.
pub async fn prescribers(connection: &mut AnyConnection) -> anyhow::Result<BTreeSet<PersonId>> {
    let rows: Vec<String> = sqlx::query_scalar("SELECT id FROM person WHERE prescriber = 1")
        .fetch_all(connection)
        .await?;
    rows.into_iter().map(|it| Ok(it.try_into()?)).collect()
}

/// Names the prescribers of a patient's team, whom a nurse asks; at most `rows_max`, by their names.
///
/// # Errors
/// When the database does not answer.
pub async fn prescribers_for(
    readers: &AnyPool,
    patient: &PatientId,
    rows_max: i64,
) -> anyhow::Result<Vec<(String, String)>> {
    sqlx::query_as(
        "SELECT w.name, w.role FROM person w JOIN patient p ON p.team = w.team \
         WHERE p.id = $1 AND w.prescriber = 1 ORDER BY w.name, w.id LIMIT $2",
    )
    .bind(patient.as_str())
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read the prescribers of a team")
}

/// Tells whether a person is known.
///
/// # Errors
/// When the database fails.
pub async fn is_known(connection: &mut AnyConnection, person: &PersonId) -> anyhow::Result<bool> {
    let found: Option<String> = sqlx::query_scalar("SELECT id FROM person WHERE id = $1")
        .bind(person.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(found.is_some())
}

/// Tells whether a team is known.
///
/// # Errors
/// When the database fails.
pub async fn has_team(connection: &mut AnyConnection, team: &TeamId) -> anyhow::Result<bool> {
    let found: Option<String> = sqlx::query_scalar("SELECT id FROM team WHERE id = $1")
        .bind(team.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(found.is_some())
}

/// Reads everybody's name.
///
/// # Errors
/// When the database does not answer.
pub async fn names(readers: &AnyPool) -> anyhow::Result<BTreeMap<String, String>> {
    let names: Vec<(String, String)> = sqlx::query_as("SELECT id, name FROM person")
        .fetch_all(readers)
        .await
        .context("cannot read the names of the staff")?;
    Ok(names.into_iter().collect())
}

/// Lists those who care for the patients of a team, by name, as pairs of id and name; at most `rows_max`.
///
/// # Errors
/// When the database does not answer.
pub async fn caring_for(
    readers: &AnyPool,
    team: &TeamId,
    rows_max: i64,
) -> anyhow::Result<Vec<(String, String)>> {
    sqlx::query_as(
        "SELECT w.id, w.name FROM person w WHERE EXISTS (SELECT 1 FROM role_grant g WHERE g.person = w.id \
         AND g.team = $1 AND g.withdrawn_at IS NULL AND g.role IN ('nurse', 'team_lead', 'gp_lead')) \
         ORDER BY w.name, w.id LIMIT $2",
    )
    .bind(team.as_str())
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read who cares for a team's patients")
}

/// Reads every team's name by its id.
///
/// # Errors
/// When the database does not answer.
pub async fn team_names(readers: &AnyPool) -> anyhow::Result<BTreeMap<String, String>> {
    let names: Vec<(String, String)> = sqlx::query_as("SELECT id, name FROM team")
        .fetch_all(readers)
        .await
        .context("cannot read the names of the teams")?;
    Ok(names.into_iter().collect())
}
