//! Laws that are broken on purpose: each of them can fail, and says which it is.

use clinical::{AlertNumber, Case, Decision, Event, PlanVersion, ReadingStored, VitalSign, step};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use vitals::Decimal;

use super::claims::a_decision_says_what_is_so;
use super::laws::{self, Seen};
use super::ledger::Ledger;
use super::plans;
use super::team::person;
use super::truth::{Belief, Truth};

/// A patient with an urgent alert of blood pressure, and one more reading.
struct Scene {
    before: Case,
    event: Event,
    decisions: Vec<Decision>,
    after: Case,
    now: Timestamp,
}

fn at(minutes: i64) -> Timestamp {
    let nine: Timestamp = "2026-06-01T09:00:00Z".parse().unwrap();
    nine + SignedDuration::from_mins(minutes)
}

fn pressure(number: u64, systolic: i32, now: Timestamp) -> ReadingStored {
    ReadingStored {
        id: format!("{number:032x}").parse().unwrap(),
        values: vec![
            (VitalSign::Systolic, Decimal::whole(systolic)),
            (VitalSign::Diastolic, Decimal::whole(80)),
        ],
        quality: Vec::new(),
        measured_at: now,
        received_at: now,
        device: None,
        user: None,
        registered_user: None,
        clock: None,
        drill: false,
    }
}

impl Scene {
    fn new() -> Self {
        let plan = Box::new(plans::plan(PlanVersion(1), [0; 4], at(0)));
        let coordinator = person(0);
        let start = Event::MonitoringStarted { coordinator, plan };
        let mut case = step(None, &start, at(0)).unwrap().case;
        for (number, minute) in [(1, 1), (2, 3)] {
            let reading = Event::ReadingStored(pressure(number, 190, at(minute)));
            case = step(Some(case), &reading, at(minute)).unwrap().case;
        }
        let event = Event::ReadingStored(pressure(3, 191, at(5)));
        let done = step(Some(case.clone()), &event, at(5)).unwrap();
        Self {
            before: case,
            event,
            decisions: done.decisions,
            after: done.case,
            now: at(5),
        }
    }

    /// Writes another case after the event.
    fn after(mut self, change: impl FnOnce(&mut Value)) -> Self {
        self.after = changed(&self.after, change);
        self
    }

    fn deciding(mut self, decisions: Value) -> Self {
        self.decisions = serde_json::from_value(decisions).unwrap();
        self
    }

    /// Gives the law that does not hold.
    fn broken(&self, belief: Belief, truth: &Truth) -> String {
        let seen = Seen {
            before: &self.before,
            event: &self.event,
            decisions: &self.decisions,
            after: &self.after,
            now: self.now,
        };
        let said = laws::hold(seen, Some(belief), truth).unwrap_err();
        said.split(':').next().unwrap().to_owned()
    }

    fn breaks(&self, law: &str) {
        assert_eq!(self.broken(Belief::Current, &Truth::default()), law);
    }
}

fn changed(case: &Case, change: impl FnOnce(&mut Value)) -> Case {
    let mut json = serde_json::to_value(case).unwrap();
    change(&mut json);
    serde_json::from_value(json).unwrap()
}

#[test]
fn an_unbroken_scene_breaks_no_law() {
    let it = Scene::new();
    let seen = Seen {
        before: &it.before,
        event: &it.event,
        decisions: &it.decisions,
        after: &it.after,
        now: it.now,
    };
    laws::hold(seen, Some(Belief::Current), &Truth::default()).unwrap();
}

#[test]
fn laws_of_open_alerts_can_fail() {
    Scene::new()
        .after(|it| it["open"]["blood_pressure"]["priority"] = json!("soon"))
        .breaks("priority never falls");
    Scene::new()
        .after(|it| it["open"] = json!({}))
        .breaks("an alert ends by a decision");
    Scene::new()
        .after(|it| {
            let twin = it["open"]["blood_pressure"].clone();
            it["closed"] = json!([{"alert": twin, "closed_at": "2026-06-01T09:05:00Z"}]);
        })
        .breaks("no number is given twice");
    Scene::new()
        .after(|it| it["next_alert"] = json!(1))
        .breaks("no number is given twice");
    Scene::new()
        .after(|it| {
            let alert = it["open"]["blood_pressure"].as_object_mut().unwrap();
            alert.remove("respond_by");
        })
        .breaks("somebody must act by a time");
}

#[test]
fn laws_of_time_can_fail() {
    Scene::new()
        .after(|it| {
            it["expecting"].as_object_mut().unwrap().remove("weight");
        })
        .breaks("what is scheduled is expected");
    let worsen = json!([{"decision": "worsen", "alert": 1, "to": "urgent",
        "respond_by": "2026-06-01T12:00:00Z"}]);
    Scene::new()
        .after(|it| it["open"]["blood_pressure"]["respond_by"] = json!("2026-06-01T12:00:00Z"))
        .deciding(worsen)
        .breaks("a worse alert gets no more time");
}

