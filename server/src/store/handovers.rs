//! Handovers: what a page about them reads of the shift, and who signed one to whom.

use anyhow::Context;
use clinical::PersonId;
use jiff::Timestamp;
use sqlx::{AnyConnection, AnyPool, FromRow};

use super::sight::{Viewer, in_sight};

/// A handover that was signed.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct SignedRow {
    /// Who handed over, by name.
    pub by_name: String,
    /// To whom, by name.
    pub to_name: String,
    /// When; microseconds UTC.
    pub signed_at: i64,
    /// What was said.
    pub note: String,
    /// How many alerts were offered.
    pub offered_len: i64,
}

/// An alert that was closed in a shift.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct ClosedRow {
    /// Whose.
    pub patient: String,
    /// The patient's family name.
    pub family_name: String,
    /// The patient's given name.
    pub given_name: String,
    /// The patient's title.
    pub title: String,
    /// Ten digits.
    pub nhs_number: String,
    /// Why it was raised.
    pub why: String,
    /// How it ended.
    pub outcome: String,
    /// When; microseconds UTC.
    pub closed_at: i64,
    /// The name of who held it last; `None` when nobody did.
    pub by_name: Option<String>,
}

/// A home whose gateway is not heard.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct QuietHome {
    /// Whose home.
    pub patient: String,
    /// The patient's family name.
    pub family_name: String,
    /// The patient's given name.
    pub given_name: String,
    /// The patient's title.
    pub title: String,
    /// Ten digits.
    pub nhs_number: String,
    /// The gateway.
    pub gateway: String,
    /// Since when; microseconds UTC.
    pub began_at: i64,
}

/// A patient on whom somebody is to keep an eye.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct WatchedRow {
    /// Whom.
    pub patient: String,
    /// The patient's family name.
    pub family_name: String,
    /// The patient's given name.
    pub given_name: String,
    /// The patient's title.
    pub title: String,
    /// Ten digits.
    pub nhs_number: String,
    /// On what, in one line.
    pub note: String,
    /// Until when; microseconds UTC.
    pub until_at: i64,
    /// Who asks, by name; `None` for somebody who is not known.
    pub by_name: Option<String>,
}

/// Notes that a person signed a handover to another.
///
/// # Errors
/// When the database fails, or somebody is not known.
pub async fn sign(
    connection: &mut AnyConnection,
    (by, to): (&PersonId, &PersonId),
    note: &str,
    offered_len: i64,
    now: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO handover (person, signed_at, to_person, note, offered_len) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (person, signed_at) DO UPDATE SET to_person = excluded.to_person, note = excluded.note, \
         offered_len = excluded.offered_len",
    )
    .bind(by.as_str())
    .bind(now.as_microsecond())
    .bind(to.as_str())
    .bind(note)
    .bind(offered_len)
    .execute(connection)
    .await
    .context("cannot sign a handover")?;
    Ok(())
}

macro_rules! select_signed {
    ($rest:literal) => {
        concat!(
            "SELECT b.name AS by_name, t.name AS to_name, h.signed_at, h.note, h.offered_len FROM handover h \
             JOIN person b ON b.id = h.person JOIN person t ON t.id = h.to_person ",
            $rest
        )
    };
}

/// Lists the handovers to a person since a moment, the latest first; at most `rows_max`.
///
/// # Errors
/// When the database does not answer.
pub async fn signed_to(
    readers: &AnyPool,
    person: &PersonId,
    since: Timestamp,
    rows_max: i64,
) -> anyhow::Result<Vec<SignedRow>> {
    sqlx::query_as(select_signed!(
        "WHERE h.to_person = $1 AND h.signed_at >= $2 ORDER BY h.signed_at DESC LIMIT $3"
    ))
    .bind(person.as_str())
    .bind(since.as_microsecond())
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read the handovers to a person")
}

/// Finds the latest handover that a person signed since a moment.
///
/// # Errors
/// When the database does not answer.
pub async fn signed_by(
    readers: &AnyPool,
    person: &PersonId,
    since: Timestamp,
) -> anyhow::Result<Option<SignedRow>> {
    sqlx::query_as(select_signed!(
        "WHERE h.person = $1 AND h.signed_at >= $2 ORDER BY h.signed_at DESC LIMIT 1"
    ))
    .bind(person.as_str())
    .bind(since.as_microsecond())
    .fetch_optional(readers)
    .await
    .context("cannot read the handovers of a person")
}

