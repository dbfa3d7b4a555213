//! The command line: what an operator can ask of this program.

mod account;
mod audit;
mod boxes;
mod certificates;
mod enrol;
mod explain;
mod plan;
mod replay;
mod report;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::Config;
use crate::lifecycle::Server;
use crate::seed::Seed;
use crate::store::Store;
use crate::templates::Templates;
use crate::{history, verify};

/// Stores readings, judges them against each patient's plan, and shows the coordinator what needs a person.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server until it is signalled: once to finish what is under way, twice to stop at once
    Run(ConfigFile),
    /// Read the configuration and explain it
    CheckConfig(ConfigFile),
    /// Bring the database up to this program's schema
    Migrate(ConfigFile),
    /// Register teams, people, patients, gateways and devices from a seed file; again changes only what is different
    Seed {
        #[command(flatten)]
        config: ConfigFile,
        /// The seed file
        seed: PathBuf,
    },
    /// Make somebody an administrator of the service: prints a code by which they set their password
    Administrator(account::AdministratorArgs),
    /// Let somebody sign in: prints a code by which they set their password, at first or again
    Account(account::AccountArgs),
    /// Prove that no stored reading was edited, dropped or reordered; exits with 1 otherwise
    Verify(ConfigFile),
    /// The audit trail: who looked at which record, and who changed what
    Audit(audit::AuditArgs),
    /// Write alerts, plans and cases again from the journals
    Rebuild(ConfigFile),
    /// Print an alert with its papers: why it was raised, by whose plan, and everything since
    Explain(explain::ExplainArgs),
    /// Change a patient's plan, at once or from a later time
    Propose(plan::ProposeArgs),
    /// Take back a plan that was to hold from a later time
    Withdraw(plan::WithdrawArgs),
    /// Arm an install job: prints the code by which a new box gets its certificate
    InstallJob(enrol::InstallJobArgs),
    /// Revoke a gateway: nothing that it says is believed from now on
    Revoke(enrol::RevokeArgs),
    /// Permit a gateway to renew its certificate, which has ended
    RenewLate(certificates::RenewLateArgs),
    /// Make the certificates by which an external broker and this server know each other
    BrokerCertificate(certificates::BrokerCertificateArgs),
    /// Accept the installer's sign-off: the box's readings count from now on, and are expected
    SignOff(boxes::SignOffArgs),
    /// Print where a box stands, how it came there and what comes next; or say what happened to it
    Box(boxes::BoxArgs),
    /// Print what a box found when it last looked at itself; with --now, ask it to look
    Doctor(report::DoctorArgs),
    /// List the boxes, each with where it stands
    Boxes(boxes::BoxesArgs),
    /// Print what a proposed plan would have raised and missed; with --check, whether journals are decided alike again
    Replay(replay::ReplayArgs),
}

#[derive(Debug, Args)]
struct ConfigFile {
    /// The configuration file
    #[arg(long = "config", value_name = "FILE")]
    path: PathBuf,
}

impl ConfigFile {
    fn load(&self) -> anyhow::Result<Config> {
        Config::load(&self.path)
    }

    async fn open(&self) -> anyhow::Result<Store> {
        Store::open(&self.load()?.store.url).await
    }

    async fn migrate(&self) -> anyhow::Result<Store> {
        Store::migrate(&self.load()?.store.url).await
    }
}

