//! One patient's page: who they are, what is open, how they are now, how it went, and by which plan.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Path, Query};
use axum::response::Response;
use clinical::worklist::LABEL;
use clinical::{Case, PatientId};
use serde::Deserialize;

use super::banner::Banner;
use super::care::{self, CareView};
use super::choices::{Choice, SPANS, TimelineView, spans, timeline_view};
use super::contact_log::{self, ContactView};
use super::done;
use super::kit::{BoxView, kit};
use super::page_reads::{self, Days, RECORDS_MAX};
use super::plan_card::PlanCard;
use super::situation::{self, AdherenceView, SummaryView};
use super::tier_view::TierView;
use super::timeline::{self, FlagView, Kind};
use super::weight;
use crate::rights::Right;
use crate::store::patient_page::{PatientRow, StoredReading};
use crate::store::worklist;
use crate::web::State;
use crate::web::alert_view::AlertView;
use crate::web::chart::Chart;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::listing::look;
use crate::web::local_time::LocalTime;
use crate::web::patient_view::{self, AttemptView, LatestView, ReadingView};
use crate::web::plan_view::PlanView;
use crate::web::session::Me;
use crate::web::sight;
use crate::web::trend::{self, Beside, PROBLEMS};

/// How far back the page looks when nothing else is asked for, in days.
const SPAN_DEFAULT: i64 = 14;

/// How many days the page looks back, and what its timeline shows.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    days: Option<i64>,
    show: Option<String>,
    all: Option<u8>,
    done: Option<String>,
}

/// What the person who looks may do here.
struct May {
    act: bool,
    edit_plans: bool,
    manage: bool,
}

/// How the patient is now.
struct Now {
    standing: Option<String>,
    watch: Option<String>,
    is_monitored: bool,
    is_discharged: bool,
    has_pause: bool,
    alerts: Vec<AlertView>,
    latest: Vec<LatestView>,
    has_oximetry: bool,
    adherence: Option<AdherenceView>,
    summaries: Vec<SummaryView>,
    boxes: Vec<BoxView>,
    tier: Option<TierView>,
}

/// One row of the table of readings.
struct RowView {
    it: ReadingView,
    /// Who marked it as wrong, and why.
    struck: Option<String>,
    /// Who says at home that it was somebody else.
    remark: Option<String>,
}

/// How it went.
struct Past {
    days: i64,
    spans: Vec<Choice>,
    charts: Vec<Chart>,
    flags: Vec<FlagView>,
    timeline: TimelineView,
    contacts: Vec<ContactView>,
    readings: Vec<RowView>,
    remarks_len: usize,
    is_cut: bool,
    attempts: Vec<AttemptView>,
}

#[derive(Template)]
#[template(path = "patient/page.html")]
struct PatientPage {
    frame: Frame,
    banner: Banner,
    may: May,
    done: Option<&'static str>,
    now: Now,
    past: Past,
    plan: Option<PlanView>,
    card: Option<PlanCard>,
    tier_label: &'static str,
    care: CareView,
}

/// Shows the page.
pub(crate) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, PageError> {
    let (id, patient) = sight::patient(&state, &me, &patient).await?;
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    let page = load(&state, &me, &id, &patient, &asked).await?;
    Ok(render(&page))
}

async fn load(
    state: &State,
    me: &Me,
    id: &PatientId,
    patient: &PatientRow,
    asked: &Asked,
) -> Result<PatientPage, PageError> {
    let local = state.local_time();
    let days = asked.days.filter(|days| SPANS.contains(days));
    let days = days.unwrap_or(SPAN_DEFAULT);
    let read = page_reads::read(state, id, days, &local).await?;
    let case = page_reads::case_of(state, id).await;
    let banner = Banner::new(patient, &local);
    let plan = trend::plan_at(&read.plans, local.now());
    Ok(PatientPage {
        frame: state.frame(Some(me)),
        may: May {
            act: me.may(Right::ActOnAlerts),
            edit_plans: me.may(Right::EditPlans),
            manage: me.may(Right::ManagePatients),
        },
        done: asked.done.as_deref().and_then(done::sentence),
        now: now(state, me, id, case.as_ref(), &read, &local).await?,
        past: past(state, id, case.as_ref(), &read, asked, days, &local).await?,
        plan: plan.map(|it| PlanView::new(it, &local)),
        card: page_reads::card(state, id, patient, &read, &local).await?,
        tier_label: LABEL,
        care: care::read(state, id, &local).await?,
        banner,
    })
}

