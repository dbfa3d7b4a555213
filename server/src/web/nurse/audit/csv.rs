//! What a search finds as a file that spreadsheets read (RFC 4180). That it was taken out is an entry, before it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;

use super::asked::Asked;
use super::{page, words};
use crate::audit::export::cell;
use crate::audit::{Action, Recorded};
use crate::rights::Right;
use crate::store::audit::{self, PAGE_LEN_MAX};
use crate::web::State;
use crate::web::error::PageError;
use crate::web::session::Me;

/// The most entries of one file, the newest; the page says so in words.
pub(super) const EXPORT_LEN_MAX: u32 = 10_000;

const HEAD: [&str; 9] = [
    "Entry", "Time", "Who", "Id", "Roles", "What", "About", "Patient", "Detail",
];

/// Gives the file to who has proved lately who they are.
pub(super) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, PageError> {
    me.must(Right::SeeAudit)?;
    let Query(asked) = asked.map_err(|_| PageError::BadForm)?;
    me.must_be_fresh(&state, &format!("/audit?{}", asked.query()))?;
    let filter = asked.read(&state.local_time());
    let filter = filter.map_err(|_| PageError::BadForm)?;
    let entry = asked.entry(&me, Action::Exported);
    state.trail.seen(entry).await?;
    let readers = state.store.readers();
    let names = page::names(&state).await?;
    let mut text = row(&HEAD.map(str::to_owned));
    let (mut left, mut before) = (EXPORT_LEN_MAX, None);
    loop {
        let wanted = left.min(PAGE_LEN_MAX);
        let found = audit::newest_first(readers, &filter, before, wanted).await?;
        text.extend(found.iter().map(|it| line(it, &names)));
        let Some(last) = found.last().filter(|_| found.len() == wanted as usize) else {
            break;
        };
        (before, left) = (Some(last.number), left - wanted);
        if left == 0 {
            text.push_str(&row(&[format!(
                "Only the newest {EXPORT_LEN_MAX} entries are here: search fewer days for the others"
            )]));
            break;
        }
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"audit.csv\"",
        ),
    ];
    Ok((headers, text).into_response())
}

fn line(entry: &Recorded, names: &BTreeMap<String, String>) -> String {
    let at = Timestamp::from_microsecond(entry.at);
    let detail = entry.detail.clone().unwrap_or_default();
    row(&[
        entry.number.to_string(),
        at.map_or_else(|_| entry.at.to_string(), |at| at.to_string()),
        words::who(&entry.person, names),
        entry.person.clone(),
        words::roles(&entry.role),
        words::title_of(&entry.action),
        words::thing(entry, names).unwrap_or_default(),
        entry.patient.clone().unwrap_or_default(),
        match words::is_of_the_record(entry) {
            true => "The reason is with the patient's team lead".to_owned(),
            false => detail,
        },
    ])
}

fn row(cells: &[String]) -> String {
    let cells: Vec<_> = cells.iter().map(|it| cell(it)).collect();
    format!("{}\r\n", cells.join(","))
}
