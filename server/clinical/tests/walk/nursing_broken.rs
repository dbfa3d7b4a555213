//! The laws of nurses broken on purpose: each of them can fail, and says which it is.

use clinical::{AlertNumber, Strike, StrikeReason, VitalSign};
use clinical::{Case, Contact, ContactHow, ContactResult, Event, PlanVersion, ReadingStored, step};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use vitals::{Decimal, ReadingId};

use super::laws::Seen;
use super::nursing_laws;
use super::plans;
use super::team::person;

fn at(minutes: i64) -> Timestamp {
    let nine: Timestamp = "2026-06-01T09:00:00Z".parse().unwrap();
    nine + SignedDuration::from_mins(minutes)
}

fn reading(number: u32) -> ReadingId {
    format!("{number:032x}").parse().unwrap()
}

/// A patient with an urgent alert of temperature that nurse 0 has taken.
fn taken() -> Case {
    let plan = Box::new(plans::plan(PlanVersion(1), [0; 4], at(0)));
    let coordinator = person(0);
    let start = Event::MonitoringStarted { coordinator, plan };
    let mut case = step(None, &start, at(0)).unwrap().case;
    let hot = Event::ReadingStored(ReadingStored {
        id: reading(1),
        values: vec![(VitalSign::Temperature, Decimal::whole(40))],
        quality: Vec::new(),
        measured_at: at(1),
        received_at: at(1),
        device: None,
        user: None,
        registered_user: None,
        clock: None,
        drill: false,
    });
    let taken = Event::AlertTaken {
        alert: AlertNumber::FIRST,
        by: person(0),
        instead_of: None,
    };
    for event in [hot, taken] {
        case = step(Some(case), &event, at(2)).unwrap().case;
    }
    case
}

fn struck() -> Event {
    Event::ReadingStruck(Strike {
        reading: reading(1),
        by: person(0),
        reason: StrikeReason::AnotherPerson,
        note: String::new(),
    })
}

fn no_answer() -> Event {
    Event::Contacted(Contact {
        alert: Some(AlertNumber::FIRST),
        by: person(0),
        how: ContactHow::Phone,
        result: ContactResult::NoAnswer,
        note: String::new(),
        retry_at: Some(at(20)),
    })
}

/// Lets an event happen, writes another case after it, and gives the law that does not hold; the law's name is empty when
/// all hold.
fn broken(before: &Case, event: &Event, change: impl FnOnce(&mut Value)) -> String {
    let done = step(Some(before.clone()), event, at(5)).unwrap();
    let mut json = serde_json::to_value(&done.case).unwrap();
    change(&mut json);
    let after: Case = serde_json::from_value(json).unwrap();
    let seen = Seen {
        before,
        event,
        decisions: &done.decisions,
        after: &after,
        now: at(5),
    };
    let said = nursing_laws::hold(seen).err().unwrap_or_default();
    said.split(':').next().unwrap().to_owned()
}

#[test]
fn laws_of_strikes_can_fail() {
    let case = taken();
    let law = "what is struck speaks for nothing";
    assert_eq!(broken(&case, &struck(), |_| {}), "");
    let active = |it: &mut Value| {
        it["open"]["temperature"]["condition"] = json!({"is": "active"});
    };
    assert_eq!(broken(&case, &struck(), active), law);
    let remembered = serde_json::to_value(&case).unwrap()["history"].clone();
    let again = |it: &mut Value| it["history"] = remembered;
    assert_eq!(broken(&case, &struck(), again), law);
    let ended = |it: &mut Value| it["open"] = json!({});
    assert_eq!(
        broken(&case, &struck(), ended),
        "an alert never ends by a strike"
    );
}

#[test]
fn the_law_of_tries_can_fail() {
    let case = taken();
    assert_eq!(broken(&case, &no_answer(), |_| {}), "");
    let tired = |it: &mut Value| it["open"]["temperature"]["unanswered"] = json!(3);
    assert_eq!(
        broken(&case, &no_answer(), tired),
        "nobody is tried for ever"
    );
}

#[test]
fn the_law_of_discharges_can_fail() {
    let case = taken();
    let discharged = |it: &mut Value| {
        it["discharged"] = json!({"at": at(4), "reason": "goals_met"});
    };
    assert_eq!(
        broken(&case, &no_answer(), discharged),
        "a discharged patient is owed nothing"
    );
}
