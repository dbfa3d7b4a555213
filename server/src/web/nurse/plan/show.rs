//! The page of a plan: what holds, what differs from the templates, what waits for its day, and every version there was.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Path, Query};
use axum::response::Response;
use clinical::plan::{TemplateName, Told};
use clinical::{Plan, PlanVersion};
use serde::Deserialize;

use super::panel::{ChangeLine, change_lines};
use super::record::{Record, Who};
use super::request::{self, Refusing, RequestView};
use super::said::{self, Item, Said};
use crate::rights::Right;
use crate::store::patient_page::{self, StoredPlan};
use crate::store::people;
use crate::web::State;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::local_time::{LocalTime, Shown};
use crate::web::plan_view::{LimitsView, PlanView};
use crate::web::session::Me;

/// The most versions that the page lists.
const VERSIONS_MAX: i64 = 50;

/// What is asked of the page: what has just been done, and which versions to compare.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    saved: Option<u32>,
    scheduled: Option<u32>,
    withdrawn: Option<u8>,
    requested: Option<i64>,
    answered: Option<String>,
    from: Option<u32>,
    to: Option<u32>,
}

/// What somebody tried on the page, and why that was refused.
#[derive(Debug, Default)]
pub(crate) struct Tried {
    pub(crate) withdrawing: Withdrawing,
    pub(crate) refusing: Refusing,
}

/// What somebody tried to withdraw, and why that was refused.
#[derive(Debug, Default)]
pub(crate) struct Withdrawing {
    pub(crate) reason: String,
    pub(crate) wrong: Option<String>,
}

struct LimitsRow {
    limits: LimitsView,
    departs: Vec<Item>,
}

struct Waiting {
    version: PlanVersion,
    from: Shown,
    by: String,
    reason: String,
    changes: Vec<ChangeLine>,
}

struct Version {
    version: PlanVersion,
    from: Shown,
    by: String,
    reason: String,
    /// What it changed of the one before; `None` where that is not shown.
    changes_len: Option<usize>,
    before: u32,
    is_current: bool,
}

struct Compared {
    from: PlanVersion,
    to: PlanVersion,
    changes: Vec<ChangeLine>,
}

#[derive(Template)]
#[template(path = "plan/plan.html")]
struct PlanPage {
    frame: Frame,
    who: Who,
    may_edit: bool,
    done: Option<String>,
    told: Told,
    plan: PlanView,
    view: String,
    term: Vec<String>,
    crossing: Option<(String, String)>,
    templates: String,
    unknown: Vec<String>,
    limits: Vec<LimitsRow>,
    said: Said,
    waiting: Option<Waiting>,
    withdrawing: Withdrawing,
    request: Option<RequestView>,
    refusing: Refusing,
    versions: Vec<Version>,
    is_cut: bool,
    compared: Option<Compared>,
}

/// Shows the page.
pub(crate) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, PageError> {
    let record = Record::find(&state, &me, &patient).await?;
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    page(&state, &me, &record, &asked, Tried::default()).await
}

/// Makes the page.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn page(
    state: &State,
    me: &Me,
    record: &Record,
    asked: &Asked,
    tried: Tried,
) -> Result<Response, PageError> {
    let readers = state.store.readers();
    let local = state.local_time();
    let names = people::names(readers).await?;
    let stored = patient_page::plans(readers, &record.id, VERSIONS_MAX).await?;
    let current = StoredPlan {
        set_by: name_of(&names, record.current.set_by.as_str()),
        plan: record.current.clone(),
    };
    let (known, unknown) = followed(&record.current);
    let (known, unknown) =
        known
            .into_iter()
            .fold((Vec::new(), unknown), |(mut found, mut unknown), name| {
                match state.templates.pick(std::slice::from_ref(&name)) {
                    Ok(it) => found.extend(it),
                    Err(_) => unknown.push(name.to_string()),
                }
                (found, unknown)
            });
    let mut said = Said::of(&record.current, &known);
    let plan = PlanView::new(&current, &local);
    let signs = record.current.limits.keys();
    let limits = signs.zip(&plan.limits).map(|(sign, limits)| LimitsRow {
        limits: limits.clone(),
        departs: said.limits.remove(sign).unwrap_or_default(),
    });
    let limits = limits.collect();
    let titles: Vec<&str> = known.iter().map(|it| it.title.as_str()).collect();
    let crossing = record.current.care.crossing.as_ref();
    Ok(render(&PlanPage {
        frame: state.frame(Some(me)),
        who: record.who(&local),
        may_edit: me.may(Right::EditPlans),
        done: done(asked, record),
        told: Told::of(&record.current),
        view: said::view(record.current.patient_view.as_ref()),
        term: term(&record.current),
        crossing: crossing.map(|it| (name_of(&names, it.prescriber.as_str()), it.reason.clone())),
        templates: titles.join("; "),
        unknown,
        plan,
        limits,
        said,
        waiting: record
            .scheduled
            .as_ref()
            .map(|it| waiting(it, &record.current, &names, &local)),
        request: request::view(state, me, record, &local).await?,
        withdrawing: tried.withdrawing,
        refusing: tried.refusing,
        is_cut: i64::try_from(stored.len()).is_ok_and(|len| len >= VERSIONS_MAX),
        compared: compared(state, record, asked).await?,
        versions: versions(&stored, record.current.version, &local),
    }))
}

