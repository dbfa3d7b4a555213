//! Readings messages: stored and judged once, whatever arrives again, late, forged or broken.

use clinical::Event;

use crate::home::{Said, attempt, oxygen, pressure, used_by};
use crate::seed::shared_cuff;
use crate::world::{World, patient};

fn stored(ranges: &[(u64, u64)]) -> Said {
    Said {
        stored: ranges.to_vec(),
        refused: Vec::new(),
        missing: Vec::new(),
    }
}

pub(crate) async fn a_batch_is_judged_once(mut world: World) {
    let messages = [
        world.home_1.send(&[
            pressure("cuff-1", "07:50", 128, 79),
            pressure("cuff-1", "07:55", 186, 112),
        ]),
        world.home_2.send(&[
            oxygen("oximeter-2", "07:52", 91),
            oxygen("oximeter-3", "07:53", 90),
        ]),
        world.home_1.send(&[pressure("cuff-1", "07:57", 190, 90)]),
    ];
    let first = world.take(&messages).await;
    assert_eq!(world.home_1.receipt(&first.receipts), stored(&[(1, 3)]));
    assert_eq!(world.home_2.receipt(&first.receipts), stored(&[(1, 2)]));
    assert_eq!(
        first.patients.into_iter().collect::<Vec<_>>(),
        [patient(1), patient(2), patient(3)]
    );
    assert_eq!(first.set_aside, []);
    let alerts = "SELECT patient || ' ' || problem || ' ' || priority || ' ' || answers || ': ' || why \
                  FROM alert ORDER BY patient";
    assert_eq!(
        world.texts(alerts).await,
        [
            "patient-1 blood_pressure urgent nurse-okafor: Systolic 190 mmHg (urgent limit: 180 or over), \
             diastolic 90 mmHg (soon limit: 85 or over)",
            "patient-2 oxygen urgent nurse-lindqvist: Oxygen 91% (urgent limit: 92 or under)",
        ]
    );
    assert_eq!(
        world
            .count("SELECT evidence_len FROM alert WHERE patient = 'patient-1'")
            .await,
        2
    );

    // Everything may arrive twice.
    let before = world.projections().await;
    world.wait(1);
    let again = world.take(&messages).await;
    assert_eq!(world.home_1.receipt(&again.receipts), stored(&[(1, 3)]));
    assert_eq!(world.home_2.receipt(&again.receipts), stored(&[(1, 2)]));
    assert!(again.patients.is_empty(), "nothing has changed");
    assert_eq!(world.projections().await, before);
    assert_eq!(world.count("SELECT COUNT(*) FROM reading").await, 5);
    assert_eq!(world.count("SELECT COUNT(*) FROM journal").await, 3 + 5);
}

pub(crate) async fn a_worse_reading_explains_the_alert_even_when_it_comes_late(mut world: World) {
    let alert = "SELECT priority || ' ' || condition_is || ': ' || why FROM alert";
    for (time, systolic, shown) in [
        (
            "07:50",
            150,
            "soon active: Systolic 150 mmHg (soon limit: 135 or over)",
        ),
        // From the cuff's memory: older, and worse.
        (
            "07:40",
            190,
            "urgent active: Systolic 190 mmHg (urgent limit: 180 or over)",
        ),
        // Older too, and neither news nor worse.
        (
            "07:41",
            185,
            "urgent active: Systolic 190 mmHg (urgent limit: 180 or over)",
        ),
        (
            "07:55",
            120,
            "urgent cleared: Systolic 190 mmHg (urgent limit: 180 or over)",
        ),
        (
            "07:56",
            181,
            "urgent active: Systolic 181 mmHg (urgent limit: 180 or over)",
        ),
    ] {
        let message = world.home_1.send(&[pressure("cuff-1", time, systolic, 75)]);
        world.take(&[message]).await;
        assert_eq!(world.texts(alert).await, [shown]);
    }
    assert_eq!(world.count("SELECT evidence_len FROM alert").await, 5);
}

pub(crate) async fn a_late_record_fills_the_gap_that_was_asked_for(mut world: World) {
    let records: Vec<_> = (10..18)
        .map(|minute| pressure("cuff-1", &format!("07:{minute}"), 120, 75))
        .collect();
    let entries: Vec<_> = records
        .iter()
        .map(|record| world.home_1.entry(record))
        .collect();
    let take = async |entries: &[vitals::wire::Entry]| {
        let stored = world.take(&[world.home_1.message(entries)]).await;
        world.home_1.receipt(&stored.receipts)
    };

    let said = take(&[entries[7].clone(), entries[3].clone(), entries[0].clone()]).await;
    assert_eq!(said.stored, [(1, 1), (4, 4), (8, 8)]);
    assert_eq!(said.missing, [(2, 3), (5, 7)]);
    let said = take(&entries[4..6]).await;
    assert_eq!(said.missing, [(2, 3), (7, 7)]);
    let said = take(&entries[1..3]).await;
    assert_eq!(said.missing, [(7, 7)]);
    assert_eq!(world.count("SELECT contiguous_upto FROM epoch").await, 6);
    assert_eq!(take(&entries[6..7]).await, stored(&[(7, 7)]));
    assert_eq!(world.count("SELECT contiguous_upto FROM epoch").await, 8);
    assert_eq!(world.count("SELECT COUNT(*) FROM reading").await, 8);
}

