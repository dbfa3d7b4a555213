//! Broken glass: records of other teams' patients that somebody opened for an hour, and why.

use anyhow::Context;
use clinical::{PatientId, PersonId};
use jiff::Timestamp;
use sqlx::{AnyConnection, AnyPool, FromRow};

/// A record that somebody opened.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct GlassRow {
    /// Whose record.
    pub patient: String,
    /// The patient's family name.
    pub family_name: String,
    /// The patient's given name.
    pub given_name: String,
    /// The patient's title.
    pub title: String,
    /// The name of who opened it.
    pub opened_by: String,
    /// Their team's name.
    pub their_team: String,
    /// Why.
    pub reason: String,
    /// When.
    pub began_at: i64,
    /// Until when it is open.
    pub until_at: i64,
}

macro_rules! select_opened {
    ($rest:literal) => {
        concat!(
            "SELECT b.patient, p.family_name, p.given_name, p.title, w.name AS opened_by, t.name AS their_team, \
             b.reason, b.began_at, b.until_at FROM break_glass b JOIN patient p ON p.id = b.patient \
             JOIN person w ON w.id = b.person JOIN team t ON t.id = w.team ",
            $rest
        )
    };
}

/// Finds any patient by NHS number and date of birth, whoever looks.
///
/// # Errors
/// When the database does not answer.
pub async fn patient(
    readers: &AnyPool,
    nhs_number: &str,
    born_on: &str,
) -> anyhow::Result<Option<PatientId>> {
    let id: Option<String> =
        sqlx::query_scalar("SELECT id FROM patient WHERE nhs_number = $1 AND born_on = $2")
            .bind(nhs_number)
            .bind(born_on)
            .fetch_optional(readers)
            .await
            .context("cannot look for a patient")?;
    Ok(id.map(PatientId::try_from).transpose()?)
}

/// Opens a record for a person until a time.
///
/// # Errors
/// When the database fails.
pub async fn open(
    connection: &mut AnyConnection,
    person: &PersonId,
    patient: &PatientId,
    reason: &str,
    began_at: Timestamp,
    until_at: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO break_glass (person, patient, began_at, until_at, reason) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (person, patient, began_at) DO NOTHING",
    )
    .bind(person.as_str())
    .bind(patient.as_str())
    .bind(began_at.as_microsecond())
    .bind(until_at.as_microsecond())
    .bind(reason)
    .execute(connection)
    .await?;
    Ok(())
}

/// Closes everything that a person has opened.
///
/// # Errors
/// When the database fails.
pub async fn close(
    connection: &mut AnyConnection,
    person: &PersonId,
    now: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query("UPDATE break_glass SET until_at = $2 WHERE person = $1 AND until_at > $2")
        .bind(person.as_str())
        .bind(now.as_microsecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// Lists what a person has open now.
///
/// # Errors
/// When the database does not answer.
pub async fn open_of(
    readers: &AnyPool,
    person: &PersonId,
    now: Timestamp,
    rows_max: i64,
) -> anyhow::Result<Vec<GlassRow>> {
    sqlx::query_as(select_opened!(
        "WHERE b.person = $1 AND b.until_at > $2 ORDER BY b.until_at DESC, b.patient LIMIT $3"
    ))
    .bind(person.as_str())
    .bind(now.as_microsecond())
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read which records are open")
}

/// Lists what was opened since a time of the patients of the teams that a person leads, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn opened_of_led(
    readers: &AnyPool,
    lead: &PersonId,
    since: Timestamp,
    rows_max: i64,
) -> anyhow::Result<Vec<GlassRow>> {
    sqlx::query_as(select_opened!(
        "WHERE b.began_at > $2 AND p.team IN (SELECT g.team FROM role_grant g WHERE g.person = $1 \
         AND g.withdrawn_at IS NULL AND g.role = 'team_lead') ORDER BY b.began_at DESC, b.patient LIMIT $3"
    ))
    .bind(lead.as_str())
    .bind(since.as_microsecond())
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read which records were opened")
}
