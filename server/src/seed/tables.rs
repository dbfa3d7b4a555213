//! The seed file's tables as TOML has them, and what they become.

use std::collections::BTreeSet;

use anyhow::{Context, ensure};
use clinical::duty::AreaId;
use clinical::{PatientId, PersonId, Span, TeamId, Zone};
use jiff::civil::Date;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use vitals::{DeviceId, GatewayId, USER_UNKNOWN};

use super::duty::{RawArea, RawLeave, RawOrganisation, RawShift};
use super::file::{GatewayFile, PatientFile};
use super::plan::RawPlan;
use crate::rights::Role;
use crate::store::devices::{Device, DeviceKind};
use crate::store::patients::Patient;
use crate::store::people::{Person, Team};
use crate::store::roles::Grant;
use crate::templates::Templates;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSeed {
    #[serde(default, rename = "organisation")]
    pub(super) organisations: Vec<RawOrganisation>,
    #[serde(default, rename = "area")]
    pub(super) areas: Vec<RawArea>,
    #[serde(default, rename = "team")]
    pub(super) teams: Vec<RawTeam>,
    #[serde(default, rename = "person")]
    pub(super) people: Vec<RawPerson>,
    #[serde(default, rename = "shift")]
    pub(super) shifts: Vec<RawShift>,
    #[serde(default, rename = "leave")]
    pub(super) leaves: Vec<RawLeave>,
    #[serde(default, rename = "patient")]
    pub(super) patients: Vec<RawPatient>,
    #[serde(default, rename = "gateway")]
    pub(super) gateways: Vec<GatewayFile>,
    #[serde(default, rename = "device")]
    pub(super) devices: Vec<RawDevice>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTeam {
    pub(super) id: TeamId,
    pub(super) name: String,
    pub(super) area: Option<AreaId>,
    pub(super) zone: Option<Zone>,
    pub(super) staffed: Option<Vec<Span>>,
    pub(super) lead: Option<PersonId>,
    pub(super) on_call: Option<PersonId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPerson {
    pub(super) id: PersonId,
    name: String,
    role: String,
    pub(super) team: TeamId,
    #[serde(default)]
    pub(super) prescriber: bool,
    #[serde(default, deserialize_with = "of_staff")]
    pub(super) roles: Option<BTreeSet<Role>>,
    pub(super) from: Option<Date>,
    pub(super) until: Option<Date>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPatient {
    id: PatientId,
    title: String,
    given_name: String,
    family_name: String,
    born_on: String,
    nhs_number: String,
    team: TeamId,
    coordinator: Option<PersonId>,
    plan: Option<RawPlan>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDevice {
    id: DeviceId,
    kind: DeviceKind,
    label: String,
    gateway: GatewayId,
    patient: PatientId,
    user_index: Option<u8>,
}

impl RawPatient {
    /// Checks the patient, and puts the plan together from its templates.
    pub(super) fn resolve(self, templates: &Templates) -> anyhow::Result<PatientFile> {
        let raw = self;
        let id = raw.id;
        let coordinator = raw.coordinator.with_context(|| {
            format!(
                "patient {id} has no care coordinator, so nobody would answer for an alert and monitoring cannot start: \
                 write coordinator = \"…\" with the id of a person"
            )
        })?;
        let plan = raw.plan.with_context(|| {
            format!("patient {id} has no plan to be judged by: write a [patient.plan] below it")
        })?;
        let plan = plan
            .resolve(templates)
            .with_context(|| format!("patient {id}"))?;
        let born_on: Date = raw
            .born_on
            .parse()
            .with_context(|| format!("patient {id}: born_on is not a date like 1950-01-31"))?;
        let nhs_number = raw
            .nhs_number
            .parse()
            .with_context(|| format!("patient {id}: nhs_number"))?;
        let patient = Patient {
            id,
            title: raw.title,
            given_name: raw.given_name,
            family_name: raw.family_name,
            born_on,
            nhs_number,
            team: raw.team,
            coordinator,
        };
        Ok(PatientFile { patient, plan })
    }
}

impl From<RawTeam> for Team {
    fn from(raw: RawTeam) -> Self {
        Self {
            id: raw.id,
            name: raw.name,
        }
    }
}

fn of_staff<'de, D: Deserializer<'de>>(from: D) -> Result<Option<BTreeSet<Role>>, D::Error> {
    let roles: Option<BTreeSet<Role>> = Deserialize::deserialize(from)?;
    let at_home = roles.iter().flatten().find(|it| !it.is_of_staff());
    match at_home {
        Some(role) => Err(D::Error::custom(format!(
            "the role {} is not one of staff: a nurse invites patients and their carers on the patient's page",
            role.code()
        ))),
        None => Ok(roles),
    }
}

impl RawPerson {
    /// Gives the roles that the file names, those of a team in the person's own.
    pub(super) fn grants(&self) -> Option<(PersonId, BTreeSet<Grant>)> {
        let grant = |role: &Role| Grant {
            role: *role,
            team: role.is_of_a_team().then(|| self.team.clone()),
        };
        let roles = self.roles.as_ref()?.iter();
        Some((self.id.clone(), roles.map(grant).collect()))
    }
}

impl From<RawPerson> for Person {
    fn from(raw: RawPerson) -> Self {
        Self {
            id: raw.id,
            name: raw.name,
            role: raw.role,
            team: raw.team,
            prescriber: raw.prescriber,
        }
    }
}

impl TryFrom<RawDevice> for Device {
    type Error = anyhow::Error;

    fn try_from(raw: RawDevice) -> anyhow::Result<Self> {
        ensure!(
            raw.user_index != Some(USER_UNKNOWN),
            "device {}: user_index 255 is what a device sends when it does not know who used it; write the number that \
             it sends for this patient, or leave the key out",
            raw.id
        );
        Ok(Self {
            id: raw.id,
            kind: raw.kind,
            label: raw.label,
            gateway: raw.gateway,
            patient: raw.patient,
            user_index: raw.user_index,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_at_home_are_not_registered_by_the_file() {
        let person = |role: &str| {
            let text = format!(
                "id = \"a\"\nname = \"A\"\nrole = \"x\"\nteam = \"north\"\nroles = [\"{role}\"]"
            );
            toml::from_str::<RawPerson>(&text)
        };
        assert!(person("nurse").is_ok());
        for role in ["patient", "carer"] {
            let error = person(role).err().unwrap().to_string();
            assert!(error.contains("not one of staff"), "{error}");
        }
    }
}
