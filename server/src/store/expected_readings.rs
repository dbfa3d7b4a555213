//! Expected readings: the windows of the last days, and whether a reading came in each. A projection of the journal.

use std::collections::BTreeMap;

use anyhow::Context;
use clinical::{Case, Measured, PatientId, TeamId};
use jiff::{SignedDuration, Timestamp};
use sqlx::{AnyConnection, AnyPool, FromRow};

/// How many days a window is kept after it has opened.
pub const EXPECTED_DAYS_KEPT: i64 = 3;

/// How many readings of a day were expected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow)]
pub struct DayCounts {
    /// Windows that have opened.
    pub expected: i64,
    /// Those with a reading.
    pub came: i64,
    /// Those that are over, their grace included, and have none.
    pub missed: i64,
}

/// A window, by what is expected and when it opens; with when it is due, and whether a reading came.
type Windows = BTreeMap<(Measured, Timestamp), (Timestamp, bool)>;

fn windows(case: &Case) -> Windows {
    let last_missed = case.last_missed().map(|it| &it.due);
    let all = last_missed.chain(case.expected());
    all.map(|due| {
        let key = (due.what, due.opens);
        (key, (due.due_at, case.has_reading_in(due)))
    })
    .collect()
}

/// Writes what one event changed about the windows of a patient. `before` is `None` when monitoring started by the event.
///
/// # Errors
/// When the database fails.
pub async fn project(
    connection: &mut AnyConnection,
    patient: &PatientId,
    before: Option<&Case>,
    after: &Case,
    now: Timestamp,
) -> anyhow::Result<()> {
    let known = before.map(windows).unwrap_or_default();
    let fresh = windows(after);
    for (key, (due_at, came)) in &known {
        // A window that was replaced before its time was over, by a pause or another plan, is not expected any more.
        if !fresh.contains_key(key) && *due_at > now && !came {
            remove(connection, patient, *key).await?;
        }
    }
    for (key, window) in &fresh {
        if known.get(key) != Some(window) {
            put(connection, patient, *key, *window).await?;
        }
        if !known.contains_key(key) {
            forget(connection, patient, now).await?;
        }
    }
    Ok(())
}

async fn put(
    connection: &mut AnyConnection,
    patient: &PatientId,
    (what, opens): (Measured, Timestamp),
    (due_at, came): (Timestamp, bool),
) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO expected_reading (patient, what, opens_at, due_at, came) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (patient, what, opens_at) DO UPDATE SET due_at = excluded.due_at, came = excluded.came",
    )
    .bind(patient.as_str())
    .bind(what.code())
    .bind(opens.as_microsecond())
    .bind(due_at.as_microsecond())
    .bind(i64::from(came))
    .execute(connection)
    .await?;
    Ok(())
}

async fn remove(
    connection: &mut AnyConnection,
    patient: &PatientId,
    (what, opens): (Measured, Timestamp),
) -> anyhow::Result<()> {
    sqlx::query("DELETE FROM expected_reading WHERE patient = $1 AND what = $2 AND opens_at = $3")
        .bind(patient.as_str())
        .bind(what.code())
        .bind(opens.as_microsecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// Notes that a reading came late: its window, which is not looked at any more, has it all the same.
///
/// # Errors
/// When the database fails.
pub async fn fill(
    connection: &mut AnyConnection,
    patient: &PatientId,
    what: Measured,
    measured_at: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query(
        "UPDATE expected_reading SET came = 1 WHERE patient = $1 AND what = $2 AND opens_at <= $3 AND due_at > $3 \
         AND came = 0",
    )
    .bind(patient.as_str())
    .bind(what.code())
    .bind(measured_at.as_microsecond())
    .execute(connection)
    .await?;
    Ok(())
}

async fn forget(
    connection: &mut AnyConnection,
    patient: &PatientId,
    now: Timestamp,
) -> anyhow::Result<()> {
    let kept = SignedDuration::from_hours(24 * EXPECTED_DAYS_KEPT);
    let before = now.saturating_sub(kept).unwrap_or(Timestamp::MIN);
    sqlx::query("DELETE FROM expected_reading WHERE patient = $1 AND opens_at < $2")
        .bind(patient.as_str())
        .bind(before.as_microsecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// Removes a patient's projected windows, to be projected again.
///
/// # Errors
/// When the database fails.
pub async fn clear(connection: &mut AnyConnection, patient: &PatientId) -> anyhow::Result<()> {
    sqlx::query("DELETE FROM expected_reading WHERE patient = $1")
        .bind(patient.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// Counts the windows of a team's patients that have opened since a moment.
///
/// # Errors
/// When the database does not answer.
pub async fn since(
    readers: &AnyPool,
    team: &TeamId,
    since: Timestamp,
    now: Timestamp,
) -> anyhow::Result<DayCounts> {
    sqlx::query_as(
        "SELECT COUNT(*) AS expected, CAST(COALESCE(SUM(e.came), 0) AS BIGINT) AS came, \
         CAST(COALESCE(SUM(CASE WHEN e.came = 0 AND e.due_at <= $3 THEN 1 ELSE 0 END), 0) AS BIGINT) AS missed \
         FROM patient p JOIN expected_reading e ON e.patient = p.id \
         WHERE p.team = $1 AND e.opens_at >= $2 AND e.opens_at <= $3",
    )
    .bind(team.as_str())
    .bind(since.as_microsecond())
    .bind(now.as_microsecond())
    .fetch_one(readers)
    .await
    .context("cannot count the expected readings")
}

/// Finds when the newest reading of a team's patients was stored, of those that were measured last; microseconds UTC.
///
/// # Errors
/// When the database does not answer.
pub async fn last_came(readers: &AnyPool, team: &TeamId) -> anyhow::Result<Option<i64>> {
    sqlx::query_scalar(
        "SELECT MAX(r.stored_at) FROM patient p JOIN reading r ON r.patient = p.id AND r.measured_at = \
         (SELECT MAX(l.measured_at) FROM reading l WHERE l.patient = p.id) WHERE p.team = $1",
    )
    .bind(team.as_str())
    .fetch_one(readers)
    .await
    .context("cannot read when the last reading came")
}