fn name_of(names: &BTreeMap<String, String>, id: &str) -> String {
    names.get(id).cloned().unwrap_or_else(|| id.to_owned())
}

/// Gives the templates that a plan names, and the names that cannot be any.
fn followed(plan: &Plan) -> (Vec<TemplateName>, Vec<String>) {
    let (mut names, mut unknown) = (Vec::new(), Vec::new());
    for text in &plan.care.templates {
        match text.parse() {
            Ok(name) => names.push(name),
            Err(_) => unknown.push(text.clone()),
        }
    }
    (names, unknown)
}

fn done(asked: &Asked, record: &Record) -> Option<String> {
    let is_current = |version: &u32| *version == record.current.version.0;
    let waits = record.scheduled.as_ref().map(|it| it.version.0);
    if let Some(version) = asked.saved.filter(is_current) {
        Some(format!("Plan {version} is in force."))
    } else if let Some(version) = asked.scheduled.filter(|it| waits == Some(*it)) {
        Some(format!("Plan {version} waits for its day."))
    } else if asked.requested.is_some() {
        Some("A prescriber is asked. The plan stays as it is until one of them answers.".to_owned())
    } else if let Some(answer) = &asked.answered {
        let is_refused = answer == "refused";
        let said = if is_refused {
            "It is refused"
        } else {
            "It is taken back"
        };
        Some(format!("{said}. The plan stays as it is."))
    } else {
        let is_withdrawn = asked.withdrawn.is_some() && waits.is_none();
        is_withdrawn.then(|| "No plan waits for its day any more.".to_owned())
    }
}

fn term(plan: &Plan) -> Vec<String> {
    let term = plan.care.term.clone().unwrap_or_default();
    let day = |it: jiff::civil::Date| it.strftime("%-d %B %Y").to_string();
    let review = term.review_by.map_or_else(
        || "No review date is set.".to_owned(),
        |it| format!("To be looked at again by {}.", day(it)),
    );
    let ends = term.ends_on.map(|it| {
        format!(
            "Meant until {}; its limits hold until another plan does.",
            day(it)
        )
    });
    [Some(review), ends].into_iter().flatten().collect()
}

fn waiting(
    plan: &Plan,
    current: &Plan,
    names: &BTreeMap<String, String>,
    local: &LocalTime,
) -> Waiting {
    Waiting {
        version: plan.version,
        from: local.show(plan.in_force_from),
        by: name_of(names, plan.set_by.as_str()),
        reason: plan.reason.clone(),
        changes: change_lines(current, plan),
    }
}

fn versions(stored: &[StoredPlan], current: PlanVersion, local: &LocalTime) -> Vec<Version> {
    let before = std::iter::once(None).chain(stored.iter().map(Some));
    let rows = stored.iter().zip(before).map(|(it, before)| Version {
        version: it.plan.version,
        from: local.show(it.plan.in_force_from),
        by: it.set_by.clone(),
        reason: it.plan.reason.clone(),
        changes_len: before.map(|before| change_lines(&before.plan, &it.plan).len()),
        before: before.map_or(0, |before| before.plan.version.0),
        is_current: it.plan.version == current,
    });
    let mut rows: Vec<Version> = rows.collect();
    rows.reverse();
    rows
}

/// Compares two versions; nothing where one of them never was.
async fn compared(
    state: &State,
    record: &Record,
    asked: &Asked,
) -> Result<Option<Compared>, PageError> {
    let Some((from, to)) = asked.from.zip(asked.to) else {
        return Ok(None);
    };
    let (from, to) = (PlanVersion(from), PlanVersion(to));
    let plans = match (record.plan(state, from).await, record.plan(state, to).await) {
        (Ok(from), Ok(to)) => (from, to),
        (Err(PageError::BadForm), _) | (_, Err(PageError::BadForm)) => {
            return Err(PageError::NotFound);
        }
        (Err(error), _) | (_, Err(error)) => return Err(error),
    };
    let changes = change_lines(&plans.0, &plans.1);
    Ok(Some(Compared { from, to, changes }))
}
