//! `server audit`: proves the audit trail, shows its newest head, and prints what is in it.

mod export;
mod who_looked;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use vitals::GatewayId;

use super::{ConfigFile, say};
use crate::audit::heads_file::kept_elsewhere;
use crate::audit::key::public_key_in;
use crate::audit::verify::{Evidence, Report};
use crate::audit::{Action, Actor, Entry, record, verify};
use crate::clock::Clock;
use crate::config::Config;
use crate::store::{Store, audit};
use export::ExportArgs;
use who_looked::WhoLookedArgs;

const UNSIGNED: &str = "nothing is signed, and no key is known: write the table [audit] in the configuration, as in the \
                        sample server.toml";

#[derive(Debug, Args)]
pub(super) struct AuditArgs {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Prove from the signed heads that no entry was edited, removed, inserted or reordered; exits with 1 otherwise
    Verify(VerifyArgs),
    /// Print entries in their order, as CSV or lines of JSON; that they were is an entry itself
    Export(ExportArgs),
    /// Print the newest signed head and the public key that it is checked by, to be sent elsewhere
    Head(ConfigFile),
    /// Print who looked at a patient's record and who changed it, newest first; that this was asked is an entry itself
    WhoLooked(WhoLookedArgs),
}

#[derive(Debug, Args)]
struct VerifyArgs {
    #[command(flatten)]
    config: ConfigFile,
    /// Heads that were kept elsewhere: a file of lines as `server audit head` prints them
    #[arg(long, value_name = "FILE")]
    heads: Option<PathBuf>,
}

impl AuditArgs {
    pub(super) async fn run(&self, clock: &Clock) -> anyhow::Result<ExitCode> {
        let file = match &self.command {
            AuditCommand::Verify(args) => &args.config,
            AuditCommand::Head(file) => file,
            AuditCommand::Export(args) => &args.config,
            AuditCommand::WhoLooked(args) => &args.config,
        };
        let config = file.load()?;
        let store = Store::open(&config.store.url).await?;
        let done = self.command.run(&config, &store, clock.now()).await;
        store.close().await;
        done
    }
}

impl AuditCommand {
    async fn run(
        &self,
        config: &Config,
        store: &Store,
        now: Timestamp,
    ) -> anyhow::Result<ExitCode> {
        match self {
            Self::Verify(args) => return args.run(config, store).await,
            Self::Export(args) => args.run(config, store, now).await?,
            Self::Head(_) => show_head(config, store).await?,
            Self::WhoLooked(args) => args.run(config, store, now).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl VerifyArgs {
    async fn run(&self, config: &Config, store: &Store) -> anyhow::Result<ExitCode> {
        let mut evidence = config.audit.as_ref().map(Evidence::load).transpose()?;
        if let Some(path) = &self.heads {
            let evidence = evidence.as_mut().context(UNSIGNED)?;
            evidence.lines.heads.extend(kept_elsewhere(path)?);
        }
        let report = verify(store, evidence.as_ref()).await?;
        for finding in &report.findings {
            say(&finding.to_string())?;
        }
        say(&summary(&report, evidence.is_some()))?;
        Ok(if report.findings.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

fn summary(report: &Report, has_evidence: bool) -> String {
    let Report {
        entries_len,
        heads_len,
        signed_upto,
        ..
    } = report;
    let fit = format!("{entries_len} entries follow each other as they were recorded");
    if !has_evidence {
        return format!(
            "{fit}. Nothing is signed without the table [audit] in the configuration: whoever can write to the database can \
             chain it anew."
        );
    }
    if *heads_len == 0 {
        return format!("{fit}. No head is signed yet: the running server does it, each day.");
    }
    format!(
        "{fit}; {heads_len} signed heads were looked at, the last over entry {signed_upto}. What came after it is signed with \
         the next head."
    )
}

async fn show_head(config: &Config, store: &Store) -> anyhow::Result<()> {
    let audit = config.audit.as_ref().context(UNSIGNED)?;
    let public_key = public_key_in(&audit.folder)?.with_context(|| {
        format!(
            "there is no key in {} yet: the server makes it when it starts",
            audit.folder.display()
        )
    })?;
    let mut connection = store.readers().acquire().await?;
    let Some(head) = audit::newest_head(&mut connection, &public_key).await? else {
        bail!(
            "no head was signed yet: the running server does, once somebody has looked at something"
        );
    };
    say(&serde_json::to_string(&head)?)?;
    say(&format!("Public key: {public_key}"))
}

/// Says in the trail what was just done to a box by a command; its own history has the rest.
pub(super) async fn note_box(
    store: &Store,
    gateway: &GatewayId,
    what: &str,
    now: Timestamp,
) -> anyhow::Result<()> {
    let entry = Entry::new(operator(), Action::BoxChanged).about(gateway);
    record(store, &entry.detail(what), now).await
}

/// Who runs a command is known by their account on this machine only.
pub(super) fn operator() -> Actor {
    Actor::operator(rustix::process::getuid().as_raw())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::Cli;

    #[test]
    fn each_command_needs_its_configuration_and_says_what_is_wanted() {
        let asks = |words: &str| Cli::try_parse_from(words.split_whitespace()).is_ok();
        for good in [
            "server audit verify --config f",
            "server audit verify --config f --heads kept",
            "server audit head --config f",
            "server audit export --config f",
            "server audit export --config f --format json --person @operator --patient p --from 2026-11-01 --until \
             2026-11-02T08:00:00Z",
            "server audit who-looked --config f patient-1",
            "server audit who-looked --config f patient-1 --before 12",
        ] {
            assert!(asks(good), "{good}");
        }
        for wrong in [
            "server audit",
            "server audit verify",
            "server audit export --config f --from yesterday",
            "server audit export --config f --format xml",
            "server audit who-looked --config f",
            "server audit who-looked --config f Patient/1",
        ] {
            assert!(!asks(wrong), "{wrong}");
        }
    }
}
