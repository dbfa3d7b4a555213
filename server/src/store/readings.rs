//! Readings and attempts: what the records became, each counted once by its id.

use clinical::PatientId;
use jiff::Timestamp;
use sqlx::AnyConnection;
use vitals::{Attempt, AttemptReason, DeviceId, Reading, ReadingId, Record};

use super::entries::{Place, number, sequence};

/// What is stored of a reading or attempt beside its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFacts {
    /// The device.
    pub device: DeviceId,
    /// When it was measured.
    pub measured_at: Timestamp,
    /// When the gateway received it.
    pub received_at: Timestamp,
    /// The entry that it was made of.
    pub place: Place,
}

impl StoredFacts {
    /// Tells whether these are the facts of a record.
    pub fn are_of(&self, record: &Record) -> bool {
        let times = record.times();
        let to_microsecond = |time: Timestamp| time.as_microsecond();
        &self.device == record.device()
            && to_microsecond(self.measured_at) == to_microsecond(times.measured_at)
            && to_microsecond(self.received_at) == to_microsecond(times.received_at)
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct FactsRow {
    device: String,
    measured_at: i64,
    received_at: i64,
    gateway: String,
    epoch: String,
    sequence: i64,
    pub(super) stored_at: i64,
}

/// Stores a reading; tells whether it is new. What was stored as a test stays one, however often its device repeats it.
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
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 WHERE NOT EXISTS (SELECT 1 FROM test_record WHERE id = $1) \
         ON CONFLICT (id) DO NOTHING",
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

/// Stores an attempt; tells whether it is new. What was stored as a test stays one.
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
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 \
         WHERE NOT EXISTS (SELECT 1 FROM test_record WHERE id = $1) ON CONFLICT (id) DO NOTHING",
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

/// Tells whether a reading is one of a patient's.
///
/// # Errors
/// When the database fails.
pub async fn is_of(
    connection: &mut AnyConnection,
    reading: ReadingId,
    patient: &PatientId,
) -> anyhow::Result<bool> {
    let found: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM reading WHERE id = $1 AND patient = $2")
            .bind(reading.to_string())
            .bind(patient.as_str())
            .fetch_one(connection)
            .await?;
    Ok(found > 0)
}

/// Finds the reading or attempt that has a record's id.
///
/// # Errors
/// When the database fails, or holds what was never one.
pub async fn stored_facts(
    connection: &mut AnyConnection,
    record: &Record,
) -> anyhow::Result<Option<StoredFacts>> {
    let statement = match record {
        Record::Reading(_) => {
            "SELECT device, measured_at, received_at, gateway, epoch, sequence, stored_at FROM reading WHERE id = $1"
        }
        Record::Attempt(_) => {
            "SELECT device, measured_at, received_at, gateway, epoch, sequence, stored_at FROM attempt WHERE id = $1"
        }
    };
    let row: Option<FactsRow> = sqlx::query_as(statement)
        .bind(record.id().to_string())
        .fetch_optional(connection)
        .await?;
    row.map(StoredFacts::try_from).transpose()
}

impl TryFrom<FactsRow> for StoredFacts {
    type Error = anyhow::Error;

    fn try_from(row: FactsRow) -> anyhow::Result<Self> {
        Ok(Self {
            device: row.device.try_into()?,
            measured_at: Timestamp::from_microsecond(row.measured_at)?,
            received_at: Timestamp::from_microsecond(row.received_at)?,
            place: Place {
                gateway: row.gateway.try_into()?,
                epoch: row.epoch.parse()?,
                sequence: sequence(row.sequence)?,
            },
        })
    }
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
