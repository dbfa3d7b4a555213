//! Somebody else was faster: who changed what and when, and how to go on with what was typed.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use clinical::plan::{Change, Matter, changes};
use clinical::{Plan, PlanVersion};

use super::form::start::{BASED_ON, Start};
use super::form::typed::Typed;
use super::form::{self, Content};
use super::panel::{ChangeLine, change_lines};
use super::record::{Loaded, Record, Who};
use super::save::hidden;
use crate::store::people;
use crate::web::State;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::local_time::Shown as ShownTime;
use crate::web::session::Me;

#[derive(Template)]
#[template(path = "plan/stale.html")]
struct StalePage {
    frame: Frame,
    who: Who,
    /// Who was faster.
    by: String,
    at: ShownTime,
    reason: String,
    based_on: PlanVersion,
    current: PlanVersion,
    theirs: Vec<ChangeLine>,
    mine: Vec<ChangeLine>,
    both: Vec<String>,
    /// What of theirs a form that says the whole plan would undo.
    undone: Vec<String>,
    hidden: Vec<(String, String)>,
}

/// Shows that another plan has come in force since the form was made. What was typed goes on against it.
///
/// # Errors
/// When the version that the form was made against never was, or the database does not answer.
pub(crate) async fn page(
    state: &State,
    me: &Me,
    record: &Record,
    based_on: PlanVersion,
    start: &Start,
    typed: &Typed,
) -> Result<Response, PageError> {
    let local = state.local_time();
    let old = record.plan(state, based_on).await?;
    let names = people::names(state.store.readers()).await?;
    let set_by = record.current.set_by.as_str();
    let mine = match record.load(state, start).await? {
        Loaded::Content(content, _) => form::content(&content, typed).ok(),
        Loaded::Obstacles(..) => None,
    };
    let mine = mine.and_then(|it| it.as_plan(based_on, me.id.as_str(), local.now()));
    let (typed, both) = go_on(record, &old, start, typed);
    let whole = mine.as_ref().filter(|_| !is_change(start, &old));
    let undone = whole.map(|mine| undone(&old, &record.current, mine));
    let page = StalePage {
        frame: state.frame(Some(me)),
        who: record.who(&local),
        by: if set_by == me.id.as_str() {
            "You".to_owned()
        } else {
            names
                .get(set_by)
                .cloned()
                .unwrap_or_else(|| set_by.to_owned())
        },
        at: local.show(record.current.in_force_from),
        reason: record.current.reason.clone(),
        based_on,
        current: record.current.version,
        theirs: change_lines(&old, &record.current),
        mine: mine
            .map(|mine| change_lines(&old, &mine))
            .unwrap_or_default(),
        both,
        undone: undone.unwrap_or_default(),
        hidden: hidden(&typed, &["action"]),
    };
    Ok((StatusCode::CONFLICT, render(&page)).into_response())
}

/// Tells whether a form changes the plan that it was made against; another one says what the whole plan is to be.
fn is_change(start: &Start, old: &Plan) -> bool {
    matches!(start, Start::Plan(version) if *version == old.version)
}

/// Says what changed meanwhile and would be otherwise again.
fn undone(old: &Plan, current: &Plan, mine: &Plan) -> Vec<String> {
    let theirs = changes(old, current);
    let mine = changes(current, mine);
    let mine = mine
        .iter()
        .filter(|it| it.what != Matter::Term && theirs.iter().any(|other| other.what == it.what));
    mine.map(Change::sentence).collect()
}

/// Gives the form against the plan in force, and what both changed. A form that goes back to an older version, or starts
/// from templates, says what the whole plan is to be: it goes on as it is.
fn go_on(record: &Record, old: &Plan, start: &Start, typed: &Typed) -> (Typed, Vec<String>) {
    let (mut typed, both) = if is_change(start, old) {
        let (old, new) = (Content::from(old), Content::from(&record.current));
        let rebased = form::rebased(typed, &old, &new);
        let said = rebased.both.iter().map(|name| both_said(name, typed, &new));
        let said = said.collect();
        let mut typed = rebased.typed;
        Start::Plan(record.current.version).write(&mut typed);
        (typed, said)
    } else {
        (typed.clone(), Vec::new())
    };
    typed.put(BASED_ON, record.current.version.to_string());
    (typed, both)
}

/// Says what both changed: `systolic, high soon limit: you typed 150, and it is 140 now`.
fn both_said(name: &str, typed: &Typed, new: &Content) -> String {
    let is = new.write();
    let or_nothing = |text: &str| match text.trim() {
        "" => "nothing".to_owned(),
        text => text.to_owned(),
    };
    let what = name.parse::<Matter>();
    let what = what.map_or_else(|_| name.replace(['.', '_'], " "), |it| it.words());
    let (mine, theirs) = (or_nothing(typed.text(name)), or_nothing(is.text(name)));
    format!("{what}: you typed {mine}, and it is {theirs} now")
}
