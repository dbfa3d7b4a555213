//! The one decision function: a case, an event and the time give what follows.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::alert::{Alert, AlertNumber, Condition, Evidence, Outcome, Ownership, Problem};
use crate::case::Case;
use crate::decision::Decision;
use crate::event::{Event, ReadingStored};
use crate::id::PersonId;
use crate::plan::{Plan, PlanVersion};
use crate::refusal::{NOTE_LEN_MAX, Refusal};
use crate::verdict::{Finding, Verdict};

/// Says what follows from an event, in the order in which it is to be applied.
///
/// Limits are judged alike at every hour; the time is for rules that have deadlines.
///
/// # Errors
/// A [`Refusal`] when a person asked for something that cannot be done; nothing follows then. Readings and attempts
/// are never refused.
pub fn decide(case: &Case, event: &Event, _now: Timestamp) -> Result<Vec<Decision>, Refusal> {
    match event {
        Event::MonitoringStarted { .. } => Err(Refusal::AlreadyMonitored),
        Event::ReadingStored(reading) => Ok(judge(case, reading)),
        Event::AttemptStored(attempt) => Ok(vec![Decision::AskForRepeat {
            attempt: attempt.id,
            reason: attempt.reason,
        }]),
        Event::PlanInForce { plan } => adopt(case, plan),
        Event::CoordinatorAssigned { coordinator } => Ok(vec![Decision::AssignCoordinator {
            coordinator: coordinator.clone(),
        }]),
        Event::AlertTaken { alert, by } => take(case, *alert, by),
        Event::AlertClosed {
            alert,
            by,
            outcome,
            note,
        } => close(case, *alert, by, *outcome, note),
    }
}

fn judge(case: &Case, reading: &ReadingStored) -> Vec<Decision> {
    let verdict = Verdict::of(reading, case.plan());
    let mut by_problem: BTreeMap<Problem, Vec<Finding>> = BTreeMap::new();
    for finding in &verdict.findings {
        by_problem
            .entry(finding.sign.problem())
            .or_default()
            .push(*finding);
    }
    let mut decisions = vec![Decision::Judge(verdict)];
    let mut next_alert = case.next_alert();
    for (problem, findings) in by_problem {
        let evidence = Evidence {
            reading: reading.id,
            measured_at: reading.measured_at,
            findings,
        };
        match (case.alert_of(problem), evidence.priority()) {
            (Some(alert), _) => decisions.extend(weigh(alert, evidence)),
            (None, Some(priority)) => {
                decisions.push(Decision::OpenAlert {
                    alert: next_alert,
                    problem,
                    priority,
                    evidence,
                });
                next_alert = next_alert.next();
            }
            (None, None) => {}
        }
    }
    decisions
}

/// Weighs one more reading of a problem that already has an open alert.
fn weigh(alert: &Alert, evidence: Evidence) -> Vec<Decision> {
    let number = alert.number;
    let worse = evidence
        .priority()
        .filter(|priority| *priority > alert.priority);
    // A reading from a device's memory, older than what is known, is evidence but says nothing about how it is now.
    let is_newest = evidence.measured_at >= alert.newest_measured_at;
    let condition = match evidence.priority() {
        Some(_) => Condition::Active,
        None => Condition::Cleared {
            at: evidence.measured_at,
        },
    };
    let changes =
        is_newest && std::mem::discriminant(&condition) != std::mem::discriminant(&alert.condition);

    let mut decisions = vec![Decision::AddEvidence {
        alert: number,
        evidence,
    }];
    decisions.extend(worse.map(|to| Decision::Worsen { alert: number, to }));
    decisions.extend(changes.then_some(Decision::SetCondition {
        alert: number,
        condition,
    }));
    decisions
}

fn adopt(case: &Case, plan: &Plan) -> Result<Vec<Decision>, Refusal> {
    let current = case.plan().version;
    if plan.version != PlanVersion(current.0 + 1) {
        return Err(Refusal::PlanOutOfOrder {
            found: plan.version,
            current,
        });
    }
    Ok(vec![Decision::AdoptPlan { plan: plan.clone() }])
}

fn take(case: &Case, number: AlertNumber, by: &PersonId) -> Result<Vec<Decision>, Refusal> {
    let alert = case.alert(number).ok_or(Refusal::NotOpen(number))?;
    match &alert.ownership {
        Ownership::New => Ok(vec![Decision::Take {
            alert: number,
            by: by.clone(),
        }]),
        // The same person pressing twice asks for what is already so.
        Ownership::Taken { by: holder, .. } if holder == by => Ok(Vec::new()),
        Ownership::Taken { by: holder, .. } => Err(Refusal::TakenBy {
            alert: number,
            by: holder.clone(),
        }),
    }
}

fn close(
    case: &Case,
    number: AlertNumber,
    by: &PersonId,
    outcome: Outcome,
    note: &str,
) -> Result<Vec<Decision>, Refusal> {
    let alert = case.alert(number).ok_or(Refusal::NotOpen(number))?;
    match &alert.ownership {
        Ownership::New => return Err(Refusal::NotTaken(number)),
        Ownership::Taken { by: holder, .. } if holder != by => {
            return Err(Refusal::TakenBy {
                alert: number,
                by: holder.clone(),
            });
        }
        Ownership::Taken { .. } => {}
    }
    if note.chars().count() > NOTE_LEN_MAX {
        return Err(Refusal::NoteTooLong);
    }
    Ok(vec![Decision::Close {
        alert: number,
        by: by.clone(),
        outcome,
        note: note.to_owned(),
    }])
}
