//! Certificates that were issued to gateways, and who may renew one that has ended.

use jiff::Timestamp;
use sqlx::AnyConnection;
use vitals::GatewayId;

use crate::enrol::authority::Issued;

/// Keeps a certificate that was issued.
///
/// # Errors
/// When the database fails, or the gateway is not known.
pub async fn insert(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
    issued: &Issued,
    now: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO certificate (fingerprint, gateway, pem, issued_at, expires_at, key_digest) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&issued.fingerprint)
    .bind(gateway.as_str())
    .bind(&issued.pem)
    .bind(now.as_microsecond())
    .bind(issued.expires_at.as_microsecond())
    .bind(&issued.key_digest)
    .execute(connection)
    .await?;
    Ok(())
}

/// Finds the first certificate that a gateway was given, PEM.
///
/// # Errors
/// When the database fails.
pub async fn first_of(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
) -> anyhow::Result<Option<String>> {
    let pem = sqlx::query_scalar(
        "SELECT pem FROM certificate WHERE gateway = $1 ORDER BY issued_at, fingerprint LIMIT 1",
    )
    .bind(gateway.as_str())
    .fetch_optional(connection)
    .await?;
    Ok(pem)
}

/// Finds the gateway that a certificate was issued to; `None` when there is no such certificate or its gateway was revoked.
///
/// # Errors
/// When the database fails.
pub async fn trusted_gateway(
    connection: &mut AnyConnection,
    fingerprint: &str,
) -> anyhow::Result<Option<GatewayId>> {
    let gateway: Option<String> = sqlx::query_scalar(
        "SELECT certificate.gateway FROM certificate JOIN gateway ON gateway.id = certificate.gateway \
         WHERE certificate.fingerprint = $1 AND gateway.revoked_at IS NULL",
    )
    .bind(fingerprint)
    .fetch_optional(connection)
    .await?;
    Ok(gateway.map(GatewayId::try_from).transpose()?)
}

/// A certificate as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownCertificate {
    /// Its SHA-256, hexadecimal.
    pub fingerprint: String,
    /// The certificate, PEM.
    pub pem: String,
    /// When it stops to be good.
    pub expires_at: Timestamp,
}

/// Finds the newest certificate that a gateway was given for a key.
///
/// # Errors
/// When the database fails.
pub async fn of_key(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
    key_digest: &str,
) -> anyhow::Result<Option<KnownCertificate>> {
    let row: Option<(String, String, i64)> = sqlx::query_as(
        "SELECT fingerprint, pem, expires_at FROM certificate WHERE gateway = $1 AND key_digest = $2 \
         ORDER BY expires_at DESC, fingerprint LIMIT 1",
    )
    .bind(gateway.as_str())
    .bind(key_digest)
    .fetch_optional(connection)
    .await?;
    let Some((fingerprint, pem, expires_at)) = row else {
        return Ok(None);
    };
    Ok(Some(KnownCertificate {
        fingerprint,
        pem,
        expires_at: Timestamp::from_microsecond(expires_at)?,
    }))
}

/// Counts the certificates that a gateway was given after a time.
///
/// # Errors
/// When the database fails.
pub async fn issued_since(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
    since: Timestamp,
) -> anyhow::Result<i64> {
    let issued = sqlx::query_scalar(
        "SELECT COUNT(*) FROM certificate WHERE gateway = $1 AND issued_at > $2",
    )
    .bind(gateway.as_str())
    .bind(since.as_microsecond())
    .fetch_one(connection)
    .await?;
    Ok(issued)
}

/// Finds when the last of a gateway's certificates ends; `None` when it has none.
///
/// # Errors
/// When the database fails.
pub async fn last_end(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
) -> anyhow::Result<Option<Timestamp>> {
    let last: Option<i64> =
        sqlx::query_scalar("SELECT MAX(expires_at) FROM certificate WHERE gateway = $1")
            .bind(gateway.as_str())
            .fetch_one(connection)
            .await?;
    Ok(last.map(Timestamp::from_microsecond).transpose()?)
}

/// Permits a gateway to renew a certificate that has ended, until a time; in place of what was permitted before.
///
/// # Errors
/// When the database fails, or the gateway is not known.
pub async fn permit_late(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
    until: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO late_renewal (gateway, until_at) VALUES ($1, $2) \
         ON CONFLICT (gateway) DO UPDATE SET until_at = excluded.until_at",
    )
    .bind(gateway.as_str())
    .bind(until.as_microsecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// Finds until when a gateway may renew a certificate that has ended; `None` when it may not.
///
/// # Errors
/// When the database fails.
pub async fn late_permit(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
) -> anyhow::Result<Option<Timestamp>> {
    let until: Option<i64> =
        sqlx::query_scalar("SELECT until_at FROM late_renewal WHERE gateway = $1")
            .bind(gateway.as_str())
            .fetch_optional(connection)
            .await?;
    Ok(until.map(Timestamp::from_microsecond).transpose()?)
}

/// Uses the permission up.
///
/// # Errors
/// When the database fails.
pub async fn use_late_permit(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
) -> anyhow::Result<()> {
    sqlx::query("DELETE FROM late_renewal WHERE gateway = $1")
        .bind(gateway.as_str())
        .execute(connection)
        .await?;
    Ok(())
}
