//! One patient's page: who they are, what is open, how they are now, how it went, and by which limits.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Path, Query};
use axum::response::Response;
use clinical::PatientId;
use jiff::SignedDuration;
use serde::Deserialize;

use super::State;
use super::alert_view::AlertView;
use super::chart::Chart;
use super::chart_scale::Window;
use super::error::{PageError, render};
use super::frame::Frame;
use super::listing::look;
use super::local_time::LocalTime;
use super::patient_view::{self, AttemptView, LatestView, ReadingView};
use super::plan_view::PlanView;
use super::session::Me;
use super::sight;
use super::trend::{self, PROBLEMS};
use super::words;
use crate::store::patient_page::{self, PatientRow, StoredPlan, StoredReading};
use crate::store::worklist;

/// The most readings, and the most failed attempts, that one page shows.
pub(crate) const RECORDS_MAX: i64 = 500;
/// The most plans that one page draws limits of.
pub(crate) const PLANS_MAX: i64 = 50;
/// The spans that can be asked for, in days.
const SPANS: [i64; 4] = [7, 14, 30, 90];
const SPAN_DEFAULT: i64 = 14;

/// How many days the page looks back.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    days: Option<i64>,
}

struct Banner {
    name: String,
    spoken: String,
    born: String,
    nhs_number: String,
    team: String,
    coordinator: String,
}

struct SpanLink {
    days: i64,
    current: bool,
}

#[derive(Template)]
#[template(path = "patient.html")]
struct PatientPage {
    frame: Frame,
    href: String,
    banner: Banner,
    alerts: Vec<AlertView>,
    latest: Vec<LatestView>,
    spans: Vec<SpanLink>,
    days: i64,
    charts: Vec<Chart>,
    readings: Vec<ReadingView>,
    is_cut: bool,
    attempts: Vec<AttemptView>,
    plan: Option<PlanView>,
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
    let days = asked
        .days
        .filter(|days| SPANS.contains(days))
        .unwrap_or(SPAN_DEFAULT);
    let page = load(&state, &me, &id, &patient, days).await?;
    Ok(render(&page))
}

async fn load(
    state: &State,
    me: &Me,
    id: &PatientId,
    patient: &PatientRow,
    days: i64,
) -> Result<PatientPage, PageError> {
    let readers = state.store.readers();
    let local = state.local_time();
    let window = Window {
        from: local.now() - SignedDuration::from_hours(24 * days),
        until: local.now(),
    };
    let readings = patient_page::readings(readers, id, window.from, RECORDS_MAX).await?;
    let attempts = patient_page::attempts(readers, id, window.from, RECORDS_MAX).await?;
    let plans = patient_page::plans(readers, id, PLANS_MAX).await?;
    let alerts = look(state, worklist::open_alerts_of(readers, id).await?).await?;
    let alerts: Result<Vec<AlertView>, _> = alerts
        .iter()
        .map(|it| AlertView::new(it, &me.id, &local))
        .collect();
    Ok(PatientPage {
        frame: state.frame(Some(me)),
        href: format!("/patients/{id}"),
        banner: banner(patient, &local),
        alerts: alerts?,
        latest: patient_view::latest(&readings, &plans, &local),
        spans: SPANS
            .map(|span| SpanLink {
                days: span,
                current: span == days,
            })
            .into(),
        days,
        charts: charts(&readings, &plans, window, &local),
        is_cut: i64::try_from(readings.len()).is_ok_and(|len| len >= RECORDS_MAX),
        readings: readings
            .iter()
            .map(|stored| ReadingView::new(stored, &plans, &local))
            .collect(),
        attempts: attempts
            .iter()
            .map(|stored| AttemptView::new(stored, &local))
            .collect(),
        plan: trend::plan_at(&plans, local.now()).map(|stored| PlanView::new(stored, &local)),
    })
}

fn banner(patient: &PatientRow, local: &LocalTime) -> Banner {
    Banner {
        name: words::banner_name(&patient.family_name, &patient.given_name, &patient.title),
        spoken: format!(
            "{} {} {}",
            patient.title, patient.given_name, patient.family_name
        ),
        born: words::born(&patient.born_on, local.today()),
        nhs_number: words::nhs_number(&patient.nhs_number),
        team: patient.team.clone(),
        coordinator: patient.coordinator.clone(),
    }
}

