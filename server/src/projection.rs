//! The projection: what pages read is written from decisions, at once or again from the journal.

use anyhow::Context;
use clinical::{Alert, AlertNumber, Case, Decision, Evidence, PatientId};
use jiff::Timestamp;
use sqlx::AnyConnection;

use crate::store::{alerts, patients, plans};

/// Writes what one event's decisions changed. `before` is `None` when monitoring started by the event.
///
/// # Errors
/// When the database fails.
pub(crate) async fn project(
    connection: &mut AnyConnection,
    patient: &PatientId,
    before: Option<&Case>,
    after: &Case,
    decisions: &[Decision],
    now: Timestamp,
) -> anyhow::Result<()> {
    if before.is_none() {
        plans::insert(connection, patient, after.plan()).await?;
        patients::set_coordinator(connection, patient, after.coordinator()).await?;
    }
    for decision in decisions {
        project_one(connection, patient, after, decision, now).await?;
    }
    for alert in after.open_alerts() {
        let known = before.and_then(|before| before.alert(alert.number).map(|it| (before, it)));
        // An alert that was opened just now is written already.
        if let Some((before, known)) = known {
            let why = why_now(alert, decisions);
            let answers = after.who_answers(alert);
            if why.is_some() || known != alert || before.who_answers(known) != answers {
                alerts::update(connection, patient, alert, answers, why).await?;
            }
        }
    }
    Ok(())
}

async fn project_one(
    connection: &mut AnyConnection,
    patient: &PatientId,
    after: &Case,
    decision: &Decision,
    now: Timestamp,
) -> anyhow::Result<()> {
    match decision {
        Decision::OpenAlert {
            alert, evidence, ..
        } => {
            let opened = opened(after, *alert)?;
            let answers = after.who_answers(opened);
            alerts::open(connection, patient, opened, answers, evidence).await?;
            alerts::add_evidence(connection, patient, *alert, evidence).await
        }
        Decision::AddEvidence { alert, evidence } => {
            alerts::add_evidence(connection, patient, *alert, evidence).await
        }
        Decision::Close {
            alert,
            outcome,
            note,
            ..
        } => alerts::close(connection, patient, *alert, *outcome, note, now).await,
        Decision::AdoptPlan { plan } => plans::insert(connection, patient, plan).await,
        Decision::AssignCoordinator { coordinator } => {
            patients::set_coordinator(connection, patient, coordinator).await
        }
        // The alert as a whole is written after its decisions; everything else is in the journal and the case alone.
        _ => Ok(()),
    }
}

fn opened(after: &Case, number: AlertNumber) -> anyhow::Result<&Alert> {
    after
        .alert(number)
        .with_context(|| format!("alert {number} was opened and is not in its case"))
}

/// Finds new evidence that explains an alert better than what explains it now: it has the alert's priority, and is the
/// newest or the worst so far.
fn why_now<'a>(alert: &Alert, decisions: &'a [Decision]) -> Option<&'a Evidence> {
    let worsened = decisions
        .iter()
        .any(|it| matches!(it, Decision::Worsen { alert: number, .. } if *number == alert.number));
    decisions.iter().find_map(|decision| match decision {
        Decision::AddEvidence {
            alert: number,
            evidence,
        } if *number == alert.number
            && evidence.priority() == Some(alert.priority)
            && (worsened || evidence.measured_at == alert.newest_measured_at) =>
        {
            Some(evidence.as_ref())
        }
        _ => None,
    })
}