async fn now(
    state: &State,
    me: &Me,
    id: &PatientId,
    case: Option<&Case>,
    days: &Days,
    local: &LocalTime,
) -> Result<Now, PageError> {
    let open = worklist::open_alerts_of(state.store.readers(), id).await?;
    let alerts = look(state, open).await?;
    let alerts = alerts.iter().map(|it| AlertView::new(it, &me.id, local));
    let latest = page_reads::latest(state, id).await?;
    let is_oximetry =
        |it: &StoredReading| matches!(it.reading.vital, vitals::Vital::Oximetry { .. });
    let plans = situation::plans_of(&days.plans);
    let monitored = case.filter(|case| case.discharged().is_none());
    let tier = |case| state.tiers.worked_out(case, local.now());
    Ok(Now {
        standing: situation::standing(case, local),
        watch: case.and_then(|case| situation::watch(case, &days.names, local)),
        is_monitored: monitored.is_some(),
        is_discharged: case.is_some_and(|case| case.discharged().is_some()),
        has_pause: case.is_some_and(|it| it.pauses().iter().any(|it| it.until > local.now())),
        alerts: alerts.collect::<Result<_, _>>()?,
        has_oximetry: latest.iter().any(is_oximetry),
        adherence: monitored.map(|case| situation::adherence(case, &plans, local.now())),
        summaries: case.map_or_else(Vec::new, |case| summaries(state, case, local)),
        boxes: kit(state, id, case, &latest, local).await?,
        tier: monitored.map(|case| TierView::new(&tier(case), &days.names, local)),
        latest: patient_view::latest(&latest, &days.plans, local),
    })
}

async fn past(
    state: &State,
    id: &PatientId,
    case: Option<&Case>,
    read: &Days,
    asked: &Asked,
    days: i64,
    local: &LocalTime,
) -> Result<Past, PageError> {
    let entries = page_reads::entries(state, id, read, local).await?;
    let (flags, flag_views) = timeline::flags(&entries, local);
    let beside = Beside {
        flags,
        weight_gain: case.and_then(|case| weight::gain(case, local.now())),
    };
    let href = format!("/patients/{id}");
    let shown = (
        asked.show.as_deref().and_then(Kind::from_code),
        asked.all == Some(1),
    );
    let readings = read.readings.iter().map(|it| row(it, read, local));
    let readings: Vec<RowView> = readings.collect();
    let attempts = read.attempts.iter();
    Ok(Past {
        days,
        spans: spans(&href, days),
        charts: charts(read, &beside, local),
        flags: flag_views,
        timeline: timeline_view(&href, days, shown, &entries, local),
        contacts: contact_log::read(state, id, &read.names, local).await?,
        is_cut: i64::try_from(read.readings.len()).is_ok_and(|len| len >= RECORDS_MAX),
        remarks_len: readings.iter().filter(|it| it.remark.is_some()).count(),
        readings,
        attempts: attempts.map(|it| AttemptView::new(it, local)).collect(),
    })
}

fn row(stored: &StoredReading, read: &Days, local: &LocalTime) -> RowView {
    let struck = stored.struck.as_ref().map(|it| {
        let by = it
            .by
            .parse()
            .map_or_else(|_| it.by.clone(), |by| read.names.of(&by));
        let (at, why) = (local.show(it.at).text, it.reason.words());
        let note = if it.note.is_empty() {
            String::new()
        } else {
            format!(". {}", it.note)
        };
        format!("Marked as wrong by {by}, {at}: {why}{note}")
    });
    let remark = read.remarks.get(&stored.reading.id.to_string());
    // What a nurse has decided is decided.
    let remark = remark.filter(|_| struck.is_none());
    RowView {
        it: ReadingView::new(stored, &read.plans, local),
        struck,
        remark: remark.map(|it| format!("{} says that this was somebody else", it.by_name)),
    }
}

fn summaries(state: &State, case: &Case, local: &LocalTime) -> Vec<SummaryView> {
    let now = local.now();
    situation::home_average(case, &state.templates, now)
        .into_iter()
        .chain(weight::summary(case))
        .chain(situation::usual_ranges(case, now))
        .collect()
}

fn charts(days: &Days, beside: &Beside, local: &LocalTime) -> Vec<Chart> {
    PROBLEMS
        .into_iter()
        .map(|problem| {
            trend::data(
                problem,
                &days.readings,
                &days.plans,
                beside,
                days.window,
                local,
            )
        })
        .filter_map(|data| Chart::draw(&data, local))
        .collect()
}

#[cfg(test)]
mod tests;
