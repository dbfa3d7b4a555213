//! Plans in force, each version as it was: a projection of the journal.

use clinical::{PatientId, Plan};
use sqlx::AnyConnection;

/// Projects a plan.
///
/// # Errors
/// When the database fails, or the version is there already.
pub async fn insert(
    connection: &mut AnyConnection,
    patient: &PatientId,
    plan: &Plan,
) -> anyhow::Result<()> {
    sqlx::query("INSERT INTO plan (patient, version, body, in_force_from) VALUES ($1, $2, $3, $4)")
        .bind(patient.as_str())
        .bind(i64::from(plan.version.0))
        .bind(serde_json::to_string(plan)?)
        .bind(plan.in_force_from.as_microsecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// Removes a patient's projected plans, to be projected again.
///
/// # Errors
/// When the database fails.
pub async fn clear(connection: &mut AnyConnection, patient: &PatientId) -> anyhow::Result<()> {
    sqlx::query("DELETE FROM plan WHERE patient = $1")
        .bind(patient.as_str())
        .execute(connection)
        .await?;
    Ok(())
}
