//! The laws that hold between a case and the case after one more event; each is a function, its sentence above it.

use std::collections::BTreeSet;

use clinical::verdict::Standing;
use clinical::{
    Alert, AlertNumber, Case, Decision, Event, Evidence, Measured, Ownership, Priority,
};
use jiff::Timestamp;

use super::truth::{Belief, Truth};
use super::{Lawful, must};

/// The most that a case takes as JSON besides its plans, in bytes: six series of 224 points of under 90 bytes each, eight
/// answers, 28 alerts with a reason of at most 2,000 characters, 64 pauses and four windows that were missed.
pub(crate) const CASE_LEN_MAX: usize = 6 * 224 * 90 + 8 * 4_000 + 28 * 2_600 + 64 * 400 + 4 * 2_000;

/// One event that was not refused, with the case before and after it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen<'a> {
    pub(crate) before: &'a Case,
    pub(crate) event: &'a Event,
    pub(crate) decisions: &'a [Decision],
    pub(crate) after: &'a Case,
    pub(crate) now: Timestamp,
}

/// Checks every law that is about one event.
pub(crate) fn hold(seen: Seen<'_>, belief: Option<Belief>, truth: &Truth) -> Lawful {
    priority_never_falls(seen)?;
    an_alert_ends_by_a_decision(seen)?;
    one_open_alert_for_each_problem(seen)?;
    somebody_must_act_by_a_time(seen.after)?;
    what_is_scheduled_is_expected(seen.after)?;
    a_worse_alert_gets_no_more_time(seen)?;
    if let (Event::ReadingStored(_), Some(belief)) = (seen.event, belief) {
        for decision in seen.decisions {
            if let Decision::Judge(verdict) = decision {
                truth.is_believed_alike(belief, verdict.standing)?;
            }
        }
        a_drill_changes_nothing(seen, belief)?;
        a_suspicion_is_allayed_by_its_own_repeat(seen)?;
        a_late_reading_is_never_a_now(seen)?;
    }
    a_window_is_missed_when_nothing_was_measured_in_it(seen, truth)
}

/// Priority never falls while an alert is open.
fn priority_never_falls(seen: Seen<'_>) -> Lawful {
    for alert in seen.before.open_alerts() {
        let later = seen.after.alert(alert.number);
        must(
            later.is_none_or(|later| later.priority >= alert.priority),
            || format!("priority never falls: of alert {}", alert.number),
        )?;
    }
    Ok(())
}

/// An alert ends by a person or by itself, as a decision says; no event makes it vanish.
fn an_alert_ends_by_a_decision(seen: Seen<'_>) -> Lawful {
    for alert in seen.before.open_alerts() {
        let ended = seen.decisions.iter().any(|it| {
            matches!(it, Decision::Close { alert: closed, .. } | Decision::EndByItself { alert: closed }
                if *closed == alert.number)
        });
        must(seen.after.alert(alert.number).is_some() || ended, || {
            format!(
                "an alert ends by a decision: alert {} is gone",
                alert.number
            )
        })?;
    }
    Ok(())
}

/// A patient has at most one open alert for each problem, and no number is given twice.
fn one_open_alert_for_each_problem(seen: Seen<'_>) -> Lawful {
    let after = seen.after;
    let closed = after.closed_alerts().iter().map(|it| &it.alert);
    let all: Vec<&Alert> = after.open_alerts().chain(closed).collect();
    let numbers: BTreeSet<_> = all.iter().map(|it| it.number).collect();
    let problems: BTreeSet<_> = after.open_alerts().map(|it| it.problem).collect();
    must(problems.len() == after.open_alerts().count(), || {
        "one open alert for each problem: two are open".to_owned()
    })?;
    must(numbers.len() == all.len(), || {
        "no number is given twice: two alerts share one".to_owned()
    })?;
    let is_next = numbers.iter().all(|it| *it < after.next_alert());
    must(
        is_next && after.next_alert() >= seen.before.next_alert(),
        || "no number is given twice: one could be".to_owned(),
    )
}

/// Under a plan that says how soon somebody must act on a priority, every open alert of that priority has a time by
/// which somebody must.
fn somebody_must_act_by_a_time(case: &Case) -> Lawful {
    for alert in case.open_alerts() {
        let response = case.plan().care.escalation.of(alert.priority);
        must(response.is_none() || alert.respond_by.is_some(), || {
            format!(
                "somebody must act by a time: alert {} has none, {:?}",
                alert.number, alert.ownership
            )
        })?;
    }
    Ok(())
}

/// Everything that the plan schedules is expected, and nothing else.
fn what_is_scheduled_is_expected(case: &Case) -> Lawful {
    let scheduled: BTreeSet<_> = case
        .plan()
        .care
        .schedule
        .expected
        .iter()
        .map(|it| it.what)
        .collect();
    let expected: BTreeSet<_> = case.expected().map(|it| it.what).collect();
    must(scheduled == expected, || {
        format!("what is scheduled is expected: {scheduled:?}, and {expected:?} is")
    })
}

/// An alert that becomes worse comes back from where it was put aside; otherwise it gives nobody more time than they had.
fn a_worse_alert_gets_no_more_time(seen: Seen<'_>) -> Lawful {
    for decision in seen.decisions {
        let Decision::Worsen { alert, .. } = decision else {
            continue;
        };
        let (Some(before), Some(after)) = (seen.before.alert(*alert), seen.after.alert(*alert))
        else {
            continue;
        };
        let is_aside = matches!(
            after.ownership,
            Ownership::Waiting { .. } | Ownership::Snoozed { .. }
        );
        must(!is_aside, || {
            format!("a worse alert comes back from where it was put aside: alert {alert}")
        })?;
        let times = before.respond_by.zip(after.respond_by);
        let came_back = before.ownership != after.ownership;
        must(
            came_back || times.is_none_or(|(before, after)| after <= before.max(seen.now)),
            || format!("a worse alert gets no more time: {times:?} of alert {alert}"),
        )?;
    }
    Ok(())
}

