//! The readings of the last days beside an alert: which spoke for an alert, and which did not.

use std::collections::BTreeMap;

use clinical::{AlertNumber, PatientId, VitalSign};
use jiff::SignedDuration;
use vitals::ReadingId;

use crate::store::alert_page;
use crate::store::patient_page::{self, StoredReading};
use crate::store::worklist::AlertRow;
use crate::web::State;
use crate::web::local_time::LocalTime;
use crate::web::patient_view::ReadingView;

/// How many days back the list goes.
pub(super) const DAYS: i64 = 7;
/// The most readings that it lists: the newest.
pub(super) const READINGS_MAX: usize = 40;
/// The most readings of a patient that are looked through, and the most plans that they are held against.
const READ_MAX: i64 = 500;
const PLANS_MAX: i64 = 50;

/// One reading, and the alerts that it speaks for or against.
pub(super) struct ReadingRow {
    /// The reading.
    pub(super) view: ReadingView,
    /// Its page.
    pub(super) href: String,
    /// The alerts, with their pages.
    pub(super) alerts: Vec<(AlertNumber, String)>,
}

/// Lists the readings of the last days that are of the alert's kind; all of them where it is of no vital sign.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn read(
    state: &State,
    patient: &PatientId,
    alert: &AlertRow,
    local: &LocalTime,
) -> anyhow::Result<(Vec<ReadingRow>, bool)> {
    let readers = state.store.readers();
    let since = local.now() - SignedDuration::from_hours(24 * DAYS);
    let mut readings = patient_page::readings(readers, patient, since, READ_MAX).await?;
    readings.retain(|it| !alert.is_about_values() || is_of(it, &alert.problem));
    let is_cut = readings.len() > READINGS_MAX;
    readings.truncate(READINGS_MAX);
    let plans = patient_page::plans(readers, patient, PLANS_MAX).await?;
    let alerts = alert_page::alerts_of_readings(readers, patient, since).await?;
    let rows = readings.iter().map(|it| ReadingRow {
        view: ReadingView::new(it, &plans, local),
        href: format!("/patients/{patient}/readings/{}", it.reading.id),
        alerts: alerts_of(&alerts, it.reading.id, patient),
    });
    Ok((rows.collect(), is_cut))
}

fn is_of(stored: &StoredReading, problem: &str) -> bool {
    let values = VitalSign::values_of(&stored.reading.vital);
    let mut signs = values.iter().map(|(sign, _)| sign);
    signs.any(|sign| sign.problem().code() == problem)
}

fn alerts_of(
    alerts: &BTreeMap<ReadingId, Vec<AlertNumber>>,
    reading: ReadingId,
    patient: &PatientId,
) -> Vec<(AlertNumber, String)> {
    let of_reading = alerts.get(&reading).into_iter().flatten();
    of_reading
        .map(|number| (*number, format!("/alerts/{patient}/{number}")))
        .collect()
}
