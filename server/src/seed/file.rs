//! The seed file: TOML, checked into types before anything is written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, ensure};
use clinical::PersonId;
use clinical::duty::{Organisation, Rota};
use clinical::plan::HardStops;
use serde::Deserialize;
use vitals::GatewayId;

use super::duty::Duty;
use super::plan::PlanFile;
use super::tables::{RawPerson, RawSeed};
use crate::store::devices::Device;
use crate::store::gateways::{Registration, SIGNING_PUBLIC_KEY_LEN};
use crate::store::patients::Patient;
use crate::store::people::{Person, Team};
use crate::store::roles::Grant;
use crate::templates::Templates;

/// Everything that a seed file says.
#[derive(Debug)]
pub struct SeedFile {
    /// The organisation and its areas.
    pub organisation: Organisation,
    /// Each team with who works when.
    pub rotas: Vec<Rota>,
    /// What was left out, and what is used instead, in sentences.
    pub notes: Vec<String>,
    /// The teams.
    pub teams: Vec<Team>,
    /// The people.
    pub people: Vec<Person>,
    /// What each person may do, where the file says so.
    pub roles: BTreeMap<PersonId, BTreeSet<Grant>>,
    /// Who may let plans go beyond the hard stops.
    pub prescribers: BTreeSet<PersonId>,
    /// How far plans may go without them.
    pub hard_stops: HardStops,
    /// The patients, each with a coordinator and a plan.
    pub patients: Vec<PatientFile>,
    /// The gateways, their keys still in their files.
    pub gateways: Vec<GatewayFile>,
    /// The devices.
    pub devices: Vec<Device>,
}

/// A patient and the plan to monitor by.
#[derive(Debug)]
pub struct PatientFile {
    /// Who they are.
    pub patient: Patient,
    /// What they are judged by.
    pub plan: PlanFile,
}

/// A gateway whose tag key is in a file of 32 bytes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewayFile {
    /// Names the gateway.
    pub id: GatewayId,
    /// Where the key is that it shares with the server; relative to the seed file.
    pub tag_key_file: PathBuf,
    signing_public_key: String,
}

impl GatewayFile {
    /// Reads the key file.
    ///
    /// # Errors
    /// When it cannot be read or either key has another length.
    pub fn load_key(&self, folder: &Path) -> anyhow::Result<Registration> {
        let path = folder.join(&self.tag_key_file);
        let tag_key = std::fs::read(&path).with_context(|| {
            format!(
                "gateway {}: cannot read tag_key_file {}; start the gateway once, it makes its keys then",
                self.id,
                path.display()
            )
        })?;
        let tag_key = tag_key
            .try_into()
            .map_err(|_| anyhow!("gateway {}: tag_key_file does not have 32 bytes", self.id))?;
        Ok(Registration {
            id: self.id.clone(),
            tag_key,
            signing_public_key: self.public_key()?,
        })
    }

    fn public_key(&self) -> anyhow::Result<[u8; SIGNING_PUBLIC_KEY_LEN]> {
        let mut key = [0; SIGNING_PUBLIC_KEY_LEN];
        hex::decode_to_slice(&self.signing_public_key, &mut key).with_context(|| {
            format!(
                "gateway {}: signing_public_key is not 64 hexadecimal digits",
                self.id
            )
        })?;
        Ok(key)
    }
}

impl SeedFile {
    /// Reads the text of a seed file whose plans start from the templates that are built in.
    ///
    /// # Errors
    /// As [`SeedFile::parse_with`].
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        Self::parse_with(text, &Templates::built_in()?)
    }

    /// Reads the text of a seed file. Key files are not touched.
    ///
    /// # Errors
    /// When a key is unknown, missing or wrong, a patient has no care coordinator or no plan, a team has nobody who leads
    /// it or is on call, or a name is used that the file does not explain.
    pub fn parse_with(text: &str, templates: &Templates) -> anyhow::Result<Self> {
        let raw: RawSeed = toml::from_str(text)?;
        let duty = Duty::of(&raw)?;
        let patients = raw.patients.into_iter().map(|it| it.resolve(templates));
        let prescribers = raw.people.iter().filter(|it| it.prescriber);
        let devices = raw.devices.into_iter().map(Device::try_from);
        let seed = Self {
            organisation: duty.organisation,
            rotas: duty.rotas,
            notes: duty.notes,
            teams: raw.teams.into_iter().map(Team::from).collect(),
            prescribers: prescribers.map(|it| it.id.clone()).collect(),
            roles: raw.people.iter().filter_map(RawPerson::grants).collect(),
            people: raw.people.into_iter().map(Person::from).collect(),
            hard_stops: templates.hard_stops.clone(),
            patients: patients.collect::<anyhow::Result<_>>()?,
            gateways: raw.gateways,
            devices: devices.collect::<anyhow::Result<_>>()?,
        };
        seed.check_names()?;
        Ok(seed)
    }

    fn check_names(&self) -> anyhow::Result<()> {
        let teams = once("team", self.teams.iter().map(|it| it.id.as_str()))?;
        let people = once("person", self.people.iter().map(|it| it.id.as_str()))?;
        let patients = once(
            "patient",
            self.patients.iter().map(|it| it.patient.id.as_str()),
        )?;
        let gateways = once("gateway", self.gateways.iter().map(|it| it.id.as_str()))?;
        once("device", self.devices.iter().map(|it| it.id.as_str()))?;
        for person in &self.people {
            explained("team", &teams, person.team.as_str())?;
        }
        for rota in &self.rotas {
            explained("person", &people, rota.team().lead.as_str())?;
            explained("person", &people, rota.team().on_call.as_str())?;
        }
        for PatientFile { patient, plan } in &self.patients {
            explained("team", &teams, patient.team.as_str())?;
            explained("person", &people, patient.coordinator.as_str())?;
            explained("person", &people, plan.set_by.as_str())?;
            self.check_coordinator(patient)?;
        }
        for device in &self.devices {
            explained("gateway", &gateways, device.gateway.as_str())?;
            explained("patient", &patients, device.patient.as_str())?;
        }
        for gateway in &self.gateways {
            gateway.public_key()?;
        }
        Ok(())
    }
}