/// What waits for its repeat is allayed by a reading of what was beyond its limit, or of the kind that was asked for; by
/// nothing else that is measured.
fn a_suspicion_is_allayed_by_its_own_repeat(seen: Seen<'_>) -> Lawful {
    let Event::ReadingStored(reading) = seen.event else {
        return Ok(());
    };
    for decision in seen.decisions {
        let Decision::EndSuspicion {
            problem,
            confirmed: false,
        } = decision
        else {
            continue;
        };
        let Some(waited) = seen.before.suspicion_of(*problem) else {
            continue;
        };
        let first = waited.evidence.findings.iter();
        let mut beyond = first.filter(|it| it.breach.is_some());
        let is_repeat = Measured::of_values(&reading.values) == Some(waited.what)
            || beyond.any(|it| reading.values.iter().any(|(sign, _)| *sign == it.sign));
        must(is_repeat, || {
            format!("a suspicion is allayed by its own repeat: {problem:?} was by another reading")
        })?;
    }
    Ok(())
}

/// A drill changes nothing but the journal.
fn a_drill_changes_nothing(seen: Seen<'_>, belief: Belief) -> Lawful {
    let is_judged_alone = matches!(seen.decisions, [Decision::Judge(_)]);
    let nothing_changed = is_judged_alone && seen.before == seen.after;
    must(belief != Belief::Drill || nothing_changed, || {
        format!("a drill changes nothing: {:?}", seen.decisions)
    })
}

/// A late reading never opens an alert above the plan's priority for late readings, nor worsens one beyond it.
fn a_late_reading_is_never_a_now(seen: Seen<'_>) -> Lawful {
    let is_late = seen
        .decisions
        .iter()
        .any(|it| matches!(it, Decision::Judge(verdict) if verdict.standing == Standing::Late));
    let lateness = seen.before.plan().care.lateness.as_ref();
    let most = lateness.map_or(Priority::Urgent, |it| it.urgent_becomes);
    let Event::ReadingStored(reading) = seen.event else {
        return Ok(());
    };
    // What a rule says of a newer reading is about now, though it is the late one that completed the history.
    let of_newer = |evidence: &Evidence| evidence.reading.is_some_and(|it| it != reading.id);
    let is_worsened_by_newer = |worse: AlertNumber| {
        seen.decisions.iter().any(|it| {
            matches!(it, Decision::AddEvidence { alert, evidence } if *alert == worse && of_newer(evidence))
        })
    };
    let is_a_now = |it: &Decision| match it {
        Decision::OpenAlert {
            priority, evidence, ..
        } => *priority > most && !of_newer(evidence),
        Decision::Worsen { alert, to, .. } => *to > most && !is_worsened_by_newer(*alert),
        Decision::Suspect(suspicion) => !of_newer(&suspicion.evidence),
        _ => false,
    };
    let nows: Vec<_> = seen
        .decisions
        .iter()
        .filter(|it| is_late && is_a_now(it))
        .collect();
    must(nows.is_empty(), || {
        format!("a late reading is never a now: {nows:?}")
    })
}

/// A window is missed only when no believed reading was measured in it, and met only when one was, at the latest in its
/// grace.
fn a_window_is_missed_when_nothing_was_measured_in_it(seen: Seen<'_>, truth: &Truth) -> Lawful {
    for decision in seen.decisions {
        let (what, missed) = match decision {
            Decision::WindowMissed { what, .. } => (*what, true),
            Decision::WindowMet { what } => (*what, false),
            _ => continue,
        };
        let Some(due) = seen.before.expecting(what).map(|it| it.due) else {
            return Err(format!("a window: {what:?} was not expected"));
        };
        let days = seen.now.duration_since(due.closes).as_hours() / 24;
        // What is older may have been forgotten.
        if days > 20 {
            continue;
        }
        let is_so = if missed {
            !truth.has(what, due.opens, due.closes)
        } else {
            truth.has(what, due.opens, due.due_at)
        };
        must(is_so, || {
            format!("a window is missed when nothing was measured in it: {due:?}, missed: {missed}")
        })?;
        must(due.due_at <= seen.now, || {
            format!("a window is not over before its time: {due:?}")
        })?;
    }
    Ok(())
}

/// A case stays small however long the walk is.
pub(crate) fn a_case_stays_small(case: &Case, json: &str) -> Lawful {
    let plans = [Some(case.plan()), case.scheduled_plan()];
    let plans = plans.into_iter().flatten();
    let plan_len: usize = plans
        .map(|it| serde_json::to_string(it).unwrap().len())
        .sum();
    must(json.len() <= CASE_LEN_MAX + plan_len, || {
        format!(
            "a case stays small: {} bytes, {plan_len} of the plan",
            json.len()
        )
    })
}

/// A refusal is for people: what was measured, answered or due is never refused.
pub(crate) fn only_people_are_refused(event: &Event, refusal: &str) -> Lawful {
    let is_fact = matches!(
        event,
        Event::ReadingStored(_)
            | Event::AttemptStored(_)
            | Event::Answered(_)
            | Event::DeadlinePassed { .. }
            | Event::WindowClosed { .. }
            | Event::GatewayClock { .. }
            | Event::Resumed { .. }
            | Event::CoordinatorAssigned { .. }
    );
    must(!is_fact && refusal.ends_with(['.', '!']), || {
        format!("only people are refused, with a sentence: {refusal:?} to {event:?}")
    })
}