#[test]
fn laws_of_readings_can_fail() {
    let truth = Truth::default();
    let drill = Scene::new().deciding(json!([]));
    assert_eq!(
        drill.broken(Belief::Drill, &truth),
        "a drill changes nothing"
    );
    let scene = Scene::new();
    assert_eq!(scene.broken(Belief::Late, &truth), "believed alike");
    let late = json!([
        {"decision": "judge", "reading": "00000000000000000000000000000003", "plan": 1, "findings": [],
         "standing": {"is": "late"}},
        {"decision": "worsen", "alert": 1, "to": "urgent", "respond_by": "2026-06-01T09:06:00Z"},
    ]);
    let late = Scene::new().deciding(late);
    assert_eq!(
        late.broken(Belief::Late, &truth),
        "a late reading is never a now"
    );
}

#[test]
fn a_suspicion_that_another_reading_allays_breaks_a_law() {
    let mut scene = Scene::new();
    let oxygen = ReadingStored {
        values: vec![(VitalSign::Spo2, Decimal::whole(89))],
        ..pressure(4, 0, at(6))
    };
    let stored = Event::ReadingStored(oxygen);
    scene.before = step(Some(scene.after.clone()), &stored, at(6))
        .unwrap()
        .case;
    scene.after = scene.before.clone();
    scene
        .deciding(json!([{"decision": "end_suspicion", "problem": "oxygen", "confirmed": false}]))
        .breaks("a suspicion is allayed by its own repeat");
}

#[test]
fn laws_of_windows_can_fail() {
    let scene = Scene::new();
    let due = scene
        .before
        .expecting(clinical::Measured::Weight)
        .unwrap()
        .due;
    let truth = Truth::default();
    let met = Scene::new().deciding(json!([{"decision": "window_met", "what": "weight"}]));
    let law = "a window is missed when nothing was measured in it";
    assert_eq!(met.broken(Belief::Current, &truth), law);
    let mut heard = Truth::default();
    let weight = ReadingStored {
        values: vec![(VitalSign::Weight, Decimal::whole(80))],
        ..pressure(5, 0, due.opens)
    };
    heard.hear(scene.before.plan(), &weight, due.opens);
    let missed = json!([{"decision": "window_missed", "what": "weight", "missed": 1,
        "finding": {"cause": "patient_skipped", "clues": [], "route": "nobody", "check_patient": false}}]);
    let missed = Scene::new().deciding(missed);
    assert_eq!(missed.broken(Belief::Current, &heard), law);
}

#[test]
fn an_urgent_breach_that_vanishes_breaks_a_law() {
    let start = Scene::new().before;
    let forgotten = changed(&start, |it| it["open"] = json!({}));
    let mut truth = Truth::default();
    truth.hear(start.plan(), &pressure(1, 190, at(1)), at(1));
    truth
        .no_urgent_breach_vanishes(&start, true, at(60))
        .unwrap();
    let mut truth = Truth::default();
    truth.hear(start.plan(), &pressure(1, 190, at(1)), at(1));
    let said = truth.no_urgent_breach_vanishes(&forgotten, true, at(60));
    assert!(said.unwrap_err().starts_with("no urgent breach vanishes"));
}

#[test]
fn a_deadline_that_is_lost_or_doubled_breaks_a_law() {
    let scene = Scene::new();
    let mut ledger = Ledger::opened(&scene.before);
    for decision in &scene.decisions {
        ledger.enter(decision, &scene.after);
    }
    ledger.is_the_cases(&scene.after).unwrap();
    let lost = scene.after(|it| {
        it["open"]["blood_pressure"]["respond_by"] = json!("2026-06-02T09:00:00Z");
    });
    let said = ledger.is_the_cases(&lost.after).unwrap_err();
    assert!(said.starts_with("no deadline is lost or doubled"), "{said}");
}

#[test]
fn a_decision_that_says_what_is_not_so_breaks_a_law() {
    let scene = Scene::new();
    for (decision, law) in [
        (
            json!({"decision": "end_by_itself", "alert": 1}),
            "a decision says what is so",
        ),
        (json!({"decision": "resume"}), "a decision says what is so"),
        (
            json!({"decision": "drop_scheduled_plan"}),
            "a decision says what is so",
        ),
        (
            json!({"decision": "step_up", "alert": 1, "step": scene.before.alert(AlertNumber(1)).unwrap().step.next(),
                "respond_by": "2026-06-01T09:00:00Z"}),
            "a time given to people is not over",
        ),
    ] {
        let decision: Decision = serde_json::from_value(decision).unwrap();
        let said = a_decision_says_what_is_so(&scene.before, &decision, scene.now).unwrap_err();
        assert!(said.starts_with(law), "{said}");
    }
}

#[test]
fn laws_of_refusals_and_of_size_can_fail() {
    let scene = Scene::new();
    let said = laws::only_people_are_refused(&scene.event, "No.").unwrap_err();
    assert!(said.starts_with("only people are refused"));
    let long = "x".repeat(laws::CASE_LEN_MAX * 2);
    let said = laws::a_case_stays_small(&scene.after, &long).unwrap_err();
    assert!(said.starts_with("a case stays small"));
}
