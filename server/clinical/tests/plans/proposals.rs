//! Proposals: accepted as the next version, or refused with what to do; hard stops need a prescriber.

use std::collections::BTreeSet;

use clinical::plan::{Crossing, HardStops, PatientView, Plan, Proposal, ProposalRefusal, Roles};
use clinical::{PlanVersion, VitalSign};
use jiff::ToSpan;

use super::{at, config, hard_stops, limits, now, plan};

fn roles() -> Roles {
    Roles {
        prescribers: BTreeSet::from(["dr-bell".parse().unwrap()]),
    }
}

/// A proposal that changes nothing yet, by a nurse who asked the patient.
fn unchanged(current: &Plan) -> Proposal {
    Proposal {
        limits: current.limits.clone(),
        care: current.care.clone(),
        based_on: current.version,
        author: "nurse-ann".parse().unwrap(),
        reason: "Feels well at these values.".to_owned(),
        patient_view: PatientView::Agreed,
        in_force_from: now(),
        crossing: None,
    }
}

fn with_systolic(current: &Plan, text: &str) -> Proposal {
    let mut proposal = unchanged(current);
    proposal.limits.insert(VitalSign::Systolic, limits(text));
    proposal
}

fn accept(proposal: &Proposal, current: &Plan) -> Result<Plan, ProposalRefusal> {
    proposal.accept(current, &hard_stops(), &roles(), now())
}

#[test]
fn an_accepted_proposal_is_the_next_version_with_all_that_was_said_of_it() {
    let current = plan(&["hypertension"]);
    let next = accept(&with_systolic(&current, "90 100 - 175"), &current).unwrap();
    assert_eq!(next.version, PlanVersion(2));
    assert_eq!(next.set_by.as_str(), "nurse-ann");
    assert_eq!(next.patient_view, Some(PatientView::Agreed));
    assert_eq!(next.in_force_from, now());
    assert_eq!(next.care.crossing, None);
}

#[test]
fn one_that_is_to_hold_later_is_due_then_and_one_that_should_have_held_holds_from_now() {
    let current = plan(&["hypertension"]);
    let mut proposal = with_systolic(&current, "90 100 - 175");
    proposal.in_force_from = at("2026-12-01T00:00:00Z");
    assert!(!proposal.is_due(now()));
    assert!(!proposal.is_due(at("2026-11-30T23:59:59Z")));
    assert!(proposal.is_due(at("2026-12-01T00:00:00Z")));
    assert_eq!(
        accept(&proposal, &current).unwrap().in_force_from,
        at("2026-12-01T00:00:00Z")
    );
    proposal.in_force_from = at("2026-11-01T00:00:00Z");
    assert_eq!(accept(&proposal, &current).unwrap().in_force_from, now());
}

#[test]
fn whoever_saw_another_plan_looks_again() {
    let mut current = plan(&["hypertension"]);
    let proposal = with_systolic(&current, "90 100 - 175");
    current = accept(&with_systolic(&current, "90 100 - 170"), &current).unwrap();
    let refusal = accept(&proposal, &current).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "Plan 2 is in force, and this change was made to plan 1. Look at what has changed, then propose again."
    );
}

#[test]
fn what_is_not_said_is_asked_for() {
    let current = plan(&["hypertension"]);
    let good = with_systolic(&current, "90 100 - 175");
    let refused = |change: &dyn Fn(&mut Proposal)| {
        let mut proposal = good.clone();
        change(&mut proposal);
        accept(&proposal, &current).unwrap_err().to_string()
    };
    assert!(refused(&|it| it.reason = "  ".to_owned()).contains("Say why this plan"));
    assert!(refused(&|it| it.reason = "x".repeat(2001)).contains("Say why this plan"));
    let because = || String::new();
    let unasked =
        |it: &mut Proposal| it.patient_view = PatientView::NotAsked { because: because() };
    assert!(refused(&unasked).contains("were not asked"));
    let against =
        |it: &mut Proposal| it.patient_view = PatientView::Disagreed { because: because() };
    assert!(refused(&against).contains("Say why the patient disagreed"));
    assert_eq!(
        accept(&unchanged(&current), &current)
            .unwrap_err()
            .to_string(),
        "Nothing would change: plan 1 says this already."
    );
    let nonsense = |it: &mut Proposal| it.care.clearing.as_mut().unwrap().readings = 0;
    assert!(refused(&nonsense).contains("must be over 0"));
}

#[test]
fn care_that_is_taken_away_needs_a_day_to_look_at_it_again() {
    let mut current = plan(&["hypertension"]);
    current.care.term = None;
    let looser = with_systolic(&current, "90 100 - 185");
    let refusal = accept(&looser, &current).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "This takes care away, so it needs a review date: Systolic, high urgent limit: 180 becomes 185 (loosened)."
    );
    assert!(accept(&with_systolic(&current, "90 100 - 175"), &current).is_ok());
    let reviewed = |by: jiff::civil::Date| {
        let mut proposal = looser.clone();
        proposal.care.term.get_or_insert_default().review_by = Some(by);
        accept(&proposal, &current)
    };
    let today: jiff::civil::Date = "2026-11-21".parse().unwrap();
    assert!(reviewed(today.saturating_add(60.days())).is_ok());
    assert!(reviewed(today).is_ok());
    let refusal = reviewed(today.saturating_sub(1.day())).unwrap_err();
    assert_eq!(refusal, ProposalRefusal::ReviewTooEarly);
    let refusal = reviewed(today.saturating_add(367.days()))
        .unwrap_err()
        .to_string();
    assert!(refusal.contains("a review within 366 days"), "{refusal}");
}

