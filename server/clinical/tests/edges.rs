//! Edges of the core that random walks have found, each as short as it can be.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use clinical::plan::{Care, Escalation};
use clinical::silence::{Cause, Finding, Route};
use clinical::{
    AlertNumber, Case, Decision, Event, Outcome, Ownership, Plan, PlanVersion, Priority, Problem,
    ReadingStored, VitalSign, step,
};
use jiff::Timestamp;

/// A day without a window that closes while a test runs.
fn at(time: &str) -> Timestamp {
    format!("2026-06-03T{time}:00Z").parse().unwrap()
}

fn plan() -> Plan {
    serde_json::from_str(include_str!("walk/plan.json")).unwrap()
}

fn start(plan: Plan) -> Case {
    let coordinator = "ann".parse().unwrap();
    let plan = Box::new(plan);
    let event = Event::MonitoringStarted { coordinator, plan };
    step(None, &event, at("07:00")).unwrap().case
}

fn happen(case: Case, event: &Event, time: &str) -> (Case, Vec<Decision>) {
    let done = step(Some(case), event, at(time)).unwrap();
    (done.case, done.decisions)
}

fn measured(sign: VitalSign, value: &str, time: &str) -> Event {
    Event::ReadingStored(ReadingStored {
        id: format!("{:032x}", at(time).as_second()).parse().unwrap(),
        values: vec![(sign, value.parse().unwrap())],
        quality: Vec::new(),
        measured_at: at(time),
        received_at: at(time),
        device: None,
        user: None,
        registered_user: None,
        clock: None,
        drill: false,
    })
}

fn next_plan(case: &Case, change: impl FnOnce(&mut Care)) -> Event {
    let mut plan = case.plan().clone();
    plan.version = PlanVersion(plan.version.0 + 1);
    change(&mut plan.care);
    Event::PlanInForce {
        plan: Box::new(plan),
    }
}

fn taken(by: &str) -> Event {
    Event::AlertTaken {
        alert: AlertNumber::FIRST,
        by: by.parse().unwrap(),
        instead_of: None,
    }
}

/// An alert for an oxygen value at which nobody waits for a repeat.
fn with_alert(plan: Plan) -> Case {
    let low = measured(VitalSign::Spo2, "84", "08:00");
    let (case, _) = happen(start(plan), &low, "08:00");
    assert_eq!(case.open_alerts().count(), 1);
    case
}

/// Gives when somebody must act on the first alert, in minutes after eight.
fn minutes_after_eight(case: &Case) -> Option<i64> {
    let respond_by = case.alert(AlertNumber::FIRST).unwrap().respond_by?;
    Some(respond_by.duration_since(at("08:00")).as_mins())
}

/// A window that a caller closes before its time is not missed: its grace is not over.
#[test]
fn a_window_is_not_over_before_its_time() {
    let case = start(plan());
    let due = *case.expected().next().unwrap();
    let finding = Finding {
        cause: Cause::PatientSkipped,
        clues: Vec::new(),
        route: Route::SafeAndWell,
        check_patient: false,
    };
    let closed = Event::WindowClosed { due, finding };
    let (after, decisions) = happen(case.clone(), &closed, "09:00");
    assert_eq!(decisions, []);
    assert_eq!(after, case);
}

/// An alert that was raised when no plan said how soon to act gets a time from the first plan that says so.
#[test]
fn a_plan_gives_a_time_to_alerts_that_have_none() {
    let mut without = plan();
    without.care.escalation = Escalation::default();
    let case = with_alert(without);
    assert_eq!(minutes_after_eight(&case), None);
    let (case, _) = happen(case, &taken("ann"), "08:05");
    let with = next_plan(&case, |care| care.escalation = plan().care.escalation);
    let (case, _) = happen(case, &with, "08:10");
    assert_eq!(minutes_after_eight(&case), Some(10 + 30));
}

