//! The list of patients: whom a person sees, found by name, NHS number or date of birth, and what is to be looked at soon.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::response::Response;
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;

use super::form::date;
use super::situation::{self, AdherenceView};
use super::soon::{self, SoonView};
use crate::rights::Right;
use crate::store::patient_list::{self, ListedPatient, Search};
use crate::store::patient_page;
use crate::store::plan_requests::{self, WaitingRow};
use crate::web::State;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::local_time::{LocalTime, Shown};
use crate::web::session::Me;
use crate::web::words;

/// The most patients that one list shows.
pub(crate) const ROWS_MAX: i64 = 100;
/// How many days ahead is soon.
const SOON_DAYS: i64 = 30;
/// The most patients whose plans wait for a prescriber that are named.
const ASKED_MAX: i64 = 50;
/// The most plans that adherence is counted by.
const PLANS_MAX: i64 = 10;

/// What is looked for.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    q: String,
    mine: Option<u8>,
}

struct RowView {
    href: String,
    name: String,
    born: String,
    nhs_number: String,
    team: String,
    coordinator: String,
    open: String,
    has_open: bool,
    last: Option<Shown>,
    adherence: Option<AdherenceView>,
    standing: Option<String>,
}

/// A patient whose plan waits for a prescriber.
struct AskedView {
    href: String,
    name: String,
    asker: String,
    at: Shown,
}

#[derive(Template)]
#[template(path = "patient/list.html")]
struct ListPage {
    frame: Frame,
    may_add: bool,
    query: String,
    is_mine: bool,
    rows: Vec<RowView>,
    is_cut: bool,
    asked: Vec<AskedView>,
    is_asked_cut: bool,
    soon: Vec<SoonView>,
    is_soon_cut: bool,
    soon_days: i64,
}

/// Shows the list.
pub(crate) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, PageError> {
    me.must(Right::SeeRecords)?;
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    let is_mine = asked.mine == Some(1);
    let local = state.local_time();
    let readers = state.store.readers();
    let search = Search::new(&asked.q, date(&asked.q), is_mine.then_some(&me.id));
    let viewer = me.viewer(local.now());
    let found = patient_list::find(readers, viewer, &search, ROWS_MAX).await?;
    let by = local.today().saturating_add(SOON_DAYS.days());
    let (soon, is_soon_cut) = soon::look(readers, viewer, &found, by, &local).await?;
    let waiting = plan_requests::waiting_in_sight(readers, viewer, ASKED_MAX).await?;
    let is_asked_cut = i64::try_from(waiting.len()).is_ok_and(|len| len >= ASKED_MAX);
    let asked_of = waiting.into_iter().map(|it| asked_view(it, &local));
    let mut rows = Vec::with_capacity(found.len());
    for patient in &found {
        rows.push(row(&state, patient, &local).await?);
    }
    Ok(render(&ListPage {
        frame: state.frame(Some(&me)),
        may_add: me.may(Right::ManagePatients),
        query: asked.q,
        is_mine,
        is_cut: i64::try_from(rows.len()).is_ok_and(|len| len >= ROWS_MAX),
        rows,
        asked: asked_of.collect::<anyhow::Result<_>>()?,
        is_asked_cut,
        soon,
        is_soon_cut,
        soon_days: SOON_DAYS,
    }))
}

fn asked_view(row: WaitingRow, local: &LocalTime) -> anyhow::Result<AskedView> {
    Ok(AskedView {
        href: format!("/patients/{}/plan#request", row.patient),
        name: words::banner_name(&row.family_name, &row.given_name, &row.title),
        asker: row.asker,
        at: local.show(Timestamp::from_microsecond(row.asked_at)?),
    })
}

