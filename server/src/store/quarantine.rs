//! Quarantine: messages and records that were refused whole, kept as evidence.

use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use sqlx::AnyConnection;
use vitals::GatewayId;
use vitals::wire::PAYLOAD_LEN_MAX;

/// The most refused messages that are kept: at most 130 MB. What comes after is counted and logged.
pub const QUARANTINE_LEN_MAX: i64 = 1000;
/// The longest explanation that is kept, in characters.
const DETAIL_LEN_MAX: usize = 500;

/// Something that was refused whole.
#[derive(Debug)]
pub struct Refused<'a> {
    /// On whose topic it came. It need not be registered, and need not be the sender.
    pub gateway: &'a GatewayId,
    /// What it was sent as.
    pub kind: &'static str,
    /// The refusal's stable name.
    pub reason: &'static str,
    /// What was wrong, for support staff. It may quote the message.
    pub detail: &'a str,
    /// The bytes, of which [`PAYLOAD_LEN_MAX`] are kept.
    pub payload: &'a [u8],
}

/// What became of a refused message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is kept.
    Now,
    /// The same bytes were kept before.
    Before,
    /// The quarantine is full.
    No,
}

/// Keeps a refused message.
///
/// # Errors
/// When the database fails.
pub async fn keep(
    connection: &mut AnyConnection,
    refused: &Refused<'_>,
    now: Timestamp,
) -> anyhow::Result<Kept> {
    let name = digest_of(refused);
    let done = sqlx::query(
        "INSERT INTO quarantine (digest, gateway, kind, reason, detail, payload, arrived_at) \
         SELECT $1, $2, $3, $4, $5, $6, $7 WHERE (SELECT COUNT(*) FROM quarantine) < $8 \
         ON CONFLICT (digest) DO NOTHING",
    )
    .bind(&name)
    .bind(refused.gateway.as_str())
    .bind(refused.kind)
    .bind(refused.reason)
    .bind(printable(refused.detail))
    .bind(hex::encode(kept_bytes(refused)))
    .bind(now.as_microsecond())
    .bind(QUARANTINE_LEN_MAX)
    .execute(&mut *connection)
    .await?;
    if done.rows_affected() > 0 {
        return Ok(Kept::Now);
    }
    let before: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM quarantine WHERE digest = $1")
        .bind(&name)
        .fetch_one(connection)
        .await?;
    Ok(if before > 0 { Kept::Before } else { Kept::No })
}

fn kept_bytes<'a>(refused: &Refused<'a>) -> &'a [u8] {
    &refused.payload[..refused.payload.len().min(PAYLOAD_LEN_MAX)]
}

fn digest_of(refused: &Refused<'_>) -> String {
    let named = format!("{} {} {}\n", refused.gateway, refused.kind, refused.reason);
    let bytes = [named.as_bytes(), kept_bytes(refused)].concat();
    hex::encode(digest(&SHA256, &bytes))
}

/// PostgreSQL holds no NUL in a text, and a terminal shows no control character well.
fn printable(detail: &str) -> String {
    let plain = |letter: char| {
        if letter.is_control() {
            '\u{fffd}'
        } else {
            letter
        }
    };
    detail.chars().take(DETAIL_LEN_MAX).map(plain).collect()
}
