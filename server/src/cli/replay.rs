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
    /// The team, all of whose patients are replayed; exits with 1 when one of them had to be left out
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
        let (told, left_out_len) = match (&self.patient, &self.team) {
            (Some(patient), _) => {
                let told = tell_patient(store, patient, proposed, &range, now).await?;
                (told, 0)
            }
            (None, Some(team)) => {
                let told = tell_team(store, team, proposed, &range, now).await?;
                (told.text, told.left_out_len)
            }
            (None, None) => anyhow::bail!("say whose: --patient PATIENT or --team TEAM"),
        };
        say(&told)?;
        Ok(success(left_out_len == 0))
    }

    async fn decide_again(&self, store: &Store) -> anyhow::Result<ExitCode> {
        let checked = check(store, self.patient.as_ref()).await?;
        say(&checked.tell())?;
        Ok(success(checked.differences.is_empty()))
    }
}

fn success(is_one: bool) -> ExitCode {
    if is_one {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::Parser;

    use super::*;
    use crate::seed::{Seed, SeedFile};

    /// Of these two patients the second has a repeat that is skipped from 200 on, which a plan without urgent limits
    /// makes senseless.
    const SEED: &str = r#"
        team = [{ id = "north", name = "North team", lead = "ada", on_call = "ada" }]
        person = [{ id = "ada", name = "Ada", role = "Nurse", team = "north", prescriber = true }]

        [[patient]]
        id = "patient-1"
        title = "Mrs"
        given_name = "Edith"
        family_name = "Testcase"
        born_on = "1948-05-02"
        nhs_number = "999 000 0018"
        team = "north"
        coordinator = "ada"
        [patient.plan]
        set_by = "ada"
        reason = "A plan for tests."
        [patient.plan.limits]
        systolic = { urgent_high = "180" }

        [[patient]]
        id = "patient-2"
        title = "Mr"
        given_name = "Samuel"
        family_name = "Example"
        born_on = "1955-11-19"
        nhs_number = "999 000 0026"
        team = "north"
        coordinator = "ada"
        [patient.plan]
        set_by = "ada"
        reason = "A plan for tests."
        [patient.plan.limits]
        systolic = { urgent_high = "180" }
        [patient.plan.care.confirmation.systolic]
        urgent_minutes = 2
        at_once_high = "200"
        source = "test"
    "#;

    #[derive(Debug, Parser)]
    struct Asked {
        #[command(flatten)]
        args: ReplayArgs,
    }

    #[tokio::test]
    async fn a_team_of_which_somebody_is_left_out_is_no_success() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("server.db").display());
        let store = Store::migrate(&url).await.unwrap();
        let seed = Seed::with_keys(SeedFile::parse(SEED).unwrap(), Path::new("")).unwrap();
        let now = "2026-11-21T08:00:00Z".parse().unwrap();
        seed.apply(&store, now).await.unwrap();
        let words = "server --config f --team north --plan p --from 2026-11-21 --to 2026-11-21";
        let asked = Asked::try_parse_from(words.split(' ')).unwrap();
        let exit = async |proposed: &str| {
            let proposed = ProposedPlan::parse(proposed).unwrap();
            let done =
                asked
                    .args
                    .test(&store, &proposed, now + jiff::SignedDuration::from_hours(1));
            format!("{:?}", done.await.unwrap())
        };
        let for_all = "[limits]\nsystolic = { urgent_high = \"190\" }";
        assert_eq!(exit(for_all).await, format!("{:?}", ExitCode::SUCCESS));
        let for_one = "[limits]\nsystolic = { soon_high = \"160\" }";
        assert_eq!(exit(for_one).await, format!("{:?}", ExitCode::FAILURE));
    }
}
