//! Teams: added with who leads them and who is on call, so that somebody answers from the first moment; and renamed.

use std::sync::Arc;

use anyhow::Context;
use axum::extract::{self, Path};
use axum::response::{IntoResponse, Redirect, Response};
use clinical::duty::{AreaId, Member, Rota, Team as DutyTeam};
use clinical::{Hours, PersonId, TeamId};

use super::{back, ids, noted};
use crate::audit::Action;
use crate::rights::Right;
use crate::store::office::{self, Named};
use crate::store::people::{self, Team};
use crate::store::{duty, organisation, staff};
use crate::web::State;
use crate::web::error::PageError;
use crate::web::nurse::form::{Field, Filled, Kind, Posted, Sheet};
use crate::web::session::Me;

/// The zone of a new team: the United Kingdom, as POSIX writes it.
const ZONE: &str = "GMT0BST,M3.5.0/1,M10.5.0";
/// The staffed hours of a new team, until its lead changes them.
const STAFFED: &str = "mon-fri 09:00-17:00";
/// The longest name of a team.
const NAME_LEN_MAX: usize = clinical::duty::rota_check::TEAM_NAME_LEN_MAX;

/// Asks for a new team.
pub(super) async fn get_new(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
) -> Result<Response, PageError> {
    me.must(Right::ManagePeople)?;
    Ok(new_sheet(&state).await?.show(&state, &me))
}

/// Adds a team with a rota in which every member works all the staffed hours.
pub(super) async fn post_new(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    posted: Posted,
) -> Result<Response, PageError> {
    me.must(Right::ManagePeople)?;
    let filled = Filled::read(posted)?;
    let mut sheet = new_sheet(&state).await?.fill(&filled);
    let now = state.clock.now();
    let mut write = state.store.write().await?;
    office::lock(&mut write).await?;
    let Some((name, area, lead, on_call)) = read(&filled, &mut sheet) else {
        return Ok(sheet.show(&state, &me));
    };
    let id: TeamId = ids::free(&mut write, Named::Team, &name)
        .await?
        .parse()
        .context("an id")?;
    let team = Team {
        id: id.clone(),
        name: name.clone(),
    };
    let mut people = vec![lead.clone(), on_call.clone()];
    people.sort();
    people.dedup();
    let member = |person| Member {
        person,
        from: now,
        until: None,
    };
    let duty_team = DutyTeam {
        id: id.clone(),
        name,
        area,
        zone: ZONE.parse().context("the zone of new teams")?,
        staffed: Hours::new([STAFFED.parse().context("the hours of new teams")?]),
        lead,
        on_call,
        members: people.into_iter().map(member).collect(),
    };
    let rota = Rota::new(duty_team, Vec::new(), Vec::new()).context("the rota of a new team")?;
    people::put_team(&mut write, &team).await?;
    duty::save(&mut write, &rota, now).await?;
    let sentence = format!("Team {} added", team.name);
    let subject = format!("team:{id}");
    noted::commit(
        &state,
        &me,
        write,
        (Action::PlaceChanged, &subject, &sentence),
    )
    .await?;
    Ok(Redirect::to(&format!("/duty/{id}")).into_response())
}

/// Asks for a team's name.
pub(super) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(team): Path<String>,
) -> Result<Response, PageError> {
    me.must(Right::ManagePeople)?;
    let known = find(&state, &team).await?;
    let first = Filled::with(&[("name", &known.name)]);
    Ok(name_sheet(&known).fill(&first).show(&state, &me))
}

/// Changes a team's name.
pub(super) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(team): Path<String>,
    posted: Posted,
) -> Result<Response, PageError> {
    me.must(Right::ManagePeople)?;
    let filled = Filled::read(posted)?;
    let mut write = state.store.write().await?;
    office::lock(&mut write).await?;
    let known = find(&state, &team).await?;
    let mut sheet = name_sheet(&known).fill(&filled);
    let name = filled
        .line("name")
        .filter(|it| it.chars().count() <= NAME_LEN_MAX);
    let Some(name) = name else {
        sheet.wrong("name", "Write a name of up to 80 characters");
        return Ok(sheet.show(&state, &me));
    };
    if filled.get("lock") != known.name {
        return Ok(sheet.conflict(known.name, &state, &me));
    }
    let id: TeamId = known.id.parse().context("a team's id")?;
    let sentence = format!("{} is called {name}", known.name);
    people::put_team(
        &mut write,
        &Team {
            id: id.clone(),
            name,
        },
    )
    .await?;
    let subject = format!("team:{id}");
    noted::commit(
        &state,
        &me,
        write,
        (Action::PlaceChanged, &subject, &sentence),
    )
    .await?;
    Ok(back())
}

async fn find(state: &State, team: &str) -> Result<staff::TeamRow, PageError> {
    let teams = staff::teams(state.store.readers()).await?;
    let found = teams.into_iter().find(|it| it.id == team);
    found.ok_or(PageError::NotFound)
}

fn read(filled: &Filled, sheet: &mut Sheet) -> Option<(String, AreaId, PersonId, PersonId)> {
    let name = filled
        .line("name")
        .filter(|it| it.chars().count() <= NAME_LEN_MAX);
    if name.is_none() {
        sheet.wrong("name", "Write a name of up to 80 characters");
    }
    for (field, what) in [
        ("area", "Choose the area in which the team works"),
        ("lead", "Choose who leads the team"),
        ("on_call", "Choose who is on call"),
    ] {
        if !sheet.offers(field, filled.get(field)) {
            sheet.wrong(field, what);
        }
    }
    if sheet.is_wrong() {
        return None;
    }
    let (lead, on_call) = (
        filled.get("lead").parse().ok()?,
        filled.get("on_call").parse().ok()?,
    );
    Some((name?, filled.get("area").parse().ok()?, lead, on_call))
}

async fn new_sheet(state: &State) -> Result<Sheet, PageError> {
    let readers = state.store.readers();
    let mut reader = readers.acquire().await.context("no reader")?;
    let known = organisation::read(&mut reader).await?;
    drop(reader);
    let choose = || vec![(String::new(), "Choose".to_owned())];
    let mut areas = choose();
    areas.extend(
        known
            .into_iter()
            .flat_map(|it| it.areas)
            .map(|it| (it.id.to_string(), it.name)),
    );
    let now = state.clock.now().as_microsecond();
    let mut people = choose();
    let all = staff::all(readers).await?.into_iter();
    let here = all.filter(|it| it.left_at.is_none_or(|left| left > now));
    people.extend(here.map(|it| (it.id, format!("{}, {}", it.name, it.role))));
    Ok(Sheet {
        title: "Add a team".to_owned(),
        intro: vec![format!(
            "Its staffed hours are {STAFFED}, and who leads it and who is on call are its members, until its rota is changed."
        )],
        fields: vec![
            Field::new("name", "Name", Kind::Line).hint("For example: North team"),
            Field::new("area", "Area", Kind::Choice(areas)),
            Field::new("lead", "Team lead", Kind::Choice(people.clone())),
            Field::new("on_call", "On call", Kind::Choice(people)),
        ],
        button: "Add the team".to_owned(),
        action: "/administration/teams/new".to_owned(),
        back: "/administration".to_owned(),
        ..Sheet::default()
    })
}

fn name_sheet(known: &staff::TeamRow) -> Sheet {
    Sheet {
        title: format!("Name of the {}", known.name),
        fields: vec![Field::new("name", "Name", Kind::Line)],
        button: "Save".to_owned(),
        action: format!("/administration/teams/{}", known.id),
        back: "/administration".to_owned(),
        lock: known.name.clone(),
        ..Sheet::default()
    }
}
