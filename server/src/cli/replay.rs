//! `server replay`: prints what a proposed plan would have raised, or whether journals are decided alike again.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgGroup, Args};
use clinical::{PatientId, TeamId};
use jiff::Timestamp;
use jiff::civil::Date;

use super::{ConfigFile, say};
use crate::clock::Clock;
use crate::replay::{ProposedPlan, Range, check, tell_patient, tell_team};
use crate::store::Store;

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("what").required(true).args(["plan", "check"]))]
pub(super) struct ReplayArgs {
    #[command(flatten)]
    config: ConfigFile,
    /// The patient
    #[arg(long, conflicts_with = "team")]
    patient: Option<PatientId>,
    /// The team, all of whose patients are replayed
    #[arg(long)]
    team: Option<TeamId>,
    /// The proposed plan: a TOML file with [limits], [care] or both; what it leaves out stays as it is
    #[arg(long, requires_all = ["from", "to"])]
    plan: Option<PathBuf>,
    /// The first day that counts, by the home's calendar
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// The last day that counts
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    /// Decide every journal again, or the patient's, and compare byte for byte; exits with 1 when one differs
    #[arg(long, conflicts_with_all = ["team", "from", "to"])]
    check: bool,
}

impl ReplayArgs {
    pub(super) async fn run(&self, clock: &Clock) -> anyhow::Result<ExitCode> {
        let proposed = self.plan.as_deref().map(ProposedPlan::load).transpose()?;
        let store = self.config.open().await?;
        let done = match proposed {
            Some(proposed) => self.test(&store, &proposed, clock.now()).await,
            None => self.decide_again(&store).await,
        };
        store.close().await;
        done
    }

    async fn test(
        &self,
        store: &Store,
        proposed: &ProposedPlan,
        now: Timestamp,
    ) -> anyhow::Result<ExitCode> {
        let (Some(from), Some(to)) = (self.from, self.to) else {
            anyhow::bail!("say from when to when: --from DATE --to DATE");
        };
        let range = Range { from, to };
        let told = match (&self.patient, &self.team) {
            (Some(patient), _) => tell_patient(store, patient, proposed, &range, now).await?,
            (None, Some(team)) => tell_team(store, team, proposed, &range, now).await?,
            (None, None) => anyhow::bail!("say whose: --patient PATIENT or --team TEAM"),
        };
        say(&told)?;
        Ok(ExitCode::SUCCESS)
    }

    async fn decide_again(&self, store: &Store) -> anyhow::Result<ExitCode> {
        let checked = check(store, self.patient.as_ref()).await?;
        say(&checked.tell())?;
        Ok(if checked.differences.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}
