//! Who is using this browser: a cookie that holds a session's token, and the person whose session it is.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Context;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::response::{IntoResponse, Redirect, Response};
use clinical::{PersonId, TeamId};
use jiff::{SignedDuration, Timestamp};

use super::State;
use super::error::PageError;
use crate::accounts::Audience;
use crate::accounts::sessions::{self, Session, Stage};
use crate::audit::Actor;
use crate::percent;
use crate::rights::{self, Right, Role};
use crate::store::break_glass::{self, GlassRow};
use crate::store::roles::{self, Grant};
use crate::store::sight::Viewer;

/// The prefix binds it to this host alone (RFC 6265bis, 4.1.3.2).
const COOKIE: &str = "__Host-hearth";
/// The page's live stream.
const LIVE: &str = "/alerts/live";
/// How much of a session's digest names it in the audit trail.
pub(super) const SESSION_SHOWN_LEN: usize = 12;
/// The most open records of other teams that pages speak of.
const OPEN_RECORDS_MAX: i64 = 10;
/// The longest address that is returned to after signing in.
const NEXT_LEN_MAX: usize = 300;

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
    /// The roles with the teams in which they have them.
    pub(crate) grants: BTreeSet<Grant>,
    /// The digest of the session's token.
    pub(crate) session: String,
    /// When they last proved who they are.
    pub(crate) proved_at: Timestamp,
    /// The records of other teams' patients that they have open.
    pub(crate) open_records: Vec<GlassRow>,
    /// The path of the address that they opened.
    pub(crate) path: String,
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

    /// Refuses what no role of this person includes for the patients of a team. With a patient of a team in which they have no
    /// role, whom they see by an offer or through broken glass, they may do what they may at home.
    ///
    /// # Errors
    /// [`PageError::NotAllowed`].
    pub(crate) fn must_in(&self, right: Right, team: &TeamId) -> Result<(), PageError> {
        let there = || {
            self.grants
                .iter()
                .filter(|it| it.team.as_ref() == Some(team))
        };
        if there().any(|it| it.role.may(right)) || there().next().is_none() {
            self.must(right)
        } else {
            Err(PageError::NotAllowed)
        }
    }

    /// Tells whether the person's roles are other ones now than when they were read.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn has_other_roles(&self, state: &State) -> anyhow::Result<bool> {
        let grants = roles::of_person(state.store.readers(), &self.id).await?;
        Ok(grants != self.grants)
    }

    /// Names this person in the audit trail, by their roles and a part of the session's digest.
    pub(crate) fn actor(&self) -> Actor {
        let roles: Vec<&str> = self.roles.iter().map(|role| role.code()).collect();
        let session = self.session.get(..SESSION_SHOWN_LEN).unwrap_or_default();
        Actor::person(&self.id, &roles.join(" ")).in_session(session)
    }

    /// Looks as this person, at a time.
    pub(crate) fn viewer(&self, now: Timestamp) -> Viewer<'_> {
        Viewer {
            person: &self.id,
            now,
        }
    }
}

/// Gives the header value that makes this browser one person's until it is closed. Scripts cannot read it, other sites
/// cannot post with it, and it is sent only over TLS or within this computer.
pub(crate) fn cookie_of(token: &str) -> String {
    format!("{COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Lax")
}

/// Gives the header value that makes this browser nobody's.
pub(crate) fn no_cookie() -> String {
    format!("{COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")
}

/// Gives the header value that keeps this browser one person's for a time, also when it is closed: on the devices of people
/// at home.
pub(crate) fn lasting_cookie_of(token: &str, lasts: SignedDuration) -> String {
    format!("{}; Max-Age={}", cookie_of(token), lasts.as_secs())
}

fn token_in(headers: &HeaderMap) -> Option<String> {
    cookie_in(headers, COOKIE)
}

/// Finds the value of a cookie.
pub(crate) fn cookie_in(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value.to_owned())
}

/// A session that holds now, whatever is still asked of it.
pub(crate) struct Known(pub(crate) Session);

impl FromRequestParts<Arc<State>> for Known {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<State>) -> Result<Self, Response> {
        let found = find(&parts.headers, state)
            .await
            .map_err(|error| PageError::Broken(error).into_response())?;
        found.map(Self).ok_or_else(|| ask(parts))
    }
}

