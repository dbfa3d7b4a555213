//! Secrets of one-time codes as the database has them: sealed, but for those of before, which are sealed one after the other.

use anyhow::Context;
use sqlx::{AnyConnection, AnyPool};

/// Lists secrets of one-time codes that stand in clear, each with its person; at most `rows_max`.
///
/// # Errors
/// When the database fails.
pub async fn in_clear(
    connection: &mut AnyConnection,
    rows_max: i64,
) -> anyhow::Result<Vec<(String, String)>> {
    sqlx::query_as(
        "SELECT person, totp_secret FROM account WHERE totp_secret IS NOT NULL AND totp_secret NOT LIKE 'v%:%' \
         ORDER BY person LIMIT $1",
    )
    .bind(rows_max)
    .fetch_all(connection)
    .await
    .context("cannot read which one-time codes are not sealed")
}

/// Gives a secret of one-time codes that is sealed, with its person.
///
/// # Errors
/// When the database does not answer.
pub async fn any(readers: &AnyPool) -> anyhow::Result<Option<(String, String)>> {
    sqlx::query_as(
        "SELECT person, totp_secret FROM account WHERE totp_secret LIKE 'v%:%' ORDER BY person LIMIT 1",
    )
    .fetch_optional(readers)
    .await
    .context("cannot read sealed one-time codes")
}

/// Puts the sealed form of a secret in the place of the clear one, unless it is another meanwhile.
///
/// # Errors
/// When the database fails.
pub async fn seal(
    connection: &mut AnyConnection,
    person: &str,
    clear: &str,
    sealed: &str,
) -> anyhow::Result<()> {
    sqlx::query("UPDATE account SET totp_secret = $3 WHERE person = $1 AND totp_secret = $2")
        .bind(person)
        .bind(clear)
        .bind(sealed)
        .execute(connection)
        .await?;
    Ok(())
}
