//! Assignments: the one care coordinator of each patient, with dates. A projection of the journal.

use std::collections::BTreeMap;

use clinical::duty::{Assignment, Assignments};
use clinical::{PatientId, PersonId, TeamId};
use jiff::Timestamp;
use sqlx::AnyConnection;

/// Projects that a person is a patient's care coordinator from a moment on.
///
/// # Errors
/// When the database fails, or the person is not known.
pub async fn assign(
    connection: &mut AnyConnection,
    patient: &PatientId,
    coordinator: &PersonId,
    from: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO assignment (patient, from_at, coordinator) VALUES ($1, $2, $3) \
         ON CONFLICT (patient, from_at) DO UPDATE SET coordinator = excluded.coordinator",
    )
    .bind(patient.as_str())
    .bind(from.as_microsecond())
    .bind(coordinator.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

/// Removes a patient's projected assignments, to be projected again.
///
/// # Errors
/// When the database fails.
pub async fn clear(connection: &mut AnyConnection, patient: &PatientId) -> anyhow::Result<()> {
    sqlx::query("DELETE FROM assignment WHERE patient = $1")
        .bind(patient.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// Reads a patient's assignments; `None` when there is no such patient.
///
/// # Errors
/// When the database fails.
pub async fn of_patient(
    connection: &mut AnyConnection,
    patient: &PatientId,
) -> anyhow::Result<Option<Assignments>> {
    let rows: Vec<(String, String, i64)> = sqlx::query_as(
        "SELECT patient, coordinator, from_at FROM assignment WHERE patient = $1 ORDER BY from_at",
    )
    .bind(patient.as_str())
    .fetch_all(connection)
    .await?;
    Ok(gather(rows)?.remove(patient))
}

/// Reads the assignments of a team's patients.
///
/// # Errors
/// When the database fails.
pub async fn of_team(
    connection: &mut AnyConnection,
    team: &TeamId,
) -> anyhow::Result<BTreeMap<PatientId, Assignments>> {
    let rows: Vec<(String, String, i64)> = sqlx::query_as(
        "SELECT a.patient, a.coordinator, a.from_at FROM assignment a JOIN patient p ON p.id = a.patient \
         WHERE p.team = $1 ORDER BY a.patient, a.from_at",
    )
    .bind(team.as_str())
    .fetch_all(connection)
    .await?;
    gather(rows)
}

/// Puts rows together, of which each patient's are in order. Of too many the oldest are forgotten.
fn gather(rows: Vec<(String, String, i64)>) -> anyhow::Result<BTreeMap<PatientId, Assignments>> {
    let mut all: BTreeMap<PatientId, Assignments> = BTreeMap::new();
    for (patient, coordinator, from) in rows {
        let patient: PatientId = patient.try_into()?;
        let assignment = Assignment {
            coordinator: coordinator.try_into()?,
            from: Timestamp::from_microsecond(from)?,
        };
        let together = match all.remove(&patient) {
            Some(before) => before.with(assignment),
            None => Assignments::new(assignment),
        };
        all.insert(patient, together);
    }
    Ok(all)
}
