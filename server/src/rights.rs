//! Rights: what each role may do. Which patients a person sees is in the store's statements ([`crate::store::sight`]).

use std::collections::BTreeSet;

use serde::Deserialize;

/// What a person is to the service. One person may be several things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A care coordinator or monitoring nurse of a team.
    Nurse,
    /// Leads a team.
    TeamLead,
    /// The GP who is answerable for a team's patients.
    GpLead,
    /// Plans services from numbers, never from records.
    Planner,
    /// Fits boxes.
    Installer,
    /// Registers people and what they may do.
    Administrator,
    /// Visits patients for a voluntary organisation.
    Visitor,
    /// Is looked after. Never staff.
    Patient,
    /// Helps a patient who trusts them. Never staff.
    Carer,
}

/// One thing that a role may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// See the records of the patients of one's teams: readings, alerts, plans.
    SeeRecords,
    /// See how to reach the patients of one's teams, and whether they measure. No vital signs.
    SeeContacts,
    /// Take, hand over, escalate and close alerts; note contacts; mark a reading as wrong.
    ActOnAlerts,
    /// Change a patient's plan.
    EditPlans,
    /// Add, pause and discharge patients; refer them.
    ManagePatients,
    /// Change the rotas of one's teams.
    EditDuty,
    /// See counts and times that name no patient.
    SeeAggregates,
    /// Register people, teams and areas, and give roles.
    ManagePeople,
    /// Read the audit.
    SeeAudit,
    /// Arm install jobs, sign boxes off, see the fleet.
    Install,
    /// See one's own pages, or those of who lets one see them: see [`crate::store::home_access`].
    SeeOwn,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 9] = [
        Self::Nurse,
        Self::TeamLead,
        Self::GpLead,
        Self::Planner,
        Self::Installer,
        Self::Administrator,
        Self::Visitor,
        Self::Patient,
        Self::Carer,
    ];

    /// Gives the name that the database and forms use.
    pub fn code(self) -> &'static str {
        match self {
            Self::Nurse => "nurse",
            Self::TeamLead => "team_lead",
            Self::GpLead => "gp_lead",
            Self::Planner => "planner",
            Self::Installer => "installer",
            Self::Administrator => "administrator",
            Self::Visitor => "visitor",
            Self::Patient => "patient",
            Self::Carer => "carer",
        }
    }

    /// Gives the words for pages.
    pub fn label(self) -> &'static str {
        match self {
            Self::Nurse => "Care coordinator or nurse",
            Self::TeamLead => "Team lead",
            Self::GpLead => "GP lead",
            Self::Planner => "Planner",
            Self::Installer => "Installer",
            Self::Administrator => "Administrator",
            Self::Visitor => "Voluntary-sector visitor",
            Self::Patient => "Patient",
            Self::Carer => "Carer or trusted person",
        }
    }

    /// Finds a role by its code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }

    /// Tells whether the role is held in a team; the others are held for the whole service.
    pub fn is_of_a_team(self) -> bool {
        match self {
            Self::Nurse | Self::TeamLead | Self::GpLead | Self::Visitor => true,
            Self::Planner | Self::Installer | Self::Administrator | Self::Patient | Self::Carer => {
                false
            }
        }
    }

    /// Tells whether it is a role of staff. The others are people's at home, and nobody has both by one account.
    pub fn is_of_staff(self) -> bool {
        !matches!(self, Self::Patient | Self::Carer)
    }

    /// Gives what the role may do.
    pub fn rights(self) -> &'static [Right] {
        use Right::{
            ActOnAlerts, EditDuty, EditPlans, Install, ManagePatients, ManagePeople, SeeAggregates,
            SeeAudit, SeeContacts, SeeOwn, SeeRecords,
        };
        match self {
            Self::Nurse => &[
                SeeRecords,
                SeeContacts,
                ActOnAlerts,
                EditPlans,
                ManagePatients,
                SeeAggregates,
            ],
            Self::TeamLead => &[
                SeeRecords,
                SeeContacts,
                ActOnAlerts,
                EditPlans,
                ManagePatients,
                EditDuty,
                SeeAggregates,
            ],
            Self::GpLead => &[
                SeeRecords,
                SeeContacts,
                ActOnAlerts,
                EditPlans,
                SeeAggregates,
            ],
            Self::Planner => &[SeeAggregates],
            Self::Installer => &[Install],
            Self::Administrator => &[ManagePeople, SeeAudit, EditDuty],
            Self::Visitor => &[SeeContacts],
            Self::Patient | Self::Carer => &[SeeOwn],
        }
    }

    /// Tells whether the role may do something.
    pub fn may(self, right: Right) -> bool {
        self.rights().contains(&right)
    }
}

/// Tells whether one of several roles may do something.
pub fn any_may(roles: &BTreeSet<Role>, right: Right) -> bool {
    roles.iter().any(|role| role.may(right))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_found_by_its_code_and_by_its_name_in_files() {
        for role in Role::ALL {
            assert_eq!(Role::from_code(role.code()), Some(role));
            let read: Role = serde_json::from_value(role.code().into()).unwrap();
            assert_eq!(read, role);
        }
        assert_eq!(Role::from_code("doctor"), None);
    }

    #[test]
    fn staff_and_people_at_home_share_no_right() {
        for role in Role::ALL {
            assert_eq!(role.may(Right::SeeOwn), !role.is_of_staff(), "{role:?}");
            assert!(role.is_of_staff() || role.rights().len() == 1, "{role:?}");
        }
    }

    #[test]
    fn who_does_not_care_for_patients_sees_no_record() {
        for role in [
            Role::Planner,
            Role::Installer,
            Role::Administrator,
            Role::Visitor,
            Role::Patient,
            Role::Carer,
        ] {
            for right in [Right::SeeRecords, Right::ActOnAlerts, Right::EditPlans] {
                assert!(!role.may(right), "{role:?} {right:?}");
            }
        }
        for role in [Role::Nurse, Role::TeamLead, Role::GpLead] {
            assert!(role.may(Right::SeeRecords) && role.is_of_a_team());
        }
    }
}
