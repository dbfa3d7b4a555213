//! `server sign-off`, `server box` and `server boxes`: what an installer and the office say of a box, and where it stands.

use anyhow::bail;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use sqlx::AnyConnection;
use vitals::{DeviceId, GatewayId};

use super::audit::note_box;
use super::{ConfigFile, say};
use crate::boxes::steps::{self, Word};
use crate::boxes::{BoxLife, BoxState};
use crate::clock::Clock;
use crate::store::{Store, boxes, gateways};

#[derive(Debug, Args)]
pub(super) struct SignOffArgs {
    #[command(flatten)]
    config: ConfigFile,
    /// The box whose readings count from now on
    gateway: GatewayId,
    #[command(flatten)]
    word: WordArgs,
}

#[derive(Debug, Args)]
pub(super) struct BoxArgs {
    #[command(flatten)]
    config: ConfigFile,
    /// The box
    gateway: GatewayId,
    /// What happened to it; without this, where it stands and how it came there
    #[command(subcommand)]
    step: Option<Step>,
}

#[derive(Debug, Args)]
pub(super) struct BoxesArgs {
    #[command(flatten)]
    config: ConfigFile,
}

/// Who says it, and what is to be remembered of it.
#[derive(Debug, Args)]
struct WordArgs {
    /// Who did it
    #[arg(long)]
    by: String,
    /// What is to be remembered of it
    #[arg(long, default_value = "")]
    why: String,
}

#[derive(Debug, Subcommand)]
enum Step {
    /// It is on its way back from its home: no readings are expected of it any more
    Returning(WordArgs),
    /// It has arrived
    Received(WordArgs),
    /// It was reset and proved that it forgot everything
    Wiped {
        /// The line that the box printed when it was reset
        #[arg(long)]
        proof: String,
        /// Who did it
        #[arg(long)]
        by: String,
    },
    /// It was cleaned
    Cleaned(WordArgs),
    /// It was checked, and it works
    Tested(WordArgs),
    /// It is ready for another home
    Stock(WordArgs),
}

impl WordArgs {
    fn word(&self) -> Word<'_> {
        Word {
            by: &self.by,
            why: &self.why,
        }
    }
}

impl SignOffArgs {
    pub(super) async fn run(&self, clock: &Clock) -> anyhow::Result<()> {
        let store = self.config.open().await?;
        let now = clock.now();
        let mut done = steps::sign_off(&store, &self.gateway, self.word.word(), now).await;
        if done.is_ok() {
            done = note_box(&store, &self.gateway, "sign-off", now).await;
        }
        let shown = show_after(&store, &self.gateway, done).await;
        store.close().await;
        say(&shown?)
    }
}

impl BoxArgs {
    pub(super) async fn run(&self, clock: &Clock) -> anyhow::Result<()> {
        let store = self.config.open().await?;
        let done = match &self.step {
            Some(step) => step.take(&store, &self.gateway, clock.now()).await,
            None => Ok(()),
        };
        let shown = show_after(&store, &self.gateway, done).await;
        store.close().await;
        say(&shown?)
    }
}

impl Step {
    async fn take(&self, store: &Store, id: &GatewayId, now: Timestamp) -> anyhow::Result<()> {
        let (to, words) = match self {
            Self::Wiped { proof, by } => {
                steps::wiped(store, id, proof, by, now).await?;
                return note_box(store, id, BoxState::Wiped.code(), now).await;
            }
            Self::Returning(words) => (BoxState::Returning, words),
            Self::Received(words) => (BoxState::Received, words),
            Self::Cleaned(words) => (BoxState::Cleaned, words),
            Self::Tested(words) => (BoxState::Tested, words),
            Self::Stock(words) => (BoxState::Stock, words),
        };
        steps::go_back(store, id, to, words.word(), now).await?;
        note_box(store, id, to.code(), now).await
    }
}

impl BoxesArgs {
    pub(super) async fn run(&self) -> anyhow::Result<()> {
        let store = self.config.open().await?;
        let mut connection = store.readers().acquire().await?;
        let listed = boxes::list(&mut connection).await;
        drop(connection);
        store.close().await;
        let listed = listed?;
        if listed.is_empty() {
            return say(
                "There is no box yet: `server install-job` makes a code for the first one.",
            );
        }
        let width = listed.iter().map(|it| it.gateway.as_str().len()).max();
        for it in &listed {
            let heard = match it.heard_at {
                Some(at) => format!("last heard {at}"),
                None => "never heard".to_owned(),
            };
            say(&format!(
                "{:width$}  {:13}  {heard}",
                it.gateway.as_str(),
                it.state.code(),
                width = width.unwrap_or_default()
            ))?;
        }
        Ok(())
    }
}

async fn show_after(
    store: &Store,
    id: &GatewayId,
    done: anyhow::Result<()>,
) -> anyhow::Result<String> {
    done?;
    let mut connection = store.readers().acquire().await?;
    show(&mut connection, id).await
}

async fn show(connection: &mut AnyConnection, id: &GatewayId) -> anyhow::Result<String> {
    let Some(known) = gateways::by_id(connection, id).await? else {
        bail!("there is no box {id}; `server boxes` lists them");
    };
    let devices = boxes::devices_of(connection, id).await?;
    let history = boxes::history(connection, id).await?;
    let mut lines = vec![head(id, &known.life)];
    let devices: Vec<&str> = devices.iter().map(DeviceId::as_str).collect();
    if !devices.is_empty() {
        lines.push(format!("Its devices: {}.", devices.join(", ")));
    }
    if let Some(at) = known.revoked_at {
        lines.push(format!("Revoked since {at}: what it sends is set aside."));
    }
    for it in &history {
        let from = it.from.map_or("new", BoxState::code);
        let why = if it.why.is_empty() {
            String::new()
        } else {
            format!(": {}", it.why)
        };
        lines.push(format!("{}  {from} → {}  by {}{why}", it.at, it.to, it.by));
    }
    let next = known.life.state.next_step();
    lines.push(format!("Next: {}.", next.replace('…', id.as_str())));
    Ok(lines.join("\n"))
}

fn head(id: &GatewayId, life: &BoxLife) -> String {
    match life.since {
        Some(since) => format!("{id} is {} since {since}.", life.state),
        None => format!("{id} is {}; it was registered by hand.", life.state),
    }
}
