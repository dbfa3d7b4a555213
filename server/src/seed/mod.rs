//! The seed: teams and their rotas, people, patients, gateways and devices that an operator registers from a file.

mod duty;
mod file;
mod rota;
mod tables;

use std::path::Path;

use anyhow::{Context, bail};
use clinical::{Event, PatientId, Plan, PlanVersion};
use jiff::Timestamp;

pub use file::{GatewayFile, PatientFile, PlanFile, SeedFile};

use crate::casework::Casebook;
use crate::store::gateways::Registration;
use crate::store::{Store, Write, devices, gateways, organisation, patients, people};

/// A seed with its keys read: ready to be applied.
#[derive(Debug)]
pub struct Seed {
    file: SeedFile,
    gateways: Vec<Registration>,
}

impl Seed {
    /// Reads a seed file and the key files that it names.
    ///
    /// # Errors
    /// When a file cannot be read or says something wrong; the error says what to write.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the seed {}", path.display()))?;
        let file =
            SeedFile::parse(&text).with_context(|| format!("in the seed {}", path.display()))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::with_keys(file, folder)
    }

    /// Reads the key files of a seed; relative paths start at `folder`.
    ///
    /// # Errors
    /// When a key file cannot be read or is no key.
    pub fn with_keys(file: SeedFile, folder: &Path) -> anyhow::Result<Self> {
        let gateways = file
            .gateways
            .iter()
            .map(|gateway| gateway.load_key(folder))
            .collect::<anyhow::Result<_>>()?;
        Ok(Self { file, gateways })
    }

    /// Gives what the file leaves out, and what is used instead, in sentences.
    pub fn notes(&self) -> &[String] {
        &self.file.notes
    }

    /// Registers everything in one transaction; gives how many things changed. Applied again, it changes nothing.
    ///
    /// # Errors
    /// When the database fails, or a change is refused. Nothing is changed then.
    pub async fn apply(&self, store: &Store, now: Timestamp) -> anyhow::Result<usize> {
        let mut write = store.write().await?;
        let mut changes = organisation::put(&mut write, &self.file.organisation).await?;
        for team in &self.file.teams {
            changes += usize::from(people::put_team(&mut write, team).await?);
        }
        for person in &self.file.people {
            changes += usize::from(people::put_person(&mut write, person).await?);
        }
        for patient in &self.file.patients {
            changes += apply_patient(&mut write, patient, now)
                .await
                .with_context(|| format!("patient {} cannot be registered", patient.patient.id))?;
        }
        // Last of the people: a leaver's patients may have another coordinator by now.
        for rota in &self.file.rotas {
            let team = &rota.team().id;
            changes += rota::apply(&mut write, rota, now)
                .await
                .with_context(|| format!("the rota of team {team} cannot be so"))?;
        }
        for gateway in &self.gateways {
            changes += usize::from(gateways::put(&mut write, gateway, now).await?);
        }
        for device in &self.file.devices {
            changes += usize::from(devices::put(&mut write, device, now).await?);
        }
        write.commit().await.context("the seed was not stored")?;
        Ok(changes)
    }
}

async fn apply_patient(
    write: &mut Write<'_>,
    it: &PatientFile,
    now: Timestamp,
) -> anyhow::Result<usize> {
    let id = &it.patient.id;
    let mut casebook = Casebook::default();
    let mut changes = usize::from(patients::put(write, &it.patient, now).await?);
    let case = casebook.case(write, id).await?;
    let events = match case {
        None => vec![Event::MonitoringStarted {
            coordinator: it.patient.coordinator.clone(),
            plan: Box::new(it.plan.clone().in_force(PlanVersion(1), now)),
        }],
        Some(case) => {
            let assigned = (case.coordinator() != &it.patient.coordinator).then(|| {
                Event::CoordinatorAssigned {
                    coordinator: it.patient.coordinator.clone(),
                }
            });
            let plan = next_plan(case.plan(), &it.plan, now);
            let planned = plan.map(|plan| Event::PlanInForce {
                plan: Box::new(plan),
            });
            assigned.into_iter().chain(planned).collect()
        }
    };
    for event in events {
        happen(&mut casebook, write, id, &event, now).await?;
        changes += 1;
    }
    casebook.save(write).await?;
    Ok(changes)
}

/// Gives the plan that follows the one in force, if the file says anything else than it.
fn next_plan(current: &Plan, wanted: &PlanFile, now: Timestamp) -> Option<Plan> {
    let next = wanted
        .clone()
        .in_force(PlanVersion(current.version.0 + 1), now);
    let same = next.limits == current.limits
        && next.set_by == current.set_by
        && next.reason == current.reason;
    (!same).then_some(next)
}

async fn happen(
    casebook: &mut Casebook,
    write: &mut Write<'_>,
    patient: &PatientId,
    event: &Event,
    now: Timestamp,
) -> anyhow::Result<()> {
    match casebook.handle(write, patient, event, now).await? {
        Ok(_) => Ok(()),
        Err(refusal) => bail!("{refusal}"),
    }
}
