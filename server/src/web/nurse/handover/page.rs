//! The handover page: what is on offer to whoever looks, what they hand over, and the shift as it stands.

use std::sync::Arc;

use anyhow::Context;
use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use clinical::{Outcome, PersonId};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::sections::Sections;
use crate::rights::Right;
use crate::store::alert_ends::ENDED_BY_ITSELF;
use crate::store::handovers::{self, ClosedRow, QuietHome, SignedRow, WatchedRow};
use crate::store::{duty, staff, worklist};
use crate::web::State;
use crate::web::answering::Staff;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::listing::look;
use crate::web::local_time::{LocalTime, Shown};
use crate::web::session::Me;
use crate::web::words;

/// The most open alerts of one handover. Their own come first, so that none of those is ever left out before others.
pub(super) const ALERTS_MAX: i64 = 300;
/// The most of each other list of the page.
const ROWS_MAX: i64 = 100;
/// The most colleagues who are offered.
pub(super) const COLLEAGUES_MAX: i64 = 300;
/// For how long a signed handover is shown, and how long a shift is taken to be at most.
const SHIFT_MAX: SignedDuration = SignedDuration::from_hours(24);
/// How long a shift is taken to be when the rota does not say.
const SHIFT_USUAL: SignedDuration = SignedDuration::from_hours(12);

/// What a page that sent the nurse back wants said.
#[derive(Debug, Default, Deserialize)]
pub(super) struct After {
    done: Option<String>,
}

/// What was typed, and what is wrong with it.
#[derive(Debug, Default)]
pub(super) struct Typed {
    pub(super) to: String,
    pub(super) note: String,
    pub(super) wrong: Option<&'static str>,
    /// What could not be offered or answered, each in a sentence.
    pub(super) left_out: Vec<String>,
    /// How many were.
    pub(super) done_len: usize,
}

#[derive(Template)]
#[template(path = "handover/page.html")]
struct HandoverPage {
    frame: Frame,
    now: Shown,
    since: Shown,
    sections: Sections,
    is_cut: bool,
    to_pass_on_len: usize,
    colleagues: Vec<(String, String)>,
    next: Option<String>,
    on_call: Option<String>,
    signed_to_me: Vec<Signed>,
    signed_by_me: Option<Signed>,
    watched: Vec<Watched>,
    quiet: Vec<Quiet>,
    closed: Vec<Closed>,
    done: Option<&'static str>,
    typed: Typed,
}

struct Signed {
    by: String,
    to: String,
    at: Shown,
    note: String,
    offered: String,
}

struct Watched {
    href: String,
    patient: String,
    nhs_number: String,
    note: String,
    by: String,
    until: Shown,
}

struct Quiet {
    href: String,
    patient: String,
    nhs_number: String,
    gateway: String,
    since: Shown,
}

struct Closed {
    href: String,
    patient: String,
    nhs_number: String,
    why: String,
    outcome: &'static str,
    by: String,
    at: Shown,
}

/// Shows the handover.
pub(super) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    after: Result<Query<After>, QueryRejection>,
) -> Result<Response, PageError> {
    me.must(Right::ActOnAlerts)?;
    let after = after.map_or_else(|_| None, |Query(after)| after.done);
    let done = match after.as_deref() {
        Some("accepted") => Some("You have accepted. You answer for these alerts now."),
        Some("declined") => Some("You have declined. Who offered it answers for it still."),
        _ => None,
    };
    page(&state, &me, done, Typed::default()).await
}

/// Builds the page: 200, 422 when something typed is wrong, 409 when something could not be done.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn page(
    state: &State,
    me: &Me,
    done: Option<&'static str>,
    typed: Typed,
) -> Result<Response, PageError> {
    let (readers, local) = (state.store.readers(), state.local_time());
    let now = local.now();
    let viewer = me.viewer(now);
    let rows = worklist::open_in_sight(readers, viewer, ALERTS_MAX).await?;
    let is_cut = i64::try_from(rows.len()).is_ok_and(|len| len >= ALERTS_MAX);
    let names = Staff::read(state, now).await?;
    let sections = Sections::of(&look(state, rows).await?, me, &local, |it| names.name(it))?;
    let shift = Shift::of(state, me, now).await?;
    let before = now.checked_sub(SHIFT_MAX).unwrap_or(Timestamp::MIN);
    let closed = handovers::closed_since(readers, viewer, shift.began_at, ROWS_MAX).await?;
    let watched = handovers::watched(readers, viewer, ROWS_MAX).await?;
    let quiet = handovers::quiet_homes(readers, viewer, ROWS_MAX).await?;
    let to_me = handovers::signed_to(readers, &me.id, before, ROWS_MAX).await?;
    let by_me = handovers::signed_by(readers, &me.id, before).await?;
    let status = if !typed.left_out.is_empty() {
        StatusCode::CONFLICT
    } else if typed.wrong.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let page = HandoverPage {
        frame: state.frame(Some(me)),
        now: local.show(now),
        since: local.show(shift.began_at),
        to_pass_on_len: sections.to_pass_on().count(),
        sections,
        is_cut,
        colleagues: handovers::colleagues(readers, &me.id, COLLEAGUES_MAX).await?,
        next: shift.next,
        on_call: shift.on_call,
        signed_to_me: all(to_me, |it| signed(it, &local))?,
        signed_by_me: by_me.map(|it| signed(it, &local)).transpose()?,
        watched: all(watched, |it| watched_view(it, &local))?,
        quiet: all(quiet, |it| quiet_view(it, &local))?,
        closed: all(closed, |it| closed_view(it, &local))?,
        done,
        typed,
    };
    Ok((status, render(&page)).into_response())
}

