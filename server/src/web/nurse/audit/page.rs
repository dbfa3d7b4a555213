//! The page on which the trail is searched: who did what when, and never what is in a record.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::asked::{Asked, Wrong};
use super::chain_view::ChainView;
use super::words;
use crate::audit::{Action, Recorded};
use crate::rights::Right;
use crate::store::{audit, staff};
use crate::web::State;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::local_time::{LocalTime, Shown};
use crate::web::session::Me;

/// How many entries a page shows.
const PAGE_LEN: u32 = 100;

#[derive(Template)]
#[template(path = "audit/page.html")]
struct AuditPage {
    frame: Frame,
    asked: Asked,
    wrong: Wrong,
    people: Vec<(String, String)>,
    kinds: Vec<(&'static str, &'static str)>,
    chain: ChainView,
    lines: Vec<Line>,
    found: String,
    earlier: Option<String>,
    query: String,
    is_first: bool,
}

/// One entry, ready to show.
struct Line {
    number: i64,
    at: Option<Shown>,
    who: String,
    id: String,
    roles: String,
    what: String,
    thing: Option<String>,
    patient: Option<String>,
    detail: Option<String>,
    is_glass: bool,
    is_altered: bool,
}

/// Searches, once the search itself is an entry.
pub(super) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, PageError> {
    me.must(Right::SeeAudit)?;
    let Query(asked) = asked.map_err(|_| PageError::BadForm)?;
    let (local, readers) = (state.local_time(), state.store.readers());
    let (filter, wrong) = match asked.read(&local) {
        Ok(filter) => (Some(filter), Wrong::default()),
        Err(wrong) => (None, wrong),
    };
    let before = match asked.before.as_str() {
        "" => None,
        number => Some(number.parse().map_err(|_| PageError::BadForm)?),
    };
    let entry = asked.entry(&me, Action::AccessLogViewed);
    state.trail.seen(entry).await?;
    let found = match &filter {
        Some(filter) => audit::newest_first(readers, filter, before, PAGE_LEN).await?,
        None => Vec::new(),
    };
    let names = names(&state).await?;
    let is_more = found.len() == PAGE_LEN as usize;
    let earlier = found.last().filter(|_| is_more).map(|it| it.number);
    let query = asked.query();
    let page = AuditPage {
        frame: state.frame(Some(&me)),
        people: people_of(&state).await?,
        kinds: kinds(),
        chain: ChainView::read(&state.store, &local).await?,
        found: counted(found.len()),
        lines: found.iter().map(|it| line(it, &names, &local)).collect(),
        earlier: earlier.map(|number| format!("/audit?{query}&before={number}")),
        is_first: before.is_none(),
        query,
        wrong,
        asked,
    };
    let status = if page.wrong.is_any() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    Ok((status, render(&page)).into_response())
}

/// Reads the names of the staff. Whoever is at home is named by their id alone: a patient's name would tell who is a patient.
pub(super) async fn names(state: &State) -> anyhow::Result<BTreeMap<String, String>> {
    let all = staff::all(state.store.readers()).await?;
    Ok(all.into_iter().map(|it| (it.id, it.name)).collect())
}

async fn people_of(state: &State) -> anyhow::Result<Vec<(String, String)>> {
    let all = staff::all(state.store.readers()).await?;
    let nobodies = words::NOBODIES.map(|(id, name)| (id.to_owned(), name.to_owned()));
    let people = all
        .into_iter()
        .map(|it| (it.id, format!("{}, {}", it.name, it.role)));
    Ok(nobodies.into_iter().chain(people).collect())
}

fn counted(len: usize) -> String {
    let len = i64::try_from(len).unwrap_or(i64::MAX);
    crate::web::words::count(len, "entry", "entries")
}

fn kinds() -> Vec<(&'static str, &'static str)> {
    let mut kinds: Vec<_> = Action::ALL
        .iter()
        .map(|it| (it.code(), words::title(*it)))
        .collect();
    kinds.sort_by_key(|(_, title)| *title);
    kinds
}

fn line(entry: &Recorded, names: &BTreeMap<String, String>, local: &LocalTime) -> Line {
    Line {
        number: entry.number,
        at: local.show_stored(entry.at).ok(),
        who: words::who(&entry.person, names),
        id: entry.person.clone(),
        roles: words::roles(&entry.role),
        what: words::title_of(&entry.action),
        thing: words::thing(entry, names),
        patient: entry.patient.clone(),
        detail: entry
            .detail
            .clone()
            .filter(|_| !words::is_of_the_record(entry)),
        is_glass: words::is_of_the_record(entry),
        is_altered: entry.hash_of_content() != entry.hash,
    }
}
