//! Cases: the saved state of each patient's case, taken by one transaction at a time.

use anyhow::Context;
use clinical::{Case, PatientId};
use sqlx::AnyConnection;

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

/// Saves a case.
///
/// # Errors
/// When the database fails.
pub async fn save(
    connection: &mut AnyConnection,
    patient: &PatientId,
    case: &LockedCase,
) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO case_state (patient, state, journal_len, lock_count) VALUES ($1, $2, $3, 1) \
         ON CONFLICT (patient) DO UPDATE SET state = excluded.state, journal_len = excluded.journal_len",
    )
    .bind(patient.as_str())
    .bind(serde_json::to_string(&case.case)?)
    .bind(case.journal_len)
    .execute(connection)
    .await?;
    Ok(())
}
