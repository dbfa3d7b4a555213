//! One person: what is known of them, their roles, and who changed what.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Context;
use askama::Template;
use axum::extract::{self, Path};
use axum::response::{IntoResponse, Redirect, Response};
use clinical::PersonId;

use super::leaving::{LAST, is_last_administrator, manages};
use super::overview::left;
use super::people::find;
use super::sign_in_view::SignInView;
use super::{CHANGES_MAX, Change, changes, noted};
use crate::audit::Action;
use crate::rights::{Right, Role};
use crate::store::Write;
use crate::store::office;
use crate::store::roles::{self, Grant};
use crate::store::staff::{self, TeamRow};
use crate::web::State;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::nurse::form::{Field, Filled, Kind, Posted, Sheet};
use crate::web::session::Me;

#[derive(Template)]
#[template(path = "office/person.html")]
struct PersonPage {
    frame: Frame,
    href: String,
    name: String,
    role: String,
    team: String,
    prescriber: bool,
    left: Option<String>,
    roles: Vec<String>,
    sign_in: Option<SignInView>,
    is_me: bool,
    changes: Vec<Change>,
}

/// Shows a person.
pub(super) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(person): Path<String>,
) -> Result<Response, PageError> {
    me.must(Right::ManagePeople)?;
    let known = find(&state, &person).await?;
    let readers = state.store.readers();
    let id: PersonId = known.id.parse().context("a person's id")?;
    let teams = staff::teams(readers).await?;
    let grants = roles::of_person(readers, &id).await?;
    let rows = office::changes(readers, &format!("person:{id}"), CHANGES_MAX).await?;
    let local = state.local_time();
    Ok(render(&PersonPage {
        frame: state.frame(Some(&me)),
        href: format!("/administration/people/{id}"),
        team: team_name(&teams, &known.team),
        name: known.name,
        role: known.role,
        prescriber: known.prescriber != 0,
        left: known.left_at.map(|at| left(at, &local)).transpose()?,
        roles: grants.iter().map(|it| said(it, &teams)).collect(),
        sign_in: SignInView::of(&state, &id).await?,
        is_me: id == me.id,
        changes: changes(rows, &local)?,
    }))
}

/// Asks what a person may do.
pub(super) async fn get_roles(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(person): Path<String>,
) -> Result<Response, PageError> {
    me.must(Right::ManagePeople)?;
    let known = find(&state, &person).await?;
    let id: PersonId = known.id.parse().context("a person's id")?;
    let grants = roles::of_person(state.store.readers(), &id).await?;
    let teams = staff::teams(state.store.readers()).await?;
    let mut sheet = sheet(&known, &teams, &grants);
    me.must_be_fresh(&state, &sheet.action)?;
    if id == me.id {
        sheet.intro.push(
            "These are your own roles. A role by which you see patients is shown to the team's lead and to the other \
             administrators, with your name."
                .to_owned(),
        );
    }
    Ok(sheet.show(&state, &me))
}

/// Makes a person's roles these and no others.
pub(super) async fn post_roles(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(person): Path<String>,
    posted: Posted,
) -> Result<Response, PageError> {
    me.must(Right::ManagePeople)?;
    let filled = Filled::read(posted)?;
    let id: PersonId = person.parse().map_err(|_| PageError::NotFound)?;
    let teams = staff::teams(state.store.readers()).await?;
    let now = state.clock.now();
    let mut write = state.store.write().await?;
    roles::lock_administrators(&mut write).await?;
    staff::lock(&mut write, &id).await?;
    let known = staff::find(&mut write, &id)
        .await?
        .ok_or(PageError::NotFound)?;
    let held = roles::held(&mut write, &id).await?;
    let mut sheet = sheet(&known, &teams, &held);
    let lock = std::mem::take(&mut sheet.lock);
    sheet = sheet.fill(&filled);
    let wanted: Option<BTreeSet<Grant>> = filled.all("grant").map(grant_of).collect();
    let wanted = wanted.filter(|all| {
        all.iter().all(|it| {
            it.team
                .as_ref()
                .is_none_or(|team| teams.iter().any(|known| known.id == team.as_str()))
        })
    });
    let Some(wanted) = wanted else {
        sheet.wrong("grant", "Choose roles of the list");
        return Ok(sheet.show(&state, &me));
    };
    if filled.get("lock") != lock {
        return Ok(sheet.conflict(lock, &state, &me));
    }
    if !me.is_fresh(&state) {
        return Ok(sheet.not_fresh(&state, &me));
    }
    sheet.refused = kept(&mut write, &me, &id, &held, &wanted).await?;
    if sheet.refused.is_some() {
        return Ok(sheet.show(&state, &me));
    }
    if roles::set(&mut write, &id, &wanted, Some(&me.id), now).await? {
        let all: Vec<String> = wanted.iter().map(|it| said(it, &teams)).collect();
        let all = if all.is_empty() {
            "none".to_owned()
        } else {
            all.join(", ")
        };
        let sentence = format!("Roles of {}: {all}", known.name);
        let action = if id == me.id {
            Action::OwnRolesChanged
        } else {
            Action::PersonChanged
        };
        noted::commit(
            &state,
            &me,
            write,
            (action, &format!("person:{id}"), &sentence),
        )
        .await?;
    }
    Ok(Redirect::to(&format!("/administration/people/{id}")).into_response())
}

