//! Roles that people gave themselves by which they see patients: told to those who can judge it.

use anyhow::Context;
use clinical::PersonId;
use jiff::Timestamp;
use sqlx::{AnyPool, FromRow};

/// A role that somebody gave themselves.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct OwnGrantRow {
    /// Their name.
    pub name: String,
    /// The role's code.
    pub role: String,
    /// The team's name.
    pub team: String,
    /// When.
    pub granted_at: i64,
    /// When it was taken back.
    pub withdrawn_at: Option<i64>,
}

macro_rules! select_own {
    ($rest:literal) => {
        concat!(
            "SELECT w.name, g.role, t.name AS team, g.granted_at, g.withdrawn_at FROM role_grant g \
             JOIN person w ON w.id = g.person JOIN team t ON t.id = g.team \
             WHERE g.granted_by = g.person AND g.role IN ('nurse', 'team_lead', 'gp_lead') ",
            $rest,
            " ORDER BY g.granted_at DESC, g.person, g.number LIMIT $2"
        )
    };
}

/// Lists those given since a time, newest first; at most `rows_max`.
///
/// # Errors
/// When the database does not answer.
pub async fn since(
    readers: &AnyPool,
    since: Timestamp,
    rows_max: i64,
) -> anyhow::Result<Vec<OwnGrantRow>> {
    sqlx::query_as(select_own!("AND g.granted_at > $1"))
        .bind(since.as_microsecond())
        .bind(rows_max)
        .fetch_all(readers)
        .await
        .context("cannot read which roles people gave themselves")
}

/// Lists those given since a time in the teams that a person leads, newest first; at most `rows_max`.
///
/// # Errors
/// When the database does not answer.
pub async fn of_led(
    readers: &AnyPool,
    lead: &PersonId,
    since: Timestamp,
    rows_max: i64,
) -> anyhow::Result<Vec<OwnGrantRow>> {
    sqlx::query_as(select_own!(
        "AND g.granted_at > $1 AND g.team IN (SELECT l.team FROM role_grant l WHERE l.person = $3 \
         AND l.withdrawn_at IS NULL AND l.role = 'team_lead')"
    ))
    .bind(since.as_microsecond())
    .bind(rows_max)
    .bind(lead.as_str())
    .fetch_all(readers)
    .await
    .context("cannot read which roles people of a team gave themselves")
}