/// A browser that is nobody's is sent to the page that asks who it is, and half a proof to the rest of it. Patients and carers
/// are refused whatever it is: nothing for staff is for them.
impl FromRequestParts<Arc<State>> for Me {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<State>) -> Result<Self, Response> {
        let Known(session) = Known::from_request_parts(parts, state).await?;
        if let Some(step) = next_step(session.stage) {
            return Err(Redirect::to(step).into_response());
        }
        if session.row.audience() != Audience::Staff {
            return Err(PageError::NotForHome.into_response());
        }
        let broken = |error| PageError::Broken(error).into_response();
        let now = state.clock.now();
        // A live page that only listens is no sign that anybody is there.
        if parts.uri.path() != LIVE {
            let kept = sessions::keep_alive(&state.store, &session, now).await;
            kept.map_err(broken)?;
        }
        let me = read(state, session, parts.uri.path())
            .await
            .map_err(broken)?;
        let counted = state.throttle.person(&me.id, now);
        counted.map_err(IntoResponse::into_response)?;
        Ok(me)
    }
}

/// Finds the session that a browser's cookie names, if it holds now.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn find(headers: &HeaderMap, state: &State) -> anyhow::Result<Option<Session>> {
    let Some(token) = token_in(headers) else {
        return Ok(None);
    };
    sessions::find(&state.store, &token, &state.policy, state.clock.now()).await
}

/// Where the rest of a proof is asked.
pub(crate) fn next_step(stage: Stage) -> Option<&'static str> {
    match stage {
        Stage::Full => None,
        Stage::Code => Some("/sign-in/code"),
        Stage::Enrol => Some("/sign-in/second-step"),
    }
}

fn ask(parts: &Parts) -> Response {
    let back = match parts.uri.path_and_query() {
        Some(path) if parts.method == Method::GET && path.path() != LIVE => encoded(path.as_str()),
        _ => String::new(),
    };
    let to = match back.as_str() {
        "" | "%2F" => "/sign-in".to_owned(),
        back => format!("/sign-in?next={back}"),
    };
    Redirect::to(&to).into_response()
}

/// Writes a path as one value of a query.
pub(crate) fn encoded(path: &str) -> String {
    percent::encoded(path.bytes().take(NEXT_LEN_MAX))
}

/// Gives the page to go on to after signing in: one of ours, or none.
pub(crate) fn next_page(asked: &str) -> Option<&str> {
    let is_ours = asked.starts_with('/') && !asked.starts_with("//");
    let is_plain =
        asked.len() <= NEXT_LEN_MAX && asked.bytes().all(|it| it.is_ascii_graphic() && it != b'\\');
    (is_ours && is_plain).then_some(asked)
}

async fn read(state: &State, session: Session, path: &str) -> anyhow::Result<Me> {
    let row = session.row;
    let id: PersonId = row.person.parse().context("a stored id is none")?;
    let readers = state.store.readers();
    let grants = roles::of_person(readers, &id).await?;
    let open_records = break_glass::open_of(readers, &id, state.clock.now(), OPEN_RECORDS_MAX);
    let open_records = open_records.await?;
    let caring = grants.iter().filter(|it| it.role.may(Right::SeeRecords));
    Ok(Me {
        id,
        name: row.name,
        role: row.role,
        team: row.team,
        teams: caring.filter_map(|it| it.team.clone()).collect(),
        roles: grants.iter().map(|it| it.role).collect(),
        grants,
        session: row.digest,
        proved_at: Timestamp::from_microsecond(row.proved_at)?,
        open_records,
        path: path.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(cookie: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, cookie.parse().unwrap())])
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let set = cookie_of("abc");
        let sent = set.split(';').next().unwrap();
        assert_eq!(token_in(&headers(sent)).as_deref(), Some("abc"));
        let among = headers(&format!("a=b; {sent}"));
        assert_eq!(token_in(&among).as_deref(), Some("abc"));
        assert_eq!(token_in(&headers("x__Host-hearth=abc")), None);
        assert_eq!(token_in(&HeaderMap::new()), None);
    }

    #[test]
    fn after_signing_in_nobody_is_sent_to_another_site() {
        assert_eq!(
            next_page("/patients/ivor?days=7"),
            Some("/patients/ivor?days=7")
        );
        for elsewhere in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a b",
            "/\u{7}",
        ] {
            assert_eq!(next_page(elsewhere), None, "{elsewhere}");
        }
        assert_eq!(next_page(&format!("/{}", "a".repeat(NEXT_LEN_MAX))), None);
        assert_eq!(encoded("/a?b=c&d"), "%2Fa%3Fb%3Dc%26d");
    }
}
