//! A patient's past alerts: how each ended, and which can still be reopened.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::{self, Path};
use axum::response::Response;
use clinical::{AlertNumber, Case, Outcome, PatientId, Problem};

use crate::rights::Right;
use crate::store::alert_ends::ENDED_BY_ITSELF;
use crate::store::alert_page::{self, PastAlert};
use crate::store::cases;
use crate::web::State;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::local_time::{LocalTime, Shown};
use crate::web::session::Me;
use crate::web::{sight, words};

/// The most closed alerts that the page lists.
const CLOSED_MAX: i64 = 50;

/// One earlier alert, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PastView {
    /// Which of the patient's.
    pub(super) number: i64,
    /// Its page.
    pub(super) href: String,
    /// `Oxygen`.
    pub(super) problem: String,
    /// `urgent`.
    pub(super) priority: String,
    /// Why it was raised.
    pub(super) why: String,
    /// When it was raised.
    pub(super) opened: Shown,
    /// When it ended.
    pub(super) closed: Option<Shown>,
    /// How it ended.
    pub(super) how: String,
    /// What was written when it was closed.
    pub(super) note: Option<String>,
}

impl PastView {
    /// Puts an earlier alert into words.
    ///
    /// # Errors
    /// When a stored time is none.
    pub(super) fn new(
        past: &PastAlert,
        patient: &PatientId,
        local: &LocalTime,
    ) -> Result<Self, jiff::Error> {
        let mut problems = Problem::ALL.into_iter();
        let problem = problems.find(|it| it.code() == past.problem);
        Ok(Self {
            number: past.number,
            href: format!("/alerts/{patient}/{}", past.number),
            problem: problem.map_or_else(|| past.problem.clone(), words::problem_title),
            priority: past.priority.clone(),
            why: past.why.clone(),
            opened: local.show_stored(past.opened_at)?,
            closed: past.closed_at.map(|at| local.show_stored(at)).transpose()?,
            how: how(past.outcome.as_deref()),
            note: past.note.clone().filter(|note| !note.trim().is_empty()),
        })
    }
}

/// Says how an alert ended.
fn how(outcome: Option<&str>) -> String {
    match outcome {
        None => "still open".to_owned(),
        Some(ENDED_BY_ITSELF) => "ended by itself: nobody had taken it".to_owned(),
        Some(code) => Outcome::from_code(code).map_or(code.to_owned(), |it| it.label().to_owned()),
    }
}

struct Row {
    past: PastView,
    can_reopen: bool,
}

#[derive(Template)]
#[template(path = "alert/past.html")]
struct PastPage {
    frame: Frame,
    href: String,
    name: String,
    spoken: String,
    born: String,
    nhs_number: String,
    rows: Vec<Row>,
    is_cut: bool,
}

/// Lists the alerts that were closed last.
pub(crate) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
) -> Result<Response, PageError> {
    let (id, patient) = sight::patient(&state, &me, &patient).await?;
    let readers = state.store.readers();
    let local = state.local_time();
    let closed = alert_page::closed(readers, &id, CLOSED_MAX).await?;
    let case = cases::read(readers, &id).await?;
    let reopens: BTreeSet<i64> = case
        .iter()
        .filter(|_| me.may(Right::ActOnAlerts))
        .flat_map(Case::closed_alerts)
        .map(|it| number(it.alert.number))
        .collect();
    let rows: Result<Vec<Row>, jiff::Error> = closed
        .iter()
        .map(|past| {
            Ok(Row {
                past: PastView::new(past, &id, &local)?,
                can_reopen: reopens.contains(&past.number),
            })
        })
        .collect();
    Ok(render(&PastPage {
        frame: state.frame(Some(&me)),
        href: format!("/patients/{id}"),
        name: words::banner_name(&patient.family_name, &patient.given_name, &patient.title),
        spoken: format!(
            "{} {} {}",
            patient.title, patient.given_name, patient.family_name
        ),
        born: words::born(&patient.born_on, local.today()),
        nhs_number: words::nhs_number(&patient.nhs_number),
        is_cut: i64::try_from(closed.len()).is_ok_and(|len| len >= CLOSED_MAX),
        rows: rows?,
    }))
}

fn number(alert: AlertNumber) -> i64 {
    i64::from(alert.0)
}
