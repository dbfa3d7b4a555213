//! The worklist as stored: open alerts, worst and oldest first, and what is wrong with the kit.

use anyhow::Context;
use clinical::{PatientId, PersonId};
use jiff::{SignedDuration, Timestamp};
use sqlx::{AnyPool, FromRow};
use vitals::wire::{GatewayState, GatewayStatus};

/// A gateway that has said nothing for this long is not online, whatever it said last: it speaks every minute.
pub const GATEWAY_QUIET_MAX: SignedDuration = SignedDuration::from_mins(5);

macro_rules! select_alerts {
    ($rest:literal) => {
        concat!(
            "SELECT a.patient, a.number, p.family_name, p.given_name, p.title, p.born_on, p.nhs_number, \
             a.priority, a.condition_is, a.ownership_is, a.answers, w.name AS answers_name, a.why, a.evidence_len, \
             a.opened_at, a.newest_measured_at, a.taken_at, a.closed_at \
             FROM alert a JOIN patient p ON p.id = a.patient JOIN person w ON w.id = a.answers ",
            $rest
        )
    };
}

/// One alert with the names that a row shows.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct AlertRow {
    /// Whose.
    pub patient: String,
    /// Which alert of the patient.
    pub number: i64,
    /// The patient's family name.
    pub family_name: String,
    /// The patient's given name.
    pub given_name: String,
    /// The patient's title.
    pub title: String,
    /// The patient's date of birth, ISO 8601.
    pub born_on: String,
    /// Ten digits.
    pub nhs_number: String,
    /// `urgent` or `soon`.
    pub priority: String,
    /// `active` or `cleared`.
    pub condition_is: String,
    /// `new` or `taken`.
    pub ownership_is: String,
    /// Who answers.
    pub answers: String,
    /// Their name.
    pub answers_name: String,
    /// Why it was raised, in one sentence.
    pub why: String,
    /// How many readings speak for or against it.
    pub evidence_len: i64,
    /// Microseconds UTC.
    pub opened_at: i64,
    /// Microseconds UTC.
    pub newest_measured_at: i64,
    /// Microseconds UTC.
    pub taken_at: Option<i64>,
    /// Microseconds UTC.
    pub closed_at: Option<i64>,
}

impl AlertRow {
    /// Tells whether it is to be looked at now.
    pub fn is_urgent(&self) -> bool {
        self.priority == "urgent"
    }

    /// Tells whether a later reading was back inside the limits.
    pub fn is_cleared(&self) -> bool {
        self.condition_is == "cleared"
    }

    /// Tells whether somebody has taken it.
    pub fn is_taken(&self) -> bool {
        self.ownership_is == "taken"
    }
}

/// How many alerts are open, in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromRow)]
pub struct OpenCounts {
    /// All of them.
    pub open: i64,
    /// To be looked at now.
    pub urgent: i64,
    /// Taken by nobody yet.
    pub not_taken: i64,
}

/// What is wrong with the kit rather than with a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KitCounts {
    /// Registered gateways that are not online.
    pub gateways_offline: usize,
    /// Messages and records that were refused whole and kept as evidence.
    pub refused: i64,
}

/// Reads at most `rows_max` open alerts: urgent before soon, then the oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn open_alerts(readers: &AnyPool, rows_max: i64) -> anyhow::Result<Vec<AlertRow>> {
    sqlx::query_as(select_alerts!(
        "WHERE a.closed_at IS NULL \
         ORDER BY CASE a.priority WHEN 'urgent' THEN 0 ELSE 1 END, a.opened_at, a.patient, a.number LIMIT $1"
    ))
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read the open alerts")
}

/// Reads one patient's open alerts in the same order. A case has at most one for each problem.
///
/// # Errors
/// When the database does not answer.
pub async fn open_alerts_of(
    readers: &AnyPool,
    patient: &PatientId,
) -> anyhow::Result<Vec<AlertRow>> {
    sqlx::query_as(select_alerts!(
        "WHERE a.patient = $1 AND a.closed_at IS NULL \
         ORDER BY CASE a.priority WHEN 'urgent' THEN 0 ELSE 1 END, a.opened_at, a.number"
    ))
    .bind(patient.as_str())
    .fetch_all(readers)
    .await
    .context("cannot read a patient's open alerts")
}