async fn row(
    state: &State,
    patient: &ListedPatient,
    local: &LocalTime,
) -> Result<RowView, PageError> {
    let [family, given, title] = &patient.names;
    let case = patient.case.as_ref();
    Ok(RowView {
        href: format!("/patients/{}", patient.id),
        name: words::banner_name(family, given, title),
        born: words::born(&patient.born_on, local.today()),
        nhs_number: words::nhs_number(&patient.nhs_number),
        team: patient.team.clone(),
        coordinator: patient.coordinator.clone(),
        open: words::count(patient.open_len, "open alert", "open alerts"),
        has_open: patient.open_len > 0,
        last: patient.last_measured_at.map(|at| local.show(at)),
        adherence: adherence(state, patient, local).await?,
        standing: situation::standing(case, local),
    })
}

/// Counts by the plan in force, and by those before it when it is younger than the days that are counted.
async fn adherence(
    state: &State,
    patient: &ListedPatient,
    local: &LocalTime,
) -> Result<Option<AdherenceView>, PageError> {
    let Some(case) = patient.case.as_ref().filter(|it| it.discharged().is_none()) else {
        return Ok(None);
    };
    let is_young = case.plan().in_force_from > situation::since(local.now());
    if case.plan().version.0 == 1 || !is_young {
        return Ok(Some(situation::adherence(
            case,
            &[case.plan()],
            local.now(),
        )));
    }
    let plans = patient_page::plans(state.store.readers(), &patient.id, PLANS_MAX).await?;
    let plans = situation::plans_of(&plans);
    Ok(Some(situation::adherence(case, &plans, local.now())))
}

#[cfg(test)]
mod tests {
    use crate::web::browser::Served;
    use crate::web::sample::Sample;
    use crate::web::sample_values::{plan, weight};
    use crate::web::snapshot;

    async fn two() -> (Sample, Served) {
        let mut sample = Sample::open("2026-03-14T12:20:00Z").await;
        sample.ivor().await;
        let names = ["Ms", "Siân", "Ŵyn-Müller"];
        let plan = plan(1, "2026-03-01T09:00:00Z", 135);
        sample
            .patient("sian", names, "1950-01-31", "9990000018", plan)
            .await;
        sample
            .reading("sian", "2026-03-14T07:00:00Z", weight("85.50"), &[])
            .await;
        let served = Served::start(&sample.state).await;
        (sample, served)
    }

    #[tokio::test]
    async fn everybody_in_sight_is_listed_and_found_by_what_is_known_of_them() {
        let (_sample, served) = two().await;
        snapshot::check("patients", &served.get("/patients", "nurse-1").await.body);
        let (ivor, sian) = ("EVANS, Ivor (Mr)", "ŴYN-MÜLLER, Siân (Ms)");
        for (query, has) in [
            ("", [true, true]),
            ("evans", [true, false]),
            ("IVOR+ev", [true, false]),
            ("muller+sian", [false, true]),
            ("wyn", [false, true]),
            ("943+476+5919", [true, false]),
            ("9990", [false, true]),
            ("14/07/1945", [true, false]),
            ("31+Jan+1950", [false, true]),
            ("%25", [true, true]),
            ("zzz", [false, false]),
        ] {
            let page = served
                .get(&format!("/patients?q={query}"), "nurse-1")
                .await
                .body;
            let shown = [ivor, sian].map(|name| page.contains(name));
            assert_eq!(shown, has, "{query}");
        }
        let mine = served.get("/patients?mine=1", "nurse-2").await.body;
        assert!(!mine.contains(ivor) && mine.contains("No patient was found"));
    }

    #[tokio::test]
    async fn who_cares_for_nobody_sees_nobody() {
        let (sample, served) = two().await;
        sample.grants("nurse-2", &["visitor"]).await;
        assert_eq!(served.get("/patients", "nurse-2").await.status, 403);
        let mut write = sample.state.store.write().await.unwrap();
        let elsewhere = "INSERT INTO team (id, name) VALUES ('south', 'South team')";
        crate::web::sample::run(&mut write, elsewhere, &[]).await;
        let moved = "UPDATE patient SET team = 'south' WHERE id = $1";
        crate::web::sample::run(&mut write, moved, &["ivor"]).await;
        write.commit().await.unwrap();
        let page = served.get("/patients?q=9434765919", "nurse-1").await.body;
        assert!(!page.contains("EVANS"), "another team's");
    }
}
