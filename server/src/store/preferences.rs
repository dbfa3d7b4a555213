//! Preferences: what each person likes of the pages.

use std::collections::BTreeMap;

use anyhow::Context;
use clinical::PersonId;
use sqlx::{AnyConnection, AnyPool};

/// Reads what a person has chosen, by name.
///
/// # Errors
/// When the database does not answer.
pub async fn of_person(
    readers: &AnyPool,
    person: &PersonId,
) -> anyhow::Result<BTreeMap<String, String>> {
    let rows: Vec<(String, String)> =
        sqlx::query_as("SELECT name, value FROM preference WHERE person = $1")
            .bind(person.as_str())
            .fetch_all(readers)
            .await
            .context("cannot read what a person has chosen")?;
    Ok(rows.into_iter().collect())
}

/// Keeps what a person has chosen.
///
/// # Errors
/// When the database fails.
pub async fn put(
    connection: &mut AnyConnection,
    person: &PersonId,
    name: &str,
    value: &str,
) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO preference (person, name, value) VALUES ($1, $2, $3) \
         ON CONFLICT (person, name) DO UPDATE SET value = excluded.value",
    )
    .bind(person.as_str())
    .bind(name)
    .bind(value)
    .execute(connection)
    .await?;
    Ok(())
}
