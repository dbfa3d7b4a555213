//! Back-tests of small histories, made by hand.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use vitals::Decimal;

use super::*;
use crate::alert::{AlertNumber, Outcome, Priority, Problem};
use crate::event::ReadingStored;
use crate::limits::Limits;
use crate::plan::{Care, Confirmation, PlanVersion};
use crate::schedule::{Due, Measured, Schedule};
use crate::sign::VitalSign;
use crate::silence::{Cause, Finding, Route};
use crate::timeline::Timeline;

pub(super) fn at(text: &str) -> Timestamp {
    format!("2026-{text}:00Z").parse().unwrap()
}

/// A plan that finds systolic pressures soon from `soon` on, and urgent from 180.
pub(super) fn plan(soon: i32) -> Plan {
    let whole = |value| Some(Decimal::whole(value));
    let limits = Limits::new(None, None, whole(soon), whole(180)).unwrap();
    Plan {
        version: PlanVersion(1),
        limits: BTreeMap::from([(VitalSign::Systolic, limits)]),
        care: Care::default(),
        set_by: "dr-bell".parse().unwrap(),
        reason: "back-test".to_owned(),
        patient_view: None,
        in_force_from: Timestamp::UNIX_EPOCH,
    }
}

fn confirmed(soon: i32) -> Plan {
    let confirmation = Confirmation {
        soon_minutes: Some(24 * 60),
        urgent_minutes: Some(15),
        at_once_low: None,
        at_once_high: None,
        source: "back-test".to_owned(),
    };
    let confirmation = BTreeMap::from([(VitalSign::Systolic, confirmation)]);
    Plan {
        care: Care {
            confirmation,
            ..Care::default()
        },
        ..plan(soon)
    }
}

/// A live history, as it is written down.
pub(super) struct Live {
    timeline: Timeline,
    journal: Vec<(Timestamp, Event, Vec<Decision>)>,
}

impl Live {
    pub(super) fn begin(plan: Plan, text: &str) -> Self {
        let mut live = Self {
            timeline: Timeline::new(None),
            journal: Vec::new(),
        };
        let coordinator = "nurse-ann".parse().unwrap();
        let plan = Box::new(plan);
        live.happen(&Event::MonitoringStarted { coordinator, plan }, text);
        live
    }

    pub(super) fn happen(&mut self, event: &Event, text: &str) {
        let journal = &mut self.journal;
        let mut write = |at, event: &Event, decisions: &[Decision], _: &Case| {
            journal.push((at, event.clone(), decisions.to_vec()));
        };
        self.timeline.happen(event, at(text), &mut write).unwrap();
    }

    pub(super) fn systolic(&mut self, value: i32, text: &str) {
        let reading = ReadingStored {
            id: format!("{:032x}", self.journal.len()).parse().unwrap(),
            values: vec![(VitalSign::Systolic, Decimal::whole(value))],
            quality: Vec::new(),
            measured_at: at(text),
            received_at: at(text),
            device: None,
            user: None,
            registered_user: None,
            clock: None,
            drill: false,
        };
        self.happen(&Event::ReadingStored(reading), text);
    }

    fn take(&mut self, alert: u32, text: &str) {
        let (alert, by) = (AlertNumber(alert), "nurse-ann".parse().unwrap());
        self.happen(
            &Event::AlertTaken {
                alert,
                by,
                instead_of: None,
            },
            text,
        );
    }

    fn close(&mut self, alert: u32, outcome: Outcome, text: &str) {
        let (alert, by) = (AlertNumber(alert), "nurse-ann".parse().unwrap());
        let note = String::new();
        let closed = Event::AlertClosed {
            alert,
            by,
            outcome,
            note,
            duplicate_of: None,
        };
        self.happen(&closed, text);
    }

    pub(super) fn test(&self, proposed: &Plan, from: &str, to: &str) -> BackTest {
        let rows = self.journal.iter().map(|(at, event, decisions)| Row {
            at: *at,
            event,
            decisions,
        });
        backtest(rows, proposed, at(from), at(to))
    }
}