/// Reads one alert, open or closed.
///
/// # Errors
/// When the database does not answer.
pub async fn alert(
    readers: &AnyPool,
    patient: &PatientId,
    number: i64,
) -> anyhow::Result<Option<AlertRow>> {
    sqlx::query_as(select_alerts!("WHERE a.patient = $1 AND a.number = $2"))
        .bind(patient.as_str())
        .bind(number)
        .fetch_optional(readers)
        .await
        .context("cannot read an alert")
}

/// Counts the open alerts.
///
/// # Errors
/// When the database does not answer.
pub async fn open_counts(readers: &AnyPool) -> anyhow::Result<OpenCounts> {
    sqlx::query_as(
        "SELECT COUNT(*) AS open, \
         CAST(COALESCE(SUM(CASE WHEN priority = 'urgent' THEN 1 ELSE 0 END), 0) AS BIGINT) AS urgent, \
         CAST(COALESCE(SUM(CASE WHEN ownership_is = 'new' THEN 1 ELSE 0 END), 0) AS BIGINT) AS not_taken \
         FROM alert WHERE closed_at IS NULL",
    )
    .fetch_one(readers)
    .await
    .context("cannot count the open alerts")
}

/// Counts the open alerts that each person answers for; people without one are left out.
///
/// # Errors
/// When the database does not answer.
pub async fn open_by_person(readers: &AnyPool) -> anyhow::Result<Vec<(PersonId, i64)>> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT answers, COUNT(*) FROM alert WHERE closed_at IS NULL GROUP BY answers",
    )
    .fetch_all(readers)
    .await
    .context("cannot count who answers for the open alerts")?;
    rows.into_iter()
        .map(|(person, count)| Ok((person.parse()?, count)))
        .collect()
}

/// Counts what is wrong with the kit.
///
/// # Errors
/// When the database does not answer.
pub async fn kit_counts(readers: &AnyPool, now: Timestamp) -> anyhow::Result<KitCounts> {
    let statuses: Vec<(Option<String>, Option<i64>)> = sqlx::query_as(
        "SELECT s.body, s.arrived_at FROM gateway g LEFT JOIN gateway_status s ON s.gateway = g.id",
    )
    .fetch_all(readers)
    .await
    .context("cannot read the gateways' statuses")?;
    let refused = sqlx::query_scalar("SELECT COUNT(*) FROM quarantine")
        .fetch_one(readers)
        .await
        .context("cannot count the refused messages")?;
    let gateways_offline = statuses
        .iter()
        .filter(|(body, arrived_at)| !is_online(body.as_deref(), *arrived_at, now))
        .count();
    Ok(KitCounts {
        gateways_offline,
        refused,
    })
}

/// A status that cannot be read does not say that its gateway is online.
fn is_online(body: Option<&str>, arrived_at: Option<i64>, now: Timestamp) -> bool {
    let quiet_us = arrived_at.map(|at| now.as_microsecond().saturating_sub(at));
    let heard = quiet_us.is_some_and(|us| i128::from(us) <= GATEWAY_QUIET_MAX.as_micros());
    let says_online = body
        .and_then(|body| GatewayStatus::from_body(body).ok())
        .is_some_and(|status| status.state == GatewayState::Online);
    heard && says_online
}

/// Gives a number that grows with everything that happens to any patient, whichever server wrote it.
///
/// # Errors
/// When the database does not answer.
pub async fn journal_len(readers: &AnyPool) -> anyhow::Result<i64> {
    sqlx::query_scalar("SELECT CAST(COALESCE(SUM(journal_len), 0) AS BIGINT) FROM case_state")
        .fetch_one(readers)
        .await
        .context("cannot count what has happened")
}
