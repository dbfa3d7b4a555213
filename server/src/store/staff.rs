//! Staff: everybody who works or worked here, with team, roles' words and last day.

use anyhow::Context;
use clinical::{PersonId, TeamId};
use jiff::Timestamp;
use sqlx::{AnyConnection, AnyPool, FromRow};

/// The most people that one list reads.
pub const STAFF_ROWS_MAX: i64 = 1_000;
/// The most teams that one list reads.
pub const TEAM_ROWS_MAX: i64 = 500;

/// One member of staff.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct StaffRow {
    /// Their id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// What they do, in words.
    pub role: String,
    /// Their team.
    pub team: String,
    /// Whether they may let a plan go beyond the hard stops: 0 or 1.
    pub prescriber: i64,
    /// From when on they do not work here any more; microseconds UTC.
    pub left_at: Option<i64>,
}

/// One team.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct TeamRow {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
}

macro_rules! select_staff {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, role, team, prescriber, left_at FROM person ",
            $rest
        )
    };
}

/// Lists everybody of the staff, by name; at most [`STAFF_ROWS_MAX`].
///
/// # Errors
/// When the database does not answer.
pub async fn all(readers: &AnyPool) -> anyhow::Result<Vec<StaffRow>> {
    sqlx::query_as(select_staff!(
        "WHERE is_staff = 1 ORDER BY name, id LIMIT $1"
    ))
    .bind(STAFF_ROWS_MAX)
    .fetch_all(readers)
    .await
    .context("cannot read the staff")
}

/// Finds one of them.
///
/// # Errors
/// When the database does not answer.
pub async fn find(
    connection: &mut AnyConnection,
    person: &PersonId,
) -> anyhow::Result<Option<StaffRow>> {
    sqlx::query_as(select_staff!("WHERE id = $1 AND is_staff = 1"))
        .bind(person.as_str())
        .fetch_optional(connection)
        .await
        .context("cannot read a member of staff")
}

/// Takes a person for this transaction: two who change them do so one after the other.
///
/// # Errors
/// When the database fails.
pub async fn lock(connection: &mut AnyConnection, person: &PersonId) -> anyhow::Result<()> {
    sqlx::query("UPDATE person SET name = name WHERE id = $1")
        .bind(person.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes when a person's last day is over; `None` when they stay.
///
/// # Errors
/// When the database fails.
pub async fn set_left(
    connection: &mut AnyConnection,
    person: &PersonId,
    left_at: Option<Timestamp>,
) -> anyhow::Result<()> {
    sqlx::query("UPDATE person SET left_at = $2 WHERE id = $1")
        .bind(person.as_str())
        .bind(left_at.map(Timestamp::as_microsecond))
        .execute(connection)
        .await?;
    Ok(())
}

/// Lists the teams, by name; at most [`TEAM_ROWS_MAX`].
///
/// # Errors
/// When the database does not answer.
pub async fn teams(readers: &AnyPool) -> anyhow::Result<Vec<TeamRow>> {
    sqlx::query_as("SELECT id, name FROM team ORDER BY name, id LIMIT $1")
        .bind(TEAM_ROWS_MAX)
        .fetch_all(readers)
        .await
        .context("cannot read the teams")
}

/// What somebody who is to leave still has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromRow)]
pub struct Burden {
    /// Patients whose care coordinator they are or are to be.
    pub patients_len: i64,
    /// Open alerts that they hold.
    pub alerts_len: i64,
    /// Teams that they lead or are on call for.
    pub teams_len: i64,
}

/// Counts what a person still has at a moment.
///
/// # Errors
/// When the database fails.
pub async fn burden(
    connection: &mut AnyConnection,
    person: &PersonId,
    now: Timestamp,
) -> anyhow::Result<Burden> {
    sqlx::query_as(
        "SELECT (SELECT COUNT(DISTINCT p.id) FROM patient p WHERE p.coordinator = $1 OR EXISTS \
         (SELECT 1 FROM assignment a WHERE a.patient = p.id AND a.coordinator = $1 AND a.from_at > $2)) AS patients_len, \
         (SELECT COUNT(*) FROM alert h WHERE h.closed_at IS NULL AND h.held_by = $1) AS alerts_len, \
         (SELECT COUNT(*) FROM team_duty d WHERE d.withdrawn_at IS NULL AND (d.lead = $1 OR d.on_call = $1)) AS teams_len",
    )
    .bind(person.as_str())
    .bind(now.as_microsecond())
    .fetch_one(connection)
    .await
    .context("cannot count what a person still has")
}

/// Lists the teams of whose rota a person is a member, now or later.
///
/// # Errors
/// When the database fails.
pub async fn memberships(
    connection: &mut AnyConnection,
    person: &PersonId,
    now: Timestamp,
) -> anyhow::Result<Vec<TeamId>> {
    let rows: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT m.team FROM member m WHERE m.person = $1 AND m.withdrawn_at IS NULL \
         AND (m.until_at IS NULL OR m.until_at > $2) ORDER BY m.team",
    )
    .bind(person.as_str())
    .bind(now.as_microsecond())
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|id| Ok(id.try_into()?)).collect()
}
