//! What people change about the organisation, its people and their duty: who, when and what. Appended to, never altered.

use anyhow::Context;
use clinical::PersonId;
use jiff::Timestamp;
use sqlx::{AnyConnection, AnyPool, FromRow};

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct OfficeChange {
    /// When; microseconds UTC.
    pub at: i64,
    /// The name of who changed it.
    pub by_name: String,
    /// What, in a sentence.
    pub sentence: String,
}

/// Notes a change of a subject: `team:north`, `person:ada`, `organisation`. Its writer has taken the subject before, so
/// that no two changes get the same number.
///
/// # Errors
/// When the database fails.
pub async fn note(
    connection: &mut AnyConnection,
    subject: &str,
    by: &PersonId,
    sentence: &str,
    at: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO office_change (subject, number, at, by_person, sentence) \
         SELECT $1, CAST(COALESCE(MAX(number), 0) + 1 AS BIGINT), $2, $3, $4 FROM office_change WHERE subject = $1",
    )
    .bind(subject)
    .bind(at.as_microsecond())
    .bind(by.as_str())
    .bind(sentence)
    .execute(connection)
    .await
    .context("cannot note who changed what")?;
    Ok(())
}

/// Lists at most `rows_max` changes of a subject, the latest first.
///
/// # Errors
/// When the database does not answer.
pub async fn changes(
    readers: &AnyPool,
    subject: &str,
    rows_max: i64,
) -> anyhow::Result<Vec<OfficeChange>> {
    sqlx::query_as(
        "SELECT o.at, p.name AS by_name, o.sentence FROM office_change o JOIN person p ON p.id = o.by_person \
         WHERE o.subject = $1 ORDER BY o.number DESC LIMIT $2",
    )
    .bind(subject)
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read who changed what")
}

/// Lists at most `rows_max` changes of any subject, the latest first.
///
/// # Errors
/// When the database does not answer.
pub async fn latest(readers: &AnyPool, rows_max: i64) -> anyhow::Result<Vec<OfficeChange>> {
    sqlx::query_as(
        "SELECT o.at, p.name AS by_name, o.sentence FROM office_change o JOIN person p ON p.id = o.by_person \
         ORDER BY o.at DESC, o.subject, o.number DESC LIMIT $1",
    )
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read who changed what lately")
}

/// Something that gets an id from its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// A member of staff.
    Person,
    /// A team.
    Team,
    /// An area.
    Area,
    /// A clinic.
    Clinic,
}

/// Lists the ids that begin with a text: those that a new one must not be.
///
/// # Errors
/// When the database fails.
pub async fn ids_like(
    connection: &mut AnyConnection,
    named: Named,
    start: &str,
) -> anyhow::Result<Vec<String>> {
    let statement = match named {
        Named::Person => "SELECT id FROM person WHERE id LIKE $1",
        Named::Team => "SELECT id FROM team WHERE id LIKE $1",
        Named::Area => "SELECT id FROM area WHERE id LIKE $1",
        Named::Clinic => "SELECT id FROM clinic WHERE id LIKE $1",
    };
    sqlx::query_scalar(statement)
        .bind(format!("{start}%"))
        .fetch_all(connection)
        .await
        .context("cannot read which ids there are")
}

/// Takes the organisation for this transaction: two who change it do so one after the other.
///
/// # Errors
/// When the database fails.
pub async fn lock(connection: &mut AnyConnection) -> anyhow::Result<()> {
    sqlx::query("UPDATE organisation SET name = name")
        .execute(connection)
        .await
        .context("cannot take the organisation")?;
    Ok(())
}
