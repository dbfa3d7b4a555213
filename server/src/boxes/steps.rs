//! Steps of a box's life, each in a transaction with what follows from it.

use anyhow::{Context, bail, ensure};
use jiff::Timestamp;
use sqlx::AnyConnection;
use vitals::GatewayId;
use vitals::enrol::wipe::Statement;

use super::BoxState;
use crate::store::boxes::{self, Change};
use crate::store::gateways::{self, Gateway};
use crate::store::{Store, Write};

/// The longest name of a person who did something to a box, and the longest reason, in characters.
pub const WORDS_LEN_MAX: usize = 200;

/// Who did something to a box, and why.
#[derive(Debug, Clone, Copy)]
pub struct Word<'a> {
    /// Who.
    pub by: &'a str,
    /// Why, or what is to be remembered of it.
    pub why: &'a str,
}

impl Word<'_> {
    fn check(self) -> anyhow::Result<()> {
        let is_short = |text: &str| text.chars().count() <= WORDS_LEN_MAX;
        ensure!(
            !self.by.trim().is_empty() && is_short(self.by),
            "say who did it, in 1 to {WORDS_LEN_MAX} characters: --by NAME"
        );
        Ok(())
    }
}

/// Accepts the installer's sign-off: from now on the box's readings count, and are expected.
///
/// # Errors
/// When there is no such box, it is not being commissioned, or the database fails.
pub async fn sign_off(
    store: &Store,
    id: &GatewayId,
    word: Word<'_>,
    now: Timestamp,
) -> anyhow::Result<()> {
    step(store, id, BoxState::Live, word, now).await
}

/// Takes a step on the way back to the stock that needs no proof.
///
/// # Errors
/// When there is no such box, a step before this one is missing, the step needs a proof, or the database fails.
pub async fn go_back(
    store: &Store,
    id: &GatewayId,
    to: BoxState,
    word: Word<'_>,
    now: Timestamp,
) -> anyhow::Result<()> {
    ensure!(to != BoxState::Wiped, "a wipe needs its proof");
    step(store, id, to, word, now).await
}

/// Notes that a box proved its wipe. Nothing that it says is believed from then on: it has no keys any more.
///
/// # Errors
/// When the proof is not this box's, there is no such box, it has not been received, or the database fails.
pub async fn wiped(
    store: &Store,
    id: &GatewayId,
    proof: &str,
    by: &str,
    now: Timestamp,
) -> anyhow::Result<Timestamp> {
    let statement = Statement::read(proof)?;
    ensure!(
        statement.gateway == *id,
        "this is the proof of {}, not of {id}",
        statement.gateway
    );
    let mut write = store.write().await?;
    let gateway = known(&mut write, id).await?;
    statement.verify(&gateway.signing_public_key)?;
    let why = statement.to_string();
    change(
        &mut write,
        id,
        &gateway,
        BoxState::Wiped,
        Word { by, why: &why },
        now,
    )
    .await?;
    gateways::revoke(&mut write, id, now).await?;
    commit(write).await?;
    Ok(statement.at)
}

/// Revokes a box for good; again changes nothing. Tells since when it is revoked, `None` when there is no such box.
///
/// # Errors
/// When the database fails.
pub async fn revoke(
    connection: &mut AnyConnection,
    id: &GatewayId,
    word: Word<'_>,
    now: Timestamp,
) -> anyhow::Result<Option<Timestamp>> {
    let since = gateways::revoke(connection, id, now).await?;
    if let Some(gateway) = gateways::by_id(connection, id).await?
        && gateway.life.state.may_become(BoxState::Retired).is_ok()
    {
        change(connection, id, &gateway, BoxState::Retired, word, now).await?;
    }
    Ok(since)
}

async fn step(
    store: &Store,
    id: &GatewayId,
    to: BoxState,
    word: Word<'_>,
    now: Timestamp,
) -> anyhow::Result<()> {
    let mut write = store.write().await?;
    let gateway = known(&mut write, id).await?;
    change(&mut write, id, &gateway, to, word, now).await?;
    commit(write).await
}

async fn known(connection: &mut AnyConnection, id: &GatewayId) -> anyhow::Result<Gateway> {
    gateways::by_id(connection, id)
        .await?
        .with_context(|| format!("there is no box {id}; `server boxes` lists them"))
}

/// Changes a box's state, if it may be changed so.
pub(crate) async fn change(
    connection: &mut AnyConnection,
    id: &GatewayId,
    gateway: &Gateway,
    to: BoxState,
    word: Word<'_>,
    now: Timestamp,
) -> anyhow::Result<()> {
    word.check()?;
    let from = gateway.life.state;
    if let Err(refusal) = from.may_become(to) {
        return Err(anyhow::Error::new(refusal).context(format!("{id} stays as it is")));
    }
    let change = Change {
        at: now,
        by: word.by.to_owned(),
        from: Some(from),
        to,
        why: word.why.to_owned(),
    };
    if !boxes::append(connection, id, &change).await? {
        bail!("{id} was changed by somebody else meanwhile; look at it with `server box {id}`");
    }
    Ok(())
}

async fn commit(write: Write<'_>) -> anyhow::Result<()> {
    write
        .commit()
        .await
        .context("the box's change cannot be committed")
}