/// Two alerts: one that needed somebody, and one that did not.
fn two_alerts() -> Live {
    let mut live = Live::begin(plan(150), "11-01T08:00");
    live.systolic(165, "11-03T08:00");
    live.take(1, "11-03T09:00");
    live.close(1, Outcome::Referred, "11-03T10:00");
    live.systolic(152, "11-05T08:00");
    live.take(2, "11-05T09:00");
    live.close(2, Outcome::LimitsNeedChanging, "11-05T10:00");
    live
}

#[test]
fn a_loosened_plan_misses_what_people_acted_on_and_nothing_else() {
    let test = two_alerts().test(&plan(170), "11-01T00:00", "11-08T00:00");
    assert_eq!((test.proposed.len(), test.in_force.len()), (0, 2));
    assert!(test.is_as_live());
    let missed: Vec<_> = test.missed.iter().map(|it| it.alert.0).collect();
    assert_eq!(missed, [1]);
    assert_eq!(test.new, []);
    assert_eq!(
        test.sentence(),
        "0 alerts instead of 2; would have missed this one: blood pressure on 2026-11-03 \
         (soon; Referred to GP, 111 or 999)."
    );
    let test = two_alerts().test(&plan(160), "11-01T00:00", "11-08T00:00");
    assert_eq!(
        test.sentence(),
        "1 alert instead of 2; would not have missed the one that people acted on."
    );
}

#[test]
fn a_tightened_plan_adds_alerts_that_end_when_they_clear() {
    let mut live = Live::begin(plan(150), "11-01T08:00");
    live.systolic(140, "11-02T08:00");
    live.systolic(128, "11-02T20:00");
    live.systolic(141, "11-03T08:00");
    live.systolic(185, "11-03T20:00");
    live.take(1, "11-03T21:00");
    live.close(1, Outcome::MedicineChanged, "11-03T22:00");
    let test = live.test(&plan(135), "11-01T00:00", "11-08T00:00");
    assert_eq!(test.load_in_force.alerts, 1);
    // The second is open already when the live one is raised: it is found, and found earlier.
    let opened: Vec<_> = test.proposed.iter().map(|it| it.opened_at).collect();
    assert_eq!(opened, [at("11-02T08:00"), at("11-03T08:00")]);
    assert_eq!(test.proposed[0].ended_at, Some(at("11-02T20:00")));
    assert_eq!(test.proposed[1].ended_at, Some(at("11-03T22:00")));
    assert_eq!(
        (test.load_proposed.soon, test.load_proposed.urgent),
        (1, 1),
        "an alert counts by the worst that it became"
    );
    assert_eq!(test.new.len(), 1);
    assert_eq!((test.missed.len(), test.later.len()), (0, 0));
}

#[test]
fn the_plan_in_force_gives_what_was_live() {
    let live = two_alerts();
    let test = live.test(&plan(150), "11-01T00:00", "11-08T00:00");
    assert!(test.is_as_live());
    assert_eq!(test.proposed, test.live);
    assert_eq!((&test.missed, &test.new), (&vec![], &vec![]));
}

#[test]
fn what_was_before_feeds_the_memory_and_does_not_count() {
    let live = two_alerts();
    let test = live.test(&plan(170), "11-04T00:00", "11-08T00:00");
    assert_eq!(test.live.len(), 1);
    assert_eq!(test.acted_on_len(), 0);
    assert_eq!(
        test.sentence(),
        "0 alerts instead of 1; nobody acted on an alert in this time."
    );
    // Long before: nothing happened then, and nothing is found.
    let before = live.test(&plan(100), "09-01T00:00", "10-01T00:00");
    assert_eq!((before.live.len(), before.proposed.len()), (0, 0));
}

