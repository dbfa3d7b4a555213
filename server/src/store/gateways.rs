//! Gateways: the boxes in homes, with the keys that they are believed by.

use anyhow::{Context, anyhow};
use jiff::Timestamp;
use sqlx::AnyConnection;
use vitals::tag::TAG_KEY_LEN;
use vitals::{GatewayId, TagKey};

use super::boxes;
use crate::boxes::BoxLife;

/// The length of an Ed25519 public key, in bytes.
pub const SIGNING_PUBLIC_KEY_LEN: usize = 32;

/// A registered gateway, as ingest believes it.
#[derive(Debug, Clone)]
pub struct Gateway {
    /// Shared with the gateway: tags messages both ways.
    pub tag_key: TagKey,
    /// Checks the gateway's chain heads.
    pub signing_public_key: [u8; SIGNING_PUBLIC_KEY_LEN],
    /// Since when nothing that it says is believed any more; what it said before stays proved by its keys.
    pub revoked_at: Option<Timestamp>,
    /// Where it stands.
    pub life: BoxLife,
}

#[derive(sqlx::FromRow)]
struct Row {
    tag_key: String,
    signing_public_key: String,
    revoked_at: Option<i64>,
    #[sqlx(flatten)]
    life: boxes::LifeRow,
}

/// What registers a gateway.
#[derive(Clone)]
pub struct Registration {
    /// Names the gateway.
    pub id: GatewayId,
    /// The key that it shares with the server.
    pub tag_key: [u8; TAG_KEY_LEN],
    /// The public half of the key that signs its chain heads.
    pub signing_public_key: [u8; SIGNING_PUBLIC_KEY_LEN],
}

/// A key is a secret: the debug form shows nothing of it.
impl std::fmt::Debug for Registration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registration")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Registers a gateway, or replaces the keys of one that was set up anew; tells whether anything changed.
///
/// # Errors
/// When the database fails.
pub async fn put(
    connection: &mut AnyConnection,
    gateway: &Registration,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let done = sqlx::query(
        "INSERT INTO gateway (id, tag_key, signing_public_key, registered_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (id) DO UPDATE SET tag_key = excluded.tag_key, signing_public_key = excluded.signing_public_key, \
         registered_at = excluded.registered_at \
         WHERE gateway.tag_key <> excluded.tag_key OR gateway.signing_public_key <> excluded.signing_public_key",
    )
    .bind(gateway.id.as_str())
    .bind(hex::encode(gateway.tag_key))
    .bind(hex::encode(gateway.signing_public_key))
    .bind(now.as_microsecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Finds a gateway's keys, and where it stands.
///
/// # Errors
/// When the database fails or holds what is no key.
pub async fn by_id(
    connection: &mut AnyConnection,
    id: &GatewayId,
) -> anyhow::Result<Option<Gateway>> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT tag_key, signing_public_key, revoked_at, state, state_since, state_number, monitored_from, \
         takes_over_since FROM gateway WHERE id = $1",
    )
    .bind(id.as_str())
    .fetch_optional(connection)
    .await?;
    row.map(Gateway::try_from).transpose()
}

impl TryFrom<Row> for Gateway {
    type Error = anyhow::Error;

    fn try_from(row: Row) -> anyhow::Result<Self> {
        let time = |at: Option<i64>| at.map(Timestamp::from_microsecond).transpose();
        Ok(Self {
            tag_key: TagKey::new(&key(&row.tag_key)?),
            signing_public_key: key(&row.signing_public_key)?,
            revoked_at: time(row.revoked_at)?,
            life: row.life.try_into()?,
        })
    }
}

/// Revokes a gateway for good; again changes nothing. Tells since when it is revoked, `None` when there is no such gateway.
///
/// # Errors
/// When the database fails.
pub async fn revoke(
    connection: &mut AnyConnection,
    id: &GatewayId,
    now: Timestamp,
) -> anyhow::Result<Option<Timestamp>> {
    let since: Option<i64> = sqlx::query_scalar(
        "UPDATE gateway SET revoked_at = COALESCE(revoked_at, $2) WHERE id = $1 RETURNING revoked_at",
    )
    .bind(id.as_str())
    .bind(now.as_microsecond())
    .fetch_optional(connection)
    .await?;
    Ok(since.map(Timestamp::from_microsecond).transpose()?)
}

/// Takes a gateway for this transaction, so that of several servers one gives it its next certificate.
///
/// # Errors
/// When the database fails.
pub async fn lock(connection: &mut AnyConnection, id: &GatewayId) -> anyhow::Result<()> {
    sqlx::query("UPDATE gateway SET registered_at = registered_at WHERE id = $1")
        .bind(id.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// Notes that a gateway takes the place of another, from now on.
///
/// # Errors
/// When the database fails.
pub async fn takes_over(
    connection: &mut AnyConnection,
    id: &GatewayId,
    now: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query("UPDATE gateway SET takes_over_since = $2 WHERE id = $1")
        .bind(id.as_str())
        .bind(now.as_microsecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// Lists every gateway.
///
/// # Errors
/// When the database fails.
pub async fn ids(connection: &mut AnyConnection) -> anyhow::Result<Vec<GatewayId>> {
    let ids: Vec<String> = sqlx::query_scalar("SELECT id FROM gateway ORDER BY id")
        .fetch_all(connection)
        .await?;
    ids.into_iter().map(|id| Ok(id.try_into()?)).collect()
}

fn key(text: &str) -> anyhow::Result<[u8; 32]> {
    let bytes = hex::decode(text).context("a stored key is not hexadecimal")?;
    bytes
        .try_into()
        .map_err(|_| anyhow!("a stored key does not have 32 bytes"))
}