impl SeedFile {
    /// A coordinator who is not in the patient's team would be passed over at once, whenever anything happens.
    fn check_coordinator(&self, patient: &Patient) -> anyhow::Result<()> {
        let Patient {
            id,
            team,
            coordinator,
            ..
        } = patient;
        let person = self.people.iter().find(|it| it.id == *coordinator);
        ensure!(
            person.is_some_and(|it| it.team == *team),
            "patient {id}: {coordinator} is care coordinator and not in team {team}, so would never answer; choose \
             somebody of the team"
        );
        Ok(())
    }
}

fn once<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> anyhow::Result<BTreeSet<&'a str>> {
    let mut seen = BTreeSet::new();
    for name in names {
        ensure!(
            seen.insert(name),
            "{what} {name} is there twice: give one of them another id"
        );
    }
    Ok(seen)
}

fn explained(what: &str, names: &BTreeSet<&str>, name: &str) -> anyhow::Result<()> {
    ensure!(
        names.contains(name),
        "{name:?} is used and not explained: add a [[{what}]] with this id"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = include_str!("../../../config/seed.toml");

    fn refusal(text: &str) -> String {
        format!("{:#}", SeedFile::parse(text).unwrap_err())
    }

    #[test]
    fn the_sample_holds_fictional_patients_only_and_sources_for_its_numbers() {
        let seed = SeedFile::parse(SAMPLE).unwrap();
        assert!(seed.patients.len() >= 2);
        for PatientFile { patient, plan } in &seed.patients {
            // NHS numbers that begin with 999 are never issued.
            assert!(patient.nhs_number.as_str().starts_with("999"));
            assert!(plan.reason.contains("Source:"), "{}", plan.reason);
        }
    }

    #[test]
    fn a_patient_without_a_coordinator_is_refused_in_a_sentence() {
        let text = SAMPLE.replacen("coordinator = \"nurse-okafor\"\n", "", 1);
        assert_ne!(text, SAMPLE);
        assert!(
            refusal(&text).contains("has no care coordinator"),
            "{}",
            refusal(&text)
        );
    }

    #[test]
    fn a_mistake_is_named_with_what_to_write() {
        for (from, to, said) in [
            (
                "coordinator = \"nurse-okafor\"",
                "coordinator = \"nobody\"",
                "add a [[person]]",
            ),
            ("999 000 0018", "999 000 0019", "check digit"),
            ("soon_low = \"45\"", "soon_low = \"40\"", "limits must rise"),
            ("soon_low = \"45\"", "soon_lwo = \"45\"", "soon_lwo"),
            ("id = \"patient-2\"", "id = \"patient-1\"", "there twice"),
            (
                "gateway = \"gateway-1\"",
                "gateway = \"gateway-9\"",
                "add a [[gateway]]",
            ),
            (
                "kind = \"cuff\"",
                "kind = \"cuff\"\nuser_index = 255",
                "leave the key out",
            ),
            (
                "kind = \"cuff\"",
                "kind = \"cuff\"\nuser_index = 256",
                "user_index",
            ),
            ("reason = \"", "reason = \"\"\nreasons = \"", "reasons"),
        ] {
            assert!(SAMPLE.contains(from), "{from} is not in the sample");
            let text = SAMPLE.replacen(from, to, 1);
            assert!(refusal(&text).contains(said), "{said}: {}", refusal(&text));
        }
    }

    #[test]
    fn keys_are_read_beside_the_seed_and_must_have_their_length() {
        let dir = tempfile::tempdir().unwrap();
        let seed = SeedFile::parse(SAMPLE).unwrap();
        let gateway = &seed.gateways[0];
        let missing = format!("{:#}", gateway.load_key(dir.path()).unwrap_err());
        assert!(missing.contains("tag_key_file"), "{missing}");

        let path = dir.path().join(&gateway.tag_key_file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, [7; 31]).unwrap();
        assert!(gateway.load_key(dir.path()).is_err());
        std::fs::write(&path, [7; 32]).unwrap();
        assert_eq!(gateway.load_key(dir.path()).unwrap().tag_key, [7; 32]);
    }
}
