//! Patients are found, changed, assessed, referred and agreed with, by statements that both engines understand.

use clinical::PersonId;
use jiff::Timestamp;
use server::store::agreements::{self, Agreement};
use server::store::assessments::{self, Assessment, Place};
use server::store::patient_list::{self, Search};
use server::store::referrals::{self, Referral, Standing, Step, Transport};
use server::store::sight::Viewer;
use server::store::{demographics, patient_record, patients, people};

use crate::home::{oxygen, pressure};
use crate::world::{World, patient};

fn nurse() -> PersonId {
    "nurse-okafor".parse().unwrap()
}

fn viewer<'a>(person: &'a PersonId, world: &World) -> Viewer<'a> {
    Viewer {
        person,
        now: world.now,
    }
}

async fn found(world: &World, who: &PersonId, search: &Search) -> Vec<String> {
    let readers = world.store.readers();
    let found = patient_list::find(readers, viewer(who, world), search, 10).await;
    found
        .unwrap()
        .into_iter()
        .map(|it| it.id.to_string())
        .collect()
}

pub(crate) async fn patients_are_found_by_what_is_known_of_them(mut world: World) {
    let batch = [world.home_1.send(&[pressure("cuff-1", "07:50", 150, 80)])];
    world.take(&batch).await;
    let nurse = nurse();
    let search = |typed: &str| Search::new(typed, typed.parse().ok(), None);
    assert_eq!(
        found(&world, &nurse, &search("")).await,
        ["patient-2", "patient-3", "patient-1"]
    );
    world
        .tamper(
            "UPDATE patient SET family_name = 'Tëst-Çase', name_folded = '' WHERE id = 'patient-1'",
        )
        .await;
    let mut write = world.store.write().await.unwrap();
    patients::fold_names(&mut write).await.unwrap();
    write.commit().await.unwrap();
    for typed in ["case test", "TËST", "999 000 0018", "1948-05-02"] {
        assert_eq!(
            found(&world, &nurse, &search(typed)).await,
            ["patient-1"],
            "{typed}"
        );
    }
    let own = Search::new("", None, Some(&nurse));
    assert_eq!(found(&world, &nurse, &own).await, ["patient-1"]);
    let stranger: PersonId = "nurse-nobody".parse().unwrap();
    assert!(found(&world, &stranger, &search("")).await.is_empty());

    let readers = world.store.readers();
    let listed = patient_list::find(readers, viewer(&nurse, &world), &own, 10)
        .await
        .unwrap();
    assert_eq!(listed[0].open_len, 1);
    let measured = listed[0].last_measured_at.unwrap().to_string();
    assert_eq!(measured, "2026-11-21T07:50:00Z");
    assert!(listed[0].case.is_some());
    let strike = clinical::Strike {
        reading: world.texts("SELECT id FROM reading").await[0]
            .parse()
            .unwrap(),
        by: nurse.clone(),
        reason: clinical::StrikeReason::AnotherPerson,
        note: String::new(),
    };
    let reading = strike.reading;
    world
        .happen(1, &clinical::Event::ReadingStruck(strike))
        .await
        .unwrap();
    let struck = patient_list::find(readers, viewer(&nurse, &world), &own, 10);
    assert_eq!(struck.await.unwrap()[0].last_measured_at, None);
    let (one, two) = (patient(1), patient(2));
    let latest = patient_record::latest_of_kind(readers, &one, "cuff", 1);
    assert!(latest.await.unwrap().is_empty(), "it was marked as wrong");
    let stored = patient_record::reading(readers, &one, reading);
    assert!(stored.await.unwrap().unwrap().struck.is_some());
    let others = patient_record::reading(readers, &two, reading);
    assert!(others.await.unwrap().is_none());
    let caring = people::caring_for(readers, &"north".parse().unwrap(), 10)
        .await
        .unwrap();
    assert!(
        caring
            .iter()
            .any(|(id, name)| id == "nurse-okafor" && name == "Ada Okafor")
    );
    let teams = people::team_names(readers).await.unwrap();
    assert_eq!(teams["north"], "North locality team");
}

