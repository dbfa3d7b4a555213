//! Failed sign-ins, counted by account and by address.

use anyhow::Context;
use jiff::Timestamp;
use sqlx::{AnyConnection, AnyPool};

use crate::accounts::throttle::Failures;

/// Reads the failures at a place.
///
/// # Errors
/// When the database does not answer.
pub async fn at(readers: &AnyPool, place: &str) -> anyhow::Result<Failures> {
    let row: Option<(i64, i64)> =
        sqlx::query_as("SELECT failures_len, last_at FROM sign_in_failure WHERE place = $1")
            .bind(place)
            .fetch_optional(readers)
            .await
            .context("cannot read failed sign-ins")?;
    let Some((len, last_at)) = row else {
        return Ok(Failures::default());
    };
    Ok(Failures {
        len: u32::try_from(len)?,
        last_at: Some(Timestamp::from_microsecond(last_at)?),
    })
}

/// Counts one more failure at a place, the first again when the last was before `forgotten_before`.
///
/// # Errors
/// When the database fails.
pub async fn count(
    connection: &mut AnyConnection,
    place: &str,
    forgotten_before: Timestamp,
    now: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO sign_in_failure (place, failures_len, last_at) VALUES ($1, 1, $2) \
         ON CONFLICT (place) DO UPDATE SET last_at = excluded.last_at, failures_len = \
         CASE WHEN sign_in_failure.last_at < $3 THEN 1 ELSE sign_in_failure.failures_len + 1 END",
    )
    .bind(place)
    .bind(now.as_microsecond())
    .bind(forgotten_before.as_microsecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes back one failure at a place that turned out to be none.
///
/// # Errors
/// When the database fails.
pub async fn take_back(connection: &mut AnyConnection, place: &str) -> anyhow::Result<()> {
    sqlx::query(
        "UPDATE sign_in_failure SET failures_len = failures_len - 1 WHERE place = $1 AND failures_len > 0",
    )
    .bind(place)
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets the failures at a place.
///
/// # Errors
/// When the database fails.
pub async fn forget(connection: &mut AnyConnection, place: &str) -> anyhow::Result<()> {
    sqlx::query("DELETE FROM sign_in_failure WHERE place = $1")
        .bind(place)
        .execute(connection)
        .await?;
    Ok(())
}
