//! Boxes: where each stands, and the history of how it came there.

use anyhow::Context;
use jiff::Timestamp;
use sqlx::AnyConnection;
use vitals::{DeviceId, GatewayId};

use crate::boxes::{BoxLife, BoxState};

/// The most boxes that are listed.
pub const BOXES_LEN_MAX: i64 = 10_000;

/// A time that never comes, in microseconds: what is monitored from then on is not monitored yet.
const NEVER_US: i64 = 253_402_207_200_000_000;

/// One change of a box's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub by: String,
    /// What it was before; `None` when it was new.
    pub from: Option<BoxState>,
    /// What it has been since.
    pub to: BoxState,
    /// Why, or what is to be remembered of it.
    pub why: String,
}

/// A box in the list of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub gateway: GatewayId,
    /// Where it stands.
    pub state: BoxState,
    /// Since when; `None` for one that was registered by hand and has been live ever since.
    pub since: Option<Timestamp>,
    /// When its last message arrived.
    pub heard_at: Option<Timestamp>,
}

/// Where a box stands, as it is stored.
#[derive(sqlx::FromRow)]
pub(super) struct LifeRow {
    state: String,
    state_since: Option<i64>,
    state_number: i64,
    monitored_from: Option<i64>,
    takes_over_since: Option<i64>,
}

impl TryFrom<LifeRow> for BoxLife {
    type Error = anyhow::Error;

    fn try_from(row: LifeRow) -> anyhow::Result<Self> {
        let time = |at: Option<i64>| at.map(Timestamp::from_microsecond).transpose();
        Ok(Self {
            state: state(&row.state)?,
            since: time(row.state_since)?,
            number: u64::try_from(row.state_number)?,
            monitored_from: time(row.monitored_from)?,
            takes_over_since: time(row.takes_over_since)?,
        })
    }
}

type ChangeRow = (i64, String, Option<String>, String, String);

/// Appends a change to a box's history and moves the box there. Tells whether the box was still where the change begins.
///
/// # Errors
/// When the database fails.
pub async fn append(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
    change: &Change,
) -> anyhow::Result<bool> {
    let number: Option<i64> = sqlx::query_scalar(
        "UPDATE gateway SET state = $2, state_since = $3, state_number = state_number + 1, \
         monitored_from = CASE WHEN $2 = 'live' THEN $3 WHEN $2 = 'commissioning' THEN $5 ELSE monitored_from END \
         WHERE id = $1 AND (state = $4 OR ($4 = '' AND state_number = 0)) RETURNING state_number",
    )
    .bind(gateway.as_str())
    .bind(change.to.code())
    .bind(change.at.as_microsecond())
    .bind(change.from.map_or("", BoxState::code))
    .bind(NEVER_US)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(number) = number else {
        return Ok(false);
    };
    sqlx::query(
        "INSERT INTO box_change (gateway, number, at, by_whom, from_state, to_state, why) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(gateway.as_str())
    .bind(number)
    .bind(change.at.as_microsecond())
    .bind(&change.by)
    .bind(change.from.map(BoxState::code))
    .bind(change.to.code())
    .bind(&change.why)
    .execute(connection)
    .await?;
    Ok(true)
}

/// Finds where a box stands; `None` when there is no such box.
///
/// # Errors
/// When the database fails, or holds what was never a state.
pub async fn life(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
) -> anyhow::Result<Option<BoxLife>> {
    let row: Option<LifeRow> = sqlx::query_as(
        "SELECT state, state_since, state_number, monitored_from, takes_over_since FROM gateway WHERE id = $1",
    )
    .bind(gateway.as_str())
    .fetch_optional(connection)
    .await?;
    row.map(BoxLife::try_from).transpose()
}

/// Reads a box's history, the first change first.
///
/// # Errors
/// When the database fails, or holds what was never a change.
pub async fn history(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
) -> anyhow::Result<Vec<Change>> {
    let rows: Vec<ChangeRow> = sqlx::query_as(
        "SELECT at, by_whom, from_state, to_state, why FROM box_change WHERE gateway = $1 ORDER BY number",
    )
    .bind(gateway.as_str())
    .fetch_all(connection)
    .await?;
    let change = |(at, by, from, to, why): ChangeRow| {
        Ok(Change {
            at: Timestamp::from_microsecond(at)?,
            by,
            from: from.as_deref().map(state).transpose()?,
            to: state(&to)?,
            why,
        })
    };
    rows.into_iter().map(change).collect()
}

/// Lists all boxes, by name.
///
/// # Errors
/// When the database fails.
pub async fn list(connection: &mut AnyConnection) -> anyhow::Result<Vec<Listed>> {
    let rows: Vec<(String, String, Option<i64>, Option<i64>)> = sqlx::query_as(
        "SELECT g.id, g.state, g.state_since, h.heard_at FROM gateway g \
         LEFT JOIN gateway_heard h ON h.gateway = g.id ORDER BY g.id LIMIT $1",
    )
    .bind(BOXES_LEN_MAX)
    .fetch_all(connection)
    .await?;
    let listed = |(gateway, code, since, heard): (String, String, Option<i64>, Option<i64>)| {
        Ok(Listed {
            gateway: gateway.try_into()?,
            state: state(&code)?,
            since: since.map(Timestamp::from_microsecond).transpose()?,
            heard_at: heard.map(Timestamp::from_microsecond).transpose()?,
        })
    };
    rows.into_iter().map(listed).collect()
}

/// Finds the names under which a signing key is known, with where each stands; the latest last.
///
/// # Errors
/// When the database fails.
pub async fn of_key(
    connection: &mut AnyConnection,
    signing_public_key: &[u8],
) -> anyhow::Result<Vec<(GatewayId, BoxState)>> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT id, state FROM gateway WHERE signing_public_key = $1 ORDER BY registered_at, id",
    )
    .bind(hex::encode(signing_public_key))
    .fetch_all(connection)
    .await?;
    let known = |(id, code): (String, String)| Ok((id.try_into()?, state(&code)?));
    rows.into_iter().map(known).collect()
}

