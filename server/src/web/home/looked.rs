//! Who looked at my record: from the audit trail, by day and person.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{self, Path};
use axum::response::Response;
use jiff::Timestamp;

use super::clock_words as clock;
use super::frame::HomeFrame;
use super::own::Own;
use super::say;
use super::sorry::Sorry;
use crate::audit::{Action, Entry, Recorded};
use crate::store::audit::{self, Filter, PAGE_LEN_MAX};
use crate::store::patient_page;
use crate::web::State;
use crate::web::error::{PageError, render};
use crate::web::local_time::LocalTime;

/// The most people whose names are looked up.
const PEOPLE_MAX: i64 = 10_000;

/// One person on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Look {
    day: String,
    who: String,
    times: usize,
    /// They opened the record of another team's patient.
    is_broken_glass: bool,
}

#[derive(Template)]
#[template(path = "home/looked.html")]
struct LookedPage {
    frame: HomeFrame,
    looks: Vec<Look>,
    is_cut: bool,
}

/// Shows the page, to the patient alone.
pub(super) async fn get(
    own: Own,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
) -> Result<Response, Sorry> {
    let (id, it) = own.find(&state, &patient).await?;
    if !it.is_own {
        return Err(Sorry(PageError::NotFound));
    }
    let entry = Entry::new(own.actor(), Action::AccessLogViewed).of(&id);
    state.trail.seen(entry).await?;
    let readers = state.store.readers();
    let filter = Filter::of_patient(id.as_str());
    let found = audit::newest_first(readers, &filter, None, PAGE_LEN_MAX).await?;
    let people = patient_page::staff(readers, PEOPLE_MAX).await?;
    let named = people.into_iter().map(|it| (it.id, (it.name, it.role)));
    let named: BTreeMap<_, _> = named.collect();
    let others: Vec<&Recorded> = found
        .iter()
        .filter(|it| it.person != own.id.as_str())
        .collect();
    Ok(render(&LookedPage {
        frame: HomeFrame::about(&state, &id, &it).await?,
        looks: looks(&others, &named, &state.local_time())?,
        is_cut: found.len() >= PAGE_LEN_MAX as usize,
    }))
}

/// Puts the entries of one person on one day together. They are newest first, and stay so.
fn looks(
    found: &[&Recorded],
    named: &BTreeMap<String, (String, String)>,
    local: &LocalTime,
) -> Result<Vec<Look>, PageError> {
    let mut looks: Vec<Look> = Vec::new();
    for it in found {
        let day = clock::date(Timestamp::from_microsecond(it.at)?, local);
        let who = match named.get(&it.person) {
            Some((name, role)) => format!("{name}, {role}"),
            None => say::NO_PERSON.to_owned(),
        };
        let is_broken_glass = it.action == Action::BreakGlassOpened.code();
        let known = looks
            .iter_mut()
            .find(|look| look.day == day && look.who == who);
        match known {
            Some(look) => {
                look.times += 1;
                look.is_broken_glass |= is_broken_glass;
            }
            None => looks.push(Look {
                day,
                who,
                times: 1,
                is_broken_glass,
            }),
        }
    }
    Ok(looks)
}
