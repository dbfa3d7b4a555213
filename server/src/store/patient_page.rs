//! What one patient's page reads: who they are, their readings, failed attempts and plans, and who works here.

use anyhow::Context;
use clinical::{PatientId, PersonId, Plan, StrikeReason};
use jiff::Timestamp;
use sqlx::{AnyPool, FromRow};
use vitals::{Attempt, AttemptReason, QualityMark, Reading, Record, wire};

use super::strikes::Struck;

/// One member of staff.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct PersonRow {
    /// Their id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// What they do.
    pub role: String,
    /// Their team's name.
    pub team: String,
}

/// One patient, with the names of who looks after them.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct PatientRow {
    /// Their id.
    pub id: String,
    /// Family name.
    pub family_name: String,
    /// Given name.
    pub given_name: String,
    /// Title.
    pub title: String,
    /// Date of birth, ISO 8601.
    pub born_on: String,
    /// Ten digits.
    pub nhs_number: String,
    /// The team's name.
    pub team: String,
    /// The care coordinator's name.
    pub coordinator: String,
}

/// A stored reading with what the registration says of its device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReading {
    /// The reading.
    pub reading: Reading,
    /// The device's label.
    pub device_label: String,
    /// When the server stored it.
    pub stored_at: Timestamp,
    /// Who marked it as wrong, when and why. Such a reading is shown struck through, and counts for nothing.
    pub struck: Option<Struck>,
}

/// A failed attempt with what the registration says of its device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAttempt {
    /// Why it is not a reading.
    pub reason: AttemptReason,
    /// What the device or the gateway doubted.
    pub quality: Vec<QualityMark>,
    /// `cuff`, `oximeter`, `scale` or `thermometer`.
    pub device_kind: String,
    /// The device's label.
    pub device_label: String,
    /// When it was made.
    pub measured_at: Timestamp,
    /// When the gateway received it.
    pub received_at: Timestamp,
}

/// A plan with the name of the clinician who set it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPlan {
    /// The plan.
    pub plan: Plan,
    /// The clinician's name, or their id when they are not on the staff list.
    pub set_by: String,
}

#[derive(FromRow)]
pub(super) struct ReadingRow {
    record: String,
    device_label: String,
    stored_at: i64,
    struck_by: Option<String>,
    struck_at: Option<i64>,
    struck_reason: Option<String>,
    struck_note: Option<String>,
}

#[derive(FromRow)]
struct EntryRow {
    record: String,
    device_kind: String,
    device_label: String,
}

/// Lists the staff by name.
///
/// # Errors
/// When the database does not answer.
pub async fn staff(readers: &AnyPool, rows_max: i64) -> anyhow::Result<Vec<PersonRow>> {
    sqlx::query_as(
        "SELECT w.id, w.name, w.role, t.name AS team FROM person w JOIN team t ON t.id = w.team \
         ORDER BY t.name, w.name, w.id LIMIT $1",
    )
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read the staff")
}

/// Finds one member of staff.
///
/// # Errors
/// When the database does not answer.
pub async fn person(readers: &AnyPool, id: &PersonId) -> anyhow::Result<Option<PersonRow>> {
    sqlx::query_as(
        "SELECT w.id, w.name, w.role, t.name AS team FROM person w JOIN team t ON t.id = w.team WHERE w.id = $1",
    )
    .bind(id.as_str())
    .fetch_optional(readers)
    .await
    .context("cannot read a member of staff")
}

/// Finds one patient.
///
/// # Errors
/// When the database does not answer.
pub async fn patient(readers: &AnyPool, id: &PatientId) -> anyhow::Result<Option<PatientRow>> {
    sqlx::query_as(
        "SELECT p.id, p.family_name, p.given_name, p.title, p.born_on, p.nhs_number, t.name AS team, \
         c.name AS coordinator FROM patient p JOIN team t ON t.id = p.team JOIN person c ON c.id = p.coordinator \
         WHERE p.id = $1",
    )
    .bind(id.as_str())
    .fetch_optional(readers)
    .await
    .context("cannot read a patient")
}

