//! What nurses of a walk do besides handling alerts: contacts, strikes, discharges and watches, right and wrong.

use clinical::{
    Case, Contact, ContactHow, ContactResult, Discharge, DischargeReason, Event, PlanVersion,
    Strike, StrikeBack, StrikeReason, Watch,
};
use jiff::{SignedDuration, Timestamp};
use vitals::ReadingId;

use super::people::{ASIDE_MINUTES, alert, by, text};
use super::plans;
use super::team::person;

/// Lets a nurse do something. `readings` are those that the patient had lately.
pub(crate) fn nurse(
    case: &Case,
    readings: &[ReadingId],
    [verb, which, who, how]: [u32; 4],
    now: Timestamp,
) -> Event {
    let starts = case.discharged().is_some() && how % 3 != 0;
    match verb % 16 {
        _ if starts => start_again(case, [which, who, how], now),
        0..6 => contact(case, [verb / 16, which, who, how], now),
        6..10 => Event::ReadingStruck(Strike {
            reading: reading(readings, which),
            by: person(who),
            reason: StrikeReason::ALL[how as usize % StrikeReason::ALL.len()],
            note: text(how / 8),
        }),
        10..13 => Event::StrikeTakenBack(StrikeBack {
            reading: struck(case, readings, which, how),
            by: person(who),
            note: text(how / 8),
        }),
        13 => Event::Discharged(Discharge {
            by: person(who),
            reason: DischargeReason::ALL[how as usize % DischargeReason::ALL.len()],
            note: text(how / 8),
        }),
        14 => Event::Watched(Watch {
            note: text(how / 8),
            until: later(which, now),
            by: person(who),
        }),
        _ => Event::WatchEnded { by: person(who) },
    }
}

fn contact(case: &Case, [chance, which, who, how]: [u32; 4], now: Timestamp) -> Event {
    let result = ContactResult::ALL[how as usize % ContactResult::ALL.len()];
    let about = (chance % 4 != 3).then(|| alert(case, chance / 4, which));
    let is_tried_again = result.is_unanswered() != (how / 4 % 8 == 7);
    Event::Contacted(Contact {
        alert: about,
        by: by(case, which, who),
        how: ContactHow::ALL[how as usize / 32 % ContactHow::ALL.len()],
        result,
        note: text(how / 128),
        retry_at: (is_tried_again && about.is_some()).then(|| later(how / 64, now)),
    })
}

fn start_again(case: &Case, [which, who, how]: [u32; 3], now: Timestamp) -> Event {
    let version = case.plan().version.0 + u32::from(how % 8 != 7);
    let choices = [which, who, how, which];
    Event::MonitoringStarted {
        coordinator: person(0),
        plan: Box::new(plans::plan(PlanVersion(version), choices, now)),
    }
}

fn later(which: u32, now: Timestamp) -> Timestamp {
    now + SignedDuration::from_mins(ASIDE_MINUTES[which as usize % 8])
}

/// Mostly one of the last few; where there is none, one that nobody knows.
fn reading(readings: &[ReadingId], which: u32) -> ReadingId {
    let back = which as usize % readings.len().clamp(1, 6);
    let last = readings.iter().rev().nth(back);
    let nobodys = || "ee".repeat(16).parse().unwrap();
    last.copied().unwrap_or_else(nobodys)
}

/// Mostly one that is struck out.
fn struck(case: &Case, readings: &[ReadingId], which: u32, how: u32) -> ReadingId {
    let all = case.struck();
    match all.get(which as usize % all.len().max(1)) {
        Some(struck) if how % 8 != 7 => struck.reading,
        _ => reading(readings, which),
    }
}
