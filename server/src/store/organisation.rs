//! The organisation that runs the service, and its areas.

use clinical::duty::{Area, Organisation};
use sqlx::AnyConnection;

/// The id of the organisation: one server serves one.
const ORGANISATION: &str = "organisation";

/// Writes the organisation with its areas; tells how many things changed. An area that it no longer names stays.
///
/// # Errors
/// When the database fails.
pub async fn put(
    connection: &mut AnyConnection,
    organisation: &Organisation,
) -> anyhow::Result<usize> {
    let done = sqlx::query(
        "INSERT INTO organisation (id, name) VALUES ($1, $2) \
         ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE organisation.name <> excluded.name",
    )
    .bind(ORGANISATION)
    .bind(&organisation.name)
    .execute(&mut *connection)
    .await?;
    let mut changes = done.rows_affected();
    for area in &organisation.areas {
        let done = sqlx::query(
            "INSERT INTO area (id, name, organisation) VALUES ($1, $2, $3) \
             ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE area.name <> excluded.name",
        )
        .bind(area.id.as_str())
        .bind(&area.name)
        .bind(ORGANISATION)
        .execute(&mut *connection)
        .await?;
        changes += done.rows_affected();
    }
    Ok(usize::try_from(changes)?)
}

/// Reads the organisation with its areas; `None` before one is registered.
///
/// # Errors
/// When the database fails.
pub async fn read(connection: &mut AnyConnection) -> anyhow::Result<Option<Organisation>> {
    let name: Option<String> = sqlx::query_scalar("SELECT name FROM organisation WHERE id = $1")
        .bind(ORGANISATION)
        .fetch_optional(&mut *connection)
        .await?;
    let Some(name) = name else {
        return Ok(None);
    };
    let rows: Vec<(String, String)> = sqlx::query_as("SELECT id, name FROM area ORDER BY id")
        .fetch_all(connection)
        .await?;
    let areas = rows.into_iter().map(|(id, name)| {
        let id = id.try_into()?;
        Ok(Area { id, name })
    });
    Ok(Some(Organisation {
        name,
        areas: areas.collect::<anyhow::Result<_>>()?,
    }))
}
