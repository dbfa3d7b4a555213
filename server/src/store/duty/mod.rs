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

macro_rules! select_changes {
    ($($table:literal),*) => {
        concat!($(
            "SELECT recorded_at AS changed_at FROM ", $table,
            " WHERE team = $1 AND recorded_at > $2 AND recorded_at <= $3 UNION \
             SELECT withdrawn_at AS changed_at FROM ", $table,
            " WHERE team = $1 AND withdrawn_at > $2 AND withdrawn_at <= $3 UNION "
        ),*, "SELECT $2 AS changed_at WHERE 1 = 0 ORDER BY changed_at")
    };
}

/// Lists the moments after `from`, `to` included, at which what is known of a team's rota changed, in order.
///
/// # Errors
/// When the database fails.
pub async fn changes(
    connection: &mut AnyConnection,
    team: &TeamId,
    from: Timestamp,
    to: Timestamp,
) -> anyhow::Result<Vec<Timestamp>> {
    let at: Vec<i64> = sqlx::query_scalar(select_changes!("team_duty", "member", "shift", "leave"))
        .bind(team.as_str())
        .bind(from.as_microsecond())
        .bind(to.as_microsecond())
        .fetch_all(connection)
        .await
        .with_context(|| format!("cannot read when the rota of team {team} changed"))?;
    at.into_iter()
        .map(|us| Ok(Timestamp::from_microsecond(us)?))
        .collect()
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
