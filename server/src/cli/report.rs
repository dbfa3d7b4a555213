//! `server doctor`: what a box found when it last looked at itself, and, on request, now.

use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use jiff::Timestamp;
use tokio::time::{sleep, timeout};
use vitals::GatewayId;
use vitals::report::{Explained, Report};

use super::{ConfigFile, say};
use crate::clock::Clock;
use crate::store::Store;
use crate::store::reports::{self, StoredReport};

/// The longest that a box may take: it is asked at its next status, within a minute, and looks for up to 20 s.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(150);
const LOOK_PERIOD: Duration = Duration::from_millis(500);

#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    #[command(flatten)]
    config: ConfigFile,
    /// The box
    gateway: GatewayId,
    /// Ask the box to look now, and wait for its answer
    #[arg(long)]
    now: bool,
    /// As JSON, of a form that stays
    #[arg(long)]
    json: bool,
}

impl DoctorArgs {
    pub(super) async fn run(&self, clock: &Clock) -> anyhow::Result<()> {
        let store = self.config.open().await?;
        let stored = match self.now {
            true => self.ask(&store, clock.now()).await,
            false => reports::latest(store.readers(), &self.gateway).await,
        };
        store.close().await;
        let Some(StoredReport { report, stored_at }) = stored? else {
            bail!(
                "{} has sent no report yet; ask for one with --now",
                self.gateway
            );
        };
        match self.json {
            true => say(&serde_json::to_string_pretty(&report)?),
            false => say(&describe(&self.gateway, &report, stored_at)),
        }
    }

    async fn ask(&self, store: &Store, now: Timestamp) -> anyhow::Result<Option<StoredReport>> {
        let mut write = store.write().await?;
        reports::want(&mut write, &self.gateway, now).await?;
        write.commit().await?;
        let answering = async {
            loop {
                let latest = reports::latest(store.readers(), &self.gateway).await?;
                if latest.as_ref().is_some_and(|it| it.stored_at >= now) {
                    return Ok(latest);
                }
                sleep(LOOK_PERIOD).await;
            }
        };
        timeout(ANSWER_WAIT_MAX, answering).await.with_context(|| {
            format!(
                "{} did not answer within {} s: it is offline, or the server does not run; it is asked when it is back",
                self.gateway,
                ANSWER_WAIT_MAX.as_secs()
            )
        })?
    }
}

fn describe(gateway: &GatewayId, report: &Report, stored_at: Timestamp) -> String {
    let mut lines = vec![format!(
        "{gateway}, version {}, as of {stored_at}",
        report.software_version
    )];
    for finding in &report.findings {
        lines.push(format!(
            "  {} {} – {}",
            finding.outcome, finding.check, finding.detail
        ));
        if let Some(code) = finding.code {
            let Explained { happened, next, .. } = code.explained();
            lines.push(format!("      {code}: {happened} {next}"));
        }
    }
    if let Some(signed) = &report.sign_off {
        lines.push(format!(
            "Signed off by {} at {}: accept it with `server sign-off`",
            signed.by, signed.at
        ));
        for (device, dbm) in &signed.signals_dbm {
            lines.push(format!(
                "  {device} was heard with {dbm} dBm where it is used"
            ));
        }
    }
    lines.join("\n")
}
