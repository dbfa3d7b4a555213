//! A backlog: what arrives hours after it was measured asks nobody to measure again, and makes one item at most.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use clinical::{
    AttemptStored, Decision, Event, Measured, Plan, Priority, ReadingStored, VitalSign,
};
use clinical::{Case, step};
use jiff::{SignedDuration, Timestamp};
use vitals::{AttemptReason, Decimal, QualityMark};

const PLAN: &str = r#"{
  "version": 1,
  "limits": {"systolic": {"soon_high": "135", "urgent_high": "180"}},
  "care": {
    "quality": {"doubtful": ["body_movement"], "unusable_in_a_row": 2, "source": "test"},
    "lateness": {"late_minutes": 120, "urgent_becomes": "soon", "source": "test"}
  },
  "set_by": "dr-bell", "reason": "test", "in_force_from": "2026-11-01T00:00:00Z"
}"#;

fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn hours_ago(hours: i64) -> Timestamp {
    now() - SignedDuration::from_hours(hours)
}

/// Everything of a backlog arrives now; gives what followed.
fn arrive(events: &[Event]) -> Vec<Decision> {
    let plan: Plan = serde_json::from_str(PLAN).unwrap();
    let coordinator = "nurse-ann".parse().unwrap();
    let start = Event::MonitoringStarted {
        coordinator,
        plan: Box::new(plan),
    };
    let mut case: Case = step(None, &start, hours_ago(100)).unwrap().case;
    let mut decisions = Vec::new();
    for event in events {
        let step = step(Some(case), event, now()).unwrap();
        decisions.extend(step.decisions);
        case = step.case;
    }
    decisions
}

fn moved(number: i64, systolic: i32) -> Event {
    Event::ReadingStored(ReadingStored {
        id: format!("{number:032x}").parse().unwrap(),
        values: vec![(VitalSign::Systolic, Decimal::whole(systolic))],
        quality: vec![QualityMark::BodyMovement],
        measured_at: hours_ago(90 - number),
        received_at: now(),
        device: None,
        user: None,
        registered_user: None,
        clock: None,
        drill: false,
    })
}

fn failed(number: i64) -> Event {
    Event::AttemptStored(AttemptStored {
        id: format!("{number:032x}").parse().unwrap(),
        reason: AttemptReason::NoValue,
        quality: Vec::new(),
        measured_at: hours_ago(90 - number),
        device: None,
        user: None,
        what: Some(Measured::BloodPressure),
    })
}

#[test]
fn old_failures_and_movements_ask_nobody_to_measure_again() {
    let backlog: Vec<Event> = (0..20)
        .map(|it| moved(it, 150))
        .chain((20..40).map(failed))
        .collect();
    let decisions = arrive(&backlog);
    assert!(
        decisions.iter().all(|it| matches!(it, Decision::Judge(_))),
        "{decisions:?}"
    );
}

#[test]
fn an_urgent_value_that_the_device_doubted_makes_one_item_though_it_is_late() {
    let backlog: Vec<Event> = (0..20).map(|it| moved(it, 190)).collect();
    let opened: Vec<Priority> = arrive(&backlog)
        .iter()
        .filter_map(|decision| match decision {
            Decision::OpenAlert { priority, .. } => Some(*priority),
            _ => None,
        })
        .collect();
    assert_eq!(opened, [Priority::Soon]);
}