#[test]
fn how_an_alert_ended_after_the_time_counts() {
    let mut live = Live::begin(plan(150), "11-01T08:00");
    live.systolic(165, "11-03T08:00");
    live.take(1, "11-09T09:00");
    live.close(1, Outcome::VisitBooked, "11-09T10:00");
    live.systolic(165, "11-10T08:00");
    let test = live.test(&plan(170), "11-01T00:00", "11-08T00:00");
    assert_eq!(test.missed.len(), 1);
    assert_eq!(test.live.len(), 1, "the alert after it does not count");
}

#[test]
fn a_plan_that_waits_for_a_repeat_finds_it_later() {
    let mut live = Live::begin(plan(150), "11-01T08:00");
    live.systolic(165, "11-03T08:00");
    live.take(1, "11-03T09:00");
    live.systolic(166, "11-03T20:00");
    live.close(1, Outcome::AdviceGiven, "11-04T10:00");
    let test = live.test(&confirmed(150), "11-01T00:00", "11-08T00:00");
    assert_eq!((test.missed.len(), test.new.len()), (0, 0));
    assert_eq!(test.later.len(), 1);
    assert_eq!(test.later[0].opened_at, at("11-03T20:00"));
    assert_eq!(test.later[0].priority, Priority::Soon);
    // Nobody held the run's alert, for it was taken before it was raised: closing closes it all the same.
    assert_eq!(test.proposed[0].ended_at, Some(at("11-04T10:00")));
    assert_eq!(test.load_proposed.repeats, 1);
    assert_eq!(test.load_in_force.repeats, 0);
}

#[test]
fn a_deadline_that_only_the_run_has_passes_when_it_is_due() {
    let mut live = Live::begin(plan(150), "11-01T08:00");
    live.systolic(165, "11-03T08:00");
    live.take(1, "11-06T09:00");
    live.close(1, Outcome::AdviceGiven, "11-06T10:00");
    let test = live.test(&confirmed(150), "11-01T00:00", "11-08T00:00");
    // A day without a repeat: silence does not cancel.
    assert_eq!(test.proposed[0].opened_at, at("11-04T08:00"));
    assert_eq!(test.later.len(), 1);
}

#[test]
fn the_alert_that_was_reopened_is_reopened() {
    let mut live = two_alerts();
    let (alert, by) = (AlertNumber::FIRST, "nurse-ann".parse().unwrap());
    let reason = "the referral was refused".to_owned();
    let reopened = Event::AlertReopened { alert, by, reason };
    live.happen(&reopened, "11-06T08:00");
    let ended =
        |test: &BackTest| -> Vec<_> { test.proposed.iter().map(|it| it.ended_at).collect() };
    let test = live.test(&plan(150), "11-01T00:00", "11-08T00:00");
    assert_eq!(ended(&test), [None, Some(at("11-05T10:00"))]);
    // The plan would have raised the other one alone, and it is not reopened twice.
    live.close(1, Outcome::AdviceGiven, "11-06T09:00");
    let test = live.test(&plan(160), "11-01T00:00", "11-08T00:00");
    assert_eq!(ended(&test), [Some(at("11-06T09:00"))]);
    assert_eq!(test.missed, []);
}

fn weighed_daily(grace_minutes: u32, check_after: u8) -> Plan {
    let text = format!(
        r#"{{"expected":[{{"what":"weight","every":"daily","windows":["06:00-10:00"],
        "grace_minutes":{grace_minutes},"nudge_after":9,"check_after":{check_after},"source":"back-test"}}]}}"#
    );
    let schedule: Schedule = serde_json::from_str(&text).unwrap();
    Plan {
        care: Care {
            schedule,
            ..Care::default()
        },
        ..plan(150)
    }
}

