//! The quality of alerts: what is counted about each, for a span of time; which stand too long, and who is silent.

use anyhow::Context;
use jiff::Timestamp;
use sqlx::{AnyPool, FromRow};

use super::sight::{Viewer, in_sight};

/// The most alerts that one look reads: the latest.
pub const ALERTS_MAX: i64 = 20_000;

/// What is counted about one alert. Times are microseconds UTC.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct QualityRow {
    /// The patient's team.
    pub team: String,
    /// Whose.
    pub patient: String,
    /// What is wrong, by its code.
    pub problem: String,
    /// When it was opened.
    pub opened_at: i64,
    /// When it was first taken.
    pub first_taken_at: Option<i64>,
    /// When it was closed.
    pub closed_at: Option<i64>,
    /// How it ended.
    pub outcome: Option<String>,
    /// When what raised it first held no longer.
    pub first_cleared_at: Option<i64>,
    /// How often it was put aside.
    pub snoozed_len: i64,
    /// How often nobody acted in time.
    pub overdue_len: i64,
    /// Whether whoever looks sees the patient: 0 or 1.
    pub in_sight: i64,
}

/// What stands open in a team.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct StandingRow {
    /// The team.
    pub team: String,
    /// Alerts that were opened before a moment and are open still.
    pub standing_len: i64,
    /// Patients who do not measure, with nothing but themselves to explain it.
    pub silent_len: i64,
}

/// The name of a patient who is seen.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct NameRow {
    /// Their id.
    pub id: String,
    /// Family name.
    pub family_name: String,
    /// Given name.
    pub given_name: String,
    /// Title.
    pub title: String,
}

/// Reads what is counted about the alerts that were opened since a moment, the latest first; at most [`ALERTS_MAX`].
///
/// # Errors
/// When the database does not answer.
pub async fn opened_since(
    readers: &AnyPool,
    viewer: Viewer<'_>,
    since: Timestamp,
) -> anyhow::Result<Vec<QualityRow>> {
    sqlx::query_as(concat!(
        "SELECT p.team, a.patient, a.problem, a.opened_at, a.first_taken_at, a.closed_at, a.outcome, a.first_cleared_at, \
         a.snoozed_len, a.overdue_len, CAST(CASE WHEN ",
        in_sight!(),
        " THEN 1 ELSE 0 END AS BIGINT) AS in_sight FROM alert a JOIN patient p ON p.id = a.patient \
         WHERE a.opened_at >= $3 ORDER BY a.opened_at DESC, a.patient, a.number LIMIT $4"
    ))
    .bind(viewer.person.as_str())
    .bind(viewer.now.as_microsecond())
    .bind(since.as_microsecond())
    .bind(ALERTS_MAX)
    .fetch_all(readers)
    .await
    .context("cannot read what is counted about alerts")
}

/// Counts, by team, the open alerts that were opened before a moment, and the patients who are silent.
///
/// # Errors
/// When the database does not answer.
pub async fn standing(readers: &AnyPool, before: Timestamp) -> anyhow::Result<Vec<StandingRow>> {
    sqlx::query_as(
        "SELECT p.team, CAST(SUM(CASE WHEN a.opened_at <= $1 THEN 1 ELSE 0 END) AS BIGINT) AS standing_len, \
         CAST(SUM(CASE WHEN a.problem = 'silence' THEN 1 ELSE 0 END) AS BIGINT) AS silent_len \
         FROM alert a JOIN patient p ON p.id = a.patient WHERE a.closed_at IS NULL GROUP BY p.team ORDER BY p.team",
    )
    .bind(before.as_microsecond())
    .fetch_all(readers)
    .await
    .context("cannot count which alerts stand open")
}

/// Names the patients whom a person sees; at most `rows_max`.
///
/// # Errors
/// When the database does not answer.
pub async fn names_in_sight(
    readers: &AnyPool,
    viewer: Viewer<'_>,
    rows_max: i64,
) -> anyhow::Result<Vec<NameRow>> {
    sqlx::query_as(concat!(
        "SELECT p.id, p.family_name, p.given_name, p.title FROM patient p WHERE ",
        in_sight!(),
        " ORDER BY p.id LIMIT $3"
    ))
    .bind(viewer.person.as_str())
    .bind(viewer.now.as_microsecond())
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read the names of a person's patients")
}