pub(crate) async fn a_device_that_repeats_its_memory_is_counted_once(mut world: World) {
    let record = pressure("cuff-1", "07:50", 186, 112);
    let messages = [world.home_1.send(&[record.clone(), record.clone()])];
    let taken = world.take(&messages).await;
    assert_eq!(world.home_1.receipt(&taken.receipts), stored(&[(1, 2)]));
    assert_eq!(world.count("SELECT COUNT(*) FROM entry").await, 2);
    assert_eq!(world.count("SELECT COUNT(*) FROM reading").await, 1);
    assert_eq!(world.count("SELECT evidence_len FROM alert").await, 1);
}

pub(crate) async fn the_same_number_with_other_content_is_kept_and_raised(mut world: World) {
    let genuine = world.home_1.send(&[pressure("cuff-1", "07:50", 120, 75)]);
    let mut copy = crate::home::Home::new("gateway-1", 1);
    let other = copy.send(&[pressure("cuff-1", "07:51", 190, 120)]);
    world.take(&[genuine]).await;

    let taken = world.take(&[other]).await;
    let said = world.home_1.receipt(&taken.receipts);
    assert_eq!(said.stored, []);
    assert_eq!(said.refused, [(1, "sequence_conflict".to_owned())]);
    assert_eq!(taken.set_aside.len(), 1);
    assert_eq!(taken.set_aside[0].reason, "sequence_conflict");
    assert_eq!(world.count("SELECT COUNT(*) FROM reading").await, 1);
    assert_eq!(world.count("SELECT COUNT(*) FROM alert").await, 0);
    let kept = world.texts("SELECT payload FROM quarantine").await;
    let kept = String::from_utf8(hex::decode(&kept[0]).unwrap()).unwrap();
    assert!(
        kept.contains("190"),
        "the record is kept as it came: {kept}"
    );
}

pub(crate) async fn a_bad_record_does_not_hide_the_good_ones(mut world: World) {
    let home = &mut world.home_1;
    let entries = [
        home.entry(&pressure("cuff-1", "07:50", 120, 75)),
        home.entry_of_text("{\"id\":\"nonsense\"}".to_owned()),
        home.entry(&pressure("cuff-9", "07:51", 190, 120)),
        // Registered, but to the other gateway.
        home.entry(&oxygen("oximeter-2", "07:52", 80)),
        home.entry(&oxygen("oximeter-1", "07:53", 97)),
    ];
    let message = home.message(&entries);
    let taken = world.take(std::slice::from_ref(&message)).await;
    let said = world.home_1.receipt(&taken.receipts);
    assert_eq!(said.stored, [(1, 1), (5, 5)]);
    assert_eq!(
        said.refused,
        [
            (2, "malformed".to_owned()),
            (3, "unknown_device".to_owned()),
            (4, "unknown_device".to_owned())
        ]
    );
    assert_eq!(taken.set_aside.len(), 3);
    assert_eq!(world.count("SELECT COUNT(*) FROM entry").await, 5);
    assert_eq!(world.count("SELECT COUNT(*) FROM reading").await, 2);
    assert_eq!(world.count("SELECT COUNT(*) FROM alert").await, 0);

    let again = world.take(&[message]).await;
    assert_eq!(
        world.home_1.receipt(&again.receipts),
        said,
        "answered as before"
    );
    assert_eq!(again.set_aside, []);
}

pub(crate) async fn an_attempt_never_becomes_a_value(mut world: World) {
    let messages = [world
        .home_1
        .send(&[attempt("cuff-1", "07:50"), attempt("cuff-1", "07:50")])];
    world.take(&messages).await;
    assert_eq!(world.count("SELECT COUNT(*) FROM reading").await, 0);
    assert_eq!(
        world.texts("SELECT reason FROM attempt").await,
        ["no_value"]
    );
    let decisions = world
        .texts("SELECT decisions FROM journal WHERE patient = 'patient-1' AND number = 2")
        .await;
    assert!(decisions[0].contains("ask_for_repeat"), "{}", decisions[0]);
}

pub(crate) async fn judgement_is_told_who_used_which_device(mut world: World) {
    world.seed(&shared_cuff("1")).await.unwrap();
    let messages = [world.home_1.send(&[
        used_by(1, pressure("cuff-1", "07:50", 128, 79)),
        used_by(2, pressure("cuff-1", "07:51", 128, 79)),
        pressure("cuff-1", "07:52", 128, 79),
        oxygen("oximeter-1", "07:53", 97),
        used_by(2, attempt("cuff-1", "07:54")),
    ])];
    world.take(&messages).await;

    let events = world
        .texts(
            "SELECT event FROM journal WHERE patient = 'patient-1' AND number > 1 ORDER BY number",
        )
        .await;
    let told: Vec<_> = events
        .iter()
        .map(|text| match serde_json::from_str(text).unwrap() {
            Event::ReadingStored(it) => (it.device, it.user, it.registered_user),
            Event::AttemptStored(it) => (it.device, it.user, None),
            other => panic!("{other:?}"),
        })
        .collect();
    let device = |id: &str| Some(id.parse().unwrap());
    assert_eq!(
        told,
        [
            (device("cuff-1"), Some(1), Some(1)),
            (device("cuff-1"), Some(2), Some(1)),
            (device("cuff-1"), None, Some(1)),
            (device("oximeter-1"), None, None),
            (device("cuff-1"), Some(2), None),
        ]
    );
}