/// Lists what was closed since a moment, of the patients whom a person sees, the latest first; at most `rows_max`.
///
/// # Errors
/// When the database does not answer.
pub async fn closed_since(
    readers: &AnyPool,
    viewer: Viewer<'_>,
    since: Timestamp,
    rows_max: i64,
) -> anyhow::Result<Vec<ClosedRow>> {
    sqlx::query_as(concat!(
        "SELECT a.patient, p.family_name, p.given_name, p.title, p.nhs_number, a.why, COALESCE(a.outcome, '') AS outcome, \
         a.closed_at, w.name AS by_name FROM alert a JOIN patient p ON p.id = a.patient LEFT JOIN person w ON w.id = a.held_by \
         WHERE a.closed_at >= $3 AND ",
        in_sight!(),
        " ORDER BY a.closed_at DESC, a.patient, a.number LIMIT $4"
    ))
    .bind(viewer.person.as_str())
    .bind(viewer.now.as_microsecond())
    .bind(since.as_microsecond())
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read what was closed")
}

/// Lists the homes of the patients whom a person sees whose gateway is not heard, the longest first; at most `rows_max`.
///
/// # Errors
/// When the database does not answer.
pub async fn quiet_homes(
    readers: &AnyPool,
    viewer: Viewer<'_>,
    rows_max: i64,
) -> anyhow::Result<Vec<QuietHome>> {
    sqlx::query_as(concat!(
        "SELECT p.id AS patient, p.family_name, p.given_name, p.title, p.nhs_number, s.gateway, s.began_at \
         FROM gateway_stretch s JOIN patient p ON EXISTS \
         (SELECT 1 FROM device d WHERE d.gateway = s.gateway AND d.patient = p.id) \
         WHERE s.ended_at IS NULL AND s.kind = 'quiet' AND ",
        in_sight!(),
        " ORDER BY s.began_at, p.id, s.gateway LIMIT $3"
    ))
    .bind(viewer.person.as_str())
    .bind(viewer.now.as_microsecond())
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read which homes are quiet")
}

/// Lists the patients whom a person sees on whom somebody is to keep an eye, by whose watch ends first; at most `rows_max`.
///
/// # Errors
/// When the database does not answer.
pub async fn watched(
    readers: &AnyPool,
    viewer: Viewer<'_>,
    rows_max: i64,
) -> anyhow::Result<Vec<WatchedRow>> {
    sqlx::query_as(concat!(
        "SELECT p.id AS patient, p.family_name, p.given_name, p.title, p.nhs_number, w.note, w.until_at, b.name AS by_name \
         FROM watch w JOIN patient p ON p.id = w.patient LEFT JOIN person b ON b.id = w.by_person \
         WHERE w.until_at > $2 AND ",
        in_sight!(),
        " ORDER BY w.until_at, p.id LIMIT $3"
    ))
    .bind(viewer.person.as_str())
    .bind(viewer.now.as_microsecond())
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read the watch list")
}

/// Lists who may act on alerts in one of the teams in which a person may, but not the person: id and name, by name; at most
/// `rows_max`.
///
/// # Errors
/// When the database does not answer.
pub async fn colleagues(
    readers: &AnyPool,
    person: &PersonId,
    rows_max: i64,
) -> anyhow::Result<Vec<(String, String)>> {
    sqlx::query_as(
        "SELECT p.id, p.name FROM person p WHERE p.id <> $1 AND p.left_at IS NULL AND EXISTS (SELECT 1 FROM role_grant g \
         WHERE g.person = p.id AND g.withdrawn_at IS NULL AND g.role IN ('nurse', 'team_lead', 'gp_lead') AND g.team IN \
         (SELECT m.team FROM role_grant m WHERE m.person = $1 AND m.withdrawn_at IS NULL \
         AND m.role IN ('nurse', 'team_lead', 'gp_lead'))) ORDER BY p.name, p.id LIMIT $2",
    )
    .bind(person.as_str())
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read the colleagues of a person")
}
