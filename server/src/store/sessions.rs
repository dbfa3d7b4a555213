//! Sessions: which browser is whose, for how long, and what is still asked of it.

use anyhow::Context;
use clinical::PersonId;
use jiff::Timestamp;
use sqlx::{AnyConnection, AnyPool, FromRow};

/// A session that has not been ended, with the person it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct SessionRow {
    /// The digest of its token.
    pub digest: String,
    /// The person.
    pub person: String,
    /// Their name.
    pub name: String,
    /// What they do, in words.
    pub role: String,
    /// Their team's name.
    pub team: String,
    /// What is still asked: `code`, `enrol` or nothing (`full`).
    pub stage: String,
    /// When it began.
    pub began_at: i64,
    /// When something was last done in it.
    pub seen_at: i64,
    /// When it ends, whatever is done in it.
    pub ends_at: i64,
    /// When the person last proved who they are.
    pub proved_at: i64,
}

/// A session to be kept.
#[derive(Debug, Clone, Copy)]
pub struct NewSession<'a> {
    /// The digest of its token.
    pub digest: &'a str,
    /// Whose it is.
    pub person: &'a PersonId,
    /// What is still asked.
    pub stage: &'a str,
    /// When it begins.
    pub now: Timestamp,
    /// When the person proved who they are.
    pub proved_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
}

/// Keeps a session.
///
/// # Errors
/// When the database fails.
pub async fn put(connection: &mut AnyConnection, new: NewSession<'_>) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO session (digest, person, stage, began_at, seen_at, ends_at, proved_at) \
         VALUES ($1, $2, $3, $4, $4, $5, $6)",
    )
    .bind(new.digest)
    .bind(new.person.as_str())
    .bind(new.stage)
    .bind(new.now.as_microsecond())
    .bind(new.ends_at.as_microsecond())
    .bind(new.proved_at.as_microsecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// Finds the session of a token that has not been ended, of a person who may sign in and works here at this moment.
///
/// # Errors
/// When the database does not answer.
pub async fn by_digest(
    readers: &AnyPool,
    digest: &str,
    now: Timestamp,
) -> anyhow::Result<Option<SessionRow>> {
    sqlx::query_as(
        "SELECT s.digest, s.person, w.name, w.role, t.name AS team, s.stage, s.began_at, s.seen_at, s.ends_at, s.proved_at \
         FROM session s JOIN account a ON a.person = s.person JOIN person w ON w.id = s.person \
         JOIN team t ON t.id = w.team WHERE s.digest = $1 AND s.ended_at IS NULL AND a.disabled_at IS NULL \
         AND (w.left_at IS NULL OR w.left_at > $2)",
    )
    .bind(digest)
    .bind(now.as_microsecond())
    .fetch_optional(readers)
    .await
    .context("cannot read a session")
}

/// Notes that something was done in a session.
///
/// # Errors
/// When the database fails.
pub async fn seen(
    connection: &mut AnyConnection,
    digest: &str,
    now: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query("UPDATE session SET seen_at = $2 WHERE digest = $1 AND seen_at < $2")
        .bind(digest)
        .bind(now.as_microsecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends one session; tells whether it had not been ended.
///
/// # Errors
/// When the database fails.
pub async fn end(
    connection: &mut AnyConnection,
    digest: &str,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let done =
        sqlx::query("UPDATE session SET ended_at = $2 WHERE digest = $1 AND ended_at IS NULL")
            .bind(digest)
            .bind(now.as_microsecond())
            .execute(connection)
            .await?;
    Ok(done.rows_affected() > 0)
}

/// Ends all sessions of a person.
///
/// # Errors
/// When the database fails.
pub async fn end_all(
    connection: &mut AnyConnection,
    person: &PersonId,
    now: Timestamp,
) -> anyhow::Result<u64> {
    let done =
        sqlx::query("UPDATE session SET ended_at = $2 WHERE person = $1 AND ended_at IS NULL")
            .bind(person.as_str())
            .bind(now.as_microsecond())
            .execute(connection)
            .await?;
    Ok(done.rows_affected())
}

/// Counts the sessions of a person that may still be used.
///
/// # Errors
/// When the database does not answer.
pub async fn open_len(
    readers: &AnyPool,
    person: &PersonId,
    seen_since: Timestamp,
    now: Timestamp,
) -> anyhow::Result<i64> {
    sqlx::query_scalar(
        "SELECT COUNT(*) FROM session WHERE person = $1 AND ended_at IS NULL AND stage = 'full' AND seen_at > $2 AND ends_at > $3",
    )
    .bind(person.as_str())
    .bind(seen_since.as_microsecond())
    .bind(now.as_microsecond())
    .fetch_one(readers)
    .await
    .context("cannot count sessions")
}

/// Removes the sessions that ended before a time, at most `rows_max`: who signed in is in the audit.
///
/// # Errors
/// When the database fails.
pub async fn forget(
    connection: &mut AnyConnection,
    ended_before: Timestamp,
    rows_max: i64,
) -> anyhow::Result<u64> {
    let done = sqlx::query(
        "DELETE FROM session WHERE digest IN (SELECT digest FROM session WHERE ends_at < $1 ORDER BY ends_at LIMIT $2)",
    )
    .bind(ended_before.as_microsecond())
    .bind(rows_max)
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}
