//! Clinics: where patients of an area are seen, on which days, and whom to call there.

use anyhow::Context;
use jiff::Timestamp;
use sqlx::{AnyConnection, AnyPool, FromRow};

/// The most clinics that one list reads.
pub const CLINIC_ROWS_MAX: i64 = 500;

/// One clinic.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct ClinicRow {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The area that it is for.
    pub area: String,
    /// When it is held, in words.
    pub days: String,
    /// Whom to call, in words.
    pub contact: String,
}

/// Lists the clinics that there are, by area and name; at most [`CLINIC_ROWS_MAX`].
///
/// # Errors
/// When the database does not answer.
pub async fn all(readers: &AnyPool) -> anyhow::Result<Vec<ClinicRow>> {
    sqlx::query_as(
        "SELECT id, name, area, days, contact FROM clinic WHERE ended_at IS NULL ORDER BY area, name, id LIMIT $1",
    )
    .bind(CLINIC_ROWS_MAX)
    .fetch_all(readers)
    .await
    .context("cannot read the clinics")
}

/// Finds a clinic that there is.
///
/// # Errors
/// When the database fails.
pub async fn find(connection: &mut AnyConnection, id: &str) -> anyhow::Result<Option<ClinicRow>> {
    sqlx::query_as(
        "SELECT id, name, area, days, contact FROM clinic WHERE id = $1 AND ended_at IS NULL",
    )
    .bind(id)
    .fetch_optional(connection)
    .await
    .context("cannot read a clinic")
}

/// Writes a clinic.
///
/// # Errors
/// When the database fails, or the area is not known.
pub async fn put(connection: &mut AnyConnection, clinic: &ClinicRow) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO clinic (id, name, area, days, contact) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, area = excluded.area, days = excluded.days, \
         contact = excluded.contact",
    )
    .bind(&clinic.id)
    .bind(&clinic.name)
    .bind(&clinic.area)
    .bind(&clinic.days)
    .bind(&clinic.contact)
    .execute(connection)
    .await
    .context("cannot write a clinic")?;
    Ok(())
}

/// Ends a clinic. It is kept.
///
/// # Errors
/// When the database fails.
pub async fn end(connection: &mut AnyConnection, id: &str, now: Timestamp) -> anyhow::Result<()> {
    sqlx::query("UPDATE clinic SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL")
        .bind(id)
        .bind(now.as_microsecond())
        .execute(connection)
        .await
        .context("cannot end a clinic")?;
    Ok(())
}
