//! Alerts and their evidence, as pages read them: a projection of the journal.

use clinical::{
    Alert, AlertNumber, Condition, Evidence, Outcome, Ownership, PatientId, PersonId, sentence,
};
use jiff::Timestamp;
use sqlx::AnyConnection;

/// Projects an alert that was opened by its first evidence.
///
/// # Errors
/// When the database fails.
pub async fn open(
    connection: &mut AnyConnection,
    patient: &PatientId,
    alert: &Alert,
    answers: &PersonId,
    evidence: &Evidence,
) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO alert (patient, number, problem, priority, condition_is, ownership_is, answers, why, \
         evidence_len, opened_at, newest_measured_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10)",
    )
    .bind(patient.as_str())
    .bind(number(alert.number))
    .bind(alert.problem.code())
    .bind(alert.priority.name())
    .bind(condition_code(&alert.condition))
    .bind(alert.ownership.code())
    .bind(answers.as_str())
    .bind(sentence::why(evidence))
    .bind(alert.opened_at.as_microsecond())
    .bind(alert.newest_measured_at.as_microsecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// Projects one more reading of an alert, with its own sentence. Evidence that is about no reading is in the journal alone.
///
/// # Errors
/// When the database fails.
pub async fn add_evidence(
    connection: &mut AnyConnection,
    patient: &PatientId,
    alert: AlertNumber,
    evidence: &Evidence,
) -> anyhow::Result<()> {
    let Some(reading) = evidence.reading else {
        return Ok(());
    };
    sqlx::query(
        "INSERT INTO alert_evidence (patient, alert, reading, measured_at, why) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(patient.as_str())
    .bind(number(alert))
    .bind(reading.to_string())
    .bind(evidence.measured_at.as_microsecond())
    .bind(sentence::why(evidence))
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "UPDATE alert SET evidence_len = evidence_len + 1 WHERE patient = $1 AND number = $2",
    )
    .bind(patient.as_str())
    .bind(number(alert))
    .execute(connection)
    .await?;
    Ok(())
}

/// Projects what an open alert has become. `why` is given when newer evidence speaks for its priority.
///
/// # Errors
/// When the database fails.
pub async fn update(
    connection: &mut AnyConnection,
    patient: &PatientId,
    alert: &Alert,
    answers: &PersonId,
    why: Option<&Evidence>,
) -> anyhow::Result<()> {
    let taken_at = match &alert.ownership {
        Ownership::New => None,
        Ownership::Taken { at, .. }
        | Ownership::Waiting { at, .. }
        | Ownership::Escalated { at, .. }
        | Ownership::Snoozed { at, .. } => Some(at.as_microsecond()),
    };
    sqlx::query(
        "UPDATE alert SET priority = $3, condition_is = $4, ownership_is = $5, answers = $6, \
         newest_measured_at = $7, taken_at = $8, why = COALESCE($9, why) WHERE patient = $1 AND number = $2",
    )
    .bind(patient.as_str())
    .bind(number(alert.number))
    .bind(alert.priority.name())
    .bind(condition_code(&alert.condition))
    .bind(alert.ownership.code())
    .bind(answers.as_str())
    .bind(alert.newest_measured_at.as_microsecond())
    .bind(taken_at)
    .bind(why.map(sentence::why))
    .execute(connection)
    .await?;
    Ok(())
}

/// Projects the end of an alert. Who answered last stays written.
///
/// # Errors
/// When the database fails.
pub async fn close(
    connection: &mut AnyConnection,
    patient: &PatientId,
    alert: AlertNumber,
    outcome: Outcome,
    note: &str,
    at: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query(
        "UPDATE alert SET closed_at = $3, outcome = $4, note = $5 WHERE patient = $1 AND number = $2",
    )
    .bind(patient.as_str())
    .bind(number(alert))
    .bind(at.as_microsecond())
    .bind(outcome.code())
    // PostgreSQL holds no NUL in a text; the journal has the note as it was written.
    .bind(note.replace('\0', "\u{fffd}"))
    .execute(connection)
    .await?;
    Ok(())
}

/// Removes a patient's projected alerts, to be projected again.
///
/// # Errors
/// When the database fails.
pub async fn clear(connection: &mut AnyConnection, patient: &PatientId) -> anyhow::Result<()> {
    for statement in [
        "DELETE FROM alert_evidence WHERE patient = $1",
        "DELETE FROM alert WHERE patient = $1",
    ] {
        sqlx::query(statement)
            .bind(patient.as_str())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

fn number(alert: AlertNumber) -> i64 {
    i64::from(alert.0)
}

fn condition_code(condition: &Condition) -> &'static str {
    match condition {
        Condition::Active => "active",
        Condition::Cleared { .. } => "cleared",
    }
}
