//! Codes by which people set their passwords: of each there is only its digest, and it is good once.

use anyhow::Context;
use clinical::PersonId;
use jiff::Timestamp;
use sqlx::{AnyConnection, AnyPool};

/// Keeps the digest of a code by which a person may set their password. Codes made before are no longer good.
///
/// # Errors
/// When the database fails.
pub async fn put(
    connection: &mut AnyConnection,
    person: &PersonId,
    digest: &str,
    made_at: Timestamp,
    expires_at: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query("UPDATE set_up_code SET used_at = $2 WHERE person = $1 AND used_at IS NULL")
        .bind(person.as_str())
        .bind(made_at.as_microsecond())
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "INSERT INTO set_up_code (digest, person, made_at, expires_at) VALUES ($1, $2, $3, $4)",
    )
    .bind(digest)
    .bind(person.as_str())
    .bind(made_at.as_microsecond())
    .bind(expires_at.as_microsecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// Uses a code up; tells whether it was good until now.
///
/// # Errors
/// When the database fails.
pub async fn use_up(
    connection: &mut AnyConnection,
    digest: &str,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let done = sqlx::query(
        "UPDATE set_up_code SET used_at = $2 WHERE digest = $1 AND used_at IS NULL AND expires_at > $2",
    )
    .bind(digest)
    .bind(now.as_microsecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Gives until when the code is good that a person was given and has not used.
///
/// # Errors
/// When the database does not answer.
pub async fn good_until(
    readers: &AnyPool,
    person: &PersonId,
    now: Timestamp,
) -> anyhow::Result<Option<i64>> {
    sqlx::query_scalar(
        "SELECT MAX(expires_at) FROM set_up_code WHERE person = $1 AND used_at IS NULL AND expires_at > $2",
    )
    .bind(person.as_str())
    .bind(now.as_microsecond())
    .fetch_one(readers)
    .await
    .context("cannot read whether a person has a code")
}
