//! What the office writes and reads: changes with who and when, staff, clinics, handovers, and what alerts are measured by.

use clinical::{AlertNumber, Event, Outcome, PersonId, Watch};
use jiff::{SignedDuration, Timestamp};
use server::store::clinics::{self, ClinicRow};
use server::store::office::{self, Named};
use server::store::sight::Viewer;
use server::store::{handovers, quality, staff, worklist};

use crate::home::{oxygen, pressure};
use crate::world::World;

fn person(id: &str) -> PersonId {
    id.parse().unwrap()
}

/// Two alerts, one for each patient; what raised the second holds no longer before anyone looks.
async fn morning(world: &mut World) {
    let batch = [
        world.home_1.send(&[pressure("cuff-1", "07:50", 190, 80)]),
        world.home_2.send(&[oxygen("oximeter-2", "07:53", 91)]),
    ];
    world.take(&batch).await;
}

fn taken(by: &str) -> Event {
    Event::AlertTaken {
        alert: AlertNumber::FIRST,
        by: person(by),
        instead_of: None,
    }
}

pub(crate) async fn who_changed_what_is_numbered_and_never_lost(world: World) {
    let by = person("matron-okello");
    let mut write = world.store.write().await.unwrap();
    office::lock(&mut write).await.unwrap();
    for (subject, sentence) in [
        ("team:north", "One"),
        ("team:north", "Two"),
        ("person:ada", "Three"),
    ] {
        office::note(&mut write, subject, &by, sentence, world.now)
            .await
            .unwrap();
    }
    write.commit().await.unwrap();
    let readers = world.store.readers();
    let changes = office::changes(readers, "team:north", 10).await.unwrap();
    let said: Vec<_> = changes
        .iter()
        .map(|it| (it.by_name.as_str(), it.sentence.as_str()))
        .collect();
    assert_eq!(said, [("Grace Okello", "Two"), ("Grace Okello", "One")]);
    assert_eq!(
        office::changes(readers, "team:north", 1)
            .await
            .unwrap()
            .len(),
        1
    );
    assert_eq!(office::latest(readers, 10).await.unwrap().len(), 3);
    let mut write = world.store.write().await.unwrap();
    for (named, start, wanted) in [
        (Named::Person, "nurse-", 2),
        (Named::Team, "north", 1),
        (Named::Area, "river", 1),
        (Named::Clinic, "", 0),
    ] {
        let ids = office::ids_like(&mut write, named, start).await.unwrap();
        assert_eq!(ids.len(), wanted, "{named:?}");
    }
}

pub(crate) async fn staff_is_read_with_what_each_still_has(mut world: World) {
    morning(&mut world).await;
    world.happen(1, &taken("nurse-okafor")).await.unwrap();
    let readers = world.store.readers();
    let all = staff::all(readers).await.unwrap();
    assert_eq!(all.len(), 5);
    assert_eq!(all[0].name, "Ada Okafor");
    assert_eq!(staff::teams(readers).await.unwrap().len(), 1);
    let mut write = world.store.write().await.unwrap();
    let ada = person("nurse-okafor");
    staff::lock(&mut write, &ada).await.unwrap();
    let burden = staff::burden(&mut write, &ada, world.now).await.unwrap();
    assert_eq!((burden.alerts_len, burden.teams_len), (1, 0));
    assert!(burden.patients_len >= 1);
    let grace = person("matron-okello");
    let lead = staff::burden(&mut write, &grace, world.now).await.unwrap();
    assert_eq!(lead.teams_len, 1);
    let teams = staff::memberships(&mut write, &ada, world.now)
        .await
        .unwrap();
    assert_eq!(teams, ["north".parse().unwrap()]);
    staff::set_left(&mut write, &ada, Some(world.now))
        .await
        .unwrap();
    let found = staff::find(&mut write, &ada).await.unwrap().unwrap();
    assert_eq!(found.left_at, Some(world.now.as_microsecond()));
    assert_eq!(
        staff::find(&mut write, &person("nobody")).await.unwrap(),
        None
    );
}

