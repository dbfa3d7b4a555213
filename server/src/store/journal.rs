//! The journal: what happened to each patient and what followed, append-only.

use anyhow::Context;
use clinical::{Decision, Event, PatientId, PlanVersion, RULE_SET_VERSION};
use jiff::Timestamp;
use sqlx::{AnyConnection, AnyPool};

/// The most rows that are read at once.
pub const PAGE_LEN_MAX: i64 = 500;

/// One event and what followed from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRow {
    /// Its place in the patient's journal: 1 for the first.
    pub number: i64,
    /// When it was decided.
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
    /// What followed, as it was written then, byte for byte.
    pub decisions_text: String,
    /// What followed.
    pub decisions: Vec<Decision>,
    /// The plan that was in force afterwards.
    pub plan_version: PlanVersion,
    /// The rules that decided.
    pub rule_set_version: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    number: i64,
    at: i64,
    event: String,
    decisions: String,
    plan_version: i64,
    rule_set_version: i64,
}

/// Appends one event and what followed.
///
/// # Errors
/// When the database fails, or the number is taken.
pub async fn append(
    connection: &mut AnyConnection,
    patient: &PatientId,
    number: i64,
    event: &Event,
    decisions: &[Decision],
    plan: PlanVersion,
    now: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO journal (patient, number, at, event, decisions, plan_version, rule_set_version) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(patient.as_str())
    .bind(number)
    .bind(now.as_microsecond())
    .bind(serde_json::to_string(event)?)
    .bind(serde_json::to_string(decisions)?)
    .bind(i64::from(plan.0))
    .bind(i64::from(RULE_SET_VERSION))
    .execute(connection)
    .await?;
    Ok(())
}

/// Reads a patient's journal in order, the rows after `after`, at most [`PAGE_LEN_MAX`].
///
/// # Errors
/// When the database fails, or a row cannot be read.
pub async fn page(
    connection: &mut AnyConnection,
    patient: &PatientId,
    after: i64,
) -> anyhow::Result<Vec<JournalRow>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT number, at, event, decisions, plan_version, rule_set_version FROM journal \
         WHERE patient = $1 AND number > $2 ORDER BY number LIMIT $3",
    )
    .bind(patient.as_str())
    .bind(after)
    .bind(PAGE_LEN_MAX)
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let number = row.number;
            JournalRow::try_from(row)
                .with_context(|| format!("journal row {number} of {patient} cannot be read"))
        })
        .collect()
}

/// Reads the newest rows of a patient's journal from a time on, oldest first, at most `rows_max`: of more, the oldest are left
/// out.
///
/// # Errors
/// When the database does not answer, or a row cannot be read.
pub async fn newest_since(
    readers: &AnyPool,
    patient: &PatientId,
    since: Timestamp,
    rows_max: i64,
) -> anyhow::Result<Vec<JournalRow>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT number, at, event, decisions, plan_version, rule_set_version FROM journal \
         WHERE patient = $1 AND at >= $2 ORDER BY number DESC LIMIT $3",
    )
    .bind(patient.as_str())
    .bind(since.as_microsecond())
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read a patient's journal")?;
    rows.into_iter().rev().map(JournalRow::try_from).collect()
}

impl TryFrom<Row> for JournalRow {
    type Error = anyhow::Error;

    fn try_from(row: Row) -> anyhow::Result<Self> {
        Ok(Self {
            number: row.number,
            at: Timestamp::from_microsecond(row.at)?,
            event: serde_json::from_str(&row.event)?,
            decisions: serde_json::from_str(&row.decisions)?,
            decisions_text: row.decisions,
            plan_version: PlanVersion(u32::try_from(row.plan_version)?),
            rule_set_version: row.rule_set_version,
        })
    }
}
