//! Install jobs: what waits for a box to bring its code, and what was answered to it.

use anyhow::Context;
use clinical::PatientId;
use jiff::Timestamp;
use sqlx::AnyConnection;
use vitals::GatewayId;
use vitals::enrol::JobDevice;

use crate::enrol::life::Life;
use crate::enrol::secret::StoredCode;

/// An install job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallJob {
    /// The name that the box gets.
    pub gateway: GatewayId,
    /// Whose home it is for.
    pub patient: PatientId,
    /// The devices that are bound to the box.
    pub devices: Vec<JobDevice>,
    /// The HMACs of its code.
    pub code: StoredCode,
    /// The box out of stock that it is kept for; any new box where there is none.
    pub for_box: Option<GatewayId>,
    /// The box whose place its box takes.
    pub replaces: Option<GatewayId>,
    /// Where its code stands.
    pub life: Life,
    /// What was answered to the box that used it.
    pub used: Option<UsedBy>,
}

/// What is kept of an answer, so that it can be repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedBy {
    /// A digest of the box's public keys.
    pub keys: String,
    /// The server's half of the key agreement, hexadecimal.
    pub agreement_public_key: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    gateway: String,
    patient: String,
    devices: String,
    for_box: Option<String>,
    replaces: Option<String>,
    code_half: String,
    code_whole: String,
    expires_at: i64,
    wrong_tries: i64,
    used_at: Option<i64>,
    used_by: Option<String>,
    agreement_public_key: Option<String>,
}

/// Arms a job. Tells whether it could be: no job whose code is still good may begin with the same half, and none may have
/// the same gateway's name.
///
/// # Errors
/// When the database fails, or the patient is not known.
pub async fn arm(
    connection: &mut AnyConnection,
    job: &InstallJob,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let done = sqlx::query(
        "INSERT INTO install_job \
         (gateway, patient, devices, code_half, code_whole, expires_at, wrong_tries, lock_count, for_box, replaces) \
         SELECT $1, $2, $3, $4, $5, $6, 0, 0, $8, $9 \
         WHERE NOT EXISTS (SELECT 1 FROM install_job WHERE code_half = $4 AND expires_at > $7) \
         AND NOT EXISTS (SELECT 1 FROM gateway WHERE id = $1) \
         ON CONFLICT (gateway) DO NOTHING",
    )
    .bind(job.gateway.as_str())
    .bind(job.patient.as_str())
    .bind(serde_json::to_string(&job.devices)?)
    .bind(&job.code.half)
    .bind(&job.code.whole)
    .bind(job.life.expires_at.as_microsecond())
    .bind(now.as_microsecond())
    .bind(job.for_box.as_ref().map(GatewayId::as_str))
    .bind(job.replaces.as_ref().map(GatewayId::as_str))
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Takes, for this transaction, the newest job whose code begins with this half.
///
/// # Errors
/// When the database fails, or holds what is no job.
pub async fn lock(
    connection: &mut AnyConnection,
    code_half: &str,
) -> anyhow::Result<Option<InstallJob>> {
    let row: Option<Row> = sqlx::query_as(
        "UPDATE install_job SET lock_count = lock_count + 1 WHERE gateway = \
         (SELECT gateway FROM install_job WHERE code_half = $1 ORDER BY expires_at DESC, gateway LIMIT 1) \
         RETURNING gateway, patient, devices, for_box, replaces, code_half, code_whole, expires_at, wrong_tries, used_at, \
         used_by, agreement_public_key",
    )
    .bind(code_half)
    .fetch_optional(connection)
    .await?;
    row.map(read).transpose()
}

fn read(row: Row) -> anyhow::Result<InstallJob> {
    let name = |id: Option<String>| id.map(GatewayId::try_from).transpose();
    let used = row.used_by.zip(row.agreement_public_key);
    Ok(InstallJob {
        gateway: row.gateway.try_into()?,
        patient: row.patient.try_into()?,
        devices: serde_json::from_str(&row.devices).context("a stored job's devices")?,
        for_box: name(row.for_box)?,
        replaces: name(row.replaces)?,
        code: StoredCode {
            half: row.code_half,
            whole: row.code_whole,
        },
        life: Life {
            expires_at: Timestamp::from_microsecond(row.expires_at)?,
            wrong_tries: u32::try_from(row.wrong_tries)?,
            used_at: row.used_at.map(Timestamp::from_microsecond).transpose()?,
        },
        used: used.map(|(keys, agreement_public_key)| UsedBy {
            keys,
            agreement_public_key,
        }),
    })
}

/// Counts a wrong code against a job that is locked for this transaction.
///
/// # Errors
/// When the database fails.
pub async fn count_wrong(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
) -> anyhow::Result<()> {
    sqlx::query("UPDATE install_job SET wrong_tries = wrong_tries + 1 WHERE gateway = $1")
        .bind(gateway.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// Burns the code of a job that is locked for this transaction.
///
/// # Errors
/// When the database fails.
pub async fn burn(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
    used: &UsedBy,
    now: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query(
        "UPDATE install_job SET used_at = $2, used_by = $3, agreement_public_key = $4 WHERE gateway = $1",
    )
    .bind(gateway.as_str())
    .bind(now.as_microsecond())
    .bind(&used.keys)
    .bind(&used.agreement_public_key)
    .execute(connection)
    .await?;
    Ok(())
}
