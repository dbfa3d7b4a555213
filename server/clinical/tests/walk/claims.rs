//! Claims: what a decision says of the case that it is made on.

use clinical::case::Suspicion;
use clinical::{Alert, AlertNumber, Case, Condition, Decision, Measured, Ownership, Plan};
use jiff::Timestamp;

use super::{Lawful, must};

/// A decision says what is so: it opens what is not open, changes what is, and gives people time that has not passed.
pub(crate) fn a_decision_says_what_is_so(
    case: &Case,
    decision: &Decision,
    now: Timestamp,
) -> Lawful {
    let so = match decision {
        Decision::OpenAlert { alert, problem, .. } => {
            case.alert_of(*problem).is_none() && *alert == case.next_alert()
        }
        Decision::AddEvidence { alert, .. } => case.alert(*alert).is_some(),
        Decision::Worsen { alert, to, .. } => open(case, *alert, |it| *to > it.priority),
        Decision::SetCondition { alert, condition } => open(case, *alert, |it| {
            std::mem::discriminant(condition) != std::mem::discriminant(&it.condition)
        }),
        Decision::Take { alert, by, .. } => open(case, *alert, |it| {
            let offered =
                matches!(&it.ownership, Ownership::Taken { offered_to: Some(to), .. } if to == by);
            offered || it.is_overdue() || it.ownership.holder().is_none_or(|holder| holder == by)
        }),
        Decision::SetOwnership {
            alert, ownership, ..
        } => open(case, *alert, |it| follows(&it.ownership, ownership)),
        Decision::StepUp { alert, step, .. } => open(case, *alert, |it| *step == it.step.next()),
        Decision::Close { alert, by, .. } => {
            open(case, *alert, |it| it.ownership.holder() == Some(by))
        }
        Decision::EndByItself { alert } => open(case, *alert, |it| ends(case, it)),
        Decision::Reopen { alert, .. } => {
            let closed = case.closed_alerts().iter();
            let problem = closed.map(|it| &it.alert).find(|it| it.number == *alert);
            problem.is_some_and(|it| case.alert_of(it.problem).is_none())
        }
        other => of_the_rest(case, other, now),
    };
    must(so, || format!("a decision says what is so: {decision:?}"))?;
    let time = time_given(case, decision);
    must(time.is_none_or(|time| time > now), || {
        format!("a time given to people is not over: {decision:?}")
    })
}

fn of_the_rest(case: &Case, decision: &Decision, now: Timestamp) -> bool {
    match decision {
        Decision::Suspect(it) => {
            is_new_or_worse(case, it) && it.asked_at == now || waits_for_more(case, it)
        }
        Decision::EndSuspicion { problem, .. } => case.suspicion_of(*problem).is_some(),
        Decision::CountUnusable { in_a_row, .. } => *in_a_row >= 1,
        Decision::NoteGatewayClock { gateway, unset } => {
            case.timeless().contains(gateway) != *unset
        }
        Decision::NoteClock { device, wrong } => case.wrong_clocks().contains(device) != *wrong,
        Decision::ForgetUnusable { what } => case.unusable(*what).is_some(),
        Decision::Expect { due } => {
            due.opens < due.closes
                && due.due_at >= due.closes
                && case.expecting(due.what).is_none_or(|it| it.due != *due)
        }
        Decision::ExpectNothing { what } | Decision::WindowMet { what } => {
            case.expecting(*what).is_some()
        }
        Decision::WindowMissed { what, missed, .. } => case
            .expecting(*what)
            .is_some_and(|it| *missed == it.missed || *missed == it.missed + 1),
        Decision::WindowFilled { what } => has_missed(case, *what),
        Decision::WindowExplained { what, missed, .. } => {
            let before = case.expecting(*what).map_or(0, |it| it.missed);
            has_missed(case, *what) && before.abs_diff(*missed) <= 1
        }
        Decision::SchedulePlan { plan } => {
            case.scheduled_plan().is_none() && is_next(case, plan) && plan.in_force_from > now
        }
        Decision::DropScheduledPlan => case.scheduled_plan().is_some(),
        Decision::AdoptPlan { plan } => case.scheduled_plan().is_none() && is_next(case, plan),
        Decision::Resume => case.pauses().iter().any(|it| it.until > now),
        Decision::NoteTerm { noted } => {
            let before = case.term_noted();
            *noted != before && noted.review >= before.review && noted.end >= before.end
        }
        _ => true,
    }
}

fn has_missed(case: &Case, what: Measured) -> bool {
    case.last_missed().any(|it| it.due.what == what)
}

fn is_next(case: &Case, plan: &Plan) -> bool {
    plan.version.0 == case.plan().version.0 + 1
}

fn open(case: &Case, alert: AlertNumber, so: impl FnOnce(&Alert) -> bool) -> bool {
    case.alert(alert).is_some_and(so)
}

/// A suspicion takes the place of a milder one, and never gives it more time.
fn is_new_or_worse(case: &Case, new: &Suspicion) -> bool {
    case.suspicion_of(new.problem)
        .is_none_or(|old| new.priority > old.priority && new.until <= old.until)
}

/// The same breach waits until the same time, and with it a doubtful one that was measured later.
fn waits_for_more(case: &Case, new: &Suspicion) -> bool {
    case.suspicion_of(new.problem).is_some_and(|old| {
        let same = Suspicion {
            doubted_at: old.doubted_at,
            ..new.clone()
        };
        same == *old && new.newest_at() > old.newest_at()
    })
}

/// Ownership moves to another person only by taking, escalating or coming back to nobody.
fn follows(before: &Ownership, after: &Ownership) -> bool {
    match after {
        Ownership::New => true,
        Ownership::Escalated { .. } if before == after => true,
        Ownership::Escalated { by, to, .. } => before.holder() == Some(by) && by != to,
        _ => before.holder() == after.holder(),
    }
}

fn ends(case: &Case, alert: &Alert) -> bool {
    let response = case.plan().care.escalation.of(alert.priority);
    response.is_some_and(|it| it.ends_by_itself)
        && matches!(alert.condition, Condition::Cleared { .. })
        && alert.ownership == Ownership::New
}

/// Gives the time by which a decision asks somebody to act, where it is a new one.
fn time_given(case: &Case, decision: &Decision) -> Option<Timestamp> {
    match decision {
        Decision::OpenAlert { respond_by, .. }
        | Decision::Take { respond_by, .. }
        | Decision::StepUp { respond_by, .. }
        | Decision::Reopen { respond_by, .. } => *respond_by,
        Decision::SetOwnership {
            alert, respond_by, ..
        }
        | Decision::Worsen {
            alert, respond_by, ..
        } => {
            let before = case.alert(*alert).and_then(|it| it.respond_by);
            respond_by.filter(|it| Some(*it) != before)
        }
        _ => None,
    }
}
