//! More of one patient's record: their latest readings, their devices, their alerts and journal of some days.

use anyhow::Context;
use clinical::{Event, PatientId};
use jiff::Timestamp;
use sqlx::{AnyPool, FromRow};
use vitals::{DeviceId, GatewayId, ReadingId, Record, wire};

use super::patient_page::{ReadingRow, StoredReading};

/// A device of a patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRow {
    /// Its id.
    pub id: DeviceId,
    /// `cuff`, `oximeter`, `scale` or `thermometer`.
    pub kind: String,
    /// What people call it.
    pub label: String,
    /// The box that speaks for it.
    pub gateway: GatewayId,
    /// Since when.
    pub registered_at: Timestamp,
}

/// An alert that was opened or closed in some days.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct PastAlert {
    /// Which alert of the patient.
    pub number: i64,
    /// `urgent`, `soon`, `check` or `technical`.
    pub priority: String,
    /// Why it was raised, in one sentence.
    pub why: String,
    /// Microseconds UTC.
    pub opened_at: i64,
    /// Microseconds UTC.
    pub closed_at: Option<i64>,
    /// How it ended, by its code.
    pub outcome: Option<String>,
}

/// One event of the journal that a person or a plan caused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastEvent {
    /// When.
    pub at: Timestamp,
    /// What.
    pub event: Event,
}

#[derive(FromRow)]
struct LatestRow {
    record: String,
    device_label: String,
    stored_at: i64,
}

/// Reads the newest readings of one kind of device, however old, newest first. Those marked as wrong are left out.
///
/// # Errors
/// When the database does not answer, or holds a record that this program cannot read.
pub async fn latest_of_kind(
    readers: &AnyPool,
    patient: &PatientId,
    kind: &str,
    rows_max: i64,
) -> anyhow::Result<Vec<StoredReading>> {
    let rows: Vec<LatestRow> = sqlx::query_as(
        "SELECT e.record, d.label AS device_label, r.stored_at FROM reading r JOIN device d ON d.id = r.device \
         JOIN entry e ON e.gateway = r.gateway AND e.epoch = r.epoch AND e.sequence = r.sequence \
         WHERE r.patient = $1 AND d.kind = $2 AND NOT EXISTS (SELECT 1 FROM strike s WHERE s.reading = r.id \
         AND s.is_struck = 1 AND s.number = (SELECT MAX(l.number) FROM strike l WHERE l.reading = r.id)) \
         ORDER BY r.measured_at DESC, r.received_at DESC, r.sequence DESC LIMIT $3",
    )
    .bind(patient.as_str())
    .bind(kind)
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read a patient's latest readings")?;
    let reading = |row: LatestRow| {
        let record = wire::record::read(&row.record).context("a stored record cannot be read")?;
        let Record::Reading(reading) = record else {
            anyhow::bail!("a stored reading's record is a failed attempt");
        };
        Ok(StoredReading {
            reading,
            device_label: row.device_label,
            stored_at: Timestamp::from_microsecond(row.stored_at)?,
            struck: None,
        })
    };
    rows.into_iter().map(reading).collect()
}

/// Finds one reading of a patient.
///
/// # Errors
/// When the database does not answer, or holds a record that this program cannot read.
pub async fn reading(
    readers: &AnyPool,
    patient: &PatientId,
    id: ReadingId,
) -> anyhow::Result<Option<StoredReading>> {
    let row: Option<ReadingRow> = sqlx::query_as(
        "SELECT e.record, d.label AS device_label, r.stored_at, s.by_person AS struck_by, s.at AS struck_at, \
         s.reason AS struck_reason, s.note AS struck_note FROM reading r JOIN device d ON d.id = r.device \
         JOIN entry e ON e.gateway = r.gateway AND e.epoch = r.epoch AND e.sequence = r.sequence \
         LEFT JOIN strike s ON s.reading = r.id AND s.is_struck = 1 \
         AND s.number = (SELECT MAX(l.number) FROM strike l WHERE l.reading = r.id) \
         WHERE r.patient = $1 AND r.id = $2",
    )
    .bind(patient.as_str())
    .bind(id.to_string())
    .fetch_optional(readers)
    .await
    .context("cannot read a reading")?;
    row.map(StoredReading::try_from).transpose()
}

/// Reads a patient's devices.
///
/// # Errors
/// When the database does not answer, or holds an id that is none.
pub async fn devices(
    readers: &AnyPool,
    patient: &PatientId,
    rows_max: i64,
) -> anyhow::Result<Vec<DeviceRow>> {
    let rows: Vec<(String, String, String, String, i64)> = sqlx::query_as(
        "SELECT id, kind, label, gateway, registered_at FROM device WHERE patient = $1 ORDER BY kind, id LIMIT $2",
    )
    .bind(patient.as_str())
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read a patient's devices")?;
    let device = |(id, kind, label, gateway, at): (String, String, String, String, i64)| {
        Ok(DeviceRow {
            id: id.try_into()?,
            kind,
            label,
            gateway: gateway.try_into()?,
            registered_at: Timestamp::from_microsecond(at)?,
        })
    };
    rows.into_iter().map(device).collect()
}

/// Reads the alerts that were opened or closed at `since` or later, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn alerts_since(
    readers: &AnyPool,
    patient: &PatientId,
    since: Timestamp,
    rows_max: i64,
) -> anyhow::Result<Vec<PastAlert>> {
    sqlx::query_as(
        "SELECT number, priority, why, opened_at, closed_at, outcome FROM alert \
         WHERE patient = $1 AND (opened_at >= $2 OR closed_at >= $2) ORDER BY number DESC LIMIT $3",
    )
    .bind(patient.as_str())
    .bind(since.as_microsecond())
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read a patient's alerts")
}

/// Reads what people did and which plans came in force at `since` or later, newest first: the journal without what
/// devices, deadlines and windows wrote.
///
/// # Errors
/// When the database does not answer, or holds an event that this program cannot read.
pub async fn events_since(
    readers: &AnyPool,
    patient: &PatientId,
    since: Timestamp,
    rows_max: i64,
) -> anyhow::Result<Vec<PastEvent>> {
    let rows: Vec<(i64, String)> = sqlx::query_as(
        "SELECT at, event FROM journal WHERE patient = $1 AND at >= $2 \
         AND event NOT LIKE '{\"event\":\"reading_stored\"%' AND event NOT LIKE '{\"event\":\"attempt_stored\"%' \
         AND event NOT LIKE '{\"event\":\"deadline_passed\"%' AND event NOT LIKE '{\"event\":\"window_%' \
         ORDER BY number DESC LIMIT $3",
    )
    .bind(patient.as_str())
    .bind(since.as_microsecond())
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read a patient's journal")?;
    let event = |(at, event): (i64, String)| {
        Ok(PastEvent {
            at: Timestamp::from_microsecond(at)?,
            event: serde_json::from_str(&event).context("a stored event cannot be read")?,
        })
    };
    rows.into_iter().map(event).collect()
}
