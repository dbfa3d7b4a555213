//! The record that a plan is changed in: the patient, the plan in force, and the one that waits for its day.

use clinical::plan::{MergeError, merge};
use clinical::{PatientId, Plan, PlanVersion};

use super::form::Content;
use super::form::start::{Picked, Start};
use crate::store::patient_page::PatientRow;
use crate::store::{cases, plans};
use crate::web::State;
use crate::web::error::PageError;
use crate::web::local_time::LocalTime;
use crate::web::session::Me;
use crate::web::{sight, words};

/// A patient who is monitored, found by somebody who sees them.
pub(crate) struct Record {
    pub(crate) id: PatientId,
    pub(crate) row: PatientRow,
    pub(crate) current: Plan,
    pub(crate) scheduled: Option<Plan>,
}

/// Who a page is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Who {
    /// `EVANS, Ivor (Mr)`.
    pub(crate) name: String,
    /// `Mr Ivor Evans`.
    pub(crate) spoken: String,
    pub(crate) born: String,
    pub(crate) nhs_number: String,
    /// Where the patient's page is.
    pub(crate) href: String,
}

/// What a start gives.
pub(crate) enum Loaded {
    /// What the form starts from, and after how many days the plan is looked at again.
    Content(Box<Content>, u16),
    /// What has to be settled first.
    Obstacles(Box<Picked>, MergeError),
}

impl Record {
    /// Finds the record.
    ///
    /// # Errors
    /// When the person does not see the patient, nobody monitors them, or the database does not answer.
    pub(crate) async fn find(state: &State, me: &Me, patient: &str) -> Result<Self, PageError> {
        let (id, row) = sight::patient(state, me, patient).await?;
        let case = cases::read(state.store.readers(), &id).await?;
        let case = case.ok_or(PageError::NotMonitored)?;
        Ok(Self {
            current: case.plan().clone(),
            scheduled: case.scheduled_plan().cloned(),
            id,
            row,
        })
    }

    pub(crate) fn who(&self, local: &LocalTime) -> Who {
        let row = &self.row;
        Who {
            name: words::banner_name(&row.family_name, &row.given_name, &row.title),
            spoken: format!("{} {} {}", row.title, row.given_name, row.family_name),
            born: words::born(&row.born_on, local.today()),
            nhs_number: words::nhs_number(&row.nhs_number),
            href: format!("/patients/{}", self.id),
        }
    }

    /// Finds a version of the plan.
    ///
    /// # Errors
    /// When it never came in force, or the database does not answer.
    pub(crate) async fn plan(
        &self,
        state: &State,
        version: PlanVersion,
    ) -> Result<Plan, PageError> {
        if version == self.current.version {
            return Ok(self.current.clone());
        }
        let found = plans::of_version(state.store.readers(), &self.id, version).await?;
        found.ok_or(PageError::BadForm)
    }

    /// Gives what a form starts from.
    ///
    /// # Errors
    /// When there is no such version or template, or the database does not answer.
    pub(crate) async fn load(&self, state: &State, start: &Start) -> Result<Loaded, PageError> {
        let service = state.templates.review_after_days;
        let picked = match start {
            Start::Plan(version) => {
                let plan = self.plan(state, *version).await?;
                return Ok(Loaded::Content(Box::new(Content::from(&plan)), service));
            }
            Start::Templates(picked) => picked,
        };
        let templates = state.templates.pick(&picked.names);
        let templates = templates.map_err(|_| PageError::BadForm)?;
        Ok(match merge(&templates, &picked.wishes) {
            Ok(content) => {
                let review = content.review_after_days.unwrap_or(service);
                let (limits, mut care) = (content.limits, content.care);
                // Where the home is does not change with a template; a plan of bare limits has not said it yet.
                if !self.current.care.zone.is_utc() {
                    care.zone = self.current.care.zone.clone();
                }
                Loaded::Content(Box::new(Content { limits, care }), review)
            }
            Err(error) => Loaded::Obstacles(picked.clone(), error),
        })
    }
}
