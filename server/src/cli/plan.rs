//! `server propose` and `server withdraw`: a change of a patient's plan, with its reason and the patient's view.

use std::path::PathBuf;

use anyhow::bail;
use clap::{ArgGroup, Args};
use clinical::plan::{Crossing, PatientView, Proposal};
use clinical::{PatientId, PersonId, Plan};
use jiff::Timestamp;

use super::audit::operator;
use super::{ConfigFile, say};
use crate::clock::Clock;
use crate::planning::{Accepted, propose, withdraw};
use crate::replay::ProposedPlan;
use crate::templates::Templates;

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("view").required(true).args(["agreed", "disagreed", "not_asked"]))]
pub(super) struct ProposeArgs {
    #[command(flatten)]
    config: ConfigFile,
    /// The patient
    #[arg(long)]
    patient: PatientId,
    /// The proposed plan: a TOML file with [limits], [care] or both; what it leaves out stays as it is
    #[arg(long)]
    plan: PathBuf,
    /// Who proposes it
    #[arg(long)]
    author: PersonId,
    /// Why
    #[arg(long)]
    reason: String,
    /// The patient agreed
    #[arg(long)]
    agreed: bool,
    /// The patient disagreed, and what they would rather have
    #[arg(long, value_name = "BECAUSE")]
    disagreed: Option<String>,
    /// The patient was not asked, and why
    #[arg(long, value_name = "BECAUSE")]
    not_asked: Option<String>,
    /// From when it is to hold, such as 2026-12-01T00:00:00Z; from now on without it
    #[arg(long, value_name = "TIME")]
    from: Option<Timestamp>,
    /// The prescriber who lets it go beyond the hard stops
    #[arg(long, value_name = "PERSON", requires = "crossing_reason")]
    prescriber: Option<PersonId>,
    /// Why the prescriber lets it go beyond the hard stops
    #[arg(long, value_name = "REASON", requires = "prescriber")]
    crossing_reason: Option<String>,
}

impl ProposeArgs {
    pub(super) async fn run(&self, clock: &Clock) -> anyhow::Result<()> {
        let proposed = ProposedPlan::load(&self.plan)?;
        let folder = self.config.load()?.clinical_folder;
        let stops = Templates::load(folder.as_deref())?.hard_stops;
        let (store, now) = (self.config.open().await?, clock.now());
        let make = |current: &Plan| self.proposal(&proposed, current, now);
        let accepted = propose(&store, &self.patient, make, &stops, operator(), now).await;
        store.close().await;
        let patient = &self.patient;
        match accepted? {
            Ok(Accepted::InForce(version)) => {
                say(&format!("Plan {version} of {patient} is in force."))
            }
            Ok(Accepted::Scheduled(version, from)) => say(&format!(
                "Plan {version} of {patient} will hold from {from}."
            )),
            Err(refusal) => bail!("{refusal}"),
        }
    }

    fn proposal(
        &self,
        proposed: &ProposedPlan,
        current: &Plan,
        now: Timestamp,
    ) -> anyhow::Result<Proposal> {
        let plan = proposed.of_patient(current)?;
        Ok(Proposal {
            limits: plan.limits,
            care: plan.care,
            based_on: current.version,
            author: self.author.clone(),
            reason: self.reason.clone(),
            patient_view: self.view(),
            in_force_from: self.from.unwrap_or(now),
            crossing: self
                .prescriber
                .clone()
                .zip(self.crossing_reason.clone())
                .map(|(prescriber, reason)| Crossing { prescriber, reason }),
        })
    }

    fn view(&self) -> PatientView {
        let because = |text: &String| text.clone();
        match (&self.disagreed, &self.not_asked) {
            (Some(text), _) => PatientView::Disagreed {
                because: because(text),
            },
            (None, Some(text)) => PatientView::NotAsked {
                because: because(text),
            },
            (None, None) => PatientView::Agreed,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct WithdrawArgs {
    #[command(flatten)]
    config: ConfigFile,
    /// The patient
    #[arg(long)]
    patient: PatientId,
    /// Who takes it back
    #[arg(long)]
    by: PersonId,
    /// Why
    #[arg(long)]
    reason: String,
}

impl WithdrawArgs {
    pub(super) async fn run(&self, clock: &Clock) -> anyhow::Result<()> {
        let store = self.config.open().await?;
        let (by, reason) = (self.by.clone(), self.reason.clone());
        let now = clock.now();
        let withdrawn = withdraw(&store, &self.patient, by, reason, operator(), now).await;
        store.close().await;
        match withdrawn? {
            Ok(()) => say("No plan waits for its day any more."),
            Err(refusal) => bail!("{refusal}"),
        }
    }
}
