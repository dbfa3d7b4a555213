//! My readings: a sentence first, then simple charts, then every reading with how far it has come.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Path, Query};
use axum::response::Response;
use jiff::SignedDuration;
use serde::Deserialize;

use super::clock_words as clock;
use super::frame::HomeFrame;
use super::own::Own;
use super::page::{PLANS_MAX, Receipts};
use super::receipt_words::ReceiptView;
use super::say;
use super::sorry::Sorry;
use super::value_words::ValueView;
use crate::store::patient_page::{self, StoredPlan, StoredReading};
use crate::store::remarks::{self, RemarkRow};
use crate::web::State;
use crate::web::chart::{Chart, without_table};
use crate::web::chart_scale::Window;
use crate::web::error::{PageError, render};
use crate::web::local_time::LocalTime;
use crate::web::trend::{self, Beside, PROBLEMS};
use crate::web::words;

/// How far back the page looks, in days.
const DAYS: i64 = 14;
/// Over how many days the sentence counts.
const WEEK: i64 = 7;
/// The most readings that the page shows.
const READINGS_MAX: i64 = 200;

/// What was done by a form, when a redirect says it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    done: Option<String>,
}

struct RowView {
    id: String,
    when: String,
    value: ValueView,
    receipt: ReceiptView,
    is_struck: bool,
    /// Who says that it was somebody else.
    is_other: Option<String>,
}

#[derive(Template)]
#[template(path = "home/readings.html")]
struct ReadingsPage {
    frame: HomeFrame,
    whose: String,
    href: String,
    done: Option<&'static str>,
    sentence: String,
    charts: Vec<Chart>,
    rows: Vec<RowView>,
    is_cut: bool,
    days: i64,
    sees_alerts: bool,
}

/// Shows the page.
pub(super) async fn get(
    own: Own,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Sorry> {
    let (id, it) = own.find(&state, &patient).await?;
    if !it.sees.readings {
        return Err(Sorry(PageError::NotFound));
    }
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    let local = state.local_time();
    let readers = state.store.readers();
    let window = Window {
        from: local.now() - SignedDuration::from_hours(24 * DAYS),
        until: local.now(),
    };
    let readings = patient_page::readings(readers, &id, window.from, READINGS_MAX).await?;
    let plans = patient_page::plans(readers, &id, PLANS_MAX).await?;
    let remarks = remarks::since(readers, &id, window.from, READINGS_MAX).await?;
    let receipts = Receipts::read(&state, &id, &readings).await?;
    let coordinator = it.patient.coordinator.as_str();
    let rows = readings.iter().map(|stored| RowView {
        id: stored.reading.id.to_string(),
        when: clock::moment(stored.reading.times.measured_at, &local),
        value: ValueView::new(stored, &plans),
        receipt: receipts.of(stored, coordinator, it.sees.alerts, &local),
        is_struck: stored.struck.is_some(),
        is_other: other(stored, &remarks),
    });
    Ok(render(&ReadingsPage {
        frame: HomeFrame::about(&state, &id, &it).await?,
        whose: say::full_name(&it.patient),
        href: format!("/me/{id}"),
        done: asked.done.as_deref().and_then(say::done),
        sentence: sentence(&readings, &plans, &local),
        charts: charts(&readings, &plans, window, &local),
        is_cut: i64::try_from(readings.len()).is_ok_and(|len| len >= READINGS_MAX),
        rows: rows.collect(),
        days: DAYS,
        sees_alerts: it.sees.alerts,
    }))
}

fn other(stored: &StoredReading, remarks: &BTreeMap<String, RemarkRow>) -> Option<String> {
    let remark = remarks.get(&stored.reading.id.to_string())?;
    Some(remark.by_name.clone())
}

/// Counts how many of the week's readings were in the range; those that were struck out count for nothing.
fn sentence(readings: &[StoredReading], plans: &[StoredPlan], local: &LocalTime) -> String {
    let since = local.now() - SignedDuration::from_hours(24 * WEEK);
    let counted: Vec<ValueView> = readings
        .iter()
        .filter(|it| it.struck.is_none() && it.reading.times.measured_at >= since)
        .map(|it| ValueView::new(it, plans))
        .filter(|it| it.is_inside || it.is_outside)
        .collect();
    let inside = counted.iter().filter(|it| it.is_inside).count();
    say::in_range(inside, counted.len(), WEEK)
}

fn charts(
    readings: &[StoredReading],
    plans: &[StoredPlan],
    window: Window,
    local: &LocalTime,
) -> Vec<Chart> {
    let charts = PROBLEMS.into_iter().filter_map(|problem| {
        let beside = Beside::default();
        let mut data = trend::data(problem, readings, plans, &beside, window, local);
        if data.points.is_empty() {
            return None;
        }
        let kept: Vec<_> = data.points.iter().filter(|it| !it.is_struck).collect();
        let outside = kept
            .iter()
            .filter(|point| point.marks.iter().any(|mark| mark.breach.is_some()));
        let (all, outside) = (kept.len(), outside.count());
        data.sentence = say::chart(&words::problem_title(problem), all, outside, DAYS);
        Chart::draw(&data, local).map(without_table)
    });
    charts.collect()
}
