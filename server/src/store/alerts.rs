//! Alerts and their evidence, as pages read them: a projection of the journal.

use clinical::duty::Step;
use clinical::glance::Glance;
use clinical::{
    Alert, AlertNumber, Condition, Evidence, Ownership, PatientId, PersonId, Priority, Problem,
};
use jiff::Timestamp;
use sqlx::AnyConnection;

use super::without_nul;

/// An alert as it is when it is opened. What follows at once is projected by [`update`].
#[derive(Debug, Clone, Copy)]
pub struct Opened<'a> {
    /// Its number.
    pub number: AlertNumber,
    /// What is wrong.
    pub problem: Problem,
    /// How bad it is.
    pub priority: Priority,
    /// Whether it holds.
    pub condition: &'a Condition,
    /// Who answers.
    pub answers: &'a PersonId,
    /// When the first evidence was measured.
    pub measured_at: Timestamp,
    /// Why, in a sentence.
    pub why: &'a str,
    /// When.
    pub at: Timestamp,
}

/// Projects an alert that was opened.
///
/// # Errors
/// When the database fails.
pub async fn open(
    connection: &mut AnyConnection,
    patient: &PatientId,
    opened: Opened<'_>,
) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO alert (patient, number, problem, priority, condition_is, ownership_is, answers, why, \
         evidence_len, opened_at, newest_measured_at, step) \
         VALUES ($1, $2, $3, $4, $5, 'new', $6, $7, 0, $8, $9, 'coordinator')",
    )
    .bind(patient.as_str())
    .bind(number(opened.number))
    .bind(opened.problem.code())
    .bind(opened.priority.name())
    .bind(condition_code(opened.condition))
    .bind(opened.answers.as_str())
    .bind(opened.why)
    .bind(opened.at.as_microsecond())
    .bind(opened.measured_at.as_microsecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// Projects one more reading of an alert, with its own sentence. A reading counts once. Evidence that is about no
/// reading is in the journal alone.
///
/// # Errors
/// When the database fails.
pub async fn add_evidence(
    connection: &mut AnyConnection,
    patient: &PatientId,
    alert: AlertNumber,
    evidence: &Evidence,
    why: &str,
) -> anyhow::Result<()> {
    let Some(reading) = evidence.reading else {
        return Ok(());
    };
    let added = sqlx::query(
        "INSERT INTO alert_evidence (patient, alert, reading, measured_at, why) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (patient, alert, reading) DO NOTHING",
    )
    .bind(patient.as_str())
    .bind(number(alert))
    .bind(reading.to_string())
    .bind(evidence.measured_at.as_microsecond())
    .bind(why)
    .execute(&mut *connection)
    .await?;
    if added.rows_affected() == 0 {
        return Ok(());
    }
    sqlx::query(
        "UPDATE alert SET evidence_len = evidence_len + 1 WHERE patient = $1 AND number = $2",
    )
    .bind(patient.as_str())
    .bind(number(alert))
    .execute(connection)
    .await?;
    Ok(())
}

/// Projects what an open alert has become, and what lists show beside its sentence. `why` is given when newer evidence
/// speaks for its priority.
///
/// # Errors
/// When the database fails.
pub async fn update(
    connection: &mut AnyConnection,
    patient: &PatientId,
    alert: &Alert,
    answers: &PersonId,
    (why, glance): (Option<&str>, &Glance),
) -> anyhow::Result<()> {
    let handling = Handling::of(&alert.ownership);
    sqlx::query(
        "UPDATE alert SET priority = $3, condition_is = $4, ownership_is = $5, answers = $6, \
         newest_measured_at = $7, taken_at = $8, why = COALESCE($9, why), respond_by = $10, step = $11, held_by = $12, \
         offered_to = $13, escalated_by = $14, escalated_to = $15, aside_until = $16, aside_reason = $17, \
         follow_up_offered_to = $18, unanswered = $19, came_back_at = $20, aside_until_reading = $21, glance = $22 \
         WHERE patient = $1 AND number = $2",
    )
    .bind(patient.as_str())
    .bind(number(alert.number))
    .bind(alert.priority.name())
    .bind(condition_code(&alert.condition))
    .bind(alert.ownership.code())
    .bind(answers.as_str())
    .bind(alert.newest_measured_at.as_microsecond())
    .bind(handling.since.map(Timestamp::as_microsecond))
    .bind(why)
    .bind(alert.respond_by.map(Timestamp::as_microsecond))
    .bind(step_code(alert.step))
    .bind(alert.ownership.holder().map(PersonId::as_str))
    .bind(alert.ownership.offered_to().map(PersonId::as_str))
    .bind(handling.escalated_by.map(PersonId::as_str))
    .bind(handling.escalated_to.map(PersonId::as_str))
    .bind(handling.aside_until.map(Timestamp::as_microsecond))
    .bind(handling.aside_reason.map(without_nul))
    .bind(handling.follow_up_offered_to.map(PersonId::as_str))
    .bind(i64::from(alert.unanswered))
    .bind(alert.came_back_at.map(Timestamp::as_microsecond))
    .bind(i64::from(handling.aside_until_reading))
    .bind(serde_json::to_string(glance)?)
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

/// What an ownership says, column by column.
#[derive(Debug, Default)]
struct Handling<'a> {
    since: Option<Timestamp>,
    follow_up_offered_to: Option<&'a PersonId>,
    escalated_by: Option<&'a PersonId>,
    escalated_to: Option<&'a PersonId>,
    aside_until: Option<Timestamp>,
    aside_until_reading: bool,
    aside_reason: Option<&'a str>,
}

impl<'a> Handling<'a> {
    fn of(ownership: &'a Ownership) -> Self {
        match ownership {
            Ownership::New => Self::default(),
            Ownership::Taken { at, .. } => Self {
                since: Some(*at),
                ..Self::default()
            },
            Ownership::Waiting { at, until, .. } => Self {
                since: Some(*at),
                aside_until: Some(*until),
                ..Self::default()
            },
            Ownership::Escalated {
                by,
                to,
                at,
                follow_up_offered_to,
                ..
            } => Self {
                since: Some(*at),
                follow_up_offered_to: follow_up_offered_to.as_ref(),
                escalated_by: Some(by),
                escalated_to: Some(to),
                ..Self::default()
            },
            Ownership::Snoozed {
                at,
                until,
                until_reading,
                reason,
                ..
            } => Self {
                since: Some(*at),
                aside_until: Some(*until),
                aside_until_reading: *until_reading,
                aside_reason: Some(reason),
                ..Self::default()
            },
        }
    }
}

pub(super) fn number(alert: AlertNumber) -> i64 {
    i64::from(alert.0)
}

fn condition_code(condition: &Condition) -> &'static str {
    match condition {
        Condition::Active => "active",
        Condition::Cleared { .. } => "cleared",
        Condition::Struck { .. } => "struck",
    }
}

fn step_code(step: Step) -> &'static str {
    match step {
        Step::Coordinator => "coordinator",
        Step::TeamLead => "team_lead",
        Step::OnCall => "on_call",
    }
}
