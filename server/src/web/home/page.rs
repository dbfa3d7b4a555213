//! The home page: what do I do now, how did it go, who looks after me; what to do when unwell is in the frame of every page.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context;
use askama::Template;
use axum::extract::{self, Path};
use axum::response::Response;
use clinical::{Case, PatientId, PersonId};
use jiff::{SignedDuration, Timestamp};

use super::clock_words as clock;
use super::frame::HomeFrame;
use super::looking_after::{self, LookingAfter};
use super::own::Own;
use super::receipt_words::{self, ReceiptView, Times, Told};
use super::say;
use super::sorry::Sorry;
use super::todo::{Todo, todo};
use super::value_words::ValueView;
use crate::receipt::{self, Row};
use crate::store::home_access::Belonging;
use crate::store::patient_page::{self, StoredReading};
use crate::store::{cases, contacts, heard, journal, patient_record, people};
use crate::web::State;
use crate::web::error::render;
use crate::web::local_time::LocalTime;

/// How far back the last reading is looked for, in days.
const LAST_DAYS: i64 = 30;
/// The most plans by which readings are held.
pub(super) const PLANS_MAX: i64 = 50;
/// The most rows of a journal that receipts are read from.
pub(super) const ROWS_MAX: i64 = 2_000;
/// The most devices of a patient whose boxes are looked at.
const DEVICES_MAX: i64 = 32;
/// After how long without a word a box is said to be silent: it speaks every minute.
const SILENT_AFTER: SignedDuration = SignedDuration::from_mins(30);

/// How the last reading went.
struct Last {
    value: Option<ValueView>,
    thing: &'static str,
    receipt: ReceiptView,
    is_struck: bool,
}

#[derive(Template)]
#[template(path = "home/page.html")]
struct HomePage {
    frame: HomeFrame,
    greeting: String,
    closed: Option<String>,
    todo: Vec<Todo>,
    last: Option<Last>,
    silent: Vec<String>,
    after: LookingAfter,
    contact: Option<String>,
    may_add_passkey: bool,
}

/// Shows the page.
pub(super) async fn get(
    own: Own,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
) -> Result<Response, Sorry> {
    let (id, it) = own.find(&state, &patient).await?;
    let local = state.local_time();
    let readers = state.store.readers();
    let case = cases::read(readers, &id).await?;
    let fallback = (it.patient.coordinator.as_str(), it.patient.team.as_str());
    let after = looking_after::read(&state, &id, case.as_ref(), fallback, &local).await?;
    Ok(render(&HomePage {
        frame: HomeFrame::about(&state, &id, &it).await?,
        greeting: if it.is_own {
            format!("Hello {}", it.patient.given_name)
        } else {
            say::full_name(&it.patient)
        },
        closed: case.as_ref().and_then(|case| closed(case, &local)),
        todo: todo(case.as_ref(), &local),
        last: last(&state, &id, &it, &after.name, &local).await?,
        silent: silent(&state, &id, &local).await?,
        contact: contact(&state, &id, &it, &local).await?,
        may_add_passkey: super::sign_in::may_add(&state, &own).await?,
        after,
    }))
}

/// Says that nobody is there now, before anything else.
fn closed(case: &Case, local: &LocalTime) -> Option<String> {
    let care = &case.plan().care;
    let never = care.hours.spans().is_empty();
    if never || case.discharged().is_some() || care.hours.is_open(local.now(), &care.zone) {
        return None;
    }
    let opens = care.hours.next_open(local.now(), &care.zone);
    let opens = opens.map(|at| clock::moment(at, local));
    let now = clock::time(&local.zoned(local.now()));
    Some(say::closed_now(&now, opens.as_deref()))
}

