//! What the pages about single alerts and single readings read, and who may be asked to take an alert.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use clinical::{AlertNumber, PatientId};
use jiff::Timestamp;
use sqlx::{AnyPool, FromRow};
use vitals::{Reading, ReadingId, Record, wire};

/// An alert as a list of earlier ones shows it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct PastAlert {
    /// Which of the patient's.
    pub number: i64,
    /// What is wrong, by its code.
    pub problem: String,
    /// The worst that it became.
    pub priority: String,
    /// Why it was raised, in one sentence.
    pub why: String,
    /// Microseconds UTC.
    pub opened_at: i64,
    /// Microseconds UTC; `None` while it is open.
    pub closed_at: Option<i64>,
    /// How it ended, by its code.
    pub outcome: Option<String>,
    /// What was written when it was closed.
    pub note: Option<String>,
}

/// A reading with the whole way that it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadingDetail {
    /// The reading.
    pub reading: Reading,
    /// `cuff`, `oximeter`, `scale` or `thermometer`.
    pub device_kind: String,
    /// The device's label.
    pub device_label: String,
    /// The gateway that sent it.
    pub gateway: String,
    /// Its number among what the gateway sent.
    pub sequence: i64,
    /// When the server stored it.
    pub stored_at: Timestamp,
}

/// Somebody who may be asked to take an alert.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Colleague {
    /// Their id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// What they do.
    pub role: String,
    /// Their team's name.
    pub team: String,
}

#[derive(FromRow)]
struct DetailRow {
    record: String,
    device_kind: String,
    device_label: String,
    gateway: String,
    sequence: i64,
    stored_at: i64,
}

macro_rules! select_past {
    ($rest:literal) => {
        concat!(
            "SELECT number, problem, priority, why, opened_at, closed_at, outcome, note FROM alert WHERE patient = $1 ",
            $rest
        )
    };
}

/// Reads a patient's alerts of one problem before another, the newest first, at most `rows_max`.
///
/// # Errors
/// When the database does not answer.
pub async fn earlier(
    readers: &AnyPool,
    patient: &PatientId,
    problem: &str,
    before: i64,
    rows_max: i64,
) -> anyhow::Result<Vec<PastAlert>> {
    sqlx::query_as(select_past!(
        "AND problem = $2 AND number < $3 ORDER BY number DESC LIMIT $4"
    ))
    .bind(patient.as_str())
    .bind(problem)
    .bind(before)
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read the earlier alerts of a patient")
}

/// Reads a patient's closed alerts, those closed last first, at most `rows_max`.
///
/// # Errors
/// When the database does not answer.
pub async fn closed(
    readers: &AnyPool,
    patient: &PatientId,
    rows_max: i64,
) -> anyhow::Result<Vec<PastAlert>> {
    sqlx::query_as(select_past!(
        "AND closed_at IS NOT NULL ORDER BY closed_at DESC, number DESC LIMIT $2"
    ))
    .bind(patient.as_str())
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read the closed alerts of a patient")
}

/// Finds one reading of a patient.
///
/// # Errors
/// When the database does not answer, or holds a record that this program cannot read.
pub async fn reading(
    readers: &AnyPool,
    patient: &PatientId,
    id: ReadingId,
) -> anyhow::Result<Option<ReadingDetail>> {
    let row: Option<DetailRow> = sqlx::query_as(
        "SELECT e.record, d.kind AS device_kind, d.label AS device_label, r.gateway, r.sequence, r.stored_at \
         FROM reading r JOIN device d ON d.id = r.device \
         JOIN entry e ON e.gateway = r.gateway AND e.epoch = r.epoch AND e.sequence = r.sequence \
         WHERE r.patient = $1 AND r.id = $2",
    )
    .bind(patient.as_str())
    .bind(id.to_string())
    .fetch_optional(readers)
    .await
    .context("cannot read a reading")?;
    row.map(ReadingDetail::try_from).transpose()
}

/// Reads which alerts the readings measured at `since` or later speak for or against.
///
/// # Errors
/// When the database does not answer, or a stored id or number is none.
pub async fn alerts_of_readings(
    readers: &AnyPool,
    patient: &PatientId,
    since: Timestamp,
) -> anyhow::Result<BTreeMap<ReadingId, Vec<AlertNumber>>> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT reading, alert FROM alert_evidence WHERE patient = $1 AND measured_at >= $2 ORDER BY alert",
    )
    .bind(patient.as_str())
    .bind(since.as_microsecond())
    .fetch_all(readers)
    .await
    .context("cannot read which alerts the readings speak for")?;
    let mut alerts: BTreeMap<ReadingId, Vec<AlertNumber>> = BTreeMap::new();
    for (reading, alert) in rows {
        let of_reading = alerts.entry(reading.parse()?).or_default();
        of_reading.push(AlertNumber(u32::try_from(alert)?));
    }
    Ok(alerts)
}

/// Lists who may be asked to take an alert of a team's patient: those who care for the team's patients and, `with_leads`,
/// the GP leads of every team, who see a patient from when they are asked. By team and name, at most `rows_max`.
///
/// # Errors
/// When the database does not answer.
pub async fn colleagues(
    readers: &AnyPool,
    team: &str,
    with_leads: bool,
    rows_max: i64,
) -> anyhow::Result<Vec<Colleague>> {
    sqlx::query_as(
        "SELECT w.id, w.name, w.role, t.name AS team FROM person w JOIN team t ON t.id = w.team \
         WHERE EXISTS (SELECT 1 FROM role_grant g WHERE g.person = w.id AND g.withdrawn_at IS NULL \
         AND ((g.team = $1 AND g.role IN ('nurse', 'team_lead', 'gp_lead')) OR ($2 = 1 AND g.role = 'gp_lead'))) \
         ORDER BY CASE WHEN w.team = $1 THEN 0 ELSE 1 END, t.name, w.name, w.id LIMIT $3",
    )
    .bind(team)
    .bind(i64::from(with_leads))
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read who may take an alert")
}

impl TryFrom<DetailRow> for ReadingDetail {
    type Error = anyhow::Error;

    fn try_from(row: DetailRow) -> anyhow::Result<Self> {
        let record = wire::record::read(&row.record).context("a stored record cannot be read")?;
        let Record::Reading(reading) = record else {
            bail!("a stored reading's record is a failed attempt");
        };
        Ok(Self {
            reading,
            device_kind: row.device_kind,
            device_label: row.device_label,
            gateway: row.gateway,
            sequence: row.sequence,
            stored_at: Timestamp::from_microsecond(row.stored_at)?,
        })
    }
}