/// Says why somebody has to keep a role, where they have to.
async fn kept(
    write: &mut Write<'_>,
    me: &Me,
    id: &PersonId,
    held: &BTreeSet<Grant>,
    wanted: &BTreeSet<Grant>,
) -> anyhow::Result<Option<String>> {
    if !held.iter().any(manages) || wanted.iter().any(manages) {
        return Ok(None);
    }
    if *id == me.id {
        return Ok(Some(
            "You cannot take the administrator's role from yourself: ask another administrator, so that there is always one."
                .to_owned(),
        ));
    }
    let is_last = is_last_administrator(write, id).await?;
    Ok(is_last.then(|| LAST.to_owned()))
}

/// Writes a role with its team: `Team lead, North team`.
fn said(grant: &Grant, teams: &[TeamRow]) -> String {
    let label = grant.role.label();
    match &grant.team {
        Some(team) => format!("{label}, {}", team_name(teams, team.as_str())),
        None => label.to_owned(),
    }
}

fn team_name(teams: &[TeamRow], id: &str) -> String {
    let known = teams.iter().find(|it| it.id == id);
    known.map_or_else(|| id.to_owned(), |it| it.name.clone())
}

/// Gives the name that the form gives a role: `nurse/north`, `planner/`.
fn code(grant: &Grant) -> String {
    let team = grant.team.as_ref();
    format!(
        "{}/{}",
        grant.role.code(),
        team.map_or("", |it| it.as_str())
    )
}

fn grant_of(code: &str) -> Option<Grant> {
    let (role, team) = code.split_once('/')?;
    let role = Role::from_code(role)?;
    let team = match team {
        "" => None,
        team => Some(team.parse().ok()?),
    };
    (role.is_of_a_team() == team.is_some()).then_some(Grant { role, team })
}

fn sheet(known: &staff::StaffRow, teams: &[TeamRow], held: &BTreeSet<Grant>) -> Sheet {
    let whole = Role::ALL.into_iter().filter(|it| !it.is_of_a_team());
    let whole = whole.map(|role| Grant { role, team: None });
    let of_teams = teams.iter().filter_map(|team| team.id.parse().ok());
    let of_teams = of_teams.flat_map(|team: clinical::TeamId| {
        let roles = Role::ALL.into_iter().filter(|it| it.is_of_a_team());
        roles.map(move |role| Grant {
            role,
            team: Some(team.clone()),
        })
    });
    let choices: Vec<(String, String, bool)> = of_teams
        .chain(whole)
        .map(|it| (code(&it), said(&it, teams), held.contains(&it)))
        .collect();
    let held: Vec<String> = held.iter().map(code).collect();
    Sheet {
        title: format!("Roles of {}", known.name),
        intro: vec![
            "A role of a team lets them see and do what it says for the patients of that team."
                .to_owned(),
        ],
        fields: vec![Field::new(
            "grant",
            "What may they do?",
            Kind::Several(choices),
        )],
        button: "Save the roles".to_owned(),
        action: format!("/administration/people/{}/roles", known.id),
        back: format!("/administration/people/{}", known.id),
        lock: held.join(","),
        ..Sheet::default()
    }
}
