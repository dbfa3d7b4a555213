//! Replay: what a proposed plan would have raised, and whether journals are decided alike again.

use clinical::{AlertNumber, Event, Outcome, RULE_SET_VERSION};
use server::replay::{
    ProposedPlan, Range, backtest, check, plan_in_force, tell_patient, tell_team,
};
use server::terminal::WIDTH_MAX;

use crate::care::plan;
use crate::home::pressure;
use crate::world::{World, patient};

fn proposed(text: &str) -> ProposedPlan {
    ProposedPlan::parse(text).unwrap()
}

fn today() -> Range {
    let day = "2026-11-21".parse().unwrap();
    Range { from: day, to: day }
}

/// Patient 1's pressure is high twice; somebody acts on the first, and the second needs nothing.
async fn a_morning(world: &mut World) {
    for (time, number, outcome) in [
        ("07:55", 1, Outcome::AdviceGiven),
        ("08:25", 2, Outcome::LimitsNeedChanging),
    ] {
        let message = world.home_1.send(&[pressure("cuff-1", time, 150, 80)]);
        world.take(&[message]).await;
        world.wait(10);
        let by: clinical::PersonId = "nurse-okafor".parse().unwrap();
        let alert = AlertNumber(number);
        let taken = Event::AlertTaken {
            alert,
            by: by.clone(),
            instead_of: None,
        };
        world.happen(1, &taken).await.unwrap();
        world.wait(10);
        let note = String::new();
        let closed = Event::AlertClosed {
            alert,
            by,
            outcome,
            note,
            duplicate_of: None,
        };
        world.happen(1, &closed).await.unwrap();
        world.wait(10);
    }
}

pub(crate) async fn a_proposed_plan_is_tried_on_a_patient_and_on_a_team(mut world: World) {
    a_morning(&mut world).await;
    let (store, now) = (&world.store, world.now);
    let loose = proposed("[limits]\nsystolic = { soon_high = \"160\" }");
    let told = tell_patient(store, &patient(1), &loose, &today(), now)
        .await
        .unwrap();
    for part in [
        "0 alerts instead of 2; would have missed this one: blood pressure on 2026-11-21",
        "2026-11-21 08:00:00 blood pressure, soon: Systolic 150 mmHg (soon limit: 135 or over)",
    ] {
        assert!(told.contains(part), "{part} is missing:\n{told}");
    }
    let team = "north".parse().unwrap();
    let told = tell_team(store, &team, &loose, &today(), now)
        .await
        .unwrap();
    assert_eq!(told.left_out_len, 0);
    let told = told.text;
    for part in [
        "Team north, 3 monitored patients",
        "0 alerts instead of 2; would have missed this one: patient-1: blood pressure",
        "patient-1: 0 instead of 2, 1 missed",
        "patient-1/1 2026-11-21 08:00:00 blood pressure, soon",
    ] {
        assert!(told.contains(part), "{part} is missing:\n{told}");
    }
    assert!(told.lines().all(|line| line.chars().count() <= WIDTH_MAX));

    let nobody = tell_patient(store, &patient(9), &loose, &today(), now).await;
    assert_eq!(
        nobody.unwrap_err().to_string(),
        "patient-9 is not registered here"
    );
    let no_team = tell_team(store, &"south".parse().unwrap(), &loose, &today(), now).await;
    assert_eq!(no_team.unwrap_err().to_string(), "south is no team here");
}

/// The proposal makes no sense for patient 2, and patient 3's journal has a hole: patient 1 is told all the same.
pub(crate) async fn whoever_cannot_be_replayed_is_named_and_the_others_are_told(mut world: World) {
    a_morning(&mut world).await;
    let at_once = |care: &mut serde_json::Value| {
        care["confirmation"]["systolic"]["at_once_high"] = "200".into();
    };
    world.adopt(2, plan(at_once)).await;
    world
        .tamper("UPDATE journal SET number = 2 WHERE patient = 'patient-3'")
        .await;
    let loose = proposed("[limits]\nsystolic = { soon_high = \"160\" }");
    let north = "north".parse().unwrap();
    let told = tell_team(&world.store, &north, &loose, &today(), world.now)
        .await
        .unwrap();
    assert_eq!(told.left_out_len, 2);
    for part in [
        "Team north, 1 monitored patient",
        "0 alerts instead of 2; would have missed this one: patient-1: blood pressure",
        "Left out, named at the end and counted nowhere: 2 patients.",
        "patient-2: the proposed plan makes no sense: ",
        "patient-3: the journal cannot be replayed: journal row 1 of patient-3 is missing",
    ] {
        assert!(
            told.text.contains(part),
            "{part} is missing:\n{}",
            told.text
        );
    }
}

pub(crate) async fn the_plan_in_force_changes_nothing(mut world: World) {
    a_morning(&mut world).await;
    let plan = plan_in_force(&world.store, &patient(1))
        .await
        .unwrap()
        .unwrap();
    let (from, to) = today().times(&plan.care.zone, world.now).unwrap();
    let test = backtest(&world.store, &patient(1), &plan, from, to)
        .await
        .unwrap();
    assert_eq!(test.live.len(), 2);
    assert!(test.is_as_live());
    assert_eq!(test.proposed, test.live);
    assert_eq!((test.missed.len(), test.new.len()), (0, 0));
}

pub(crate) async fn journals_are_decided_again(mut world: World) {
    a_morning(&mut world).await;
    let checked = check(&world.store, None).await.unwrap();
    assert_eq!(
        checked.tell(),
        "9 journal rows of 3 patients are decided as they were."
    );
    world
        .tamper("UPDATE journal SET decisions = '[]' WHERE patient = 'patient-1' AND number = 2")
        .await;
    let told = check(&world.store, None).await.unwrap().tell();
    assert_eq!(
        told,
        format!(
            "patient-1: journal row 2 was decided by rule set {RULE_SET_VERSION} and is decided otherwise by rule set \
             {RULE_SET_VERSION}\n1 of 3 patients' journals are decided otherwise now."
        )
    );
    let checked = check(&world.store, Some(&patient(2))).await.unwrap();
    assert_eq!((checked.patients_len, checked.differences.len()), (1, 0));
    let nobody = check(&world.store, Some(&patient(9))).await.unwrap_err();
    assert_eq!(nobody.to_string(), "patient-9 is not registered here");
}
