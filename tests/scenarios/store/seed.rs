//! Seeds: registered once, changed by events, refused whole.

use crate::world::{SAMPLE, SEED, World, patient};

pub(crate) async fn the_seed_is_registered_once(world: World) {
    let before = world.projections().await;
    assert_eq!(world.seed(SEED).await.unwrap(), 0, "nothing was different");
    assert_eq!(world.projections().await, before);
    assert_eq!(
        world.count("SELECT COUNT(*) FROM journal").await,
        3,
        "monitoring of each patient started once"
    );
    let mut reader = world.store.readers().acquire().await.unwrap();
    let ids = server::store::patients::ids(&mut reader).await.unwrap();
    assert_eq!(ids, [patient(1), patient(2), patient(3)]);
}

pub(crate) async fn what_changed_in_the_file_becomes_an_event(mut world: World) {
    world.wait(60);
    let changed = SEED
        .replacen("soon_high = \"83\"", "soon_high = \"84\"", 1)
        .replacen(
            "coordinator = \"nurse-okafor\"",
            "coordinator = \"nurse-lindqvist\"",
            1,
        )
        .replacen("name = \"Ada Okafor\"", "name = \"Ada Okafor-Hale\"", 1)
        .replacen("label = \"Bathroom scale\"", "label = \"Kitchen scale\"", 1)
        .replacen(
            "family_name = \"Testcase\"",
            "family_name = \"Test-Case\"",
            1,
        )
        .replacen("name = \"North locality team\"", "name = \"North team\"", 1);
    assert_eq!(world.seed(&changed).await.unwrap(), 6);
    assert_eq!(world.seed(&changed).await.unwrap(), 0);

    let events = world
        .texts("SELECT event FROM journal WHERE patient = 'patient-1' ORDER BY number")
        .await;
    assert_eq!(events.len(), 3);
    assert!(events[1].contains("coordinator_assigned"), "{}", events[1]);
    assert!(events[2].contains("plan_in_force"), "{}", events[2]);
    assert_eq!(
        world
            .count("SELECT MAX(version) FROM plan WHERE patient = 'patient-1'")
            .await,
        2
    );
    assert_eq!(
        world
            .texts("SELECT coordinator FROM patient WHERE id = 'patient-1'")
            .await,
        ["nurse-lindqvist"]
    );

    // A gateway that was set up anew has other keys under its old name.
    let moved = changed.replace("tag_key_file = \"gateway-1/", "tag_key_file = \"gateway-2/");
    assert_eq!(world.seed(&moved).await.unwrap(), 1);
}

pub(crate) async fn a_refused_seed_changes_nothing(world: World) {
    let before = world.projections().await;
    let unanswered = SEED.replacen("coordinator = \"nurse-okafor\"\n", "", 1);
    let error = format!("{:#}", world.seed(&unanswered).await.unwrap_err());
    assert!(error.contains("no care coordinator"), "{error}");

    // Two patients cannot share an NHS number; the database refuses the second, and the first change with it.
    let twice = SEED.replacen("999 000 0026", "999 000 0018", 1).replacen(
        "coordinator = \"nurse-okafor\"",
        "coordinator = \"nurse-lindqvist\"",
        1,
    );
    let error = format!("{:#}", world.seed(&twice).await.unwrap_err());
    assert!(error.contains("patient-2 cannot be registered"), "{error}");
    assert_eq!(world.projections().await, before);
}

pub(crate) async fn which_user_of_a_shared_device_a_patient_is_can_change(world: World) {
    let users = async || {
        world
            .texts(
                "SELECT id || ' ' || COALESCE(CAST(user_index AS TEXT), 'alone') FROM device \
                 WHERE gateway = 'gateway-1' ORDER BY id",
            )
            .await
    };
    assert_eq!(
        users().await,
        ["cuff-1 alone", "oximeter-1 alone", "scale-1 alone"]
    );
    for (user_index, stored) in [("0", "cuff-1 0"), ("254", "cuff-1 254")] {
        let shared = shared_cuff(user_index);
        assert_eq!(world.seed(&shared).await.unwrap(), 1);
        assert_eq!(world.seed(&shared).await.unwrap(), 0);
        assert_eq!(users().await[0], stored);
    }
    assert_eq!(world.seed(SEED).await.unwrap(), 1);
    assert_eq!(users().await[0], "cuff-1 alone");
}

pub(crate) async fn templates_of_the_sample_become_the_next_plans_once(mut world: World) {
    world.wait(60);
    let changes = world.seed(SAMPLE).await.unwrap();
    assert!(changes >= 3, "each patient has a new plan");
    let plans = async || {
        world
            .texts("SELECT body FROM plan WHERE version = 2 ORDER BY patient")
            .await
    };
    let bodies = plans().await;
    assert_eq!(bodies.len(), 3);
    assert!(bodies[0].contains("\"templates\":[\"heart-failure\",\"hypertension\"]"));
    assert!(bodies[2].contains("\"crossing\":{\"prescriber\":\"dr-baptiste\""));

    world.wait(30 * 24 * 60);
    assert_eq!(
        world.seed(SAMPLE).await.unwrap(),
        0,
        "a month later, the same"
    );
    let before = world.projections().await;
    let unallowed = SAMPLE.replacen("crossing = {", "# crossing = {", 1);
    let error = format!("{:#}", world.seed(&unallowed).await.unwrap_err());
    assert!(error.contains("patient-3 cannot be registered"), "{error}");
    assert!(error.contains("A prescriber must allow this"), "{error}");
    assert_eq!(world.projections().await, before);
}

/// The seed, with the first patient's cuff shared.
pub(crate) fn shared_cuff(user_index: &str) -> String {
    let shared = format!("id = \"cuff-1\"\nuser_index = {user_index}");
    assert!(SEED.contains("id = \"cuff-1\""));
    SEED.replacen("id = \"cuff-1\"", &shared, 1)
}