fn all<T, V>(
    rows: Vec<T>,
    view: impl Fn(T) -> Result<V, jiff::Error>,
) -> Result<Vec<V>, jiff::Error> {
    rows.into_iter().map(view).collect()
}

fn signed(row: SignedRow, local: &LocalTime) -> Result<Signed, jiff::Error> {
    Ok(Signed {
        by: row.by_name,
        to: row.to_name,
        at: local.show_stored(row.signed_at)?,
        note: row.note,
        offered: words::count(row.offered_len, "alert", "alerts"),
    })
}

fn watched_view(row: WatchedRow, local: &LocalTime) -> Result<Watched, jiff::Error> {
    Ok(Watched {
        href: format!("/patients/{}", row.patient),
        patient: words::banner_name(&row.family_name, &row.given_name, &row.title),
        nhs_number: words::nhs_number(&row.nhs_number),
        note: row.note,
        by: row
            .by_name
            .unwrap_or_else(|| "somebody who left".to_owned()),
        until: local.show_stored(row.until_at)?,
    })
}

fn quiet_view(row: QuietHome, local: &LocalTime) -> Result<Quiet, jiff::Error> {
    Ok(Quiet {
        href: format!("/patients/{}", row.patient),
        patient: words::banner_name(&row.family_name, &row.given_name, &row.title),
        nhs_number: words::nhs_number(&row.nhs_number),
        gateway: row.gateway,
        since: local.show_stored(row.began_at)?,
    })
}

fn closed_view(row: ClosedRow, local: &LocalTime) -> Result<Closed, jiff::Error> {
    let outcome = Outcome::from_code(&row.outcome).map(Outcome::label);
    let by_itself = row.outcome == ENDED_BY_ITSELF;
    Ok(Closed {
        href: format!("/patients/{}", row.patient),
        patient: words::banner_name(&row.family_name, &row.given_name, &row.title),
        nhs_number: words::nhs_number(&row.nhs_number),
        why: row.why,
        outcome: outcome.unwrap_or("Ended by itself: what raised it held no longer"),
        by: row
            .by_name
            .filter(|_| !by_itself)
            .unwrap_or_else(|| "Nobody".to_owned()),
        at: local.show_stored(row.closed_at)?,
    })
}

/// A person's shift, by the rota of their team.
struct Shift {
    began_at: Timestamp,
    /// Whose shift begins next: `Maja Lindqvist, from Mon 17:00`.
    next: Option<String>,
    /// Who is on call, by name.
    on_call: Option<String>,
}

impl Shift {
    /// Finds when the shift began that is running or was the last, and who is at work after it.
    async fn of(state: &State, me: &Me, now: Timestamp) -> anyhow::Result<Self> {
        let usual = now.checked_sub(SHIFT_USUAL).unwrap_or(Timestamp::MIN);
        let none = Self {
            began_at: usual,
            next: None,
            on_call: None,
        };
        let mut reader = state.store.readers().acquire().await.context("no reader")?;
        let Some(person) = staff::find(&mut reader, &me.id).await? else {
            return Ok(none);
        };
        let team = person.team.parse()?;
        let Some(rota) = duty::rota(&mut reader, &team, now).await? else {
            return Ok(none);
        };
        drop(reader);
        let names = crate::store::people::names(state.store.readers()).await?;
        let before = now.checked_sub(SHIFT_MAX).unwrap_or(Timestamp::MIN);
        let after = now.checked_add(SHIFT_MAX).unwrap_or(Timestamp::MAX);
        let worked = rota.worked(before, now);
        let mine = worked.iter().rfind(|it| it.person == me.id);
        let ahead = rota.worked(now, after);
        let name = |person: &PersonId| {
            let known = names.get(person.as_str()).cloned();
            known.unwrap_or_else(|| person.to_string())
        };
        let others = ahead.iter().filter(|it| it.person != me.id);
        let starts = others.filter(|it| it.from > now && !rota.shifts().is_empty());
        let next = starts.min_by_key(|it| it.from).map(|it| {
            let from = rota.team().zone.local(it.from).strftime("%a %H:%M");
            format!("{}, from {from}", name(&it.person))
        });
        let on_call = rota.on_call_at(now).map(name);
        Ok(Self {
            began_at: mine.map_or(usual, |it| it.from.max(before)),
            next,
            on_call,
        })
    }
}