async fn last(
    state: &State,
    id: &PatientId,
    it: &Belonging,
    coordinator: &str,
    local: &LocalTime,
) -> anyhow::Result<Option<Last>> {
    let readers = state.store.readers();
    let since = local.now() - SignedDuration::from_hours(24 * LAST_DAYS);
    let newest = patient_page::readings(readers, id, since, 1).await?;
    let Some(stored) = newest.first() else {
        return Ok(None);
    };
    let plans = patient_page::plans(readers, id, PLANS_MAX).await?;
    let receipts = Receipts::read(state, id, std::slice::from_ref(stored)).await?;
    Ok(Some(Last {
        value: it.sees.readings.then(|| ValueView::new(stored, &plans)),
        thing: super::value_words::thing(&stored.reading.vital),
        receipt: receipts.of(stored, coordinator, it.sees.alerts, local),
        is_struck: stored.struck.is_some(),
    }))
}

/// What the receipts of some readings are read from.
pub(super) struct Receipts {
    rows: Vec<journal::JournalRow>,
    names: BTreeMap<String, String>,
}

impl Receipts {
    /// Reads the journal since the oldest of some readings was stored.
    pub(super) async fn read(
        state: &State,
        id: &PatientId,
        readings: &[StoredReading],
    ) -> anyhow::Result<Self> {
        let readers = state.store.readers();
        let since = readings.iter().map(|it| it.stored_at).min();
        let rows = match since {
            Some(since) => journal::newest_since(readers, id, since, ROWS_MAX).await?,
            None => Vec::new(),
        };
        let names = people::names(readers).await?;
        Ok(Self { rows, names })
    }

    /// Puts the receipt of one of them into words.
    pub(super) fn of(
        &self,
        stored: &StoredReading,
        coordinator: &str,
        sees_alerts: bool,
        local: &LocalTime,
    ) -> ReceiptView {
        let rows = self.rows.iter().map(|row| Row {
            at: row.at,
            event: &row.event,
            decisions: &row.decisions,
        });
        let receipt = receipt::read(stored.reading.id, rows);
        let times = Times {
            measured_at: stored.reading.times.measured_at,
            received_at: stored.reading.times.received_at,
            stored_at: stored.stored_at,
        };
        let name = |person: &PersonId| {
            let known = self.names.get(person.as_str());
            known.cloned().unwrap_or_else(|| person.to_string())
        };
        let told = Told {
            coordinator,
            name: &name,
            local,
            sees_alerts,
        };
        receipt_words::view(&receipt, times, &told)
    }
}

/// Says which boxes of the home were not heard for a while: what was measured since is not here.
async fn silent(state: &State, id: &PatientId, local: &LocalTime) -> anyhow::Result<Vec<String>> {
    let readers = state.store.readers();
    let devices = patient_record::devices(readers, id, DEVICES_MAX).await?;
    let mut boxes: Vec<_> = devices.into_iter().map(|it| it.gateway).collect();
    boxes.sort();
    boxes.dedup();
    let mut said = Vec::new();
    for gateway in boxes {
        let mut connection = readers.acquire().await.context("no connection is free")?;
        let heard = heard::of(&mut connection, &gateway).await?;
        match heard {
            None => said.push(say::BOX_NEVER.to_owned()),
            Some(heard) if heard.at + SILENT_AFTER < local.now() => {
                said.push(say::box_silent(&clock::moment(heard.at, local)));
            }
            Some(_) => {}
        }
    }
    Ok(said)
}

/// Says when the team was last in touch, to who may see it.
async fn contact(
    state: &State,
    id: &PatientId,
    it: &Belonging,
    local: &LocalTime,
) -> anyhow::Result<Option<String>> {
    if !it.sees.contacts {
        return Ok(None);
    }
    let newest = contacts::of_patient(state.store.readers(), id, 1).await?;
    let Some(row) = newest.first() else {
        return Ok(None);
    };
    let at = Timestamp::from_microsecond(row.at)?;
    let answered = row.result().is_some_and(|it| !it.is_unanswered());
    Ok(Some(say::last_contact(&clock::moment(at, local), answered)))
}
