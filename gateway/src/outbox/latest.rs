//! The latest record of a device: whether it was a test, and whether the server has it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;
use vitals::wire::record;
use vitals::{DeviceId, Record};

use super::seal::SealedRow;
use super::{Outbox, OutboxError};

/// How many of the newest records are looked through for one of the device.
pub const LOOKED_THROUGH_LEN_MAX: i64 = 500;

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Delivery {
    /// It waits for the server's receipt.
    Waiting,
    /// The server said, at this time, that it has it.
    Receipted(Timestamp),
    /// The server refused it, or its seal is broken; by its name.
    SetAside(String),
}

/// The latest record of a device. It tells nothing of what was measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LatestRecord {
    /// When it was measured, by the device's clock as corrected, or when it arrived.
    pub measured_at: Timestamp,
    /// When it arrived.
    pub received_at: Timestamp,
    /// Whether it is a test.
    pub is_test: bool,
    /// Whether it has a usable value; a failed attempt has none.
    pub is_reading: bool,
    /// What became of it.
    pub delivery: Delivery,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    receipted_at: Option<i64>,
    set_aside: Option<String>,
    #[sqlx(flatten)]
    sealed: SealedRow,
}

impl Outbox {
    /// Finds the latest record of a device, in the order of their arrival here; `None` when none of the newest
    /// [`LOOKED_THROUGH_LEN_MAX`] is of this device.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn latest_of(&self, device: &DeviceId) -> Result<Option<LatestRecord>, OutboxError> {
        let mut connection = self.pool.acquire().await?;
        for row in newest(&mut connection).await? {
            // One that cannot be read is set aside when it is to be sent.
            let Ok(entry) = self.open_entry(row.id, row.sealed) else {
                continue;
            };
            let record = record::read(&entry.record)?;
            if record.device() == device {
                return latest(&record, row.receipted_at, row.set_aside).map(Some);
            }
        }
        Ok(None)
    }
}

async fn newest(connection: &mut SqliteConnection) -> Result<Vec<Row>, OutboxError> {
    Ok(sqlx::query_as(
        "SELECT e.sequence AS id, e.receipted_at, e.set_aside, s.salt, e.nonce, e.sealed AS bytes \
         FROM entry e JOIN seal s ON s.id = e.seal ORDER BY e.sequence DESC LIMIT $1",
    )
    .bind(LOOKED_THROUGH_LEN_MAX)
    .fetch_all(connection)
    .await?)
}

fn latest(
    record: &Record,
    receipted_at: Option<i64>,
    set_aside: Option<String>,
) -> Result<LatestRecord, OutboxError> {
    let times = record.times();
    let receipted_at = receipted_at.map(Timestamp::from_microsecond).transpose();
    let receipted_at = receipted_at.map_err(|_| OutboxError::Corrupt {
        what: "a time of receipt",
    })?;
    Ok(LatestRecord {
        measured_at: times.measured_at,
        received_at: times.received_at,
        is_test: record.is_test(),
        is_reading: matches!(record, Record::Reading(_)),
        delivery: match (receipted_at, set_aside) {
            (Some(at), _) => Delivery::Receipted(at),
            (None, Some(why)) => Delivery::SetAside(why),
            (None, None) => Delivery::Waiting,
        },
    })
}
