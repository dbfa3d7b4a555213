//! What the pages of single alerts and readings read, and that a form's action is done once.

use clinical::{AlertNumber, Event, Outcome, PersonId};
use jiff::SignedDuration;
use server::store::alert_actions::{self, ACTION_DAYS_KEPT, Action};
use server::store::alert_page;

use crate::home::{oxygen, pressure};
use crate::world::{World, patient};

fn person(id: &str) -> PersonId {
    id.parse().unwrap()
}

async fn does(world: &World, number: u32, close: bool) {
    let (alert, by) = (AlertNumber(number), person("nurse-okafor"));
    let event = if close {
        Event::AlertClosed {
            alert,
            by,
            outcome: Outcome::AdviceGiven,
            note: "She rested.".to_owned(),
            duplicate_of: None,
        }
    } else {
        Event::AlertTaken {
            alert,
            by,
            instead_of: None,
        }
    };
    world.happen(1, &event).await.unwrap();
}

pub(crate) async fn the_last_times_are_read_newest_first(mut world: World) {
    for (number, time) in [(1, "07:50"), (2, "07:55"), (3, "07:59")] {
        world.wait(60);
        let message = world.home_1.send(&[pressure("cuff-1", time, 150, 80)]);
        world.take(&[message]).await;
        does(&world, number, false).await;
        if number < 3 {
            world.wait(60);
            does(&world, number, true).await;
        }
    }
    let readers = world.store.readers();
    let patient_1 = patient(1);
    let earlier = async |before, most| {
        let rows = alert_page::earlier(readers, &patient_1, "blood_pressure", before, most).await;
        let rows = rows.unwrap().into_iter();
        rows.map(|it| (it.number, it.outcome, it.note))
            .collect::<Vec<_>>()
    };
    let said = |number| {
        let outcome = Some("advice_given".to_owned());
        (number, outcome, Some("She rested.".to_owned()))
    };
    assert_eq!(earlier(3, 3).await, [said(2), said(1)]);
    assert_eq!(earlier(3, 1).await, [said(2)]);
    assert_eq!(earlier(1, 3).await, []);
    let other = alert_page::earlier(readers, &patient_1, "weight", 9, 3).await;
    assert_eq!(other.unwrap(), []);

    let closed = alert_page::closed(readers, &patient_1, 10).await.unwrap();
    let numbers: Vec<i64> = closed.iter().map(|it| it.number).collect();
    assert_eq!(numbers, [2, 1]);
    assert!(closed.iter().all(|it| it.closed_at.is_some()));
    assert_eq!(
        alert_page::closed(readers, &patient(2), 10).await.unwrap(),
        []
    );
}

pub(crate) async fn a_reading_is_read_with_its_way_and_its_alerts(mut world: World) {
    let batch = [
        world.home_1.send(&[pressure("cuff-1", "07:50", 150, 80)]),
        world.home_2.send(&[oxygen("oximeter-2", "07:53", 91)]),
    ];
    world.take(&batch).await;
    let readers = world.store.readers();
    let since = world.now - SignedDuration::from_hours(24);
    let alerts = alert_page::alerts_of_readings(readers, &patient(1), since).await;
    let alerts = alerts.unwrap();
    assert_eq!(alerts.len(), 1);
    let (id, numbers) = alerts.first_key_value().unwrap();
    assert_eq!(numbers, &[AlertNumber::FIRST]);
    let none = alert_page::alerts_of_readings(readers, &patient(1), world.now).await;
    assert!(none.unwrap().is_empty());

    let found = alert_page::reading(readers, &patient(1), *id)
        .await
        .unwrap();
    let found = found.unwrap();
    assert_eq!(
        (found.reading.id, found.device_kind.as_str()),
        (*id, "cuff")
    );
    assert_eq!(found.gateway, "gateway-1");
    assert_eq!(found.stored_at, world.now);
    let of_another = alert_page::reading(readers, &patient(2), *id).await;
    assert_eq!(of_another.unwrap(), None);
}

pub(crate) async fn who_may_take_an_alert_cares_for_the_team(world: World) {
    let readers = world.store.readers();
    let ids = async |team: &str, with_leads, most| {
        let rows = alert_page::colleagues(readers, team, with_leads, most).await;
        let rows = rows.unwrap().into_iter();
        rows.map(|it| it.id).collect::<Vec<_>>()
    };
    let north = ids("north", false, 100).await;
    assert!(north.contains(&"nurse-okafor".to_owned()), "{north:?}");
    assert!(ids("nowhere", false, 100).await.is_empty());
    assert_eq!(ids("north", false, 1).await, north[..1]);
    let mut write = world.store.write().await.unwrap();
    for statement in [
        "INSERT INTO team (id, name) VALUES ('far', 'Far team')",
        "INSERT INTO person (id, name, role, team, prescriber) VALUES ('dr-far', 'Dr Far', 'GP', 'far', 0)",
        "INSERT INTO role_grant (person, number, role, team, granted_at) VALUES ('dr-far', 1, 'gp_lead', 'far', 0)",
        "UPDATE role_grant SET withdrawn_at = 1 WHERE person = 'nurse-okafor'",
    ] {
        sqlx::query(statement).execute(&mut *write).await.unwrap();
    }
    write.commit().await.unwrap();
    assert!(
        !ids("north", false, 100)
            .await
            .contains(&"dr-far".to_owned())
    );
    let with_leads = ids("north", true, 100).await;
    assert_eq!(with_leads.last().map(String::as_str), Some("dr-far"));
    assert!(
        !with_leads.contains(&"nurse-okafor".to_owned()),
        "withdrawn"
    );
}

pub(crate) async fn an_action_is_done_once_unless_it_was_undone(mut world: World) {
    let (nurse, other, patient) = (
        person("nurse-okafor"),
        person("nurse-lindqvist"),
        patient(1),
    );
    let action = |person, id, number| Action {
        person,
        id,
        patient: &patient,
        alert: AlertNumber(number),
    };
    let id = "00112233445566778899aabbccddeeff";
    let mut undone = world.store.write().await.unwrap();
    let first = alert_actions::begin(&mut undone, action(&nurse, id, 1), world.now).await;
    assert!(first.unwrap());
    undone.rollback().await.unwrap();

    let begin = async |world: &World, action| {
        let mut write = world.store.write().await.unwrap();
        let begun = alert_actions::begin(&mut write, action, world.now)
            .await
            .unwrap();
        write.commit().await.unwrap();
        begun
    };
    assert!(begin(&world, action(&nurse, id, 1)).await, "it was refused");
    assert!(!begin(&world, action(&nurse, id, 1)).await);
    assert!(begin(&world, action(&nurse, id, 2)).await, "another alert");
    assert!(begin(&world, action(&other, id, 1)).await, "another person");
    world.wait(ACTION_DAYS_KEPT * 24 * 60 + 1);
    let later = "ffeeddccbbaa99887766554433221100";
    assert!(begin(&world, action(&nurse, later, 1)).await);
    assert_eq!(world.count("SELECT COUNT(*) FROM alert_action").await, 1);
}
