//! What people of a walk do to alerts and cases, with arguments that are right and wrong.

use clinical::refusal::NOTE_LEN_MAX;
use clinical::worklist::Tier;
use clinical::{AlertNumber, Case, Event, Outcome, Ownership, Pause, PauseReason, PersonId};
use jiff::{SignedDuration, Timestamp};

use super::team::person;

/// Minutes until what is put aside comes back.
pub(crate) const ASIDE_MINUTES: [i64; 8] = [20, 5, 60, 700, 0, -10, 3 * 24 * 60, 60 * 24 * 60];

pub(crate) fn handle(case: &Case, [verb, which, who, how]: [u32; 4], now: Timestamp) -> Event {
    let (alert, by) = (alert(case, verb / 16, which), by(case, which, who));
    let to = person(how / 64);
    let until = now + SignedDuration::from_mins(ASIDE_MINUTES[how as usize % 8]);
    let text = text(how / 8);
    match verb % 16 {
        0..4 => Event::AlertTaken {
            alert,
            by,
            instead_of: None,
        },
        4..6 => Event::AlertClosed {
            alert,
            by,
            outcome: Outcome::ALL[how as usize % Outcome::ALL.len()],
            note: text,
            duplicate_of: (how % 2 == 0).then(|| AlertNumber(1 + how / 8 % 9)),
        },
        6 | 7 => Event::AlertWaits { alert, by, until },
        8 | 9 => Event::AlertSnoozed {
            alert,
            by,
            until,
            until_reading: how % 3 == 0,
            reason: text,
        },
        10 => Event::AlertEscalated {
            alert,
            by,
            to,
            note: text,
        },
        11 | 12 => Event::AlertOffered {
            alert,
            by: who_escalated(case, alert)
                .filter(|_| how % 2 == 0)
                .unwrap_or(by),
            to,
        },
        13 => Event::OfferAnswered {
            alert,
            by: offered_to(case, alert).unwrap_or(by),
            accepted: how % 3 != 0,
        },
        _ => {
            let closed = case.closed_alerts();
            let one = closed.get(which as usize % closed.len().max(1));
            Event::AlertReopened {
                alert: one.map_or(alert, |it| it.alert.number),
                by,
                reason: text,
            }
        }
    }
}

/// Mostly an open alert.
pub(crate) fn alert(case: &Case, chance: u32, which: u32) -> AlertNumber {
    let open: Vec<AlertNumber> = case.open_alerts().map(|it| it.number).collect();
    match open.get(which as usize % open.len().max(1)) {
        Some(number) if chance % 8 != 7 => *number,
        _ => AlertNumber(which % case.next_alert().0.saturating_add(2)),
    }
}

/// Mostly whoever holds it.
pub(crate) fn by(case: &Case, which: u32, who: u32) -> PersonId {
    let open: Vec<_> = case.open_alerts().collect();
    let alert = open.get(which as usize % open.len().max(1));
    let holder = alert.and_then(|it| it.ownership.holder());
    match holder {
        Some(holder) if who % 4 != 3 => holder.clone(),
        _ => person(who / 4),
    }
}

fn who_escalated(case: &Case, alert: AlertNumber) -> Option<PersonId> {
    match &case.alert(alert)?.ownership {
        Ownership::Escalated { by, .. } => Some(by.clone()),
        _ => None,
    }
}

fn offered_to(case: &Case, alert: AlertNumber) -> Option<PersonId> {
    let ownership = &case.alert(alert)?.ownership;
    match ownership {
        Ownership::Escalated {
            follow_up_offered_to: Some(to),
            ..
        } => Some(to.clone()),
        _ => ownership.offered_to().cloned(),
    }
}

pub(crate) fn text(how: u32) -> String {
    match how % 16 {
        14 => " ".to_owned(),
        15 => "x".repeat(NOTE_LEN_MAX + 1),
        _ => "seen".to_owned(),
    }
}

pub(crate) fn pause([what, from, len, why]: [u32; 4], now: Timestamp) -> Event {
    let by = person(why);
    if what % 3 == 2 {
        return Event::Resumed { by };
    }
    let from = now + SignedDuration::from_mins(i64::from(from % 5_760) - 1_440);
    let lens = [60, 1_440, 10_080, 30 * 1_440, -60, 400 * 1_440];
    let reason = match why % 8 {
        7 => PauseReason::Other {
            note: String::new(),
        },
        _ => PauseReason::Holiday,
    };
    let until = from + SignedDuration::from_mins(lens[len as usize % lens.len()]);
    Event::Paused {
        pause: Pause {
            from,
            until,
            reason,
        },
        by,
    }
}

pub(crate) fn tier([which, when, who, how]: [u32; 4], now: Timestamp) -> Event {
    let tiers = [Some(Tier::Usual), Some(Tier::Closest), None];
    let minutes = ASIDE_MINUTES[when as usize % 8];
    Event::TierSet {
        tier: tiers[which as usize % 3],
        by: person(who),
        reason: text(how),
        until: (how % 2 == 0).then(|| now + SignedDuration::from_mins(minutes)),
    }
}