/// A plan of no minutes asks for what cannot be: a deadline that fires must move on, or it would fire for ever.
#[test]
fn a_deadline_moves_on_under_a_plan_of_no_minutes() {
    let mut hasty = plan();
    let urgent = hasty.care.escalation.0.get_mut(&Priority::Urgent).unwrap();
    (urgent.take_minutes, urgent.step_minutes) = (0, 0);
    let case = with_alert(hasty);
    assert_eq!(minutes_after_eight(&case), Some(1));
    let (due_at, what) = case.next_deadline().unwrap();
    let (case, _) = happen(case, &Event::DeadlinePassed { what, due_at }, "08:20");
    assert_eq!(minutes_after_eight(&case), Some(20 + 1));
}

/// An alert that becomes worse was due soon already: it gets no more time than before.
#[test]
fn a_worse_alert_gets_no_more_time() {
    let mut at_once = plan();
    at_once.care.confirmation.clear();
    let soon = at_once.care.escalation.0.get_mut(&Priority::Soon).unwrap();
    soon.clock = clinical::plan::Clock::Always;
    let low = measured(VitalSign::Spo2, "91", "08:00");
    let (case, _) = happen(start(at_once), &low, "08:00");
    assert_eq!(minutes_after_eight(&case), Some(60));
    let lower = measured(VitalSign::Spo2, "89", "08:55");
    let (case, _) = happen(case, &lower, "08:55");
    let alert = case.alert_of(Problem::Oxygen).unwrap();
    assert_eq!(alert.priority, Priority::Urgent);
    assert_eq!(minutes_after_eight(&case), Some(60));
}

/// A mild value that came out of order does not use up an urgent one that waits for its repeat.
#[test]
fn a_mild_value_out_of_order_does_not_end_an_urgent_suspicion() {
    let mut plan = plan();
    plan.care.rules.clear();
    plan.care.lateness.as_mut().unwrap().urgent_becomes = Priority::Check;
    let oxygen = plan.care.confirmation.get_mut(&VitalSign::Spo2).unwrap();
    oxygen.soon_minutes = None;
    let case = start(plan);
    let late = measured(VitalSign::Spo2, "88", "07:00");
    let (case, _) = happen(case, &late, "10:00");
    assert_eq!(
        case.alert_of(Problem::Oxygen).unwrap().priority,
        Priority::Check
    );
    let urgent = measured(VitalSign::Spo2, "89", "10:00");
    let (case, _) = happen(case, &urgent, "10:00");
    let mild = measured(VitalSign::Spo2, "91", "09:58");
    let (case, _) = happen(case, &mild, "10:01");
    assert_eq!(
        case.alert_of(Problem::Oxygen).unwrap().priority,
        Priority::Urgent
    );
}

/// Where the plan does not say for how long, an alert is put aside until a time that has not passed, and not for ever.
#[test]
fn an_alert_is_put_aside_for_a_while_whatever_the_plan_says() {
    let mut without = plan();
    without.care.escalation = Escalation::default();
    let (case, _) = happen(with_alert(without), &taken("ann"), "08:05");
    let snooze = |until: Timestamp| Event::AlertSnoozed {
        alert: AlertNumber::FIRST,
        by: "ann".parse().unwrap(),
        until,
        until_reading: false,
        reason: "asleep".to_owned(),
    };
    let refused = |until| step(Some(case.clone()), &snooze(until), at("08:10")).unwrap_err();
    assert!(refused(at("08:10")).to_string().contains("has passed"));
    let next_year = "2027-06-03T08:00:00Z".parse().unwrap();
    assert!(refused(next_year).to_string().contains("earlier time"));
    assert!(step(Some(case.clone()), &snooze(at("09:00")), at("08:10")).is_ok());
}

