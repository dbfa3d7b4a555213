//! Plans in force, each version as it was: a projection of the journal.

use anyhow::Context;
use clinical::{PatientId, Plan, PlanVersion};
use sqlx::{AnyConnection, AnyPool};

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

/// Reads one version of a patient's plan; `None` when it never came in force.
///
/// # Errors
/// When the database does not answer, or holds a plan that this program cannot read.
pub async fn of_version(
    readers: &AnyPool,
    patient: &PatientId,
    version: PlanVersion,
) -> anyhow::Result<Option<Plan>> {
    let body: Option<String> =
        sqlx::query_scalar("SELECT body FROM plan WHERE patient = $1 AND version = $2")
            .bind(patient.as_str())
            .bind(i64::from(version.0))
            .fetch_optional(readers)
            .await
            .context("cannot read a version of a patient's plan")?;
    let plan = body.map(|body| serde_json::from_str(&body));
    plan.transpose().context("a stored plan cannot be read")
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