pub(crate) async fn a_clinic_is_written_changed_and_ended(world: World) {
    let clinic = ClinicRow {
        id: "heart".to_owned(),
        name: "Heart clinic".to_owned(),
        area: "riverside".to_owned(),
        days: "Tuesdays".to_owned(),
        contact: "01632 960001".to_owned(),
    };
    let friday = ClinicRow {
        days: "Fridays".to_owned(),
        ..clinic.clone()
    };
    let mut write = world.store.write().await.unwrap();
    clinics::put(&mut write, &clinic).await.unwrap();
    clinics::put(&mut write, &friday).await.unwrap();
    assert_eq!(
        clinics::find(&mut write, "heart").await.unwrap(),
        Some(friday.clone())
    );
    write.commit().await.unwrap();
    assert_eq!(clinics::all(world.store.readers()).await.unwrap(), [friday]);
    let mut write = world.store.write().await.unwrap();
    clinics::end(&mut write, "heart", world.now).await.unwrap();
    assert_eq!(clinics::find(&mut write, "heart").await.unwrap(), None);
    write.commit().await.unwrap();
    assert_eq!(clinics::all(world.store.readers()).await.unwrap(), []);
}

pub(crate) async fn a_handover_reads_the_shift_of_the_patients_in_sight(mut world: World) {
    morning(&mut world).await;
    world.happen(1, &taken("nurse-okafor")).await.unwrap();
    let (ada, stranger) = (person("nurse-okafor"), person("nobody"));
    let readers = world.store.readers();
    let sees = |person| Viewer {
        person,
        now: world.now,
    };
    let open = worklist::open_in_sight(readers, sees(&ada), 10)
        .await
        .unwrap();
    assert_eq!(open.len(), 2);
    assert_eq!(
        open[0].held_by.as_deref(),
        Some("nurse-okafor"),
        "her own come first"
    );
    assert_eq!(
        worklist::open_in_sight(readers, sees(&ada), 1)
            .await
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        worklist::open_in_sight(readers, sees(&stranger), 10)
            .await
            .unwrap(),
        []
    );

    let closed = Event::AlertClosed {
        alert: AlertNumber::FIRST,
        by: ada.clone(),
        outcome: Outcome::AdviceGiven,
        note: String::new(),
        duplicate_of: None,
    };
    world.happen(1, &closed).await.unwrap();
    let since = world.now - SignedDuration::from_hours(1);
    let closed = handovers::closed_since(readers, sees(&ada), since, 10)
        .await
        .unwrap();
    let said: Vec<_> = closed
        .iter()
        .map(|it| (it.outcome.as_str(), it.by_name.as_deref()))
        .collect();
    assert_eq!(said, [("advice_given", Some("Ada Okafor"))]);
    assert_eq!(
        handovers::closed_since(readers, sees(&stranger), since, 10)
            .await
            .unwrap(),
        []
    );
}

pub(crate) async fn a_home_that_is_not_heard_is_read_by_who_sees_its_patient(world: World) {
    let (ada, stranger) = (person("nurse-okafor"), person("nobody"));
    let readers = world.store.readers();
    let sees = |person| Viewer {
        person,
        now: world.now,
    };
    world
        .tamper("INSERT INTO gateway_stretch (gateway, kind, began_at) VALUES ('gateway-1', 'quiet', 5)")
        .await;
    let quiet = handovers::quiet_homes(readers, sees(&ada), 10)
        .await
        .unwrap();
    let said: Vec<_> = quiet
        .iter()
        .map(|it| (it.patient.as_str(), it.gateway.as_str(), it.began_at))
        .collect();
    assert!(said.contains(&("patient-1", "gateway-1", 5)), "{said:?}");
    assert_eq!(
        handovers::quiet_homes(readers, sees(&stranger), 10)
            .await
            .unwrap(),
        []
    );
}

pub(crate) async fn a_handover_is_signed_to_a_colleague(world: World) {
    let (ada, readers) = (person("nurse-okafor"), world.store.readers());
    let since = world.now - SignedDuration::from_hours(1);
    let maja = person("nurse-lindqvist");
    let colleagues = handovers::colleagues(readers, &ada, 10).await.unwrap();
    assert!(colleagues.contains(&("nurse-lindqvist".to_owned(), "Maja Lindqvist".to_owned())));
    assert!(colleagues.iter().all(|(id, _)| id != "nurse-okafor"));
    let mut write = world.store.write().await.unwrap();
    handovers::sign(&mut write, (&ada, &maja), "Dizzy", 2, world.now)
        .await
        .unwrap();
    write.commit().await.unwrap();
    let to = handovers::signed_to(readers, &maja, since, 10)
        .await
        .unwrap();
    assert_eq!(to[0].by_name, "Ada Okafor");
    let by = handovers::signed_by(readers, &ada, since)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (by.to_name.as_str(), by.offered_len, by.note.as_str()),
        ("Maja Lindqvist", 2, "Dizzy")
    );
    let later = world.now + SignedDuration::from_secs(1);
    assert_eq!(
        handovers::signed_by(readers, &ada, later).await.unwrap(),
        None
    );
}

