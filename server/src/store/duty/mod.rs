//! Duty: each team's rota as it is known, and as it was known at any moment before.

mod read;
mod write;

use anyhow::Context;
use clinical::TeamId;
use clinical::duty::Rota;
use jiff::Timestamp;
use sqlx::AnyConnection;

use read::Known;
pub use write::save;

/// Reads a team's rota as it was known at a moment; `None` when none was, or there is no such team.
///
/// # Errors
/// When the database fails, or what it holds is no rota.
pub async fn rota(
    connection: &mut AnyConnection,
    team: &TeamId,
    at: Timestamp,
) -> anyhow::Result<Option<Rota>> {
    let known = Known::read(connection, team, at).await?;
    known
        .rota()
        .with_context(|| format!("the rota of team {team} cannot be read"))
}

/// Lists the teams that have a rota.
///
/// # Errors
/// When the database fails.
pub async fn teams(connection: &mut AnyConnection) -> anyhow::Result<Vec<TeamId>> {
    let ids: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT team FROM team_duty WHERE withdrawn_at IS NULL ORDER BY team",
    )
    .fetch_all(connection)
    .await?;
    ids.into_iter().map(|id| Ok(id.try_into()?)).collect()
}
