//! What the pages read, from what ingest and casework wrote.

use jiff::Timestamp;
use server::store::{patient_page, worklist};

use crate::home::{attempt, oxygen, pressure};
use crate::world::{World, patient};

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

    let rows = worklist::open_alerts(readers, 10).await.unwrap();
    let shown: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row.family_name.as_str(),
                row.is_urgent(),
                row.is_cleared(),
                row.answers_name.as_str(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("Example", true, false, "Maja Lindqvist"),
            ("Testcase", false, true, "Ada Okafor")
        ]
    );
    assert_eq!(worklist::open_alerts(readers, 1).await.unwrap().len(), 1);
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
    let counts = worklist::open_counts(readers).await.unwrap();
    assert_eq!((counts.open, counts.urgent, counts.not_taken), (2, 1, 2));
    let mut by_person = worklist::open_by_person(readers).await.unwrap();
    by_person.sort();
    assert_eq!(by_person.len(), 2);
    let kit = worklist::kit_counts(readers, world.now).await.unwrap();
    assert_eq!((kit.gateways_offline, kit.refused), (2, 0));
    assert_eq!(worklist::journal_len(readers).await.unwrap(), 3 + 4);
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
