//! A team's week as it stands: who works when, leave and cover, who answers, what is missing, and what was changed.

use std::sync::Arc;

use anyhow::Context;
use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;
use tokio::task::spawn_blocking;

use super::ahead::{Ahead, ahead};
use super::grid::{Day, Row, days, people};
use super::{Opened, Scope, named, words};
use crate::rights::Right;
use crate::store::{assignments, office, staff};
use crate::web::State;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::local_time::Shown;
use crate::web::session::Me;

/// How many weeks back the page goes: ended shifts are kept for about as long.
const WEEKS_BACK_MAX: i64 = 12;
/// How many weeks ahead the page goes.
const WEEKS_AHEAD_MAX: i64 = 104;
/// The most changes that the page lists.
const CHANGES_MAX: i64 = 20;

/// Which week, and whether something was just saved.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    week: Option<String>,
    done: Option<String>,
}

#[derive(Template)]
#[template(path = "duty/list.html")]
struct ListPage {
    frame: Frame,
    teams: Vec<staff::TeamRow>,
}

#[derive(Template)]
#[template(path = "duty/week.html")]
struct WeekPage {
    frame: Frame,
    team: String,
    href: String,
    may_edit: bool,
    done: Option<String>,
    gaps: Vec<String>,
    ahead: Vec<Ahead>,
    week: String,
    days: Vec<Day>,
    people: Vec<Row>,
    earlier: Option<Date>,
    later: Option<Date>,
    shifts: Vec<Entry>,
    leaves: Vec<Entry>,
    members: Vec<Entry>,
    staffed: String,
    lead: String,
    on_call: String,
    changes: Vec<Change>,
}

struct Entry {
    row: String,
    name: String,
    text: String,
}

struct Change {
    at: Shown,
    by: String,
    sentence: String,
}

/// Lists the teams whose duty the person sees; of one team alone the week is shown at once.
pub(super) async fn list(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
) -> Result<Response, PageError> {
    if !me.may(Right::ActOnAlerts) {
        me.must(Right::EditDuty)?;
    }
    let scope = Scope::of(&state, &me).await?;
    let mut teams = staff::teams(state.store.readers()).await?;
    teams.retain(|it| it.id.parse().is_ok_and(|id| scope.sees(&id)));
    if let [team] = teams.as_slice() {
        return Ok(Redirect::to(&format!("/duty/{}", team.id)).into_response());
    }
    Ok(render(&ListPage {
        frame: state.frame(Some(&me)),
        teams,
    }))
}

/// Shows a team's week.
pub(super) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(team): Path<String>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, PageError> {
    if !me.may(Right::ActOnAlerts) {
        me.must(Right::EditDuty)?;
    }
    let Query(asked) = asked.map_err(|_| PageError::BadForm)?;
    let opened = Opened::of(&state, &me, &team).await?;
    let now = state.clock.now();
    let readers = state.store.readers();
    let mut reader = readers.acquire().await.context("no reader")?;
    let coordinators = assignments::of_team(&mut reader, &opened.team).await?;
    drop(reader);
    let rota = opened.rota.clone();
    let gaps = spawn_blocking(move || rota.gaps(now));
    let gaps = gaps.await.context("a rota cannot be looked at")?;
    let subject = format!("team:{}", opened.team);
    let changes = office::changes(readers, &subject, CHANGES_MAX).await?;
    let done = changes
        .first()
        .filter(|it| asked.done.is_some() && it.by_name == me.name);
    let done = done.map(|it| format!("Saved. {}.", it.sentence));
    let zone = &opened.rota.team().zone;
    let today = monday(zone.date(now));
    let wanted = asked.week.and_then(|it| it.parse().ok());
    let bounds = (
        today.saturating_sub((WEEKS_BACK_MAX * 7).days()),
        today.saturating_add((WEEKS_AHEAD_MAX * 7).days()),
    );
    let first = monday(wanted.unwrap_or(today)).clamp(bounds.0, bounds.1);
    let (earlier, later) = (
        first.saturating_sub(7.days()),
        first.saturating_add(7.days()),
    );
    let local = state.local_time();
    let changes = changes.into_iter().map(|it| {
        Ok(Change {
            at: local.show_stored(it.at)?,
            by: it.by_name,
            sentence: it.sentence,
        })
    });
    let dates: Vec<Date> = (0..7)
        .map(|days| first.saturating_add(days.days()))
        .collect();
    Ok(render(&WeekPage {
        frame: state.frame(Some(&me)),
        team: opened.rota.team().name.clone(),
        href: opened.href(),
        may_edit: opened.may_edit,
        done,
        gaps: gaps.as_ref().map_or_else(Vec::new, words::gap_sentences),
        ahead: ahead(&opened, &coordinators, now),
        week: first.strftime("%-d %B %Y").to_string(),
        people: people(&opened, &dates, now),
        days: days(&opened, &dates, now),
        earlier: (earlier >= bounds.0).then_some(earlier),
        later: (later <= bounds.1).then_some(later),
        shifts: shifts(&opened, now)?,
        leaves: leaves(&opened, now)?,
        members: members(&opened, now),
        staffed: words::hours(&opened.rota.team().staffed),
        lead: opened.name(&opened.rota.team().lead),
        on_call: opened.name(&opened.rota.team().on_call),
        changes: changes.collect::<Result<_, jiff::Error>>()?,
    }))
}

fn monday(date: Date) -> Date {
    let days = date.weekday().to_monday_zero_offset();
    date.saturating_sub(i64::from(days).days())
}

fn shifts(opened: &Opened, now: Timestamp) -> anyhow::Result<Vec<Entry>> {
    let shifts = opened.rota.shifts().iter();
    let shifts = shifts.filter(|it| it.until.is_none_or(|until| now < until));
    let entry = |shift: &clinical::duty::Shift| {
        Ok(Entry {
            row: named(shift)?,
            name: opened.name(&shift.person),
            text: words::shift(shift, &opened.rota.team().zone, now),
        })
    };
    shifts.map(entry).collect()
}

fn leaves(opened: &Opened, now: Timestamp) -> anyhow::Result<Vec<Entry>> {
    let zone = &opened.rota.team().zone;
    let mut leaves: Vec<_> = opened
        .rota
        .leaves()
        .iter()
        .filter(|it| now < it.until)
        .collect();
    leaves.sort_by_key(|it| it.from);
    let entry = |leave: &clinical::duty::Leave| {
        let cover = leave.cover.as_ref();
        let cover = cover.map_or_else(
            || "nobody covers".to_owned(),
            |it| format!("{} covers", opened.name(it)),
        );
        let dates = words::dates(leave.from, Some(leave.until), zone, now);
        Ok(Entry {
            row: named(leave)?,
            name: opened.name(&leave.person),
            text: format!("{dates}, {cover}"),
        })
    };
    leaves.into_iter().map(entry).collect()
}

/// Lists who joins or leaves from now on; the others are in the week.
fn members(opened: &Opened, now: Timestamp) -> Vec<Entry> {
    let zone = &opened.rota.team().zone;
    let members = opened.rota.team().members.iter();
    let moves = members.filter(|it| now < it.from || it.until.is_some_and(|until| now < until));
    let entry = |it: &clinical::duty::Member| Entry {
        row: String::new(),
        name: opened.name(&it.person),
        text: format!("in the team {}", words::dates(it.from, it.until, zone, now)),
    };
    moves.map(entry).collect()
}
