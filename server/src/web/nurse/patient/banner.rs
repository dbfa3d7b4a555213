//! The banner: who a page is about, as on every page about a patient.

use crate::store::patient_page::PatientRow;
use crate::web::local_time::LocalTime;
use crate::web::words;

/// One patient, as the banner and the controls name them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Banner {
    /// Where the patient's page is.
    pub(crate) href: String,
    /// `EVANS, Ivor (Mr)`.
    pub(crate) name: String,
    /// `Mr Ivor Evans`.
    pub(crate) spoken: String,
    /// `14-Jul-1945 (81y)`.
    pub(crate) born: String,
    /// `129 728 7652`.
    pub(crate) nhs_number: String,
    /// The team's name.
    pub(crate) team: String,
    /// The care coordinator's name.
    pub(crate) coordinator: String,
}

impl Banner {
    /// Names a patient.
    pub(crate) fn new(patient: &PatientRow, local: &LocalTime) -> Self {
        Self {
            href: format!("/patients/{}", patient.id),
            name: words::banner_name(&patient.family_name, &patient.given_name, &patient.title),
            spoken: spoken(&patient.title, &patient.given_name, &patient.family_name),
            born: words::born(&patient.born_on, local.today()),
            nhs_number: words::nhs_number(&patient.nhs_number),
            team: patient.team.clone(),
            coordinator: patient.coordinator.clone(),
        }
    }
}

/// Writes a name as it is said: `Mr Ivor Evans`.
pub(crate) fn spoken(title: &str, given: &str, family: &str) -> String {
    format!("{title} {given} {family}").trim().to_owned()
}
