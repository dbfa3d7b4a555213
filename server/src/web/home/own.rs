//! Who at home is using this browser, and whose pages they see.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Context;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use clinical::{PatientId, PersonId};

use super::sorry::Sorry;
use crate::accounts::Audience;
use crate::accounts::sessions::{self, Session, Stage};
use crate::audit::{Action, Actor, Entry};
use crate::rights::{self, Right, Role};
use crate::store::home_access::{self, Belonging};
use crate::store::roles;
use crate::web::State;
use crate::web::error::PageError;
use crate::web::session::{self, SESSION_SHOWN_LEN};

/// The patient or carer who uses this browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Own {
    /// Their id.
    pub(crate) id: PersonId,
    /// Their name.
    pub(crate) name: String,
    /// The roles that they have.
    pub(crate) roles: BTreeSet<Role>,
    /// The session that holds.
    pub(crate) session: Session,
}

impl Own {
    /// Names this person in the audit trail.
    pub(crate) fn actor(&self) -> Actor {
        let roles: Vec<&str> = self.roles.iter().map(|role| role.code()).collect();
        let digest = &self.session.row.digest;
        let session = digest.get(..SESSION_SHOWN_LEN).unwrap_or_default();
        Actor::person(&self.id, &roles.join(" ")).in_session(session)
    }

    /// Finds a patient whose pages this person sees, by the part of the address that names them. That they looked is in the
    /// audit trail before anything is shown.
    ///
    /// # Errors
    /// [`PageError::NotFound`] for everybody else, as if there were no such patient.
    pub(crate) async fn find(
        &self,
        state: &State,
        patient: &str,
    ) -> Result<(PatientId, Belonging), PageError> {
        let id: PatientId = patient.parse().map_err(|_| PageError::NotFound)?;
        let found = home_access::find(state.store.readers(), &self.id, &id).await?;
        let found = found.ok_or(PageError::NotFound)?;
        let entry = Entry::new(self.actor(), Action::RecordViewed).of(&id);
        state.trail.seen(entry).await?;
        Ok((id, found))
    }
}

/// A browser that is nobody's is sent to where a code is typed. For staff there is no such page.
impl FromRequestParts<Arc<State>> for Own {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<State>) -> Result<Self, Response> {
        let own = read(parts, state).await;
        own.map_err(IntoResponse::into_response)?
            .ok_or_else(|| Redirect::to("/start").into_response())
    }
}

async fn read(parts: &Parts, state: &State) -> Result<Option<Own>, Sorry> {
    let Some(session) = session::find(&parts.headers, state).await? else {
        return Ok(None);
    };
    if session.stage != Stage::Full || session.row.audience() != Audience::Home {
        return Err(Sorry(PageError::NotFound));
    }
    let now = state.clock.now();
    sessions::keep_alive(&state.store, &session, now).await?;
    let id: PersonId = session.row.person.parse().context("a stored id is none")?;
    state.throttle.person(&id, now)?;
    let grants = roles::of_person(state.store.readers(), &id).await?;
    let roles: BTreeSet<Role> = grants.into_iter().map(|it| it.role).collect();
    if !rights::any_may(&roles, Right::SeeOwn) {
        return Err(Sorry(PageError::NotFound));
    }
    Ok(Some(Own {
        id,
        name: session.row.name.clone(),
        roles,
        session,
    }))
}
