//! Visits: what voluntary visitors see of the patients of their teams: how to reach them, and readings only by consent.

use anyhow::Context;
use clinical::{PatientId, PersonId};
use jiff::Timestamp;
use sqlx::{AnyConnection, AnyPool, FromRow};

use super::sight::Viewer;
use super::without_nul;

/// The condition that a patient `p` is of a team in which the person ($1) has a role that sees how to reach patients.
macro_rules! in_reach {
    () => {
        "p.team IN (SELECT g.team FROM role_grant g WHERE g.person = $1 AND g.withdrawn_at IS NULL \
         AND g.role IN ('visitor', 'nurse', 'team_lead', 'gp_lead'))"
    };
}

macro_rules! select_visited {
    ($rest:literal) => {
        concat!(
            "SELECT p.id, p.family_name, p.given_name, p.title, p.phone, p.address, p.reach_note, t.name AS team, \
             t.phone AS team_phone, c.name AS coordinator, \
             COALESCE((SELECT v.may_see FROM visitor_consent v WHERE v.patient = p.id ORDER BY v.number DESC LIMIT 1), 0) \
             AS may_see, \
             (SELECT MAX(k.at) FROM contact k WHERE k.patient = p.id) AS contact_at \
             FROM patient p JOIN team t ON t.id = p.team JOIN person c ON c.id = p.coordinator WHERE ",
            in_reach!(),
            $rest
        )
    };
}

/// A patient, as a visitor sees them. No date of birth, no NHS number.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct VisitedRow {
    /// Their id.
    pub id: String,
    /// Family name.
    pub family_name: String,
    /// Given name.
    pub given_name: String,
    /// Title.
    pub title: String,
    /// Their telephone number; may be empty.
    pub phone: String,
    /// Where they live; may be empty.
    pub address: String,
    /// What else there is to know; may be empty.
    pub reach_note: String,
    /// The team's name.
    pub team: String,
    /// The team's telephone number; may be empty.
    pub team_phone: String,
    /// The care coordinator's name.
    pub coordinator: String,
    /// 1 when the patient agreed that visitors see readings.
    pub may_see: i64,
    /// When somebody was last in touch, or tried; microseconds UTC.
    pub contact_at: Option<i64>,
}

/// How a patient is reached.
#[derive(Debug, Clone, Default, PartialEq, Eq, FromRow)]
pub struct Reach {
    /// Their telephone number.
    pub phone: String,
    /// Where they live.
    pub address: String,
    /// What else there is to know: the key, the dog, when they are in.
    pub reach_note: String,
}

/// What a patient said to visitors seeing readings.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct ConsentRow {
    /// 1 when they may.
    pub may_see: i64,
    /// How the patient said so.
    pub how: String,
    /// When it was recorded; microseconds UTC.
    pub at: i64,
    /// The name of who recorded it.
    pub by_name: String,
}

/// Lists the patients whom a person may visit, by name, at most `rows_max`.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    readers: &AnyPool,
    viewer: Viewer<'_>,
    rows_max: i64,
) -> anyhow::Result<Vec<VisitedRow>> {
    sqlx::query_as(select_visited!(" ORDER BY p.name_folded, p.id LIMIT $2"))
        .bind(viewer.person.as_str())
        .bind(rows_max)
        .fetch_all(readers)
        .await
        .context("cannot read whom a visitor may visit")
}

/// Finds a patient whom a person may visit; any other is as if there were none.
///
/// # Errors
/// When the database does not answer.
pub async fn find(
    readers: &AnyPool,
    viewer: Viewer<'_>,
    patient: &PatientId,
) -> anyhow::Result<Option<VisitedRow>> {
    sqlx::query_as(select_visited!(" AND p.id = $2"))
        .bind(viewer.person.as_str())
        .bind(patient.as_str())
        .fetch_optional(readers)
        .await
        .context("cannot read whom a visitor may visit")
}

/// Reads how a patient is reached.
///
/// # Errors
/// When the database fails, or there is no such patient.
pub async fn reach(connection: &mut AnyConnection, patient: &PatientId) -> anyhow::Result<Reach> {
    sqlx::query_as("SELECT phone, address, reach_note FROM patient WHERE id = $1")
        .bind(patient.as_str())
        .fetch_one(connection)
        .await
        .context("cannot read how a patient is reached")
}

/// Writes how a patient is reached.
///
/// # Errors
/// When the database fails.
pub async fn set_reach(
    connection: &mut AnyConnection,
    patient: &PatientId,
    reach: &Reach,
) -> anyhow::Result<()> {
    sqlx::query("UPDATE patient SET phone = $2, address = $3, reach_note = $4 WHERE id = $1")
        .bind(patient.as_str())
        .bind(without_nul(&reach.phone))
        .bind(without_nul(&reach.address))
        .bind(without_nul(&reach.reach_note))
        .execute(connection)
        .await?;
    Ok(())
}

/// Reads what a patient said to visitors seeing readings, newest first, at most `rows_max`.
///
/// # Errors
/// When the database does not answer.
pub async fn consents(
    readers: &AnyPool,
    patient: &PatientId,
    rows_max: i64,
) -> anyhow::Result<Vec<ConsentRow>> {
    sqlx::query_as(
        "SELECT v.may_see, v.how, v.at, w.name AS by_name FROM visitor_consent v JOIN person w ON w.id = v.by_person \
         WHERE v.patient = $1 ORDER BY v.number DESC LIMIT $2",
    )
    .bind(patient.as_str())
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read what a patient said to visitors")
}

/// Records what a patient said to visitors seeing readings. What was said before stays.
///
/// # Errors
/// When the database fails.
pub async fn record_consent(
    connection: &mut AnyConnection,
    patient: &PatientId,
    may_see: bool,
    how: &str,
    by: &PersonId,
    now: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO visitor_consent (patient, number, may_see, how, at, by_person) \
         SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, $5 FROM visitor_consent WHERE patient = $1",
    )
    .bind(patient.as_str())
    .bind(i64::from(may_see))
    .bind(without_nul(how))
    .bind(now.as_microsecond())
    .bind(by.as_str())
    .execute(connection)
    .await?;
    Ok(())
}
