//! The laws of what nurses do besides handling alerts; each is a function, its sentence above it.

use clinical::{Case, Condition, Event, Ownership};

use super::laws::Seen;
use super::{Lawful, must};

/// Checks every law that is about one event.
pub(crate) fn hold(seen: Seen<'_>) -> Lawful {
    what_is_struck_speaks_for_nothing(seen.after)?;
    a_discharged_patient_is_owed_nothing(seen)?;
    nobody_is_tried_for_ever(seen)?;
    an_urgent_alert_never_ends_by_a_strike(seen)
}

/// A reading that is struck out is in no history, and no alert holds that nothing but such readings speaks for.
fn what_is_struck_speaks_for_nothing(case: &Case) -> Lawful {
    for struck in case.struck() {
        let is_there = case.history().of_reading(struck.reading).next().is_some();
        must(!is_there, || {
            format!(
                "what is struck speaks for nothing: {} is remembered",
                struck.reading
            )
        })?;
        let waits = case
            .suspicions()
            .any(|it| it.evidence.reading == Some(struck.reading) && it.doubted_at.is_none());
        must(!waits, || {
            format!(
                "what is struck speaks for nothing: {} waits for its repeat",
                struck.reading
            )
        })?;
    }
    for alert in case.open_alerts() {
        let stands = alert.support.has_others() || alert.support.has_one_unstruck();
        let is_struck = matches!(alert.condition, Condition::Struck { .. });
        must(stands || is_struck, || {
            format!(
                "what is struck speaks for nothing: alert {} holds",
                alert.number
            )
        })?;
    }
    Ok(())
}

/// A discharged patient is owed nothing: no reading is expected or waits for its repeat, no plan is to begin, and at most one
/// alert is raised, about the kit.
fn a_discharged_patient_is_owed_nothing(seen: Seen<'_>) -> Lawful {
    let case = seen.after;
    if case.discharged().is_none() {
        return Ok(());
    }
    let is_left_alone = case.suspicions().next().is_none()
        && case.expected().next().is_none()
        && case.scheduled_plan().is_none()
        && case.watch().is_none()
        && case.open_alerts().count() <= 1;
    must(is_left_alone, || {
        "a discharged patient is owed nothing: something is due".to_owned()
    })?;
    let is_judged = matches!(seen.event, Event::ReadingStored(_))
        && seen.before.discharged().is_some()
        && seen.before.history() != case.history();
    must(!is_judged, || {
        "a discharged patient is owed nothing: a reading was judged".to_owned()
    })
}

/// A patient whom nobody reaches is tried as often as the plan allows, and no alert waits for one more try.
fn nobody_is_tried_for_ever(seen: Seen<'_>) -> Lawful {
    let Event::Contacted(contact) = seen.event else {
        return Ok(());
    };
    let Some(alert) = contact.alert.and_then(|it| seen.after.alert(it)) else {
        return Ok(());
    };
    let response = seen.after.plan().care.escalation.of(alert.priority);
    let most = response.and_then(|it| it.unanswered_max);
    let waits_anew = matches!(&alert.ownership, Ownership::Waiting { at, .. } if *at == seen.now)
        && contact.retry_at.is_some();
    must(
        !waits_anew || most.is_none_or(|most| alert.unanswered < most),
        || format!("nobody is tried for ever: alert {} waits", alert.number),
    )
}

/// An alert that a strike leaves without support stays open: a person closes it.
fn an_urgent_alert_never_ends_by_a_strike(seen: Seen<'_>) -> Lawful {
    let is_strike = matches!(
        seen.event,
        Event::ReadingStruck(_) | Event::StrikeTakenBack(_)
    );
    let mut open = seen.before.open_alerts();
    let all_stay = open.all(|it| seen.after.alert(it.number).is_some());
    must(!is_strike || all_stay, || {
        "an alert never ends by a strike: one is gone".to_owned()
    })
}
