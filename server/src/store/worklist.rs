//! The worklist as stored: open alerts with everything that a row of the list is made from.

use anyhow::Context;
use clinical::{PatientId, PersonId, TeamId};
use jiff::Timestamp;
use sqlx::AnyPool;

pub(super) use super::alert_row::held;
pub use super::alert_row::{AlertRow, Lane};
use super::sight::{Viewer, in_sight};

macro_rules! select_alerts {
    ($($rest:tt)+) => {
        concat!(
            "SELECT a.patient, a.number, p.family_name, p.given_name, p.title, p.born_on, p.nhs_number, \
             p.team, p.coordinator, a.problem, a.priority, a.condition_is, a.ownership_is, a.answers, a.why, a.evidence_len, \
             a.opened_at, a.newest_measured_at, a.taken_at, a.closed_at, a.respond_by, a.step, a.held_by, \
             a.offered_to, a.escalated_by, a.escalated_to, a.aside_until, a.aside_reason, a.follow_up_offered_to, \
             a.unanswered, a.came_back_at, a.aside_until_reading, a.glance, k.at AS contact_at, k.how AS contact_how, \
             k.result AS contact_result, k.unanswered AS contact_unanswered, \
             (SELECT MAX(r.stored_at) FROM reading r WHERE r.patient = a.patient AND r.measured_at = a.newest_measured_at) \
             AS newest_stored_at, c.journal_len \
             FROM alert a JOIN patient p ON p.id = a.patient LEFT JOIN case_state c ON c.patient = a.patient \
             LEFT JOIN contact k ON k.patient = a.patient AND k.number = \
             (SELECT MAX(l.number) FROM contact l WHERE l.patient = a.patient) ",
            $($rest)+
        )
    };
}

/// Reads at most `rows_max` open alerts of one team and one part of the list, in about its order, so that what is left out comes last:
/// overdue first, then the worst, then what is due first, then the oldest. [`clinical::worklist::arrange`] has the last
/// word.
///
/// # Errors
/// When the database does not answer.
pub async fn open_alerts(
    readers: &AnyPool,
    team: &TeamId,
    lane: Lane,
    now: Timestamp,
    rows_max: i64,
) -> anyhow::Result<Vec<AlertRow>> {
    let is_kit = i64::from(lane == Lane::Kit);
    sqlx::query_as(select_alerts!(
        "WHERE p.team = $4 AND a.closed_at IS NULL AND CASE a.priority WHEN 'technical' THEN 1 ELSE 0 END = $1 \
         ORDER BY CASE WHEN a.step <> 'coordinator' OR a.respond_by <= $2 THEN 0 ELSE 1 END, \
         CASE a.priority WHEN 'urgent' THEN 0 WHEN 'soon' THEN 1 WHEN 'check' THEN 2 ELSE 3 END, \
         CASE WHEN a.respond_by IS NULL THEN 1 ELSE 0 END, a.respond_by, a.opened_at, a.patient, a.number LIMIT $3"
    ))
    .bind(is_kit)
    .bind(now.as_microsecond())
    .bind(rows_max)
    .bind(team.as_str())
    .fetch_all(readers)
    .await
    .context("cannot read the open alerts")
}

/// Reads at most `rows_max` open alerts that a person has, or was asked to take, of patients of teams that are not theirs.
///
/// # Errors
/// When the database does not answer.
pub async fn held_elsewhere(
    readers: &AnyPool,
    person: &PersonId,
    rows_max: i64,
) -> anyhow::Result<Vec<AlertRow>> {
    sqlx::query_as(select_alerts!(
        "WHERE a.closed_at IS NULL AND (a.held_by = $1 OR a.offered_to = $1) AND NOT EXISTS \
         (SELECT 1 FROM role_grant g WHERE g.person = $1 AND g.withdrawn_at IS NULL AND g.team = p.team \
         AND g.role IN ('nurse', 'team_lead', 'gp_lead')) ORDER BY a.opened_at, a.patient, a.number LIMIT $2"
    ))
    .bind(person.as_str())
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read the alerts that a person has")
}

/// Reads at most `rows_max` open alerts of the patients whom a person sees, the worst and then the oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn open_in_sight(
    readers: &AnyPool,
    viewer: Viewer<'_>,
    rows_max: i64,
) -> anyhow::Result<Vec<AlertRow>> {
    sqlx::query_as(select_alerts!(
        "WHERE a.closed_at IS NULL AND ",
        in_sight!(),
        " ORDER BY CASE WHEN a.held_by = $1 OR a.escalated_by = $1 OR a.offered_to = $1 THEN 0 ELSE 1 END, \
         CASE a.priority WHEN 'urgent' THEN 0 WHEN 'soon' THEN 1 WHEN 'check' THEN 2 ELSE 3 END, \
         a.opened_at, a.patient, a.number LIMIT $3"
    ))
    .bind(viewer.person.as_str())
    .bind(viewer.now.as_microsecond())
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read the open alerts of a person's patients")
}

/// Reads one patient's open alerts. A case has at most one for each problem.
///
/// # Errors
/// When the database does not answer.
pub async fn open_alerts_of(
    readers: &AnyPool,
    patient: &PatientId,
) -> anyhow::Result<Vec<AlertRow>> {
    sqlx::query_as(select_alerts!(
        "WHERE a.patient = $1 AND a.closed_at IS NULL ORDER BY a.number"
    ))
    .bind(patient.as_str())
    .fetch_all(readers)
    .await
    .context("cannot read a patient's open alerts")
}

/// Reads one alert, open or closed.
///
/// # Errors
/// When the database does not answer.
pub async fn alert(
    readers: &AnyPool,
    patient: &PatientId,
    number: i64,
) -> anyhow::Result<Option<AlertRow>> {
    sqlx::query_as(select_alerts!("WHERE a.patient = $1 AND a.number = $2"))
        .bind(patient.as_str())
        .bind(number)
        .fetch_optional(readers)
        .await
        .context("cannot read an alert")
}