pub(crate) async fn what_alerts_are_measured_by_is_projected_and_rebuilt(mut world: World) {
    morning(&mut world).await;
    let opened = world.now;
    world.wait(10);
    let batch = [world.home_2.send(&[oxygen("oximeter-2", "08:08", 97)])];
    world.take(&batch).await;
    let cleared = world.now;
    world.wait(5);
    world.happen(1, &taken("nurse-okafor")).await.unwrap();
    let first_taken = world.now;
    let snoozed = Event::AlertSnoozed {
        alert: AlertNumber::FIRST,
        by: person("nurse-okafor"),
        until: world.now + SignedDuration::from_mins(20),
        until_reading: false,
        reason: "In the shower".to_owned(),
    };
    world.happen(1, &snoozed).await.unwrap();
    world.wait(5);
    world.happen(1, &taken("nurse-okafor")).await.unwrap();
    world.happen(2, &taken("nurse-lindqvist")).await.unwrap();

    let readers = world.store.readers();
    let ada = person("nurse-okafor");
    let viewer = Viewer {
        person: &ada,
        now: world.now,
    };
    let rows = quality::opened_since(readers, viewer, opened)
        .await
        .unwrap();
    let of = |id: &str| rows.iter().find(|it| it.patient == id).unwrap();
    let us = |at: Timestamp| Some(at.as_microsecond());
    assert_eq!(
        of("patient-1").first_taken_at,
        us(first_taken),
        "the first time counts"
    );
    assert_eq!(
        (of("patient-1").snoozed_len, of("patient-1").in_sight),
        (1, 1)
    );
    assert_eq!(of("patient-2").first_cleared_at, us(cleared));
    let after = quality::opened_since(readers, viewer, world.now)
        .await
        .unwrap();
    assert_eq!(after, []);
    let standing = quality::standing(readers, opened).await.unwrap();
    assert_eq!((standing[0].standing_len, standing[0].silent_len), (2, 0));
    world.is_replayed_and_rebuilt().await;
}

pub(crate) async fn who_sees_no_patient_counts_them_and_names_none(mut world: World) {
    let opened = world.now;
    morning(&mut world).await;
    let readers = world.store.readers();
    let ada = person("nurse-okafor");
    let viewer = Viewer {
        person: &ada,
        now: world.now,
    };
    let nobody = person("nobody");
    let stranger = Viewer {
        person: &nobody,
        now: world.now,
    };
    let rows = quality::opened_since(readers, stranger, opened)
        .await
        .unwrap();
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|it| it.in_sight == 0));
    assert!(
        quality::names_in_sight(readers, stranger, 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        quality::names_in_sight(readers, viewer, 10)
            .await
            .unwrap()
            .len()
            >= 2
    );
}

pub(crate) async fn the_watch_list_of_a_handover_is_of_the_patients_in_sight(world: World) {
    let (ada, nobody) = (person("nurse-okafor"), person("nobody"));
    let watch = Watch {
        note: "Dizzy".to_owned(),
        until: world.now + SignedDuration::from_hours(4),
        by: ada.clone(),
    };
    world.happen(1, &Event::Watched(watch)).await.unwrap();
    let readers = world.store.readers();
    let at = |person, now| Viewer { person, now };
    let watched = handovers::watched(readers, at(&ada, world.now), 10)
        .await
        .unwrap();
    let said: Vec<_> = watched
        .iter()
        .map(|it| (it.note.as_str(), it.by_name.as_deref()))
        .collect();
    assert_eq!(said, [("Dizzy", Some("Ada Okafor"))]);
    let stranger = handovers::watched(readers, at(&nobody, world.now), 10)
        .await
        .unwrap();
    assert_eq!(stranger, []);
    let over = world.now + SignedDuration::from_hours(4);
    assert_eq!(
        handovers::watched(readers, at(&ada, over), 10)
            .await
            .unwrap(),
        []
    );
}