#[test]
fn a_hard_stop_is_crossed_only_by_a_prescriber_who_says_why() {
    let current = plan(&["hypertension"]);
    let mut proposal = with_systolic(&current, "90 100 - 201");
    let refusal = accept(&proposal, &current).unwrap_err().to_string();
    assert_eq!(
        refusal,
        "A prescriber must allow this and say why: Systolic, high urgent limit: 201 is beyond the hard stop (at most 200)."
    );
    assert!(accept(&with_systolic(&current, "90 100 - 200"), &current).is_ok());
    let crossing = |who: &str, reason: &str| Crossing {
        prescriber: who.parse().unwrap(),
        reason: reason.to_owned(),
    };
    proposal.crossing = Some(crossing("nurse-ann", "usual for him"));
    let refusal = accept(&proposal, &current).unwrap_err().to_string();
    assert_eq!(
        refusal,
        "nurse-ann is not a prescriber here. Ask somebody who is to allow it."
    );
    proposal.crossing = Some(crossing("dr-bell", " "));
    assert_eq!(
        accept(&proposal, &current).unwrap_err(),
        ProposalRefusal::CrossingUnexplained
    );
    let leave = crossing("dr-bell", "Resistant hypertension, seen weekly in clinic.");
    proposal.crossing = Some(leave.clone());
    let crossed = accept(&proposal, &current).unwrap();
    assert_eq!(crossed.care.crossing, Some(leave.clone()));

    // What stands, and a step back, need no second leave; the leave is kept as long as it is needed.
    let mut other = unchanged(&crossed);
    other
        .limits
        .insert(VitalSign::Pulse, limits("40 - 105 131"));
    assert_eq!(accept(&other, &crossed).unwrap().care.crossing, Some(leave));
    let back = accept(&with_systolic(&crossed, "90 100 - 190"), &crossed).unwrap();
    assert_eq!(back.care.crossing, None);
    assert!(accept(&with_systolic(&crossed, "90 100 - 202"), &crossed).is_err());
}

#[test]
fn every_hard_stop_stops() {
    let current = plan(&["general"]);
    let stopped = |change: &dyn Fn(&mut Proposal)| {
        let mut proposal = unchanged(&current);
        change(&mut proposal);
        accept(&proposal, &current).unwrap_err().to_string()
    };
    let spo2 = |text: &'static str| {
        move |it: &mut Proposal| {
            it.limits.insert(VitalSign::Spo2, limits(text));
            it.care.confirmation.remove(&VitalSign::Spo2);
        }
    };
    assert!(stopped(&spo2("84 93 - -")).contains("(at least 85)"));
    let gone = stopped(&|it| {
        it.limits.remove(&VitalSign::Spo2);
    });
    assert!(
        gone.contains("Oxygen, low urgent limit: taking it away is beyond"),
        "{gone}"
    );
    let two = |it: &mut Proposal| {
        it.care.score = plan(&["copd-88-92"]).care.score;
    };
    assert!(stopped(&two).contains("scale 2 only by a prescriber"));
    let waits = |it: &mut Proposal| {
        let confirmation = it.care.confirmation.get_mut(&VitalSign::Systolic).unwrap();
        confirmation.urgent_minutes = Some(16);
    };
    assert!(stopped(&waits).contains("at most 15 min for a repeat"));
    let urgent = |it: &mut Proposal, take, act| {
        let urgent = it
            .care
            .escalation
            .0
            .get_mut(&clinical::Priority::Urgent)
            .unwrap();
        (urgent.take_minutes, urgent.act_minutes) = (take, act);
    };
    assert!(stopped(&|it| urgent(it, 31, 30)).contains("at most 30 min for taking it"));
    assert!(stopped(&|it| urgent(it, 30, 61)).contains("at most 60 min for acting on it"));
    assert!(stopped(&|it| it.care.escalation.0.clear()).contains("urgent alerts need a response"));
}

#[test]
fn of_all_templates_only_the_prescribed_oxygen_target_needs_a_prescriber() {
    for name in super::templates().keys() {
        let crossed = hard_stops().crossed(None, &plan(&[name]));
        let about: Vec<String> = crossed.iter().map(|it| it.what.to_string()).collect();
        let expected: &[&str] = if name == "copd-88-92" {
            &["score"]
        } else {
            &[]
        };
        assert_eq!(about, expected, "{name}");
        assert!(crossed.iter().all(|it| it.source.contains("RCP 2017")));
    }
}

#[test]
fn hard_stops_without_sense_or_source_are_refused() {
    let text = config("hard-stops.toml");
    let refusal = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        toml::from_str::<HardStops>(&text.replacen(from, to, 1))
            .unwrap_err()
            .to_string()
    };
    assert!(refusal("at_least = \"85\", ", "").contains("limits.spo2.urgent_low needs at_least"));
    assert!(
        refusal("at_least = \"85\"", "at_least = \"85\", at_most = \"85\"")
            .contains("under at_most")
    );
    assert!(
        refusal(
            "source = \"NEWS2 (RCP 2017): a score of 7",
            "source = \"\" #"
        )
        .contains("urgent_take_minutes needs a source")
    );
    assert!(refusal("[urgent_act_minutes]", "[urgent_act_minute]").contains("urgent_act_minute"));
}
