//! Cases that a clinician can read: a plan, what happens, and the decisions that must follow.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;

use clinical::plan::Care;
use clinical::telling::tell;
use clinical::{
    AlertNumber, AttemptStored, Case, Event, Limits, Outcome, Plan, PlanVersion, ReadingStored,
    Step, VitalSign, step,
};
use jiff::Timestamp;
use serde::Deserialize;
use vitals::{Decimal, ReadingId};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    title: String,
    source: String,
    plan: BTreeMap<VitalSign, Limits>,
    steps: Vec<CaseStep>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseStep {
    at: Timestamp,
    #[serde(flatten)]
    happens: Happens,
    expect: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Happens {
    Measured(BTreeMap<VitalSign, Decimal>),
    /// A reading from a device's memory: measured at the time given, stored at the step's time.
    Remembered {
        measured_at: Timestamp,
        values: BTreeMap<VitalSign, Decimal>,
    },
    Failed(vitals::AttemptReason),
    Takes {
        alert: u32,
        by: clinical::PersonId,
    },
    Closes {
        alert: u32,
        by: clinical::PersonId,
        outcome: Outcome,
    },
    NewLimits(BTreeMap<VitalSign, Limits>),
    NewCoordinator(clinical::PersonId),
}

#[test]
fn every_case_is_decided_as_written() {
    let mut files: Vec<_> = std::fs::read_dir("tests/cases")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty());
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let case: CaseFile = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert!(
            !case.source.is_empty(),
            "{}: a case names its source",
            file.display()
        );
        run(&case);
    }
}

fn run(file: &CaseFile) {
    let start = Event::MonitoringStarted {
        coordinator: "nurse-ann".parse().unwrap(),
        plan: Box::new(plan(PlanVersion(1), file.plan.clone())),
    };
    let first = file.steps[0].at;
    let mut case = step(None, &start, first).unwrap().case;
    for (number, case_step) in file.steps.iter().enumerate() {
        let event = event_of(case_step, number, &case);
        let said = match step(Some(case.clone()), &event, case_step.at) {
            Ok(Step {
                decisions,
                case: after,
            }) => {
                let said = decisions
                    .iter()
                    .filter_map(|decision| tell(decision, &case))
                    .collect();
                case = after;
                said
            }
            Err(refusal) => vec![format!("refused: {refusal}")],
        };
        assert_eq!(said, case_step.expect, "{} at {}", file.title, case_step.at);
    }
}

fn plan(version: PlanVersion, limits: BTreeMap<VitalSign, Limits>) -> Plan {
    Plan {
        version,
        limits,
        care: Care::default(),
        patient_view: None,
        set_by: "dr-bell".parse().unwrap(),
        reason: "case".to_owned(),
        in_force_from: Timestamp::UNIX_EPOCH,
    }
}

fn event_of(case_step: &CaseStep, number: usize, case: &Case) -> Event {
    let reading = |measured_at: Timestamp, values: &BTreeMap<VitalSign, Decimal>| {
        Event::ReadingStored(ReadingStored {
            id: id(number),
            values: values.iter().map(|(sign, value)| (*sign, *value)).collect(),
            quality: Vec::new(),
            measured_at,
            received_at: case_step.at,
            device: None,
            user: None,
            registered_user: None,
            drill: false,
        })
    };
    match &case_step.happens {
        Happens::Measured(values) => reading(case_step.at, values),
        Happens::Remembered {
            measured_at,
            values,
        } => reading(*measured_at, values),
        Happens::Failed(reason) => Event::AttemptStored(AttemptStored {
            id: id(number),
            reason: *reason,
            quality: Vec::new(),
            measured_at: case_step.at,
            device: None,
            user: None,
            what: None,
        }),
        Happens::Takes { alert, by } => Event::AlertTaken {
            alert: AlertNumber(*alert),
            by: by.clone(),
        },
        Happens::Closes { alert, by, outcome } => Event::AlertClosed {
            alert: AlertNumber(*alert),
            by: by.clone(),
            outcome: *outcome,
            note: String::new(),
        },
        Happens::NewLimits(limits) => Event::PlanInForce {
            plan: Box::new(plan(PlanVersion(case.plan().version.0 + 1), limits.clone())),
        },
        Happens::NewCoordinator(person) => Event::CoordinatorAssigned {
            coordinator: person.clone(),
        },
    }
}

fn id(number: usize) -> ReadingId {
    format!("{number:032x}").parse().unwrap()
}
