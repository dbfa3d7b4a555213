//! A reading's page: the value as the device gave it, the way that it came, and what every rule of the plan said of it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{self, Path};
use axum::response::Response;
use clinical::PatientId;
use clinical::looked_at::Said;
use jiff::Timestamp;
use vitals::{ReadingId, TimeBasis};

use crate::explain::{self, JudgedReading};
use crate::store::alert_page::{self, ReadingDetail};
use crate::store::people;
use crate::web::State;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::local_time::{LocalTime, Shown};
use crate::web::session::Me;
use crate::web::{sight, words};

struct SaidView {
    what: String,
    holds: bool,
    said: String,
}

struct Followed {
    href: String,
    number: String,
    told: String,
}

struct JudgedView {
    at: Shown,
    row: i64,
    rule_set_version: i64,
    plan: String,
    set_by: String,
    in_force: Shown,
    reason: String,
    standing: Option<String>,
    said: Vec<SaidView>,
    alerts: Vec<Followed>,
    followed: Vec<String>,
}

#[derive(Template)]
#[template(path = "alert/reading.html")]
struct ReadingPage {
    frame: Frame,
    name: String,
    spoken: String,
    born: String,
    nhs_number: String,
    patient_href: String,
    id: String,
    what: &'static str,
    value: String,
    pulse: Option<String>,
    device: String,
    device_id: String,
    user: Option<u8>,
    raw: String,
    characteristic: String,
    device_time: Option<String>,
    basis: String,
    measured: Shown,
    measured_exactly: Shown,
    received: Shown,
    stored: Shown,
    gateway: String,
    sequence: i64,
    doubts: String,
    judged: Option<JudgedView>,
}

/// Shows the page.
pub(crate) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path((patient, reading)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let (patient, row) = sight::patient(&state, &me, &patient).await?;
    let id: ReadingId = reading.parse().map_err(|_| PageError::NotFound)?;
    let readers = state.store.readers();
    let detail = alert_page::reading(readers, &patient, id).await?;
    let detail = detail.ok_or(PageError::NotFound)?;
    let local = state.local_time();
    let judged = explain::judged_reading(&state.store, &patient, id).await?;
    let judged = match judged {
        None => None,
        Some(judged) => {
            let names = people::names(readers).await?;
            let set_by = judged.plan.set_by.as_str();
            let set_by = names.get(set_by).cloned().unwrap_or(set_by.to_owned());
            Some(judged_view(judged, set_by, &patient, &local))
        }
    };
    let ReadingDetail { reading, .. } = &detail;
    Ok(render(&ReadingPage {
        frame: state.frame(Some(&me)),
        name: words::banner_name(&row.family_name, &row.given_name, &row.title),
        spoken: format!("{} {} {}", row.title, row.given_name, row.family_name),
        born: words::born(&row.born_on, local.today()),
        nhs_number: words::nhs_number(&row.nhs_number),
        patient_href: format!("/patients/{patient}"),
        id: id.to_string(),
        what: words::measured(&reading.vital),
        value: words::value(&reading.vital),
        pulse: words::pulse(&reading.vital),
        device: format!("{} ({})", detail.device_label, detail.device_kind),
        device_id: reading.device.to_string(),
        user: reading.user,
        raw: reading.raw.to_string(),
        characteristic: reading.characteristic.to_string(),
        device_time: reading.times.device_time.map(|it| it.to_string()),
        basis: basis(&reading.times.basis),
        measured: local.show(reading.times.measured_at),
        measured_exactly: exactly(reading.times.measured_at, &local),
        received: exactly(reading.times.received_at, &local),
        stored: exactly(detail.stored_at, &local),
        gateway: detail.gateway.clone(),
        sequence: detail.sequence,
        doubts: words::marks(&reading.quality),
        judged,
    }))
}

fn judged_view(
    judged: JudgedReading,
    set_by: String,
    patient: &PatientId,
    local: &LocalTime,
) -> JudgedView {
    let said = judged.looked_at.iter().map(|it| SaidView {
        what: it.what.clone(),
        holds: matches!(it.said, Said::Holds(_)),
        said: match &it.said {
            Said::Holds(found) | Said::DoesNotHold(Some(found)) => found.clone(),
            other => explain::said(other),
        },
    });
    let alerts = judged.alerts.iter().map(|(number, told)| Followed {
        href: format!("/alerts/{patient}/{number}"),
        number: number.to_string(),
        told: told.clone(),
    });
    JudgedView {
        at: local.show(judged.at),
        row: judged.row,
        rule_set_version: judged.rule_set_version,
        plan: judged.plan.version.to_string(),
        set_by,
        in_force: local.show(judged.plan.in_force_from),
        said: said.collect(),
        alerts: alerts.collect(),
        reason: judged.plan.reason,
        standing: judged.standing,
        followed: judged.followed,
    }
}

/// Shows a moment with its day and its seconds: where a reading was held up is seen in them.
fn exactly(at: Timestamp, local: &LocalTime) -> Shown {
    let text = local.zoned(at).strftime("%a %-d %b %Y, %H:%M:%S %Z");
    Shown {
        text: text.to_string(),
        ..local.show(at)
    }
}

/// Says how the time of measuring was found.
fn basis(basis: &TimeBasis) -> String {
    match basis {
        TimeBasis::DeviceClock { offset_seconds: 0 } => "by the device's clock".to_owned(),
        TimeBasis::DeviceClock { offset_seconds } => {
            format!("by the device's clock, put right by {offset_seconds} s")
        }
        TimeBasis::HomeZone => {
            "by the device's clock, taken as the home's local time: it could not be checked"
                .to_owned()
        }
        TimeBasis::Arrival => {
            "the time of arrival at the gateway: the device gave no usable time".to_owned()
        }
    }
}
