//! Use: what a patient's devices sent, by the gateway's time, about a window in which a reading was expected.

use clinical::schedule::Measured;
use clinical::{Due, PatientId};
use jiff::Timestamp;
use sqlx::AnyConnection;
use vitals::{DeviceId, GatewayId, QualityMark, Record, wire};

use super::devices::DeviceKind;

/// A registered device and when it was last used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedDevice {
    /// The device.
    pub id: DeviceId,
    /// Its gateway.
    pub gateway: GatewayId,
    /// When its last reading or attempt reached the gateway; `None` when it never gave one.
    pub used_at: Option<Timestamp>,
}

/// Finds the device of a patient that takes a kind of reading; the one used last, where there are several.
///
/// # Errors
/// When the database fails.
pub async fn device_for(
    connection: &mut AnyConnection,
    patient: &PatientId,
    what: Measured,
) -> anyhow::Result<Option<UsedDevice>> {
    let kind = match what {
        Measured::BloodPressure => DeviceKind::Cuff,
        Measured::Oximetry => DeviceKind::Oximeter,
        Measured::Weight => DeviceKind::Scale,
        Measured::Temperature => DeviceKind::Thermometer,
    };
    let rows: Vec<(String, String, Option<i64>, Option<i64>)> = sqlx::query_as(
        "SELECT d.id, d.gateway, (SELECT MAX(r.received_at) FROM reading r WHERE r.device = d.id), \
         (SELECT MAX(a.received_at) FROM attempt a WHERE a.device = d.id) \
         FROM device d WHERE d.patient = $1 AND d.kind = $2 ORDER BY d.id",
    )
    .bind(patient.as_str())
    .bind(kind.code())
    .fetch_all(connection)
    .await?;
    let devices: anyhow::Result<Vec<UsedDevice>> = rows
        .into_iter()
        .map(|(id, gateway, reading, attempt)| {
            let used_us = reading.max(attempt);
            Ok(UsedDevice {
                id: id.try_into()?,
                gateway: gateway.try_into()?,
                used_at: used_us.map(Timestamp::from_microsecond).transpose()?,
            })
        })
        .collect();
    Ok(devices?.into_iter().max_by_key(|device| device.used_at))
}

/// Counts a device's attempts that reached the gateway since a time.
///
/// # Errors
/// When the database fails.
pub async fn attempts_since(
    connection: &mut AnyConnection,
    device: &DeviceId,
    since: Timestamp,
) -> anyhow::Result<u32> {
    let count: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM attempt WHERE device = $1 AND received_at >= $2")
            .bind(device.as_str())
            .bind(since.as_microsecond())
            .fetch_one(connection)
            .await?;
    Ok(bounded(count))
}

/// Counts a device's readings that reached the gateway within a time and are dated outside it.
///
/// # Errors
/// When the database fails.
pub async fn misdated(
    connection: &mut AnyConnection,
    device: &DeviceId,
    from: Timestamp,
    until: Timestamp,
) -> anyhow::Result<u32> {
    let count: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM reading WHERE device = $1 AND received_at >= $2 AND received_at < $3 \
         AND (measured_at < $2 OR measured_at >= $3)",
    )
    .bind(device.as_str())
    .bind(from.as_microsecond())
    .bind(until.as_microsecond())
    .fetch_one(connection)
    .await?;
    Ok(bounded(count))
}

/// Counts a device's readings of a window that were stored after it was due.
///
/// # Errors
/// When the database fails.
pub async fn arrived_late(
    connection: &mut AnyConnection,
    device: &DeviceId,
    due: &Due,
) -> anyhow::Result<u32> {
    let count: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM reading WHERE device = $1 AND measured_at >= $2 AND measured_at < $3 AND stored_at >= $4",
    )
    .bind(device.as_str())
    .bind(due.opens.as_microsecond())
    .bind(due.closes.as_microsecond())
    .bind(due.due_at.as_microsecond())
    .fetch_one(connection)
    .await?;
    Ok(bounded(count))
}

/// Gives the quality marks of a device's last reading.
///
/// # Errors
/// When the database fails, or holds what was never a reading.
pub async fn last_marks(
    connection: &mut AnyConnection,
    device: &DeviceId,
) -> anyhow::Result<Vec<QualityMark>> {
    let record: Option<String> = sqlx::query_scalar(
        "SELECT e.record FROM reading r JOIN entry e ON e.gateway = r.gateway AND e.epoch = r.epoch \
         AND e.sequence = r.sequence WHERE r.device = $1 ORDER BY r.received_at DESC, r.id LIMIT 1",
    )
    .bind(device.as_str())
    .fetch_optional(connection)
    .await?;
    let Some(record) = record else {
        return Ok(Vec::new());
    };
    Ok(match wire::record::read(&record)? {
        Record::Reading(reading) => reading.quality,
        Record::Attempt(attempt) => attempt.quality,
    })
}

/// Tells whether any other device of a patient was used since a time; `None` when there is no other.
///
/// # Errors
/// When the database fails.
pub async fn others_since(
    connection: &mut AnyConnection,
    patient: &PatientId,
    device: Option<&DeviceId>,
    since: Timestamp,
) -> anyhow::Result<Option<bool>> {
    let (others, used): (i64, i64) = sqlx::query_as(
        "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN \
         EXISTS (SELECT 1 FROM reading r WHERE r.device = d.id AND r.received_at >= $3) \
         OR EXISTS (SELECT 1 FROM attempt a WHERE a.device = d.id AND a.received_at >= $3) \
         THEN 1 ELSE 0 END), 0) AS BIGINT) FROM device d WHERE d.patient = $1 AND d.id <> $2",
    )
    .bind(patient.as_str())
    .bind(device.map_or("", DeviceId::as_str))
    .bind(since.as_microsecond())
    .fetch_one(connection)
    .await?;
    Ok((others > 0).then_some(used > 0))
}

/// Counts the records that a gateway took in within a time.
///
/// # Errors
/// When the database fails.
pub async fn received_within(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
    from: Timestamp,
    until: Timestamp,
) -> anyhow::Result<u32> {
    let count: i64 = sqlx::query_scalar(
        "SELECT (SELECT COUNT(*) FROM device d JOIN reading r ON r.device = d.id \
         WHERE d.gateway = $1 AND r.received_at >= $2 AND r.received_at < $3) \
         + (SELECT COUNT(*) FROM device d JOIN attempt a ON a.device = d.id \
         WHERE d.gateway = $1 AND a.received_at >= $2 AND a.received_at < $3)",
    )
    .bind(gateway.as_str())
    .bind(from.as_microsecond())
    .bind(until.as_microsecond())
    .fetch_one(connection)
    .await?;
    Ok(bounded(count))
}

fn bounded(count: i64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
