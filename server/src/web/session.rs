//! Who is using this browser: a cookie that names a member of staff, until real sign-in comes.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use clinical::{PersonId, TeamId};
use jiff::Timestamp;

use super::State;
use super::error::PageError;
use crate::rights::{self, Right, Role};
use crate::store::sight::Viewer;
use crate::store::{patient_page, roles};

const COOKIE: &str = "hearth_person";

/// The member of staff who uses this browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Me {
    /// Their id.
    pub(crate) id: PersonId,
    /// Their name.
    pub(crate) name: String,
    /// What they do.
    pub(crate) role: String,
    /// Their team's name.
    pub(crate) team: String,
    /// The roles that they have.
    pub(crate) roles: BTreeSet<Role>,
    /// The teams whose patients they care for.
    pub(crate) teams: BTreeSet<TeamId>,
}

impl Me {
    /// Tells whether this person may do something at all.
    pub(crate) fn may(&self, right: Right) -> bool {
        rights::any_may(&self.roles, right)
    }

    /// Refuses what no role of this person includes.
    ///
    /// # Errors
    /// [`PageError::NotAllowed`].
    pub(crate) fn must(&self, right: Right) -> Result<(), PageError> {
        if self.may(right) {
            Ok(())
        } else {
            Err(PageError::NotAllowed)
        }
    }

    /// Looks as this person, at a time.
    pub(crate) fn viewer(&self, now: Timestamp) -> Viewer<'_> {
        Viewer {
            person: &self.id,
            now,
        }
    }
}

/// Gives the header value that makes this browser one person's. Scripts cannot read it; other sites cannot post with it.
pub(crate) fn cookie_of(person: &PersonId) -> String {
    format!("{COOKIE}={person}; Path=/; HttpOnly; SameSite=Lax")
}

fn person_in(headers: &HeaderMap) -> Option<PersonId> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .and_then(|(_, value)| value.parse().ok())
}

/// A browser that has not said who uses it is sent to the page that asks.
impl FromRequestParts<Arc<State>> for Me {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<State>) -> Result<Self, Response> {
        let Some(id) = person_in(&parts.headers) else {
            return Err(Redirect::to("/who").into_response());
        };
        let me = read(state, id).await.map_err(IntoResponse::into_response)?;
        let me = me.ok_or_else(|| Redirect::to("/who").into_response())?;
        let counted = state.throttle.person(&me.id, state.clock.now());
        counted.map_err(IntoResponse::into_response)?;
        Ok(me)
    }
}

async fn read(state: &State, id: PersonId) -> Result<Option<Me>, PageError> {
    let readers = state.store.readers();
    let Some(person) = patient_page::person(readers, &id).await? else {
        return Ok(None);
    };
    let grants = roles::of_person(readers, &id).await?;
    let caring = grants.iter().filter(|it| it.role.may(Right::SeeRecords));
    Ok(Some(Me {
        id,
        name: person.name,
        role: person.role,
        team: person.team,
        teams: caring.filter_map(|it| it.team.clone()).collect(),
        roles: grants.iter().map(|it| it.role).collect(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(cookie: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, cookie.parse().unwrap())])
    }

    #[test]
    fn the_cookie_is_found_among_others_and_checked() {
        let person: PersonId = "nurse-1".parse().unwrap();
        let set = cookie_of(&person);
        let sent = set.split(';').next().unwrap();
        assert_eq!(person_in(&headers(sent)), Some(person.clone()));
        assert_eq!(person_in(&headers(&format!("a=b; {sent}"))), Some(person));
        assert_eq!(person_in(&headers("hearth_person=<script>")), None);
        assert_eq!(person_in(&headers("xhearth_person=nurse-1")), None);
        assert_eq!(person_in(&HeaderMap::new()), None);
    }
}
