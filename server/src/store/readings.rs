//! Readings and attempts: what the records became, each counted once by its id.

use clinical::PatientId;
use jiff::Timestamp;
use sqlx::AnyConnection;
use vitals::{Attempt, AttemptReason, Reading, Record};

use super::entries::{Place, number};

/// What is stored beside a record, to be compared with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFacts {
    /// The device.
    pub device: String,
    /// When it was measured.
    pub measured_at: i64,
    /// When the gateway received it.
    pub received_at: i64,
}

impl StoredFacts {
    /// Gives what must be stored beside a record.
    pub fn of(record: &Record) -> Self {
        Self {
            device: record.device().to_string(),
            measured_at: record.times().measured_at.as_microsecond(),
            received_at: record.times().received_at.as_microsecond(),
        }
    }
}

/// Stores a reading; tells whether it is new.
///
/// # Errors
/// When the database fails.
pub async fn insert_reading(
    connection: &mut AnyConnection,
    reading: &Reading,
    patient: &PatientId,
    place: &Place,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let done = sqlx::query(
        "INSERT INTO reading (id, patient, device, measured_at, received_at, stored_at, gateway, epoch, sequence) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING",
    )
    .bind(reading.id.to_string())
    .bind(patient.as_str())
    .bind(reading.device.as_str())
    .bind(reading.times.measured_at.as_microsecond())
    .bind(reading.times.received_at.as_microsecond())
    .bind(now.as_microsecond())
    .bind(place.gateway.as_str())
    .bind(place.epoch.to_string())
    .bind(number(place.sequence)?)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Stores an attempt; tells whether it is new.
///
/// # Errors
/// When the database fails.
pub async fn insert_attempt(
    connection: &mut AnyConnection,
    attempt: &Attempt,
    patient: &PatientId,
    place: &Place,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let done = sqlx::query(
        "INSERT INTO attempt (id, patient, device, reason, measured_at, received_at, stored_at, gateway, epoch, sequence) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING",
    )
    .bind(attempt.id.to_string())
    .bind(patient.as_str())
    .bind(attempt.device.as_str())
    .bind(reason_code(attempt.reason))
    .bind(attempt.times.measured_at.as_microsecond())
    .bind(attempt.times.received_at.as_microsecond())
    .bind(now.as_microsecond())
    .bind(place.gateway.as_str())
    .bind(place.epoch.to_string())
    .bind(number(place.sequence)?)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Finds what is stored beside a record.
///
/// # Errors
/// When the database fails.
pub async fn stored_facts(
    connection: &mut AnyConnection,
    record: &Record,
) -> anyhow::Result<Option<StoredFacts>> {
    let statement = match record {
        Record::Reading(_) => "SELECT device, measured_at, received_at FROM reading WHERE id = $1",
        Record::Attempt(_) => "SELECT device, measured_at, received_at FROM attempt WHERE id = $1",
    };
    let row: Option<(String, i64, i64)> = sqlx::query_as(statement)
        .bind(record.id().to_string())
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|(device, measured_at, received_at)| StoredFacts {
        device,
        measured_at,
        received_at,
    }))
}

fn reason_code(reason: AttemptReason) -> &'static str {
    match reason {
        AttemptReason::NoValue => "no_value",
        AttemptReason::OutOfDeviceRange => "out_of_device_range",
        AttemptReason::DeclaredInvalid => "declared_invalid",
        AttemptReason::NotAPatient => "not_a_patient",
        AttemptReason::NotTheQuantity => "not_the_quantity",
        AttemptReason::Undecodable => "undecodable",
        AttemptReason::SetAside => "set_aside",
        AttemptReason::Unsupported => "unsupported",
    }
}
