//! Laws that hold for every history, checked on random ones.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;

use clinical::plan::Care;
use clinical::{
    AlertNumber, Case, Decision, Event, Limits, Outcome, Plan, PlanVersion, ReadingStored,
    VitalSign, step,
};
use jiff::Timestamp;
use proptest::prelude::*;
use vitals::Decimal;

fn start() -> Event {
    let limits = |low: i32, soon: i32, high: i32| {
        let whole = |value| Some(Decimal::whole(value));
        Limits::new(whole(low), None, whole(soon), whole(high)).unwrap()
    };
    Event::MonitoringStarted {
        coordinator: "nurse-ann".parse().unwrap(),
        plan: Box::new(Plan {
            version: PlanVersion(1),
            limits: BTreeMap::from([
                (VitalSign::Systolic, limits(90, 135, 180)),
                (VitalSign::Pulse, limits(40, 111, 131)),
            ]),
            care: Care::default(),
            patient_view: None,
            set_by: "dr-bell".parse().unwrap(),
            reason: "laws".to_owned(),
            in_force_from: Timestamp::UNIX_EPOCH,
        }),
    }
}

#[derive(Debug, Clone)]
enum Happens {
    Reading {
        systolic: i32,
        pulse: i32,
        minutes_ago: i64,
    },
    Take {
        alert: u32,
        by: u8,
    },
    Close {
        alert: u32,
        by: u8,
    },
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        4 => (60..220, 30..160, 0..600_i64)
            .prop_map(|(systolic, pulse, minutes_ago)| Happens::Reading { systolic, pulse, minutes_ago }),
        1 => (1..6_u32, 0..3_u8).prop_map(|(alert, by)| Happens::Take { alert, by }),
        1 => (1..6_u32, 0..3_u8).prop_map(|(alert, by)| Happens::Close { alert, by }),
    ]
}

fn event(happens: &Happens, number: usize, now: Timestamp) -> Event {
    let person = |by: &u8| format!("nurse-{by}").parse().unwrap();
    match happens {
        Happens::Reading {
            systolic,
            pulse,
            minutes_ago,
        } => Event::ReadingStored(ReadingStored {
            id: format!("{number:032x}").parse().unwrap(),
            values: vec![
                (VitalSign::Systolic, Decimal::whole(*systolic)),
                (VitalSign::Pulse, Decimal::whole(*pulse)),
            ],
            quality: Vec::new(),
            measured_at: Timestamp::from_second(now.as_second() - minutes_ago * 60).unwrap(),
            received_at: now,
            device: None,
            user: None,
            registered_user: None,
            drill: false,
        }),
        Happens::Take { alert, by } => Event::AlertTaken {
            alert: AlertNumber(*alert),
            by: person(by),
        },
        Happens::Close { alert, by } => Event::AlertClosed {
            alert: AlertNumber(*alert),
            by: person(by),
            outcome: Outcome::AdviceGiven,
            note: String::new(),
        },
    }
}

/// Checks what must hold between a case and the case after one more event.
fn check_laws(before: &Case, decisions: &[Decision], after: &Case) {
    for alert in before.open_alerts() {
        match after.alert(alert.number) {
            Some(later) => assert!(later.priority >= alert.priority, "priority fell while the alert was open"),
            None => assert!(
                decisions.iter().any(|it| matches!(it, Decision::Close { alert: closed, .. } if *closed == alert.number)),
                "an alert went away without being closed"
            ),
        }
    }
    let mut numbers: Vec<_> = after.open_alerts().map(|alert| alert.number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(
        numbers.len(),
        after.open_alerts().count(),
        "two open alerts share a number"
    );
    assert!(
        numbers.iter().all(|number| *number < after.next_alert()),
        "a number could be given twice"
    );
    assert!(
        after
            .open_alerts()
            .all(|alert| !after.who_answers(alert).as_str().is_empty())
    );
}

proptest! {
    #[test]
    fn laws_hold_and_replay_equals_live(history in proptest::collection::vec(happens(), 1..120)) {
        let begun = Timestamp::from_second(1_800_000_000).unwrap();
        let mut case = step(None, &start(), begun).unwrap().case;
        let mut journal = Vec::new();
        for (number, happens) in history.iter().enumerate() {
            let now = Timestamp::from_second(begun.as_second() + 60 * i64::try_from(number).unwrap()).unwrap();
            let event = event(happens, number, now);
            let Ok(done) = step(Some(case.clone()), &event, now) else { continue };
            check_laws(&case, &done.decisions, &done.case);
            journal.push((serde_json::to_string(&event).unwrap(), serde_json::to_string(&done.decisions).unwrap(), now));
            case = done.case;
        }

        let mut replayed = step(None, &start(), begun).unwrap().case;
        for (event, decisions, at) in &journal {
            let event: Event = serde_json::from_str(event).unwrap();
            let done = step(Some(replayed), &event, *at).unwrap();
            prop_assert_eq!(&serde_json::to_string(&done.decisions).unwrap(), decisions);
            replayed = done.case;
        }
        prop_assert_eq!(&replayed, &case);

        let restored: Case = serde_json::from_str(&serde_json::to_string(&case).unwrap()).unwrap();
        prop_assert_eq!(restored, case);
    }
}

#[test]
fn nothing_happens_before_monitoring_starts_and_it_starts_once() {
    let now = Timestamp::UNIX_EPOCH;
    let taken = Event::AlertTaken {
        alert: AlertNumber::FIRST,
        by: "nurse-ann".parse().unwrap(),
    };
    assert!(
        step(None, &taken, now)
            .unwrap_err()
            .to_string()
            .contains("not being monitored")
    );
    let case = step(None, &start(), now).unwrap().case;
    assert!(
        step(Some(case), &start(), now)
            .unwrap_err()
            .to_string()
            .contains("already being monitored")
    );
}
