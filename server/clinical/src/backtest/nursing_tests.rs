//! Back-tests of what nurses do: a reading struck out, and a patient who was discharged and is monitored again.

use super::tests::{Live, at, plan};
use super::*;
use crate::alert::Problem;
use crate::discharge::{Discharge, DischargeReason};
use crate::plan::PlanVersion;
use crate::strike::{Strike, StrikeReason};

#[test]
fn what_was_struck_out_speaks_for_nothing_from_then_on() {
    let mut live = Live::begin(plan(150), "11-01T08:00");
    live.systolic(145, "11-03T08:00");
    let strike = Strike {
        reading: format!("{:032x}", 1).parse().unwrap(),
        by: "nurse-ann".parse().unwrap(),
        reason: StrikeReason::AnotherPerson,
        note: String::new(),
    };
    live.happen(&Event::ReadingStruck(strike), "11-03T09:00");
    let test = live.test(&plan(140), "11-01T00:00", "11-08T00:00");
    let ends: Vec<_> = test.proposed.iter().map(|it| it.ended_at).collect();
    assert_eq!(ends, [Some(at("11-03T09:00"))]);
    assert_eq!(test.in_force, []);
}

#[test]
fn a_discharge_ends_what_only_the_proposed_plan_has_open() {
    let mut live = Live::begin(plan(150), "11-01T08:00");
    live.systolic(145, "11-03T08:00");
    let discharge = Discharge {
        by: "nurse-ann".parse().unwrap(),
        reason: DischargeReason::GoalsMet,
        note: String::new(),
    };
    live.happen(&Event::Discharged(discharge), "11-05T08:00");
    live.systolic(190, "11-06T08:00");
    let coordinator = "nurse-bo".parse().unwrap();
    let next = Box::new(Plan {
        version: PlanVersion(2),
        ..plan(150)
    });
    let again = Event::MonitoringStarted {
        coordinator,
        plan: next,
    };
    live.happen(&again, "11-07T08:00");
    live.systolic(145, "11-07T09:00");
    let test = live.test(&plan(140), "11-01T00:00", "11-08T00:00");
    let raised: Vec<_> = test
        .proposed
        .iter()
        .map(|it| (it.problem, it.opened_at))
        .collect();
    assert_eq!(
        raised,
        [
            (Problem::BloodPressure, at("11-03T08:00")),
            (Problem::Kit, at("11-06T08:00")),
            (Problem::BloodPressure, at("11-07T09:00")),
        ]
    );
    assert_eq!(test.proposed[0].ended_at, Some(at("11-05T08:00")));
    assert_eq!(test.in_force.len(), 1, "the kit alone");
    assert!(test.is_as_live());
}
