//! The overview of the office: everything that can be changed, on one page.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context;
use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::response::Response;
use serde::Deserialize;

use super::{CHANGES_MAX, Change, changes};
use crate::rights::Right;
use crate::store::clinics::{self, ClinicRow};
use crate::store::{office, organisation, own_grants, staff};
use crate::web::State;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::own_grant::{OWN_GRANTS_MAX, OWN_GRANTS_SHOWN_FOR, OwnGrantView};
use crate::web::session::Me;

/// Whether something was just saved.
#[derive(Debug, Default, Deserialize)]
pub(super) struct After {
    done: Option<String>,
}

#[derive(Template)]
#[template(path = "office/overview.html")]
struct OverviewPage {
    frame: Frame,
    done: Option<String>,
    organisation: Option<String>,
    areas: Vec<AreaView>,
    teams: Vec<staff::TeamRow>,
    people: Vec<PersonView>,
    is_cut: bool,
    changes: Vec<Change>,
    own_grants: Vec<OwnGrantView>,
}

struct AreaView {
    id: String,
    name: String,
    clinics: Vec<ClinicRow>,
}

struct PersonView {
    id: String,
    name: String,
    role: String,
    team: String,
    left: Option<String>,
}

/// Shows the office.
pub(super) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    after: Result<Query<After>, QueryRejection>,
) -> Result<Response, PageError> {
    me.must(Right::ManagePeople)?;
    let readers = state.store.readers();
    let mut reader = readers.acquire().await.context("no reader")?;
    let known = organisation::read(&mut reader).await?;
    drop(reader);
    let teams = staff::teams(readers).await?;
    let names: BTreeMap<&str, &str> = teams
        .iter()
        .map(|it| (it.id.as_str(), it.name.as_str()))
        .collect();
    let all = staff::all(readers).await?;
    let is_cut = i64::try_from(all.len()).is_ok_and(|len| len >= staff::STAFF_ROWS_MAX);
    let local = state.local_time();
    let people = all.into_iter().map(|it| {
        Ok(PersonView {
            team: names
                .get(it.team.as_str())
                .map_or_else(|| it.team.clone(), |name| (*name).to_owned()),
            left: it.left_at.map(|at| left(at, &local)).transpose()?,
            id: it.id,
            name: it.name,
            role: it.role,
        })
    });
    let people = people.collect::<Result<_, jiff::Error>>()?;
    let mut clinics = clinics::all(readers).await?;
    let (name, areas) = known.map_or((None, Vec::new()), |it| (Some(it.name), it.areas));
    let areas = areas.into_iter().map(|area| {
        let (of_area, others) = clinics
            .drain(..)
            .partition(|it| it.area == area.id.as_str());
        clinics = others;
        AreaView {
            id: area.id.to_string(),
            name: area.name,
            clinics: of_area,
        }
    });
    let areas = areas.collect();
    let since = local.now() - OWN_GRANTS_SHOWN_FOR;
    let own = own_grants::since(readers, since, OWN_GRANTS_MAX).await?;
    let rows = office::latest(readers, CHANGES_MAX).await?;
    let done = after.is_ok_and(|Query(after)| after.done.is_some());
    let latest = rows.first().filter(|it| done && it.by_name == me.name);
    let done = latest.map(|it| format!("Saved. {}.", it.sentence));
    Ok(render(&OverviewPage {
        frame: state.frame(Some(&me)),
        done,
        organisation: name,
        areas,
        people,
        is_cut,
        changes: changes(rows, &local)?,
        own_grants: OwnGrantView::all(&own, &local)?,
        teams,
    }))
}

/// Says since when, or from when on, somebody does not work here.
pub(super) fn left(
    at_us: i64,
    local: &crate::web::local_time::LocalTime,
) -> Result<String, jiff::Error> {
    let at = jiff::Timestamp::from_microsecond(at_us)?;
    let last = at
        .checked_sub(jiff::SignedDuration::from_secs(1))
        .unwrap_or(at);
    let day = local.zoned(last).strftime("%-d %b %Y").to_string();
    Ok(if at <= local.now() {
        format!("left, last day {day}")
    } else {
        format!("leaves, last day {day}")
    })
}
