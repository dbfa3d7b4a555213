//! The seed: teams and their rotas, people, patients, gateways and devices that an operator registers from a file.

mod duty;
mod file;
mod plan;
mod rota;
mod tables;

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, bail};
use clinical::duty::Rota;
use clinical::{Event, PatientId, PersonId, PlanVersion, TeamId};
use jiff::Timestamp;

pub use file::{GatewayFile, PatientFile, SeedFile};
pub use plan::PlanFile;

use crate::casework::Casebook;
use crate::rights::Role;
use crate::store::gateways::Registration;
use crate::store::people::Person;
use crate::store::roles::Grant;
use crate::store::{Store, Write, devices, gateways, organisation, patients, people, roles};
use crate::templates::Templates;

/// A seed with its keys read: ready to be applied.
#[derive(Debug)]
pub struct Seed {
    file: SeedFile,
    gateways: Vec<Registration>,
}

impl Seed {
    /// Reads a seed file, whose plans start from these templates, and the key files that it names.
    ///
    /// # Errors
    /// When a file cannot be read or says something wrong; the error says what to write.
    pub fn load(path: &Path, templates: &Templates) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the seed {}", path.display()))?;
        let file = SeedFile::parse_with(&text, templates)
            .with_context(|| format!("in the seed {}", path.display()))?;
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
        changes += apply_roles(&mut write, &self.file, now).await?;
        for patient in &self.file.patients {
            changes += apply_patient(&mut write, patient, &self.file, now)
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

/// Whoever the file names no roles for and has none works as a nurse of their team, and who leads a team also leads it.
/// Roles that were given otherwise stay then.
async fn apply_roles(
    write: &mut Write<'_>,
    file: &SeedFile,
    now: Timestamp,
) -> anyhow::Result<usize> {
    let mut changes = 0;
    for Person { id, team, .. } in &file.people {
        let named = file.roles.get(id);
        let grants = match named {
            Some(grants) => grants.clone(),
            None if roles::held(write, id).await?.is_empty() => first_roles(id, team, file),
            None => continue,
        };
        changes += usize::from(roles::set(write, id, &grants, None, now).await?);
    }
    Ok(changes)
}

fn first_roles(person: &PersonId, team: &TeamId, file: &SeedFile) -> BTreeSet<Grant> {
    let led = file.rotas.iter().map(Rota::team);
    let led = led.filter(|team| team.lead == *person);
    let grant = |role, team: &TeamId| Grant {
        role,
        team: Some(team.clone()),
    };
    led.map(|team| grant(Role::TeamLead, &team.id))
        .chain([grant(Role::Nurse, team)])
        .collect()
}

async fn apply_patient(
    write: &mut Write<'_>,
    it: &PatientFile,
    file: &SeedFile,
    now: Timestamp,
) -> anyhow::Result<usize> {
    let first = it.plan.clone().in_force(PlanVersion(1), now);
    it.plan
        .check_hard_stops(&first, &file.hard_stops, &file.prescribers)?;
    let id = &it.patient.id;
    let mut casebook = Casebook::default();
    let mut changes = usize::from(patients::put(write, &it.patient, now).await?);
    let case = casebook.case(write, id).await?;
    let events = match case {
        None => vec![Event::MonitoringStarted {
            coordinator: it.patient.coordinator.clone(),
            plan: Box::new(first),
        }],
        Some(case) => {
            let assigned = (case.coordinator() != &it.patient.coordinator).then(|| {
                Event::CoordinatorAssigned {
                    coordinator: it.patient.coordinator.clone(),
                }
            });
            // Of a discharged patient the file says what holds once somebody starts monitoring again.
            let is_monitored = case.discharged().is_none();
            let plan = it.plan.next_after(case.plan(), now);
            let plan = plan.filter(|_| is_monitored);
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
