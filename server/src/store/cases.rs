//! Cases: the saved state of each patient's case, taken by one transaction at a time.

use anyhow::Context;
use clinical::{Case, PatientId, TeamId};
use jiff::Timestamp;
use sqlx::{AnyConnection, AnyPool};

/// A case that is ours until the transaction ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedCase {
    /// The case.
    pub case: Case,
    /// How many rows its journal has.
    pub journal_len: i64,
}

/// Takes a patient's case for this transaction; `None` before monitoring has started.
///
/// # Errors
/// When the database fails, or holds a state that this program cannot read.
pub async fn lock(
    connection: &mut AnyConnection,
    patient: &PatientId,
) -> anyhow::Result<Option<LockedCase>> {
    let row: Option<(String, i64)> = sqlx::query_as(
        "UPDATE case_state SET lock_count = lock_count + 1 WHERE patient = $1 RETURNING state, journal_len",
    )
    .bind(patient.as_str())
    .fetch_optional(connection)
    .await?;
    let Some((state, journal_len)) = row else {
        return Ok(None);
    };
    let case = serde_json::from_str(&state)
        .with_context(|| format!("the case of {patient} cannot be read; run `server rebuild`"))?;
    Ok(Some(LockedCase { case, journal_len }))
}

/// Reads a patient's case as it stands, without taking it; `None` before monitoring has started.
///
/// # Errors
/// When the database fails, or holds a state that this program cannot read.
pub async fn read(readers: &AnyPool, patient: &PatientId) -> anyhow::Result<Option<Case>> {
    let state: Option<String> =
        sqlx::query_scalar("SELECT state FROM case_state WHERE patient = $1")
            .bind(patient.as_str())
            .fetch_optional(readers)
            .await?;
    let case = state.map(|state| serde_json::from_str(&state));
    case.transpose()
        .with_context(|| format!("the case of {patient} cannot be read; run `server rebuild`"))
}

/// Reads the cases of a team's patients who have an open alert, by patient. One that this program cannot read is none.
///
/// # Errors
/// When the database does not answer, or a stored id is none.
pub async fn of_open(
    readers: &AnyPool,
    team: &TeamId,
) -> anyhow::Result<Vec<(PatientId, Option<Case>)>> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT c.patient, c.state FROM case_state c JOIN patient p ON p.id = c.patient WHERE p.team = $1 AND EXISTS \
         (SELECT 1 FROM alert a WHERE a.patient = c.patient AND a.closed_at IS NULL) ORDER BY c.patient",
    )
    .bind(team.as_str())
    .fetch_all(readers)
    .await
    .context("cannot read the cases of open alerts")?;
    let case = |(patient, state): (String, String)| {
        Ok((patient.parse()?, serde_json::from_str(&state).ok()))
    };
    rows.into_iter().map(case).collect()
}

/// Takes a patient's case for this transaction without reading it.
///
/// # Errors
/// When the database fails.
pub async fn hold(connection: &mut AnyConnection, patient: &PatientId) -> anyhow::Result<()> {
    sqlx::query("UPDATE case_state SET lock_count = lock_count + 1 WHERE patient = $1")
        .bind(patient.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// Saves a case, with the time at which it is due next.
///
/// # Errors
/// When the database fails.
pub async fn save(
    connection: &mut AnyConnection,
    patient: &PatientId,
    case: &LockedCase,
) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO case_state (patient, state, journal_len, lock_count, next_deadline_at) VALUES ($1, $2, $3, 1, $4) \
         ON CONFLICT (patient) DO UPDATE SET state = excluded.state, journal_len = excluded.journal_len, \
         next_deadline_at = excluded.next_deadline_at",
    )
    .bind(patient.as_str())
    .bind(serde_json::to_string(&case.case)?)
    .bind(case.journal_len)
    .bind(case.case.next_deadline().map(|(at, _)| due_us(at)))
    .execute(connection)
    .await?;
    Ok(())
}

/// Lists the patients whose cases are due, the earliest first, those after `after`, at most `len_max`.
///
/// # Errors
/// When the database fails.
pub async fn due(
    connection: &mut AnyConnection,
    now: Timestamp,
    after: Option<&(Timestamp, PatientId)>,
    len_max: i64,
) -> anyhow::Result<Vec<(Timestamp, PatientId)>> {
    let (after_us, after_patient) = match after {
        Some((at, patient)) => (at.as_microsecond(), patient.as_str()),
        None => (i64::MIN, ""),
    };
    let rows: Vec<(i64, String)> = sqlx::query_as(
        "SELECT next_deadline_at, patient FROM case_state WHERE next_deadline_at <= $1 \
         AND (next_deadline_at, patient) > ($2, $3) ORDER BY next_deadline_at, patient LIMIT $4",
    )
    .bind(now.as_microsecond())
    .bind(after_us)
    .bind(after_patient)
    .bind(len_max)
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(at, patient)| Ok((due_at(at), patient.try_into()?)))
        .collect()
}

/// Gives when the first case is due, if any ever is.
///
/// # Errors
/// When the database fails.
pub async fn next_due_at(connection: &mut AnyConnection) -> anyhow::Result<Option<Timestamp>> {
    let at: Option<i64> = sqlx::query_scalar("SELECT MIN(next_deadline_at) FROM case_state")
        .fetch_one(connection)
        .await?;
    Ok(at.map(due_at))
}

/// Gives a time as the database holds it, never earlier than it is: a case that is found due is due.
fn due_us(at: Timestamp) -> i64 {
    let is_whole = at.subsec_nanosecond() % 1000 == 0;
    at.as_microsecond() + i64::from(!is_whole)
}

/// The last microsecond of all time, rounded up, is no timestamp.
fn due_at(us: i64) -> Timestamp {
    Timestamp::from_microsecond(us).unwrap_or(Timestamp::MAX)
}
