//! Questions: what browsers were asked about signing in and have not answered. Each is answered once, and in time.

use anyhow::Context;
use jiff::Timestamp;
use sqlx::{AnyConnection, FromRow};

/// The most questions that wait for an answer; each waits for minutes only.
pub const QUESTIONS_LEN_MAX: i64 = 10_000;

/// What a browser was asked.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct QuestionRow {
    /// What it is about: one is never answered as another.
    pub kind: String,
    /// Whom it was asked; `None` where nobody has signed in yet.
    pub person: Option<String>,
    /// What the answer is checked by, as JSON.
    pub state: String,
}

/// Keeps a question, and forgets those that were not answered in time; tells whether there was room.
///
/// # Errors
/// When the database fails.
pub async fn ask(
    connection: &mut AnyConnection,
    digest: &str,
    question: &QuestionRow,
    ends_at: Timestamp,
    now: Timestamp,
) -> anyhow::Result<bool> {
    sqlx::query("DELETE FROM sign_in_question WHERE ends_at <= $1")
        .bind(now.as_microsecond())
        .execute(&mut *connection)
        .await?;
    let done = sqlx::query(
        "INSERT INTO sign_in_question (digest, kind, person, state, ends_at) \
         SELECT $1, $2, $3, $4, CAST($5 AS BIGINT) WHERE (SELECT COUNT(*) FROM sign_in_question) < $6",
    )
    .bind(digest)
    .bind(&question.kind)
    .bind(question.person.as_deref())
    .bind(&question.state)
    .bind(ends_at.as_microsecond())
    .bind(QUESTIONS_LEN_MAX)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Takes a question that was not answered before and is not too old: nobody can answer it again.
///
/// # Errors
/// When the database fails.
pub async fn answered(
    connection: &mut AnyConnection,
    digest: &str,
    now: Timestamp,
) -> anyhow::Result<Option<QuestionRow>> {
    sqlx::query_as(
        "DELETE FROM sign_in_question WHERE digest = $1 AND ends_at > $2 RETURNING kind, person, state",
    )
    .bind(digest)
    .bind(now.as_microsecond())
    .fetch_optional(connection)
    .await
    .context("cannot take a question")
}