/// Names the boxes whose state was changed since a time.
///
/// # Errors
/// When the database fails.
pub async fn changed_since(
    connection: &mut AnyConnection,
    since: Timestamp,
) -> anyhow::Result<Vec<GatewayId>> {
    let ids: Vec<String> = sqlx::query_scalar(
        "SELECT id FROM gateway WHERE state_number > 0 AND state_since >= $1 ORDER BY id LIMIT $2",
    )
    .bind(since.as_microsecond())
    .bind(BOXES_LEN_MAX)
    .fetch_all(connection)
    .await?;
    ids.into_iter().map(|id| Ok(id.try_into()?)).collect()
}

/// Names the boxes that have been draining since a time or longer.
///
/// # Errors
/// When the database fails.
pub async fn draining_since(
    connection: &mut AnyConnection,
    since: Timestamp,
) -> anyhow::Result<Vec<GatewayId>> {
    let ids: Vec<String> = sqlx::query_scalar(
        "SELECT id FROM gateway WHERE state = 'draining' AND state_since <= $1 ORDER BY id LIMIT $2",
    )
    .bind(since.as_microsecond())
    .bind(BOXES_LEN_MAX)
    .fetch_all(connection)
    .await?;
    ids.into_iter().map(|id| Ok(id.try_into()?)).collect()
}

/// Tells whether what a box sent at a time could be a test whatever it said: whether it was not live then.
///
/// # Errors
/// When the database fails, or holds what was never a state.
pub async fn was_not_live(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
    at: Timestamp,
) -> anyhow::Result<bool> {
    let code: Option<String> = sqlx::query_scalar(
        "SELECT to_state FROM box_change WHERE gateway = $1 AND at <= $2 ORDER BY number DESC LIMIT 1",
    )
    .bind(gateway.as_str())
    .bind(at.as_microsecond())
    .fetch_optional(connection)
    .await?;
    let then = code.as_deref().map(state).transpose()?;
    Ok(then.is_some_and(|then| then != BoxState::Live))
}

/// Lists the devices that are bound to a box.
///
/// # Errors
/// When the database fails.
pub async fn devices_of(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
) -> anyhow::Result<Vec<DeviceId>> {
    let ids: Vec<String> =
        sqlx::query_scalar("SELECT id FROM device WHERE gateway = $1 ORDER BY id")
            .bind(gateway.as_str())
            .fetch_all(connection)
            .await?;
    ids.into_iter().map(|id| Ok(id.try_into()?)).collect()
}

/// Reads the name of a state.
pub(super) fn state(code: &str) -> anyhow::Result<BoxState> {
    BoxState::from_code(code)
        .with_context(|| format!("the database holds an unknown state of a box {code:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_is_the_last_second_that_a_time_can_hold() {
        let never = Timestamp::from_microsecond(NEVER_US).unwrap();
        assert_eq!(never.as_second(), Timestamp::MAX.as_second());
    }
}
