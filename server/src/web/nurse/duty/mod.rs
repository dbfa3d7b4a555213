//! Duty: a team's rota, read by who works in it and changed by who may.

mod ahead;
mod edit;
mod grid;
mod hours;
mod leave;
mod member;
mod settings;
mod shift;
mod week;
mod words;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use clinical::duty::Rota;
use clinical::{PersonId, TeamId};
use jiff::Timestamp;
use ring::digest;
use serde::Serialize;

pub(crate) use words::refusal as refusal_words;

use crate::rights::Right;
use crate::store::{duty, people, roles};
use crate::web::State;
use crate::web::error::PageError;
use crate::web::session::Me;

/// How many bytes of a digest name a state of a rota, or a row of it.
const NAME_LEN: usize = 8;

/// Where duty is read and changed.
pub(crate) fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/duty", get(week::list))
        .route("/duty/{team}", get(week::get))
        .route(
            "/duty/{team}/shift",
            get(shift::get_add).post(shift::post_add),
        )
        .route(
            "/duty/{team}/shift/{row}",
            get(shift::get_end).post(shift::post_end),
        )
        .route(
            "/duty/{team}/leave",
            get(leave::get_add).post(leave::post_add),
        )
        .route(
            "/duty/{team}/leave/{row}",
            get(leave::get_end).post(leave::post_end),
        )
        .route(
            "/duty/{team}/join",
            get(member::get_join).post(member::post_join),
        )
        .route("/duty/{team}/go", get(member::get_go).post(member::post_go))
        .route(
            "/duty/{team}/settings",
            get(settings::get).post(settings::post),
        )
}

/// The teams whose duty a person sees, and those whose rota they change.
#[derive(Debug, Default)]
struct Scope {
    all: bool,
    sees: BTreeSet<TeamId>,
    edits: BTreeSet<TeamId>,
}

impl Scope {
    async fn of(state: &State, me: &Me) -> anyhow::Result<Self> {
        let mut scope = Self::default();
        for grant in roles::of_person(state.store.readers(), &me.id).await? {
            let edits = grant.role.may(Right::EditDuty);
            match grant.team {
                None => scope.all |= edits,
                Some(team) => {
                    if edits {
                        scope.edits.insert(team.clone());
                    }
                    if edits || grant.role.may(Right::ActOnAlerts) {
                        scope.sees.insert(team);
                    }
                }
            }
        }
        Ok(scope)
    }

    fn sees(&self, team: &TeamId) -> bool {
        self.all || self.sees.contains(team)
    }

    fn edits(&self, team: &TeamId) -> bool {
        self.all || self.edits.contains(team)
    }
}

/// One team's rota, as it was when it was opened.
struct Opened {
    team: TeamId,
    rota: Rota,
    names: BTreeMap<String, String>,
    may_edit: bool,
    /// Names this state of the rota: another is a conflict.
    lock: String,
}

impl Opened {
    /// Opens the rota of a team whose duty the person sees.
    ///
    /// # Errors
    /// [`PageError::NotFound`] when there is no such rota, or the person does not see it.
    async fn of(state: &State, me: &Me, team: &str) -> Result<Self, PageError> {
        let team: TeamId = team.parse().map_err(|_| PageError::NotFound)?;
        let scope = Scope::of(state, me).await?;
        if !scope.sees(&team) {
            return Err(PageError::NotFound);
        }
        let readers = state.store.readers();
        let names = people::names(readers).await?;
        let mut reader = readers.acquire().await.map_err(anyhow::Error::from)?;
        let rota = duty::rota(&mut reader, &team, Timestamp::MAX).await?;
        let rota = rota.ok_or(PageError::NotFound)?;
        Ok(Self {
            lock: named(&rota)?,
            may_edit: scope.edits(&team),
            team,
            rota,
            names,
        })
    }

    /// Opens a rota to change it.
    ///
    /// # Errors
    /// As [`Opened::of`], and [`PageError::NotAllowed`] when the person sees it and may not change it.
    async fn to_edit(state: &State, me: &Me, team: &str) -> Result<Self, PageError> {
        let opened = Self::of(state, me, team).await?;
        if opened.may_edit {
            Ok(opened)
        } else {
            Err(PageError::NotAllowed)
        }
    }

    fn href(&self) -> String {
        format!("/duty/{}", self.team)
    }

    fn name(&self, person: &PersonId) -> String {
        let known = self.names.get(person.as_str());
        known.cloned().unwrap_or_else(|| person.to_string())
    }

    /// Lists who is in post at a moment or later, with lead and person on call, by name: what a form offers.
    fn choices(&self, now: Timestamp) -> Vec<(String, String)> {
        let team = self.rota.team();
        let members = team.members.iter();
        let members = members.filter(|it| it.until.is_none_or(|until| now < until));
        let people = members.map(|it| &it.person);
        let people: BTreeSet<&PersonId> = people.chain([&team.lead, &team.on_call]).collect();
        let mut choices: Vec<(String, String)> = people
            .into_iter()
            .map(|it| (it.to_string(), self.name(it)))
            .collect();
        choices.sort_by(|a, b| (&a.1, &a.0).cmp(&(&b.1, &b.0)));
        choices
    }
}

/// Names a state of a rota, or one row of it, by its content.
fn named(it: &impl Serialize) -> anyhow::Result<String> {
    let text = serde_json::to_vec(it)?;
    let digest = digest::digest(&digest::SHA256, &text);
    let bytes = digest.as_ref();
    Ok(hex::encode(bytes.get(..NAME_LEN).unwrap_or(bytes)))
}