impl Cli {
    /// Does what was asked.
    ///
    /// # Errors
    /// When it cannot be done; the error says what to do next.
    pub async fn run(self, clock: Clock) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Run(config) => run_until_signalled(&config.load()?, clock).await?,
            Command::CheckConfig(config) => explain(&config.load()?)?,
            Command::Migrate(config) => {
                config.migrate().await?.close().await;
                say("The database has this program's schema.")?;
            }
            Command::Seed { config, seed } => register(&config, &seed, &clock).await?,
            Command::Administrator(args) => args.run(&clock).await?,
            Command::Account(args) => args.run(&clock).await?,
            Command::Verify(config) => return prove(&config.open().await?).await,
            Command::Audit(args) => return args.run(&clock).await,
            Command::Explain(args) => args.run(&clock).await?,
            Command::Propose(args) => args.run(&clock).await?,
            Command::Withdraw(args) => args.run(&clock).await?,
            Command::InstallJob(args) => args.run(&clock).await?,
            Command::Revoke(args) => args.run(&clock).await?,
            Command::RenewLate(args) => args.run(&clock).await?,
            Command::BrokerCertificate(args) => args.run(&clock)?,
            Command::SignOff(args) => args.run(&clock).await?,
            Command::Box(args) => args.run(&clock).await?,
            Command::Doctor(args) => args.run(&clock).await?,
            Command::Boxes(args) => args.run().await?,
            Command::Replay(args) => return args.run(&clock).await,
            Command::Rebuild(config) => {
                let store = config.open().await?;
                let patients_len = history::rebuild_all(&store).await?;
                store.close().await;
                say(&format!("{patients_len} patients rebuilt."))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn run_until_signalled(config: &Config, clock: Clock) -> anyhow::Result<()> {
    let shutdown = CancellationToken::new();
    let working = async {
        let server = Server::start(config, clock, shutdown.clone()).await?;
        say(&format!("ready: web http://{}/", server.web_address))?;
        if let Some(address) = server.mqtt_address {
            say(&format!("ready: mqtt {address}"))?;
        }
        if let Some(address) = server.enrol_addresses.codes {
            say(&format!("ready: enrolment {address}"))?;
        }
        if let Some(address) = server.enrol_addresses.mqtt {
            say(&format!("ready: mqtt over tls {address}"))?;
        }
        server.finish().await
    };
    tokio::select! {
        ended = working => ended,
        signalled = signalled_twice(&shutdown) => {
            signalled?;
            bail!("stopped at once by a second signal")
        }
    }
}

/// Cancels at the first signal, returns at the second.
async fn signalled_twice(shutdown: &CancellationToken) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    for _ in 0..2 {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        shutdown.cancel();
    }
    Ok(())
}

async fn register(config: &ConfigFile, path: &Path, clock: &Clock) -> anyhow::Result<()> {
    let config = config.load()?;
    let templates = Templates::load(config.clinical_folder.as_deref())?;
    let seed = Seed::load(path, &templates)?;
    for note in seed.notes() {
        say(note)?;
    }
    let store = if config.store.is_embedded() {
        Store::migrate(&config.store.url).await?
    } else {
        Store::open(&config.store.url).await?
    };
    let changes = seed.apply(&store, clock.now()).await?;
    store.close().await;
    match changes {
        0 => say("Nothing was different."),
        changes => say(&format!("{changes} things were registered or changed.")),
    }
}

fn explain(config: &Config) -> anyhow::Result<()> {
    config.silence_limits()?;
    config.tier_rules()?;
    let templates = Templates::load(config.clinical_folder.as_deref())?;
    say(&format!("{}\n{}", config.explain(), templates.explain()))
}

async fn prove(store: &Store) -> anyhow::Result<ExitCode> {
    let report = verify::verify(store).await?;
    store.close().await;
    for finding in &report.findings {
        say(&finding.to_string())?;
    }
    say(&format!(
        "{} entries and {} signed heads are as their gateways made them.",
        report.entries_len, report.heads_len
    ))?;
    Ok(if report.findings.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn say(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")
        .and_then(|()| out.flush())
        .context("cannot write to standard output")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent_and_every_command_needs_its_configuration() {
        Cli::command().debug_assert();
        for command in ["run", "check-config", "migrate", "verify", "rebuild"] {
            assert!(Cli::try_parse_from(["server", command]).is_err());
            assert!(Cli::try_parse_from(["server", command, "--config", "f"]).is_ok());
        }
        assert!(Cli::try_parse_from(["server", "seed", "--config", "f", "seed.toml"]).is_ok());
    }

    #[test]
    fn a_step_of_a_box_says_who_took_it() {
        let asks = |words: &str| Cli::try_parse_from(words.split_whitespace()).is_ok();
        for good in [
            "server box --config f gw-1",
            "server box --config f gw-1 received --by ann",
            "server box --config f gw-1 wiped --proof WIPED --by ann",
            "server sign-off --config f gw-1 --by ann",
            "server boxes --config f",
        ] {
            assert!(asks(good), "{good}");
        }
        for wrong in [
            "server box --config f gw-1 received",
            "server box --config f gw-1 wiped --by ann",
            "server box --config f gw-1 live --by ann",
            "server sign-off --config f gw-1",
        ] {
            assert!(!asks(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_replay_says_what_whose_and_when() {
        let asks = |rest: &str| {
            let words = ["server", "replay", "--config", "f"].into_iter();
            Cli::try_parse_from(words.chain(rest.split_whitespace())).is_ok()
        };
        assert!(asks(
            "--patient p --plan x.toml --from 2026-11-01 --to 2026-11-14"
        ));
        assert!(asks(
            "--team t --plan x.toml --from 2026-11-01 --to 2026-11-14"
        ));
        assert!(asks("--check") && asks("--check --patient p"));
        for wrong in [
            "",
            "--patient p --plan x.toml",
            "--patient p --team t --plan x.toml --from 2026-11-01 --to 2026-11-14",
            "--patient p --plan x.toml --from 1st --to 2026-11-14",
            "--check --team t",
            "--check --plan x.toml --from 2026-11-01 --to 2026-11-14",
        ] {
            assert!(!asks(wrong), "{wrong}");
        }
        for (alert, is_one) in [("patient-1/3", true), ("patient-1", false)] {
            let asked = Cli::try_parse_from(["server", "explain", "--config", "f", alert]);
            assert_eq!(asked.is_ok(), is_one);
        }
    }
}
