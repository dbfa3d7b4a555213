//! Passkeys: the public keys that people sign in by. A passkey is removed by a mark, so that it never comes back.

use anyhow::Context;
use clinical::PersonId;
use jiff::Timestamp;
use sqlx::{AnyConnection, AnyPool, FromRow};

/// A passkey that has not been removed.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct PasskeyRow {
    /// The credential's id, in hexadecimal.
    pub id: String,
    /// Whose it is.
    pub person: String,
    /// Which of the person's it is.
    pub number: i64,
    /// By which the person's devices know them.
    pub handle: String,
    /// What the person calls it.
    pub name: String,
    /// The public key, the counter and the marks of the device, as JSON.
    pub credential: String,
    /// When it was added.
    pub added_at: i64,
    /// When somebody last signed in by it.
    pub used_at: Option<i64>,
}

/// A passkey to be kept.
#[derive(Debug, Clone, Copy)]
pub struct NewPasskey<'a> {
    /// The credential's id, in hexadecimal.
    pub id: &'a str,
    /// Whose it is.
    pub person: &'a PersonId,
    /// By which the person's devices know them.
    pub handle: &'a str,
    /// What the person calls it.
    pub name: &'a str,
    /// The public key, the counter and the marks of the device, as JSON.
    pub credential: &'a str,
    /// When it is added.
    pub now: Timestamp,
}

macro_rules! select_passkeys {
    ($rest:literal) => {
        concat!(
            "SELECT id, person, number, handle, name, credential, added_at, used_at FROM passkey ",
            $rest
        )
    };
}

/// Lists a person's passkeys, the oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn of_person(readers: &AnyPool, person: &PersonId) -> anyhow::Result<Vec<PasskeyRow>> {
    sqlx::query_as(select_passkeys!(
        "WHERE person = $1 AND removed_at IS NULL ORDER BY number"
    ))
    .bind(person.as_str())
    .fetch_all(readers)
    .await
    .context("cannot read passkeys")
}

/// Finds a passkey by the credential's id.
///
/// # Errors
/// When the database fails.
pub async fn by_id(connection: &mut AnyConnection, id: &str) -> anyhow::Result<Option<PasskeyRow>> {
    sqlx::query_as(select_passkeys!("WHERE id = $1 AND removed_at IS NULL"))
        .bind(id)
        .fetch_optional(connection)
        .await
        .context("cannot read a passkey")
}

/// Gives what a person's devices know them by, of removed passkeys too; `None` before their first.
///
/// # Errors
/// When the database does not answer.
pub async fn handle_of(readers: &AnyPool, person: &PersonId) -> anyhow::Result<Option<String>> {
    let handle: Option<(String,)> =
        sqlx::query_as("SELECT handle FROM passkey WHERE person = $1 ORDER BY number LIMIT 1")
            .bind(person.as_str())
            .fetch_optional(readers)
            .await
            .context("cannot read a person's handle")?;
    Ok(handle.map(|(handle,)| handle))
}

/// Keeps a passkey; tells whether it was not known, not even as a removed one.
///
/// # Errors
/// When the database fails.
pub async fn put(connection: &mut AnyConnection, new: NewPasskey<'_>) -> anyhow::Result<bool> {
    let done = sqlx::query(
        "INSERT INTO passkey (id, person, number, handle, name, credential, added_at) \
         SELECT $1, $2, COALESCE(MAX(number), 0) + 1, $3, $4, $5, CAST($6 AS BIGINT) FROM passkey WHERE person = $2 \
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(new.id)
    .bind(new.person.as_str())
    .bind(new.handle)
    .bind(new.name)
    .bind(new.credential)
    .bind(new.now.as_microsecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Keeps what a use has changed; tells whether the passkey was as it was read, so that of two uses at once one counts.
///
/// # Errors
/// When the database fails.
pub async fn was_used(
    connection: &mut AnyConnection,
    before: &PasskeyRow,
    credential: &str,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let done = sqlx::query(
        "UPDATE passkey SET credential = $3, used_at = $4 WHERE id = $1 AND credential = $2 AND removed_at IS NULL",
    )
    .bind(&before.id)
    .bind(&before.credential)
    .bind(credential)
    .bind(now.as_microsecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Gives one of a person's passkeys another name; tells whether there is such a one.
///
/// # Errors
/// When the database fails.
pub async fn rename(
    connection: &mut AnyConnection,
    person: &PersonId,
    number: i64,
    name: &str,
) -> anyhow::Result<bool> {
    let done = sqlx::query(
        "UPDATE passkey SET name = $3 WHERE person = $1 AND number = $2 AND removed_at IS NULL",
    )
    .bind(person.as_str())
    .bind(number)
    .bind(name)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Removes one of a person's passkeys; tells whether there was such a one.
///
/// # Errors
/// When the database fails.
pub async fn remove(
    connection: &mut AnyConnection,
    person: &PersonId,
    number: i64,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let done = sqlx::query(
        "UPDATE passkey SET removed_at = $3 WHERE person = $1 AND number = $2 AND removed_at IS NULL",
    )
    .bind(person.as_str())
    .bind(number)
    .bind(now.as_microsecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Removes all of a person's passkeys.
///
/// # Errors
/// When the database fails.
pub async fn remove_all(
    connection: &mut AnyConnection,
    person: &PersonId,
    now: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query("UPDATE passkey SET removed_at = $2 WHERE person = $1 AND removed_at IS NULL")
        .bind(person.as_str())
        .bind(now.as_microsecond())
        .execute(connection)
        .await?;
    Ok(())
}
