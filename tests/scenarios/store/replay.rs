//! Replay: what a proposed plan would have raised, and whether journals are decided alike again.

use clinical::{AlertNumber, Event, Outcome};
use server::replay::{
    ProposedPlan, Range, backtest, check, plan_in_force, tell_patient, tell_team,
};
use server::terminal::WIDTH_MAX;

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
        };
        world.happen(1, &taken).await.unwrap();
        world.wait(10);
        let note = String::new();
        let closed = Event::AlertClosed {
            alert,
            by,
            outcome,
            note,
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
        "patient-1: journal row 2 was decided by rule set 3 and is decided otherwise by rule set 3\n\
         1 of 3 patients' journals are decided otherwise now."
    );
    let checked = check(&world.store, Some(&patient(2))).await.unwrap();
    assert_eq!((checked.patients_len, checked.differences.len()), (1, 0));
    let nobody = check(&world.store, Some(&patient(9))).await.unwrap_err();
    assert_eq!(nobody.to_string(), "patient-9 is not registered here");
}
