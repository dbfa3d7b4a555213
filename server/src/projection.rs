//! The projection: what pages read is written from decisions, at once or again from the journal.

use clinical::verdict::Standing;
use clinical::{
    Alert, AlertNumber, Case, Decision, Evidence, Measured, PatientId, Verdict, sentence,
};
use jiff::Timestamp;
use sqlx::AnyConnection;

use crate::store::alert_marks::{self, Mark};
use crate::store::{
    alert_ends, alerts, assignments, contacts, discharges, expected_readings, patients, plans,
    strikes, watches,
};

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
        assignments::assign(connection, patient, after.coordinator(), now).await?;
    }
    for decision in decisions {
        project_one(connection, patient, after, decision, now).await?;
        if let Some((alert, mark)) = Mark::of(decision, now) {
            alert_marks::set(connection, patient, alert, mark, now).await?;
        }
    }
    expected_readings::project(connection, patient, before, after, now).await?;
    for alert in after.open_alerts() {
        let answers = after.who_answers(alert);
        let why = why_now(alert, decisions);
        let glance = after.glance(alert, now);
        let is_as_it_was = before.is_some_and(|before| {
            let known = before.alert(alert.number);
            known.is_some_and(|known| known == alert && before.who_answers(known) == answers)
                && before.glance(alert, now) == glance
        });
        if why.is_some() || !is_as_it_was {
            alerts::update(
                connection,
                patient,
                alert,
                answers,
                (why.as_deref(), &glance),
            )
            .await?;
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
            alert,
            problem,
            priority,
            evidence,
            condition,
            ..
        } => {
            let why = sentence::why(evidence);
            let opened = alerts::Opened {
                number: *alert,
                problem: *problem,
                priority: *priority,
                condition,
                answers: after.coordinator(),
                measured_at: evidence.measured_at,
                why: &why,
                at: now,
            };
            alerts::open(connection, patient, opened).await?;
            alerts::add_evidence(connection, patient, *alert, evidence, &why).await
        }
        Decision::AddEvidence { alert, evidence } => {
            let why = sentence::why(evidence);
            alerts::add_evidence(connection, patient, *alert, evidence, &why).await
        }
        Decision::Close {
            alert,
            outcome,
            note,
            duplicate_of,
            ..
        } => {
            let ended = alert_ends::Ended {
                outcome: *outcome,
                note,
                duplicate_of: *duplicate_of,
            };
            alert_ends::close(connection, patient, *alert, ended, now).await
        }
        Decision::EndByItself { alert } => {
            alert_ends::end_by_itself(connection, patient, *alert, now).await
        }
        Decision::Reopen { alert, .. } => alert_ends::reopen(connection, patient, *alert).await,
        Decision::AdoptPlan { plan } => plans::insert(connection, patient, plan).await,
        Decision::AssignCoordinator { coordinator } => {
            patients::set_coordinator(connection, patient, coordinator).await?;
            assignments::assign(connection, patient, coordinator, now).await
        }
        other => project_nursing(connection, patient, after, other, now).await,
    }
}

/// Notes a reading of a window before the one that is looked at now.
async fn late_reading(
    connection: &mut AnyConnection,
    patient: &PatientId,
    after: &Case,
    verdict: &Verdict,
) -> anyhow::Result<()> {
    let mut signs = verdict.findings.iter().map(|it| it.sign);
    let what = signs.find_map(Measured::of);
    let is_believed = matches!(verdict.standing, Standing::Current | Standing::Late);
    let Some((what, at)) = what.zip(verdict.measured_at).filter(|_| is_believed) else {
        return Ok(());
    };
    match after.expecting(what) {
        Some(expecting) if at < expecting.due.opens => {
            expected_readings::fill(connection, patient, what, at).await
        }
        _ => Ok(()),
    }
}

async fn project_nursing(
    connection: &mut AnyConnection,
    patient: &PatientId,
    after: &Case,
    decision: &Decision,
    now: Timestamp,
) -> anyhow::Result<()> {
    match decision {
        Decision::Judge(verdict) => late_reading(connection, patient, after, verdict).await,
        Decision::NoteContact {
            contact,
            unanswered,
        } => contacts::insert(connection, patient, contact, *unanswered, now).await,
        Decision::Strike(strike) => strikes::strike(connection, patient, strike, now).await,
        Decision::TakeBackStrike(back) => strikes::take_back(connection, patient, back, now).await,
        Decision::Discharge(it) => discharges::insert(connection, patient, it, now).await,
        Decision::StartAgain => discharges::start_again(connection, patient, now).await,
        Decision::Watch(watch) => watches::put(connection, patient, watch, now).await,
        Decision::EndWatch => watches::remove(connection, patient).await,
        // The alert as a whole is written after its decisions; everything else is in the journal and the case alone.
        _ => Ok(()),
    }
}

/// Removes what is projected of a patient, to be projected again.
///
/// # Errors
/// When the database fails.
pub(crate) async fn clear(
    connection: &mut AnyConnection,
    patient: &PatientId,
) -> anyhow::Result<()> {
    alerts::clear(connection, patient).await?;
    plans::clear(connection, patient).await?;
    assignments::clear(connection, patient).await?;
    contacts::clear(connection, patient).await?;
    strikes::clear(connection, patient).await?;
    discharges::clear(connection, patient).await?;
    expected_readings::clear(connection, patient).await?;
    watches::remove(connection, patient).await
}

/// Says why an alert has its priority, when new evidence explains it better than what explains it now: it has the alert's
/// priority, and is the newest or the worst so far.
fn why_now(alert: &Alert, decisions: &[Decision]) -> Option<String> {
    let worsened = decisions.iter().any(|decision| match decision {
        Decision::Worsen { alert: number, .. } | Decision::OpenAlert { alert: number, .. } => {
            *number == alert.number
        }
        _ => false,
    });
    let explains = |evidence: &&Evidence| {
        evidence.priority() == Some(alert.priority)
            && (worsened || evidence.measured_at == alert.newest_measured_at)
    };
    let mut pieces = decisions
        .iter()
        .filter_map(|it| evidence_of(it, alert.number));
    pieces.rfind(explains).map(sentence::why)
}

fn evidence_of(decision: &Decision, number: AlertNumber) -> Option<&Evidence> {
    match decision {
        Decision::OpenAlert {
            alert, evidence, ..
        }
        | Decision::AddEvidence { alert, evidence }
            if *alert == number =>
        {
            Some(evidence)
        }
        _ => None,
    }
}
