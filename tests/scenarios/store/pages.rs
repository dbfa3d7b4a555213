//! What the pages read, from what ingest and casework wrote.

use clinical::{Priority, TeamId};
use jiff::Timestamp;
use server::store::worklist::Lane;
use server::store::{counts, patient_page, people, worklist};

use crate::home::{attempt, oxygen, pressure};
use crate::world::{World, patient};

fn north() -> TeamId {
    "north".parse().unwrap()
}

async fn one_morning(world: &mut World) {
    let batch = [
        world.home_1.send(&[
            pressure("cuff-1", "07:50", 150, 80),
            attempt("cuff-1", "07:51"),
            pressure("cuff-1", "07:52", 120, 75),
        ]),
        world.home_2.send(&[oxygen("oximeter-2", "07:53", 91)]),
    ];
    world.take(&batch).await;
}

pub(crate) async fn the_worklist_reads_what_was_written(mut world: World) {
    one_morning(&mut world).await;
    let readers = world.store.readers();

    let read = async |lane, most| {
        worklist::open_alerts(readers, &north(), lane, world.now, most)
            .await
            .unwrap()
    };
    let rows = read(Lane::Patients, 10).await;
    let shown: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row.family_name.as_str(),
                row.priority(),
                row.is_cleared(),
                row.coordinator.as_str(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("Example", Priority::Urgent, false, "nurse-lindqvist"),
            ("Testcase", Priority::Soon, true, "nurse-okafor")
        ]
    );
    assert_eq!(read(Lane::Patients, 1).await, rows[..1]);
    assert_eq!(read(Lane::Kit, 10).await, []);
    let of_one = worklist::open_alerts_of(readers, &patient(1))
        .await
        .unwrap();
    assert_eq!(of_one, rows[1..]);
    assert_eq!(
        worklist::alert(readers, &patient(2), 1)
            .await
            .unwrap()
            .as_ref(),
        Some(&rows[0])
    );
    assert_eq!(
        worklist::alert(readers, &patient(2), 2).await.unwrap(),
        None
    );
    let open = counts::open(readers, &north(), world.now).await.unwrap();
    assert_eq!(
        (open.open, open.urgent, open.soon, open.not_taken),
        (2, 1, 1, 2)
    );
    assert_eq!((open.check_by, open.technical, open.overdue), (0, 0, 0));
    let groups = counts::groups(readers, &north()).await.unwrap();
    let lens: Vec<i64> = groups.iter().map(|it| it.alerts_len).collect();
    assert_eq!(lens, [1, 1]);
    let kit = counts::kit(readers, &north(), world.now).await.unwrap();
    assert_eq!((kit.gateways_offline, kit.refused), (2, 0));
    assert_eq!(counts::journal_len(readers, &north()).await.unwrap(), 3 + 4);
    let south: TeamId = "south".parse().unwrap();
    let none = worklist::open_alerts(readers, &south, Lane::Patients, world.now, 10).await;
    assert_eq!(none.unwrap(), [], "another team's list");
    let none = counts::open(readers, &south, world.now).await.unwrap();
    assert_eq!((none.open, none.urgent), (0, 0));
    let names = people::names(readers).await.unwrap();
    assert_eq!(names["nurse-okafor"], "Ada Okafor");
}

/// What is left out of a list that is too long is what would have been last.
pub(crate) async fn a_list_that_is_cut_keeps_what_is_overdue_and_worst(mut world: World) {
    one_morning(&mut world).await;
    let soon = "UPDATE alert SET respond_by = 1 WHERE priority = 'soon'";
    world.tamper(soon).await;
    let readers = world.store.readers();
    let north = north();
    let first = async |lane| {
        let rows = worklist::open_alerts(readers, &north, lane, world.now, 1).await;
        rows.unwrap().pop().map(|row| row.priority())
    };
    assert_eq!(first(Lane::Patients).await, Some(Priority::Soon), "overdue");
    let overdue = counts::open(readers, &north, world.now)
        .await
        .unwrap()
        .overdue;
    assert_eq!(overdue, 1);
    world
        .tamper("UPDATE alert SET step = 'on_call' WHERE priority = 'urgent'")
        .await;
    assert_eq!(
        first(Lane::Patients).await,
        Some(Priority::Urgent),
        "both are"
    );
    world
        .tamper("UPDATE alert SET priority = 'technical' WHERE priority = 'soon'")
        .await;
    assert_eq!(first(Lane::Kit).await, Some(Priority::Technical));
    let open = counts::open(readers, &north, world.now).await.unwrap();
    assert_eq!((open.technical, open.overdue), (1, 2));
}

pub(crate) async fn the_patient_page_reads_what_was_written(mut world: World) {
    one_morning(&mut world).await;
    let readers = world.store.readers();
    let since = Timestamp::UNIX_EPOCH;
    let readings = patient_page::readings(readers, &patient(1), since, 10)
        .await
        .unwrap();
    let measured: Vec<_> = readings
        .iter()
        .map(|stored| stored.reading.times.measured_at.to_string())
        .collect();
    assert_eq!(measured, ["2026-11-21T07:52:00Z", "2026-11-21T07:50:00Z"]);
    assert_eq!(readings[0].stored_at, world.now);
    let attempts = patient_page::attempts(readers, &patient(1), since, 10)
        .await
        .unwrap();
    assert_eq!(attempts.len(), 1);
    let plans = patient_page::plans(readers, &patient(1), 10).await.unwrap();
    assert_eq!(plans[0].set_by, "Dr Noel Baptiste");
    assert_eq!(patient_page::staff(readers, 10).await.unwrap().len(), 5);
    let coordinator = patient_page::patient(readers, &patient(1))
        .await
        .unwrap()
        .unwrap()
        .coordinator;
    assert_eq!(coordinator, "Ada Okafor");
    let nobody = "nobody".parse().unwrap();
    assert_eq!(patient_page::person(readers, &nobody).await.unwrap(), None);
    patient_page::answers(readers).await.unwrap();
}

/// An alert that somebody of another team has is on their list, and only as long as they have it.
pub(crate) async fn what_a_person_has_of_another_team_is_on_their_list(mut world: World) {
    one_morning(&mut world).await;
    world
        .tamper("UPDATE alert SET held_by = 'dr-baptiste', ownership_is = 'escalated' WHERE patient = 'patient-2'")
        .await;
    let readers = world.store.readers();
    let doctor = "dr-baptiste".parse().unwrap();
    let elsewhere = async || {
        worklist::held_elsewhere(readers, &doctor, 10)
            .await
            .unwrap()
    };
    assert_eq!(elsewhere().await, [], "a patient of their own team");
    world
        .tamper("UPDATE role_grant SET withdrawn_at = 1 WHERE person = 'dr-baptiste'")
        .await;
    let rows = elsewhere().await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].patient, "patient-2");
    world
        .tamper("UPDATE alert SET closed_at = 1 WHERE patient = 'patient-2'")
        .await;
    assert_eq!(elsewhere().await, []);
}
