//! `server explain`: prints an alert with its papers.

use clap::Args;

use super::{ConfigFile, say};
use crate::clock::Clock;
use crate::explain::{AlertName, explain};

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    #[command(flatten)]
    config: ConfigFile,
    /// The alert, as PATIENT/NUMBER, such as patient-1/3
    alert: AlertName,
}

impl ExplainArgs {
    pub(super) async fn run(&self, clock: &Clock) -> anyhow::Result<()> {
        let store = self.config.open().await?;
        let explained = explain(&store, &self.alert, clock.now()).await;
        store.close().await;
        say(&explained?)
    }
}