/// A history in which one window closed, its gateway being off.
fn a_dark_morning() -> Live {
    let mut live = Live::begin(weighed_daily(60, 9), "11-01T08:00");
    let due = Due {
        what: Measured::Weight,
        opens: at("11-02T06:00"),
        closes: at("11-02T10:00"),
        due_at: at("11-02T11:00"),
    };
    let finding = Finding {
        cause: Cause::GatewayOff,
        clues: Vec::new(),
        route: Route::InstallerJob,
        check_patient: false,
    };
    let closed = Event::WindowClosed { due, finding };
    // A few seconds late, as a server is: `happen` would fire the deadline itself first.
    let at = at("11-02T11:00") + SignedDuration::from_secs(7);
    let journal = &mut live.journal;
    let mut write = |at, event: &Event, decisions: &[Decision], _: &Case| {
        journal.push((at, event.clone(), decisions.to_vec()));
    };
    live.timeline.decide(&closed, at, &mut write).unwrap();
    live
}

#[test]
fn the_finding_of_the_same_window_is_used_again() {
    let live = a_dark_morning();
    let problems = |test: &BackTest| -> Vec<_> {
        let all = test.proposed.iter();
        all.map(|it| (it.problem, it.opened_at)).collect()
    };
    let until = "11-02T18:00";
    let kit = (
        Problem::Kit,
        at("11-02T11:00") + SignedDuration::from_secs(7),
    );
    let test = live.test(&weighed_daily(60, 9), "11-01T00:00", until);
    assert_eq!(problems(&test), [kit]);
    assert!(test.is_as_live());
    // A longer grace: the same finding, when that is over.
    let test = live.test(&weighed_daily(240, 9), "11-01T00:00", until);
    assert_eq!(problems(&test), [(Problem::Kit, at("11-02T14:00"))]);
    // A nurse is asked at the first missed window: the kit's fault, and somebody sees that the patient is well.
    let test = live.test(&weighed_daily(60, 1), "11-01T00:00", until);
    assert_eq!(problems(&test), [kit, (Problem::Silence, kit.1)]);
    // Another window: nothing is known of it.
    let mut other = weighed_daily(60, 1);
    other.care.schedule.expected[0].windows = vec!["07:00-09:00".parse().unwrap()];
    let test = live.test(&other, "11-01T00:00", until);
    let silence = (Problem::Silence, at("11-02T10:00"));
    assert_eq!(problems(&test).last(), Some(&silence));
}

#[test]
fn a_count_is_given_by_the_week() {
    let week = |count, to| per_week(count, at("11-01T00:00"), at(to)).map(|it| it.plain());
    assert_eq!(week(41, "11-15T00:00").as_deref(), Some("20.5"));
    assert_eq!(week(1, "11-22T00:00").as_deref(), Some("0.3"));
    assert_eq!(week(1, "11-01T00:00"), None);
    assert_eq!(week(1, "10-01T00:00"), None);
}

#[test]
fn a_team_is_the_sum_and_names_those_for_whom_most_changes() {
    let (from, to) = ("11-01T00:00", "11-08T00:00");
    let mut team = TeamBackTest::new(at(from), at(to));
    let quiet = Live::begin(plan(150), "11-01T08:00");
    for number in 0..12_u32 {
        let live = if number == 7 { &two_alerts() } else { &quiet };
        let patient = format!("patient-{number:02}").parse().unwrap();
        team.add(&patient, live.test(&plan(170), from, to));
    }
    assert_eq!(
        (team.patients_len, team.missed_len, team.acted_on_len),
        (12, 1, 1)
    );
    assert_eq!(
        (team.load_in_force.alerts, team.load_proposed.alerts),
        (2, 0)
    );
    assert_eq!(team.top.len(), 1);
    assert_eq!(team.top[0].patient.as_str(), "patient-07");
    assert_eq!(
        team.sentence(),
        "0 alerts instead of 2; would have missed this one: patient-07: blood pressure on 2026-11-03 \
         (soon; Referred to GP, 111 or 999)."
    );
    for number in 20..40_u32 {
        let patient = format!("patient-{number:02}").parse().unwrap();
        team.add(&patient, two_alerts().test(&plan(170), from, to));
    }
    assert_eq!(team.top.len(), TOP_LEN);
    assert!(
        team.sentence().ends_with("; and 16 more."),
        "{}",
        team.sentence()
    );
}
