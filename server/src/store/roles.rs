//! Roles: what each person may do, and in which team. A grant is withdrawn, never removed.

use std::collections::BTreeSet;

use anyhow::Context;
use clinical::{PersonId, TeamId};
use jiff::Timestamp;
use sqlx::{AnyConnection, AnyPool};

use crate::rights::Role;

/// A role that a person has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// The team that it is held in; `None` for the whole service.
    pub team: Option<TeamId>,
}

/// Reads the roles that a person has.
///
/// # Errors
/// When the database does not answer, or holds a role or team that this program does not know.
pub async fn of_person(readers: &AnyPool, person: &PersonId) -> anyhow::Result<BTreeSet<Grant>> {
    let mut connection = readers.acquire().await?;
    held(&mut connection, person).await
}

/// Reads the roles that a person has, within a transaction.
///
/// # Errors
/// When the database fails, or holds a role or team that this program does not know.
pub async fn held(
    connection: &mut AnyConnection,
    person: &PersonId,
) -> anyhow::Result<BTreeSet<Grant>> {
    let rows: Vec<(String, Option<String>)> = sqlx::query_as(
        "SELECT role, team FROM role_grant WHERE person = $1 AND withdrawn_at IS NULL",
    )
    .bind(person.as_str())
    .fetch_all(connection)
    .await
    .context("cannot read what a person may do")?;
    let grant = |(role, team): (String, Option<String>)| {
        let role = Role::from_code(&role).with_context(|| format!("there is no role {role}"))?;
        let team = team.map(TeamId::try_from).transpose()?;
        Ok(Grant { role, team })
    };
    rows.into_iter().map(grant).collect()
}

/// Makes a person's roles these and no others; tells whether anything changed. `by` is `None` for the seed file.
///
/// # Errors
/// When the database fails, or the person or a team is not known.
pub async fn set(
    connection: &mut AnyConnection,
    person: &PersonId,
    grants: &BTreeSet<Grant>,
    by: Option<&PersonId>,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let held = held(connection, person).await?;
    for lost in held.difference(grants) {
        withdraw(connection, person, lost, by, now).await?;
    }
    for new in grants.difference(&held) {
        give(connection, person, new, by, now).await?;
    }
    Ok(held != *grants)
}

/// Takes everybody who administers the service for this transaction: of two changes that would leave nobody, one sees the
/// other.
///
/// # Errors
/// When the database fails.
pub async fn lock_administrators(connection: &mut AnyConnection) -> anyhow::Result<()> {
    sqlx::query(
        "UPDATE person SET name = name WHERE id IN (SELECT person FROM role_grant WHERE role = 'administrator' \
         AND withdrawn_at IS NULL)",
    )
    .execute(connection)
    .await
    .context("cannot take the administrators")?;
    Ok(())
}

/// Counts who administers the service besides a person: those who stay and may sign in.
///
/// # Errors
/// When the database fails.
pub async fn other_administrators_len(
    connection: &mut AnyConnection,
    person: &PersonId,
) -> anyhow::Result<i64> {
    sqlx::query_scalar(
        "SELECT COUNT(DISTINCT g.person) FROM role_grant g JOIN person w ON w.id = g.person \
         JOIN account a ON a.person = g.person WHERE g.role = 'administrator' AND g.withdrawn_at IS NULL \
         AND g.person <> $1 AND w.left_at IS NULL AND a.disabled_at IS NULL",
    )
    .bind(person.as_str())
    .fetch_one(connection)
    .await
    .context("cannot count the administrators")
}

async fn withdraw(
    connection: &mut AnyConnection,
    person: &PersonId,
    grant: &Grant,
    by: Option<&PersonId>,
    now: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query(
        "UPDATE role_grant SET withdrawn_at = $1, withdrawn_by = $2 \
         WHERE person = $3 AND role = $4 AND COALESCE(team, '') = $5 AND withdrawn_at IS NULL",
    )
    .bind(now.as_microsecond())
    .bind(by.map(PersonId::as_str))
    .bind(person.as_str())
    .bind(grant.role.code())
    .bind(grant.team.as_ref().map_or("", TeamId::as_str))
    .execute(connection)
    .await?;
    Ok(())
}

async fn give(
    connection: &mut AnyConnection,
    person: &PersonId,
    grant: &Grant,
    by: Option<&PersonId>,
    now: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO role_grant (person, number, role, team, granted_at, granted_by) \
         SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, $5 FROM role_grant WHERE person = $1",
    )
    .bind(person.as_str())
    .bind(grant.role.code())
    .bind(grant.team.as_ref().map(TeamId::as_str))
    .bind(now.as_microsecond())
    .bind(by.map(PersonId::as_str))
    .execute(connection)
    .await?;
    Ok(())
}