fn charts(
    readings: &[StoredReading],
    plans: &[StoredPlan],
    window: Window,
    local: &LocalTime,
) -> Vec<Chart> {
    PROBLEMS
        .into_iter()
        .map(|problem| trend::data(problem, readings, plans, window, local))
        .filter_map(|data| Chart::draw(&data, local))
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::web::browser::Served;
    use crate::web::sample::Sample;
    use crate::web::sample_values::{decimal, oxygen, plan, pressure, temperature, weight};
    use crate::web::snapshot;
    use clinical::Event;
    use vitals::{AttemptReason, Pressure, QualityMark, Vital};

    /// Fourteen days with a change of plan, a gap, a failed attempt, doubts, and an hour that comes twice.
    async fn ivor() -> Sample {
        let mut sample = Sample::open("2026-10-15T09:00:00Z").await;
        sample.ivor().await;
        sample
            .reading("ivor", "2026-10-14T07:00:00Z", pressure(128, 76, 70), &[])
            .await;
        sample
            .reading("ivor", "2026-10-15T07:00:00Z", pressure(141, 80, 71), &[])
            .await;
        let aim_higher = plan(2, "2026-10-20T12:00:00Z", 150);
        sample
            .happen(
                "ivor",
                Event::PlanInForce {
                    plan: Box::new(aim_higher),
                },
            )
            .await;
        let kpa = |text: &str| Pressure::from_kpa(decimal(text)).unwrap();
        let in_kpa = Vital::BloodPressure {
            systolic: kpa("18.8"),
            diastolic: kpa("10.4"),
            mean: None,
            pulse: None,
        };
        sample
            .reading(
                "ivor",
                "2026-10-21T07:00:00Z",
                in_kpa,
                &[QualityMark::BodyMovement],
            )
            .await;
        sample
            .reading("ivor", "2026-10-24T07:00:00Z", weight("81.50"), &[])
            .await;
        sample
            .reading("ivor", "2026-10-25T00:30:00Z", oxygen(91, 88), &[])
            .await;
        sample
            .reading("ivor", "2026-10-25T01:30:00Z", temperature("36.6"), &[])
            .await;
        sample
            .attempt("ivor", "2026-10-25T08:00:00Z", AttemptReason::NoValue)
            .await;
        sample.hand.set("2026-10-25T09:00:00Z".parse().unwrap());
        sample
    }

    #[tokio::test]
    async fn the_page_says_how_it_went_and_by_which_limits() {
        let sample = ivor().await;
        let served = Served::start(&sample.state).await;
        let page = served.get("/patients/ivor", "nurse-1").await;
        snapshot::check("patient", &page.body);
        for said in [
            "18.8/10.4 kPa (141/78 mmHg)",
            "systolic reached soon limit 135",
            "moved while measuring",
            "The cuff could not measure – no value",
            ">01:30 BST<",
            ">01:30 GMT<",
            "no limits set",
        ] {
            assert!(page.body.contains(said), "the page does not say {said}");
        }
    }

    #[tokio::test]
    async fn the_span_can_be_chosen_and_nonsense_gives_the_usual_one() {
        let sample = ivor().await;
        let served = Served::start(&sample.state).await;
        let week = served.get("/patients/ivor?days=7", "nurse-1").await;
        assert!(week.body.contains("last 7 days"));
        assert!(!week.body.contains("128/76"));
        for odd in ["?days=8", "?days=x", "?days=-99999999999999999999"] {
            let page = served.get(&format!("/patients/ivor{odd}"), "nurse-1").await;
            assert!(page.body.contains("last 14 days"), "{odd}");
        }
    }

    #[tokio::test]
    async fn nobody_has_no_page() {
        let sample = ivor().await;
        let served = Served::start(&sample.state).await;
        for path in ["/patients/nobody", "/patients/Ivor", "/patients/%00"] {
            let page = served.get(path, "nurse-1").await;
            assert_eq!(page.status, 404, "{path}");
        }
    }
}
