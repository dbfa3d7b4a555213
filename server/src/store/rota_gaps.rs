//! Gaps of the rotas that are known: found while time went on, each a row until it is over.

use clinical::TeamId;
use clinical::duty::{Gap, Lack};
use jiff::Timestamp;
use sqlx::AnyConnection;

/// A gap that is known and not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownGap {
    /// Whose rota has it.
    pub team: TeamId,
    /// Its number: 1 for the first of the team.
    pub number: i64,
    /// When, and who is missing.
    pub gap: Gap,
    /// `Thursday 12:00-13:00 nobody covers the North team`, and nobody's name.
    pub sentence: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    team: String,
    number: i64,
    lack: String,
    every_week: i64,
    from_at: i64,
    until_at: i64,
    sentence: String,
}

macro_rules! select_open {
    ($rest:literal) => {
        concat!(
            "SELECT team, number, lack, every_week, from_at, until_at, sentence FROM rota_gap \
             WHERE over_at IS NULL",
            $rest
        )
    };
}

/// Reads the known gaps of all teams, the earliest first.
///
/// # Errors
/// When the database fails.
pub async fn open(connection: &mut AnyConnection) -> anyhow::Result<Vec<KnownGap>> {
    let rows: Vec<Row> = sqlx::query_as(select_open!(" ORDER BY from_at, team, number"))
        .fetch_all(connection)
        .await?;
    rows.into_iter().map(KnownGap::try_from).collect()
}

/// Reads the known gaps of one team, the earliest first.
///
/// # Errors
/// When the database fails.
pub async fn open_of(
    connection: &mut AnyConnection,
    team: &TeamId,
) -> anyhow::Result<Vec<KnownGap>> {
    let rows: Vec<Row> = sqlx::query_as(select_open!(" AND team = $1 ORDER BY from_at, number"))
        .bind(team.as_str())
        .fetch_all(connection)
        .await?;
    rows.into_iter().map(KnownGap::try_from).collect()
}

/// Takes a team's gaps for this transaction, so that of several servers one finds each.
///
/// # Errors
/// When the database fails.
pub async fn lock(connection: &mut AnyConnection, team: &TeamId) -> anyhow::Result<()> {
    sqlx::query("UPDATE team SET name = name WHERE id = $1")
        .bind(team.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// Tells whether a look of a later time, by another server, has written what is known of a team.
///
/// # Errors
/// When the database fails.
pub async fn is_known_since(
    connection: &mut AnyConnection,
    team: &TeamId,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let later: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM rota_gap WHERE team = $1 AND (found_at > $2 OR over_at > $2)",
    )
    .bind(team.as_str())
    .bind(now.as_microsecond())
    .fetch_one(connection)
    .await?;
    Ok(later > 0)
}

/// Adds a gap.
///
/// # Errors
/// When the database fails.
pub async fn add(
    connection: &mut AnyConnection,
    team: &TeamId,
    gap: &Gap,
    sentence: &str,
    now: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO rota_gap (team, number, lack, every_week, from_at, until_at, sentence, found_at) \
         SELECT $1, CAST(COALESCE(MAX(number), 0) + 1 AS BIGINT), $2, $3, $4, $5, $6, $7 FROM rota_gap WHERE team = $1",
    )
    .bind(team.as_str())
    .bind(code(gap.lack))
    .bind(i64::from(gap.every_week))
    .bind(gap.from.as_microsecond())
    .bind(gap.until.as_microsecond())
    .bind(sentence)
    .bind(now.as_microsecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes when a gap of every week comes next.
///
/// # Errors
/// When the database fails.
pub async fn come_next(
    connection: &mut AnyConnection,
    known: &KnownGap,
    next: &Gap,
) -> anyhow::Result<()> {
    sqlx::query("UPDATE rota_gap SET from_at = $3, until_at = $4 WHERE team = $1 AND number = $2")
        .bind(known.team.as_str())
        .bind(known.number)
        .bind(next.from.as_microsecond())
        .bind(next.until.as_microsecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// Notes that a gap is over.
///
/// # Errors
/// When the database fails.
pub async fn end(
    connection: &mut AnyConnection,
    known: &KnownGap,
    now: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query("UPDATE rota_gap SET over_at = $3 WHERE team = $1 AND number = $2")
        .bind(known.team.as_str())
        .bind(known.number)
        .bind(now.as_microsecond())
        .execute(connection)
        .await?;
    Ok(())
}

fn code(lack: Lack) -> &'static str {
    match lack {
        Lack::AtWork => "at_work",
        Lack::OnCall => "on_call",
    }
}

impl TryFrom<Row> for KnownGap {
    type Error = anyhow::Error;

    fn try_from(row: Row) -> anyhow::Result<Self> {
        let lack = match row.lack.as_str() {
            "at_work" => Lack::AtWork,
            "on_call" => Lack::OnCall,
            other => anyhow::bail!("a gap of the rota of team {} lacks {other:?}", row.team),
        };
        Ok(Self {
            team: row.team.try_into()?,
            number: row.number,
            gap: Gap {
                lack,
                from: Timestamp::from_microsecond(row.from_at)?,
                until: Timestamp::from_microsecond(row.until_at)?,
                every_week: row.every_week != 0,
            },
            sentence: row.sentence,
        })
    }
}
