//! Registered devices: each bound to one gateway and one patient.

use anyhow::Context;
use clinical::PatientId;
use jiff::Timestamp;
use serde::Deserialize;
use sqlx::AnyConnection;
use vitals::{DeviceId, GatewayId};

/// What a device measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// Blood pressure.
    Cuff,
    /// Oxygen saturation.
    Oximeter,
    /// Body mass.
    Scale,
    /// Body temperature.
    Thermometer,
}

impl DeviceKind {
    /// Gives the name that is stored.
    pub fn code(self) -> &'static str {
        match self {
            Self::Cuff => "cuff",
            Self::Oximeter => "oximeter",
            Self::Scale => "scale",
            Self::Thermometer => "thermometer",
        }
    }

    /// Finds the kind that has this name.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Cuff, Self::Oximeter, Self::Scale, Self::Thermometer]
            .into_iter()
            .find(|kind| kind.code() == code)
    }

    /// Gives what people call a device of this kind that has no name of its own.
    pub fn label(self) -> &'static str {
        match self {
            Self::Cuff => "Blood pressure cuff",
            Self::Oximeter => "Pulse oximeter",
            Self::Scale => "Scale",
            Self::Thermometer => "Thermometer",
        }
    }
}

/// A device bound to one patient by an installer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Names the device in readings.
    pub id: DeviceId,
    /// What it measures.
    pub kind: DeviceKind,
    /// What people call it.
    pub label: String,
    /// The only gateway that may speak for it.
    pub gateway: GatewayId,
    /// Whose readings it takes.
    pub patient: PatientId,
    /// Which user of a shared device the patient is, as it numbers its users; `None` when it is theirs alone.
    pub user_index: Option<u8>,
}

/// Whose readings a device takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The patient.
    pub patient: PatientId,
    /// Which user of a shared device the patient is, as it numbers its users; `None` when it is theirs alone.
    pub user_index: Option<u8>,
    /// Until when the gateway spoke for it; `None` while it does.
    pub until: Option<Timestamp>,
}

/// Registers a device or changes its registration; tells whether anything changed. Readings that are stored stay with
/// the patient whose device it was.
///
/// # Errors
/// When the database fails, or the gateway or the patient is not known.
pub async fn put(
    connection: &mut AnyConnection,
    device: &Device,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let done = sqlx::query(
        "INSERT INTO device (id, kind, label, gateway, patient, user_index, registered_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, label = excluded.label, gateway = excluded.gateway, \
         patient = excluded.patient, user_index = excluded.user_index, registered_at = excluded.registered_at \
         WHERE device.kind <> excluded.kind OR device.label <> excluded.label \
         OR device.gateway <> excluded.gateway OR device.patient <> excluded.patient \
         OR device.user_index IS DISTINCT FROM excluded.user_index",
    )
    .bind(device.id.as_str())
    .bind(device.kind.code())
    .bind(&device.label)
    .bind(device.gateway.as_str())
    .bind(device.patient.as_str())
    .bind(device.user_index.map(i64::from))
    .bind(now.as_microsecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Finds whose readings a device takes; `None` when it is not registered to this gateway and was not when another took its
/// place.
///
/// # Errors
/// When the database fails.
pub async fn owner_of(
    connection: &mut AnyConnection,
    device: &DeviceId,
    gateway: &GatewayId,
) -> anyhow::Result<Option<Owner>> {
    let row: Option<(String, Option<i64>, Option<i64>)> = sqlx::query_as(
        "SELECT patient, user_index, CAST(NULL AS BIGINT), 0 AS rank FROM device WHERE id = $1 AND gateway = $2 \
         UNION ALL SELECT patient, user_index, until_at, 1 AS rank FROM former_device WHERE device = $1 AND gateway = $2 \
         ORDER BY rank LIMIT 1",
    )
    .bind(device.as_str())
    .bind(gateway.as_str())
    .fetch_optional(connection)
    .await?;
    row.map(|(patient, user_index, until)| {
        Ok(Owner {
            patient: patient.try_into()?,
            user_index: user_index.map(u8::try_from).transpose()?,
            until: until.map(Timestamp::from_microsecond).transpose()?,
        })
    })
    .transpose()
}

/// Lists the devices of a gateway, as they are registered.
///
/// # Errors
/// When the database fails, or holds what was never a device.
pub async fn of_gateway(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
) -> anyhow::Result<Vec<Device>> {
    let rows: Vec<(String, String, String, String, Option<i64>)> = sqlx::query_as(
        "SELECT id, kind, label, patient, user_index FROM device WHERE gateway = $1 ORDER BY id",
    )
    .bind(gateway.as_str())
    .fetch_all(connection)
    .await?;
    let device =
        |(id, kind, label, patient, user_index): (String, String, String, String, Option<i64>)| {
            Ok(Device {
                id: id.try_into()?,
                kind: DeviceKind::from_code(&kind)
                    .context("a stored device has an unknown kind")?,
                label,
                gateway: gateway.clone(),
                patient: patient.try_into()?,
                user_index: user_index.map(u8::try_from).transpose()?,
            })
        };
    rows.into_iter().map(device).collect()
}

/// Binds all devices of a gateway to the one that takes its place. What the old one heard of them until now stays their
/// owners'.
///
/// # Errors
/// When the database fails, or the new gateway is not known.
pub async fn hand_over(
    connection: &mut AnyConnection,
    old: &GatewayId,
    new: &GatewayId,
    now: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO former_device (device, gateway, patient, user_index, until_at) \
         SELECT id, gateway, patient, user_index, CAST($2 AS BIGINT) FROM device WHERE gateway = $1 \
         ON CONFLICT (gateway, device) DO UPDATE SET patient = excluded.patient, user_index = excluded.user_index, \
         until_at = excluded.until_at",
    )
    .bind(old.as_str())
    .bind(now.as_microsecond())
    .execute(&mut *connection)
    .await?;
    sqlx::query("UPDATE device SET gateway = $2, registered_at = $3 WHERE gateway = $1")
        .bind(old.as_str())
        .bind(new.as_str())
        .bind(now.as_microsecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// Binds a device to the gateway of its install job. One that was known keeps what people call it and, with the same
/// patient, which user of it they are.
///
/// # Errors
/// When the database fails, or the gateway or the patient is not known.
pub async fn bind(
    connection: &mut AnyConnection,
    device: &Device,
    now: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO device (id, kind, label, gateway, patient, user_index, registered_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, gateway = excluded.gateway, patient = excluded.patient, \
         user_index = CASE WHEN device.patient = excluded.patient THEN device.user_index ELSE excluded.user_index END, \
         registered_at = excluded.registered_at",
    )
    .bind(device.id.as_str())
    .bind(device.kind.code())
    .bind(&device.label)
    .bind(device.gateway.as_str())
    .bind(device.patient.as_str())
    .bind(device.user_index.map(i64::from))
    .bind(now.as_microsecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// Finds the gateway that may speak for a device; `None` when the device is not registered, or its gateway was revoked.
///
/// # Errors
/// When the database fails.
pub async fn spoken_for_by(
    connection: &mut AnyConnection,
    device: &DeviceId,
) -> anyhow::Result<Option<GatewayId>> {
    let gateway: Option<String> = sqlx::query_scalar(
        "SELECT device.gateway FROM device JOIN gateway ON gateway.id = device.gateway \
         WHERE device.id = $1 AND gateway.revoked_at IS NULL",
    )
    .bind(device.as_str())
    .fetch_optional(connection)
    .await?;
    Ok(gateway.map(GatewayId::try_from).transpose()?)
}