pub(crate) async fn details_change_once_and_keep_what_they_were(world: World) {
    let mut write = world.store.write().await.unwrap();
    let before = demographics::of(&mut write, &patient(1)).await.unwrap();
    let mut after = before.patient.clone();
    after.given_name = "Edie".to_owned();
    let change = demographics::change(&mut write, &before, &after, &nurse(), world.now).await;
    assert!(change.unwrap());
    let again = demographics::change(&mut write, &before, &after, &nurse(), world.now).await;
    assert!(!again.unwrap(), "somebody was faster");
    write.commit().await.unwrap();
    let mut write = world.store.write().await.unwrap();
    let now = demographics::of(&mut write, &patient(1)).await.unwrap();
    assert_eq!(
        (now.patient.given_name.as_str(), now.changes_len),
        ("Edie", 1)
    );
    drop(write);
    let readers = world.store.readers();
    let number = &now.patient.nhs_number;
    let has_it = demographics::by_nhs_number(readers, number).await.unwrap();
    assert_eq!(has_it, Some(patient(1)));
    let kept = world.texts("SELECT before FROM patient_change").await;
    assert!(kept[0].contains("\"given_name\":\"Edith\""), "{kept:?}");
}

pub(crate) async fn what_was_agreed_is_kept_version_by_version(world: World) {
    let readers = world.store.readers();
    assert_eq!(
        agreements::latest(readers, &patient(1)).await.unwrap(),
        None
    );
    let agreement = |target: &str| Agreement {
        target: target.to_owned(),
        rescue: String::new(),
        escalation: "Call 111".to_owned(),
        agreed_with: "Mrs Testcase".to_owned(),
    };
    for (after, target, is_first) in [(0, "walk", true), (0, "swim", false), (1, "dance", true)] {
        let mut write = world.store.write().await.unwrap();
        let added = agreements::add(
            &mut write,
            &patient(1),
            after,
            &agreement(target),
            &nurse(),
            world.now,
        )
        .await;
        assert_eq!(added.unwrap(), is_first, "{target}");
        write.commit().await.unwrap();
    }
    let latest = agreements::latest(readers, &patient(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (latest.number, latest.agreement.target.as_str()),
        (2, "dance")
    );
    assert_eq!(latest.by, "Ada Okafor");
}

pub(crate) async fn an_assessment_is_due_to_who_sees_the_patient(world: World) {
    let readers = world.store.readers();
    for (place, day) in [(Place::Clinic, "2026-12-01"), (Place::Home, "2026-12-10")] {
        let assessment = Assessment {
            place,
            why: "lives with family".to_owned(),
            reviewer: "dr-baptiste".parse().unwrap(),
            review_on: day.parse().unwrap(),
        };
        let mut write = world.store.write().await.unwrap();
        assessments::add(&mut write, &patient(1), &assessment, &nurse(), world.now)
            .await
            .unwrap();
        write.commit().await.unwrap();
    }
    let all = assessments::of(readers, &patient(1), 10).await.unwrap();
    let shown: Vec<_> = all
        .iter()
        .map(|it| (it.number, it.assessment.place))
        .collect();
    assert_eq!(shown, [(2, Place::Home), (1, Place::Clinic)]);
    assert_eq!(all[0].reviewer_name, "Dr Noel Baptiste");
    let nurse = nurse();
    let due = async |who: &PersonId, by: &str| {
        let by = by.parse().unwrap();
        let due = assessments::due(readers, viewer(who, &world), by, 10)
            .await
            .unwrap();
        due.into_iter().map(|it| it.review_on).collect::<Vec<_>>()
    };
    assert!(
        due(&nurse, "2026-12-09").await.is_empty(),
        "only the latest counts"
    );
    assert_eq!(due(&nurse, "2026-12-10").await, ["2026-12-10"]);
    assert!(
        due(&"nobody".parse().unwrap(), "2027-01-01")
            .await
            .is_empty()
    );
}

pub(crate) async fn a_referral_is_open_until_its_last_step(world: World) {
    let readers = world.store.readers();
    let referral = Referral {
        clinic: "Heart failure clinic".to_owned(),
        why: "new breathlessness".to_owned(),
        transport: Transport::Car,
    };
    for _ in 0..2 {
        let mut write = world.store.write().await.unwrap();
        referrals::ask(&mut write, &patient(1), &referral, &nurse(), world.now)
            .await
            .unwrap();
        write.commit().await.unwrap();
    }
    let step = |standing| Step {
        standing,
        on_day: Some("2026-12-01".parse().unwrap()),
        note: String::new(),
    };
    for (place, standing, is_first) in [
        ((1, 1), Standing::Booked, true),
        ((1, 1), Standing::Declined, false),
        ((1, 2), Standing::Seen, true),
    ] {
        let mut write = world.store.write().await.unwrap();
        let added = referrals::add_step(
            &mut write,
            &patient(1),
            place,
            &step(standing),
            &nurse(),
            world.now,
        )
        .await;
        assert_eq!(added.unwrap(), is_first, "{standing:?}");
        write.commit().await.unwrap();
    }
    let steps = referrals::of(readers, &patient(1), 10).await.unwrap();
    let shown: Vec<_> = steps
        .iter()
        .map(|it| (it.referral, it.step.standing))
        .collect();
    let expected = [
        (2, Standing::Asked),
        (1, Standing::Asked),
        (1, Standing::Booked),
        (1, Standing::Seen),
    ];
    assert_eq!(shown, expected);
    let nurse = nurse();
    let open = referrals::open(readers, viewer(&nurse, &world), 10)
        .await
        .unwrap();
    assert_eq!((open.len(), open[0].step.as_str()), (1, "asked"));
    let stranger: PersonId = "nobody".parse().unwrap();
    let open = referrals::open(readers, viewer(&stranger, &world), 10)
        .await
        .unwrap();
    assert!(open.is_empty());
}

pub(crate) async fn the_record_reads_the_latest_and_what_people_did(mut world: World) {
    let batch = [
        world.home_1.send(&[
            pressure("cuff-1", "07:50", 150, 80),
            pressure("cuff-1", "07:52", 152, 80),
        ]),
        world.home_2.send(&[oxygen("oximeter-2", "07:53", 91)]),
    ];
    world.take(&batch).await;
    let taken = clinical::Event::AlertTaken {
        alert: clinical::AlertNumber(1),
        by: nurse(),
        instead_of: None,
    };
    world.happen(1, &taken).await.unwrap();
    let readers = world.store.readers();
    let latest = patient_record::latest_of_kind(readers, &patient(1), "cuff", 1)
        .await
        .unwrap();
    assert_eq!(
        latest[0].reading.times.measured_at.to_string(),
        "2026-11-21T07:52:00Z"
    );
    let none = patient_record::latest_of_kind(readers, &patient(1), "scale", 1)
        .await
        .unwrap();
    assert!(none.is_empty());
    let devices = patient_record::devices(readers, &patient(1), 10)
        .await
        .unwrap();
    assert!(
        devices
            .iter()
            .any(|it| it.id.as_str() == "cuff-1" && it.kind == "cuff")
    );
    let since = Timestamp::UNIX_EPOCH;
    let alerts = patient_record::alerts_since(readers, &patient(1), since, 10)
        .await
        .unwrap();
    assert_eq!((alerts.len(), alerts[0].number), (1, 1));
    let events = patient_record::events_since(readers, &patient(1), since, 10)
        .await
        .unwrap();
    let kinds: Vec<_> = events.into_iter().map(|it| it.event).collect();
    assert_eq!(kinds.len(), 2, "readings are told elsewhere: {kinds:?}");
    assert_eq!(kinds[0], taken);
    assert!(matches!(
        kinds[1],
        clinical::Event::MonitoringStarted { .. }
    ));
    let later = world.now + jiff::SignedDuration::from_hours(1);
    let events = patient_record::events_since(readers, &patient(1), later, 10)
        .await
        .unwrap();
    assert!(events.is_empty());
}
