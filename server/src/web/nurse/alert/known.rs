//! What is known of an alert already, as it is written into the form that passes it on.

use clinical::PatientId;
use clinical::history::USUAL_DAYS;
use sqlx::AnyPool;

use super::past::PastView;
use super::usual::usual;
use crate::store::worklist::AlertRow;
use crate::store::{alert_page, cases, contacts, people};
use crate::web::State;
use crate::web::alert_view::AlertView;
use crate::web::error::PageError;
use crate::web::local_time::LocalTime;

/// How many earlier alerts of the same problem the background names.
const EARLIER_MAX: i64 = 3;
/// How many contacts since the alert the background names, the newest.
const CONTACTS_MAX: usize = 5;
/// One more than are named, so that it is known whether there are more.
const CONTACTS_READ_MAX: i64 = 6;
/// A day and a time that are clear whenever they are read.
const DATED: &str = "%a %-d %b %Y, %H:%M";

/// Says who it is and what is happening.
///
/// # Errors
/// When a stored time is none.
pub(super) fn situation(
    state: &State,
    view: &AlertView,
    alert: &AlertRow,
) -> Result<String, PageError> {
    let local = state.local_time();
    let dated = |us: i64| -> Result<String, PageError> {
        let at = jiff::Timestamp::from_microsecond(us)?;
        Ok(local.zoned(at).strftime(DATED).to_string())
    };
    let (since, latest) = (dated(alert.opened_at)?, dated(alert.newest_measured_at)?);
    let over = view
        .over
        .map_or_else(String::new, |over| format!(" {over}."));
    let evidence = match view.evidence.as_str() {
        "" => String::new(),
        evidence => format!(" {evidence}, latest {latest}."),
    };
    Ok(format!(
        "{}, born {}, NHS No. {}. Alert ({}) since {since}: {}.{evidence}{over}",
        view.spoken, view.born, view.nhs_number, view.priority, view.why
    ))
}

/// Says what is known of before: the plan, what is usual, who was in contact since, and how it ended the last times.
///
/// # Errors
/// When the database does not answer, or a stored time is none.
pub(super) async fn background(
    state: &State,
    patient: &PatientId,
    alert: &AlertRow,
) -> Result<String, PageError> {
    let readers = state.store.readers();
    let local = state.local_time();
    let names = people::names(readers).await?;
    let name = |id: &str| names.get(id).cloned().unwrap_or_else(|| id.to_owned());
    let mut lines = Vec::new();
    if let Some(case) = cases::read(readers, patient).await? {
        let plan = case.plan();
        let templates = plan.care.templates.join(", ");
        let from = if templates.is_empty() {
            String::new()
        } else {
            format!("Care plan: {templates}. ")
        };
        let (version, by, reason) = (plan.version, name(plan.set_by.as_str()), &plan.reason);
        lines.push(format!("{from}Plan {version}, set by {by}: {reason}"));
        let opened_at = jiff::Timestamp::from_microsecond(alert.opened_at)?;
        let usual = usual(case.history(), &alert.problem, opened_at);
        lines.push(if usual.is_empty() {
            format!("Usual range: too few readings in the {USUAL_DAYS} days before to say")
        } else {
            format!(
                "Usual in the {USUAL_DAYS} days before: {}",
                usual.join("; ")
            )
        });
    }
    lines.extend(contacts_since(readers, patient, alert, (&local, &name)).await?);
    let earlier =
        alert_page::earlier(readers, patient, &alert.problem, alert.number, EARLIER_MAX).await?;
    for past in &earlier {
        let past = PastView::new(past, patient, &local)?;
        lines.push(format!(
            "Before, {}: {} – {}",
            past.opened.text, past.why, past.how
        ));
    }
    lines.push(format!("Care coordinator: {}", name(&alert.coordinator)));
    Ok(lines.join("\n"))
}

/// Says who contacted the patient since the alert was raised, about whatever it was, the newest first.
async fn contacts_since(
    readers: &AnyPool,
    patient: &PatientId,
    alert: &AlertRow,
    (local, name): (&LocalTime, &impl Fn(&str) -> String),
) -> Result<Vec<String>, PageError> {
    let log = contacts::of_patient(readers, patient, CONTACTS_READ_MAX).await?;
    let since = log.iter().filter(|it| it.at >= alert.opened_at);
    let mut lines = Vec::new();
    for it in since {
        if lines.len() == CONTACTS_MAX {
            lines.push("There were more contacts before: see the contact log".to_owned());
            break;
        }
        let (Some(how), Some(result)) = (it.how(), it.result()) else {
            continue;
        };
        let at = local.zoned(jiff::Timestamp::from_microsecond(it.at)?);
        let note = match it.note.as_str() {
            "" => String::new(),
            note => format!(" – {note}"),
        };
        let (by, verb, result) = (name(&it.by_person), how.verb(), result.words());
        let at = at.strftime(DATED);
        lines.push(format!("Contact {at}: {by} {verb}, {result}{note}"));
    }
    Ok(lines)
}
