//! Telling how an alert is handled: who has it, who was asked, and until when it is aside.

use jiff::Timestamp;

use super::Clock;
use crate::alert::{Alert, Ownership};
use crate::id::PersonId;

/// Tells an alert's new state. `before` is the alert as it was.
pub(super) fn tell(
    before: Option<&Alert>,
    ownership: &Ownership,
    respond_by: Option<&Timestamp>,
    clock: &Clock<'_>,
) -> String {
    if let Some(told) = before.and_then(|it| passing(&it.ownership, ownership)) {
        return told;
    }
    match ownership {
        Ownership::New => {
            let by = clock.deadline("to be taken", respond_by);
            format!("comes back{by}")
        }
        Ownership::Taken { by, .. } => {
            let deadline = clock.deadline("to act", respond_by);
            format!("stays with {by}{deadline}")
        }
        Ownership::Waiting { by, until, .. } => {
            let until = clock.time(until);
            format!("waits for the patient until {until}; {by} answers")
        }
        Ownership::Escalated { by, to, .. } => {
            let deadline = clock.deadline("to be taken", respond_by);
            format!("goes from {by} to {to}{deadline}")
        }
        Ownership::Snoozed {
            by,
            until,
            until_reading,
            reason,
            ..
        } => {
            let until = clock.time(until);
            let or = or_the_next_reading(*until_reading);
            format!("is put aside until {until}{or} ({reason}); {by} answers")
        }
    }
}

/// Says that the next reading brings an alert back before its time.
fn or_the_next_reading(until_reading: bool) -> &'static str {
    if until_reading {
        " or the next reading"
    } else {
        ""
    }
}

/// Tells an offer, or that it was accepted while the alert stays as it is.
fn passing(before: &Ownership, after: &Ownership) -> Option<String> {
    if let Some(to) = after
        .offered_to()
        .filter(|it| before.offered_to() != Some(it))
    {
        let by = after.holder()?;
        return Some(format!(
            "is offered to {to}; {by} answers until {to} says yes"
        ));
    }
    if let Some(to) = follow_up_offer(after).filter(|it| follow_up_offer(before) != Some(it)) {
        return Some(format!("is offered to {to} to follow it up"));
    }
    if before.code() != after.code() || before.code() == "taken" {
        return None;
    }
    let asked = before.offered_to();
    if asked.is_some() && after.holder() == asked {
        let by = after.holder()?;
        return Some(format!("passes to {by}, and stays as it is"));
    }
    let follows_up = follow_up_offer(before)?;
    after
        .follows_up(follows_up)
        .then(|| format!("is followed up by {follows_up}"))
}

fn follow_up_offer(ownership: &Ownership) -> Option<&PersonId> {
    match ownership {
        Ownership::Escalated {
            follow_up_offered_to,
            ..
        } => follow_up_offered_to.as_ref(),
        _ => None,
    }
}