/// Reads the readings measured at `since` or later, newest first, at most `rows_max`.
///
/// # Errors
/// When the database does not answer, or holds a record that this program cannot read.
pub async fn readings(
    readers: &AnyPool,
    patient: &PatientId,
    since: Timestamp,
    rows_max: i64,
) -> anyhow::Result<Vec<StoredReading>> {
    let rows: Vec<ReadingRow> = sqlx::query_as(
        "SELECT e.record, d.label AS device_label, r.stored_at, s.by_person AS struck_by, s.at AS struck_at, \
         s.reason AS struck_reason, s.note AS struck_note FROM reading r JOIN device d ON d.id = r.device \
         JOIN entry e ON e.gateway = r.gateway AND e.epoch = r.epoch AND e.sequence = r.sequence \
         LEFT JOIN strike s ON s.reading = r.id AND s.is_struck = 1 \
         AND s.number = (SELECT MAX(l.number) FROM strike l WHERE l.reading = r.id) \
         WHERE r.patient = $1 AND r.measured_at >= $2 ORDER BY r.measured_at DESC, r.received_at DESC, r.sequence DESC LIMIT $3",
    )
    .bind(patient.as_str())
    .bind(since.as_microsecond())
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read a patient's readings")?;
    rows.into_iter().map(StoredReading::try_from).collect()
}

/// Reads the failed attempts made at `since` or later, newest first, at most `rows_max`.
///
/// # Errors
/// When the database does not answer, or holds a record that this program cannot read.
pub async fn attempts(
    readers: &AnyPool,
    patient: &PatientId,
    since: Timestamp,
    rows_max: i64,
) -> anyhow::Result<Vec<StoredAttempt>> {
    let rows: Vec<EntryRow> = sqlx::query_as(
        "SELECT e.record, d.kind AS device_kind, d.label AS device_label FROM attempt a JOIN device d ON d.id = a.device \
         JOIN entry e ON e.gateway = a.gateway AND e.epoch = a.epoch AND e.sequence = a.sequence \
         WHERE a.patient = $1 AND a.measured_at >= $2 ORDER BY a.measured_at DESC, a.received_at DESC, a.sequence DESC LIMIT $3",
    )
    .bind(patient.as_str())
    .bind(since.as_microsecond())
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read a patient's failed attempts")?;
    rows.into_iter().map(StoredAttempt::try_from).collect()
}

/// Reads a patient's newest plans, oldest first, at most `rows_max`.
///
/// # Errors
/// When the database does not answer, or holds a plan that this program cannot read.
pub async fn plans(
    readers: &AnyPool,
    patient: &PatientId,
    rows_max: i64,
) -> anyhow::Result<Vec<StoredPlan>> {
    let bodies: Vec<String> = sqlx::query_scalar(
        "SELECT body FROM plan WHERE patient = $1 ORDER BY version DESC LIMIT $2",
    )
    .bind(patient.as_str())
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read a patient's plans")?;
    let mut plans = Vec::with_capacity(bodies.len());
    for body in bodies.iter().rev() {
        let plan: Plan = serde_json::from_str(body).context("a stored plan cannot be read")?;
        let set_by = person(readers, &plan.set_by).await?;
        let set_by = set_by.map_or_else(|| plan.set_by.to_string(), |person| person.name);
        plans.push(StoredPlan { plan, set_by });
    }
    Ok(plans)
}

/// Asks the database for an answer, any answer.
///
/// # Errors
/// When there is none.
pub async fn answers(readers: &AnyPool) -> anyhow::Result<()> {
    sqlx::query("SELECT 1")
        .execute(readers)
        .await
        .map(|_| ())
        .context("the database does not answer")
}

impl TryFrom<ReadingRow> for StoredReading {
    type Error = anyhow::Error;

    fn try_from(row: ReadingRow) -> anyhow::Result<Self> {
        let Record::Reading(reading) = read_record(&row.record)? else {
            anyhow::bail!("a stored reading's record is a failed attempt");
        };
        let struck = match row.struck_by.zip(row.struck_at) {
            Some((by, at)) => {
                let reason = row.struck_reason.as_deref();
                Some(Struck {
                    by,
                    at: Timestamp::from_microsecond(at)?,
                    reason: reason
                        .and_then(StrikeReason::from_code)
                        .unwrap_or(StrikeReason::Other),
                    note: row.struck_note.unwrap_or_default(),
                })
            }
            None => None,
        };
        Ok(Self {
            reading,
            device_label: row.device_label,
            stored_at: Timestamp::from_microsecond(row.stored_at)?,
            struck,
        })
    }
}

impl TryFrom<EntryRow> for StoredAttempt {
    type Error = anyhow::Error;

    fn try_from(row: EntryRow) -> anyhow::Result<Self> {
        let Record::Attempt(attempt) = read_record(&row.record)? else {
            anyhow::bail!("a stored attempt's record is a reading");
        };
        let Attempt {
            reason,
            quality,
            times,
            ..
        } = attempt;
        Ok(Self {
            reason,
            quality,
            device_kind: row.device_kind,
            device_label: row.device_label,
            measured_at: times.measured_at,
            received_at: times.received_at,
        })
    }
}

fn read_record(text: &str) -> anyhow::Result<Record> {
    wire::record::read(text).context("a stored record cannot be read")
}