/// An alert that sleeps until the next reading comes back with one of its own vital sign, though it is inside the limits; one
/// of another sign, or one that is no reading of now, leaves it asleep.
#[test]
fn the_next_reading_brings_back_what_sleeps_until_then() {
    let (case, _) = happen(with_alert(plan()), &taken("ann"), "08:05");
    let snoozed = |until_reading| Event::AlertSnoozed {
        alert: AlertNumber::FIRST,
        by: "ann".parse().unwrap(),
        until: at("08:35"),
        until_reading,
        reason: "she measures again".to_owned(),
    };
    let is_new = |case: &Case| {
        let alert = case.alert(AlertNumber::FIRST).unwrap();
        alert.ownership == Ownership::New
    };
    let weight = measured(VitalSign::Weight, "80", "08:12");
    let inside = measured(VitalSign::Spo2, "97", "08:14");
    for (until_reading, wakes) in [(false, false), (true, true)] {
        let (case, _) = happen(case.clone(), &snoozed(until_reading), "08:10");
        let (case, _) = happen(case, &weight, "08:12");
        assert!(!is_new(&case), "another sign says nothing of it");
        let (case, _) = happen(case, &inside, "08:14");
        assert_eq!(is_new(&case), wakes);
        let alert = case.alert(AlertNumber::FIRST).unwrap();
        assert_eq!(alert.came_back_at, wakes.then(|| at("08:14")));
    }
}

/// Whoever accepts an alert has taken it, so that it comes down from the chain that it had gone up.
#[test]
fn an_accepted_offer_is_a_taking() {
    let (case, _) = happen(with_alert(plan()), &taken("ann"), "08:05");
    let (due_at, what) = case.next_deadline().unwrap();
    let (case, _) = happen(case, &Event::DeadlinePassed { what, due_at }, "08:40");
    let (alert, by, to) = (
        AlertNumber::FIRST,
        "ann".parse().unwrap(),
        "bo".parse().unwrap(),
    );
    let (case, _) = happen(case, &Event::AlertOffered { alert, by, to }, "08:41");
    assert!(case.alert(alert).unwrap().is_overdue());
    let answered = Event::OfferAnswered {
        alert,
        by: "bo".parse().unwrap(),
        accepted: true,
    };
    let (case, _) = happen(case, &answered, "08:42");
    let after = case.alert(alert).unwrap();
    assert_eq!(after.ownership.holder().unwrap().as_str(), "bo");
    assert!(!after.is_overdue());
    assert_eq!(minutes_after_eight(&case), Some(42 + 30));
}

/// A rule that a reading out of order completes is no repeat of that reading: the urgent value goes on waiting for its own.
#[test]
fn a_rule_that_is_completed_is_no_repeat() {
    let mut plan = plan();
    let high = r#"{"id": "high-4-of-6", "priority": "soon", "source": "test", "rule": "n_of_m", "sign": "systolic",
        "side": "high", "limit": "160", "n": 4, "m": 6, "within_days": 3}"#;
    plan.care.rules = vec![serde_json::from_str(high).unwrap()];
    let urgent_only = serde_json::from_str(r#"{"urgent_high": "180"}"#).unwrap();
    plan.limits.insert(VitalSign::Systolic, urgent_only);
    let mut case = start(plan);
    for (value, time) in [("165", "08:00"), ("185", "08:10"), ("190", "08:11")] {
        (case, _) = happen(case, &measured(VitalSign::Systolic, value, time), time);
    }
    let (case, _) = happen(case, &taken("ann"), "08:12");
    let closed = Event::AlertClosed {
        alert: AlertNumber::FIRST,
        by: "ann".parse().unwrap(),
        outcome: Outcome::AdviceGiven,
        note: String::new(),
        duplicate_of: None,
    };
    let (case, _) = happen(case, &closed, "08:13");
    let older = measured(VitalSign::Systolic, "186", "08:05");
    let (case, _) = happen(case, &older, "08:14");
    let (due_at, what) = case.next_deadline().unwrap();
    assert_eq!(due_at, at("08:29"));
    let (case, _) = happen(case, &Event::DeadlinePassed { what, due_at }, "08:29");
    let alert = case.alert_of(Problem::BloodPressure).unwrap();
    assert_eq!(alert.priority, Priority::Urgent);
}
