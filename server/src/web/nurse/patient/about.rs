//! Whom a form is about: the patient, found by who sees them, and the pages that a form answers with.

use axum::response::Response;
use clinical::{PatientId, Refusal, TeamId};

use super::banner::Banner;
use super::form::{FormPage, Offer, RefusedPage};
use crate::rights::Right;
use crate::store::{patients, people};
use crate::web::State;
use crate::web::error::PageError;
use crate::web::local_time::LocalTime;
use crate::web::session::Me;
use crate::web::sight;

/// The most people that one choice offers.
const PEOPLE_MAX: i64 = 200;

/// A patient, and who does something about them.
pub(crate) struct About<'a> {
    /// What the pages need.
    pub(crate) state: &'a State,
    /// Who.
    pub(crate) me: &'a Me,
    /// The patient.
    pub(crate) id: PatientId,
    /// As pages name them.
    pub(crate) banner: Banner,
    /// The time.
    pub(crate) local: LocalTime,
}

impl<'a> About<'a> {
    /// Finds the patient for somebody who has the right.
    ///
    /// # Errors
    /// [`PageError::NotAllowed`] without it, [`PageError::NotFound`] when there is no such patient or they do not see them.
    pub(crate) async fn find(
        state: &'a State,
        me: &'a Me,
        right: Right,
        patient: &str,
    ) -> Result<Self, PageError> {
        me.must(right)?;
        let (id, row) = sight::patient(state, me, patient).await?;
        let local = state.local_time();
        let about = Self {
            banner: Banner::new(&row, &local),
            state,
            me,
            id,
            local,
        };
        me.must_in(right, &about.team().await?)?;
        Ok(about)
    }

    /// Begins a page with a form. `heading` ends where the patient's name follows.
    pub(crate) fn form(&self, heading: &str, button: &str) -> FormPage {
        let spoken = &self.banner.spoken;
        FormPage {
            frame: self.state.frame(Some(self.me)),
            banner: Some(self.banner.clone()),
            heading: format!("{heading} {spoken}"),
            back_href: self.banner.href.clone(),
            lead: Vec::new(),
            notes: Vec::new(),
            wrong: Vec::new(),
            hidden: Vec::new(),
            fields: Vec::new(),
            button: format!("{button} {spoken}"),
        }
    }

    /// Answers that nothing was changed.
    pub(crate) fn refused(&self, heading: &str, next: &str) -> Response {
        let page = RefusedPage {
            frame: self.state.frame(Some(self.me)),
            banner: self.banner.clone(),
            heading: heading.to_owned(),
            next: next.to_owned(),
        };
        page.answer()
    }

    /// Answers what a case refused.
    pub(crate) fn refusal(&self, refusal: &Refusal) -> Response {
        self.refused("Nothing was changed", &refusal.to_string())
    }

    /// Answers that somebody else was faster.
    pub(crate) fn was_changed(&self, what: &str) -> Response {
        let next = format!(
            "Somebody else changed {what} while you were writing. Nothing of yours was saved: look at what they wrote, then \
             write again."
        );
        self.refused(&format!("{what} was changed meanwhile"), &next)
    }

    /// Gives the team that looks after the patient.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn team(&self) -> Result<TeamId, PageError> {
        let mut connection = self
            .state
            .store
            .readers()
            .acquire()
            .await
            .map_err(anyhow::Error::from)?;
        let team = patients::team(&mut connection, &self.id).await?;
        team.ok_or(PageError::NotFound)
    }
}

/// Offers those who care for a team's patients.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn caring(
    state: &State,
    team: &TeamId,
    chosen: &str,
) -> anyhow::Result<Vec<Offer>> {
    let people = people::caring_for(state.store.readers(), team, PEOPLE_MAX).await?;
    let people = people.iter();
    Ok(people
        .map(|(id, name)| Offer::new(id, name, id == chosen))
        .collect())
}
