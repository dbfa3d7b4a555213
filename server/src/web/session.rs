//! Who is using this browser: a cookie that names a member of staff, until real sign-in comes.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use clinical::PersonId;

use super::State;
use super::error::PageError;
use crate::store::patient_page;

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
        let person = patient_page::person(state.store.readers(), &id)
            .await
            .map_err(|error| PageError::Broken(error).into_response())?;
        match person {
            Some(person) => Ok(Self {
                id,
                name: person.name,
                role: person.role,
                team: person.team,
            }),
            None => Err(Redirect::to("/who").into_response()),
        }
    }
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
