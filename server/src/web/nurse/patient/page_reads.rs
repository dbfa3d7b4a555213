//! What one patient's page reads of some days.

use std::collections::BTreeMap;

use clinical::{Case, PatientId};
use jiff::SignedDuration;

use super::plan_card::{self, PlanCard};
use super::timeline::{self, Sources};
use super::timeline_words::Names;
use crate::store::patient_page::{self, PatientRow, StoredAttempt, StoredPlan, StoredReading};
use crate::store::patient_record;
use crate::store::remarks::{self, RemarkRow};
use crate::store::{agreements, cases, home_access, people};
use crate::web::State;
use crate::web::chart_scale::Window;
use crate::web::local_time::LocalTime;
use crate::web::nurse::home;
use crate::web::trend;

/// The most readings, failed attempts, events and alerts, of each, that one page shows.
pub(super) const RECORDS_MAX: i64 = 500;
/// The most plans that one page draws limits of.
pub(super) const PLANS_MAX: i64 = 50;
/// How many readings of each kind of device are looked at for the latest value.
const LATEST_MAX: i64 = 8;
/// What devices there are.
const KINDS: [&str; 4] = ["cuff", "oximeter", "scale", "thermometer"];

/// What was read of some days.
pub(super) struct Days {
    pub(super) window: Window,
    pub(super) readings: Vec<StoredReading>,
    pub(super) attempts: Vec<StoredAttempt>,
    pub(super) plans: Vec<StoredPlan>,
    pub(super) names: Names,
    /// What is said at home of readings, by reading.
    pub(super) remarks: BTreeMap<String, RemarkRow>,
}

/// Reads the case; one that cannot be read leaves the rest of the page as it is.
pub(super) async fn case_of(state: &State, id: &PatientId) -> Option<Case> {
    match cases::read(state.store.readers(), id).await {
        Ok(case) => case,
        Err(error) => {
            let chain = format!("{error:#}");
            tracing::error!(error.chain = chain, "a case cannot be read for its page");
            None
        }
    }
}

/// Reads the days that a page shows.
pub(super) async fn read(
    state: &State,
    id: &PatientId,
    days: i64,
    local: &LocalTime,
) -> anyhow::Result<Days> {
    let readers = state.store.readers();
    let window = Window {
        from: local.now() - SignedDuration::from_hours(24 * days),
        until: local.now(),
    };
    Ok(Days {
        readings: patient_page::readings(readers, id, window.from, RECORDS_MAX).await?,
        attempts: patient_page::attempts(readers, id, window.from, RECORDS_MAX).await?,
        plans: patient_page::plans(readers, id, PLANS_MAX).await?,
        names: Names(people::names(readers).await?),
        remarks: remarks::since(readers, id, window.from, RECORDS_MAX).await?,
        window,
    })
}

/// Reads the newest readings of each kind, however old.
pub(in crate::web::nurse) async fn latest(
    state: &State,
    id: &PatientId,
) -> anyhow::Result<Vec<StoredReading>> {
    let mut latest = Vec::new();
    for kind in KINDS {
        let readers = state.store.readers();
        latest.extend(patient_record::latest_of_kind(readers, id, kind, LATEST_MAX).await?);
    }
    latest.sort_by_key(|it| std::cmp::Reverse(it.reading.times.measured_at));
    Ok(latest)
}

/// Reads what the timeline tells, newest first.
pub(super) async fn entries(
    state: &State,
    id: &PatientId,
    days: &Days,
    local: &LocalTime,
) -> anyhow::Result<Vec<timeline::Entry>> {
    let readers = state.store.readers();
    let since = days.window.from;
    let sources = Sources {
        readings: &days.readings,
        attempts: &days.attempts,
        plans: &days.plans,
        events: &patient_record::events_since(readers, id, since, RECORDS_MAX).await?,
        alerts: &patient_record::alerts_since(readers, id, since, RECORDS_MAX).await?,
        devices: &patient_record::devices(readers, id, RECORDS_MAX).await?,
        names: &days.names,
    };
    Ok(timeline::entries(&sources, days.window, local))
}

/// Reads what is on the plan card; nothing before the first plan.
pub(super) async fn card(
    state: &State,
    id: &PatientId,
    patient: &PatientRow,
    days: &Days,
    local: &LocalTime,
) -> anyhow::Result<Option<PlanCard>> {
    let Some(stored) = trend::plan_at(&days.plans, local.now()) else {
        return Ok(None);
    };
    let agreement = agreements::latest(state.store.readers(), id).await?;
    let order = plan_card::order(state, id, &patient.coordinator, &days.names).await?;
    let at_home = home_access::of_patient(state.store.readers(), id, local.now()).await?;
    let mut card = PlanCard::new(&stored.plan, agreement, order, local);
    card.carers = home::carers(&at_home);
    Ok(Some(card))
}
