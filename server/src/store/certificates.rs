//! Certificates that were issued to gateways.

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
        "INSERT INTO certificate (fingerprint, gateway, pem, issued_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(&issued.fingerprint)
    .bind(gateway.as_str())
    .bind(&issued.pem)
    .bind(now.as_microsecond())
    .bind(issued.expires_at.as_microsecond())
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
