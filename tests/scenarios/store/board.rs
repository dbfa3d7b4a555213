//! What the board shows beside an alert's sentence and above its rows, from what ingest and casework wrote.

use clinical::silence::{Cause, Finding, Route};
use clinical::{
    AlertNumber, Contact, ContactHow, ContactResult, Discharge, DischargeReason, Event, Level,
    PatientId, PersonId, TeamId, VitalSign,
};
use jiff::Timestamp;
use server::store::expected_readings::{self, DayCounts};
use server::store::worklist::{self, AlertRow};
use server::store::{cases, counts};

use crate::care::{mornings, plan};
use crate::home::{oxygen, pressure};
use crate::world::{World, patient};

fn at(text: &str) -> Timestamp {
    format!("2026-11-{text}:00Z").parse().unwrap()
}

fn north() -> TeamId {
    "north".parse().unwrap()
}

fn okafor() -> PersonId {
    "nurse-okafor".parse().unwrap()
}

async fn row(world: &World) -> AlertRow {
    let row = worklist::alert(world.store.readers(), &patient(1), 1).await;
    row.unwrap().unwrap()
}

pub(crate) async fn a_row_has_its_trend_and_the_last_contact(mut world: World) {
    for (time, percent) in [("07:10", 96), ("07:20", 95), ("07:30", 97), ("07:40", 94)] {
        let message = world.home_1.send(&[oxygen("oximeter-1", time, percent)]);
        world.take(&[message]).await;
    }
    world.adopt(1, plan(|_| {})).await;
    let message = world.home_1.send(&[oxygen("oximeter-1", "07:55", 86)]);
    world.take(&[message]).await;
    let opened = row(&world).await;
    let glance = opened.glance();
    let trend = glance.trend.unwrap();
    assert_eq!(trend.sign, VitalSign::Spo2);
    let values: Vec<i64> = trend.points.iter().map(|it| it.1).collect();
    assert_eq!(values, [97_000, 86_000], "the ends of the day");
    assert_eq!(trend.limit.unwrap().level, Level::Urgent);
    assert_eq!(
        (glance.usual[0].low, glance.usual[0].high),
        (94_000, 96_000)
    );
    let stored_at = Some(world.now.as_microsecond());
    assert_eq!(opened.newest_stored_at, stored_at);
    assert_eq!(opened.contact_at, None);

    world.wait(5);
    let contact = |result| {
        Event::Contacted(Contact {
            alert: None,
            by: okafor(),
            how: ContactHow::Phone,
            result,
            note: String::new(),
            retry_at: None,
        })
    };
    for result in [ContactResult::SpokeWithCarer, ContactResult::NoAnswer] {
        world.happen(1, &contact(result)).await.unwrap();
    }
    let message = world.home_1.send(&[oxygen("oximeter-1", "08:02", 93)]);
    world.take(&[message]).await;
    let called = row(&world).await;
    assert_eq!(called.contact_at, Some(world.now.as_microsecond()));
    assert_eq!(called.contact_how.as_deref(), Some("phone"));
    assert_eq!(called.contact_result.as_deref(), Some("no_answer"));
    let points = called.glance().trend.unwrap().points;
    assert_eq!(points.last().unwrap().1, 93_000, "it follows the readings");
    world.is_replayed_and_rebuilt().await;

    // An alert of before this was kept is shown without, until the next thing happens to it.
    world.tamper("UPDATE alert SET glance = NULL").await;
    assert_eq!(row(&world).await.glance().trend, None);
    let taken = Event::AlertTaken {
        alert: AlertNumber::FIRST,
        by: okafor(),
        instead_of: None,
    };
    world.happen(1, &taken).await.unwrap();
    assert!(row(&world).await.glance().trend.is_some());
}

pub(crate) async fn what_sleeps_until_the_next_reading_says_so(mut world: World) {
    world.adopt(1, plan(|_| {})).await;
    let message = world.home_1.send(&[oxygen("oximeter-1", "07:55", 86)]);
    world.take(&[message]).await;
    let (alert, by) = (AlertNumber::FIRST, okafor());
    let taken = Event::AlertTaken {
        alert,
        by: by.clone(),
        instead_of: None,
    };
    world.happen(1, &taken).await.unwrap();
    let snoozed = Event::AlertSnoozed {
        alert,
        by,
        until: at("21T08:30"),
        until_reading: true,
        reason: "She measures again".to_owned(),
    };
    world.happen(1, &snoozed).await.unwrap();
    let asleep = row(&world).await;
    assert_eq!(
        (asleep.ownership_is.as_str(), asleep.aside_until_reading),
        ("snoozed", 1)
    );
    world.wait(10);
    let message = world.home_1.send(&[oxygen("oximeter-1", "08:08", 96)]);
    world.take(&[message]).await;
    let awake = row(&world).await;
    assert_eq!(
        (awake.ownership_is.as_str(), awake.aside_until_reading),
        ("new", 0)
    );
    assert_eq!(awake.came_back_at, Some(world.now.as_microsecond()));
    world.is_replayed_and_rebuilt().await;
}

async fn closes(world: &World, cause: Cause) {
    let case = cases::read(world.store.readers(), &patient(1)).await;
    let due = *case.unwrap().unwrap().expected().next().unwrap();
    let finding = Finding {
        cause,
        clues: Vec::new(),
        route: Route::PatientNudge,
        check_patient: false,
    };
    let closed = Event::WindowClosed { due, finding };
    world.happen(1, &closed).await.unwrap();
}

async fn day(world: &World, day: &str) -> (i64, i64, i64) {
    let since = at(&format!("{day}T00:00"));
    let until = world.now.min(at(&format!("{day}T23:59")));
    let found = expected_readings::since(world.store.readers(), &north(), since, until).await;
    let DayCounts {
        expected,
        came,
        missed,
    } = found.unwrap();
    (expected, came, missed)
}

pub(crate) async fn what_was_expected_today_is_counted(mut world: World) {
    let bp = |care: &mut serde_json::Value| care["schedule"] = mornings("blood_pressure");
    world.adopt(1, plan(bp)).await;
    world.now = at("22T05:00");
    assert_eq!(day(&world, "22").await, (0, 0, 0), "it has not opened");
    world.now = at("22T07:00");
    assert_eq!(day(&world, "22").await, (1, 0, 0));
    let message = pressure("cuff-1", "2026-11-22T06:50", 120, 75);
    let message = world.home_1.send(&[message]);
    world.take(&[message]).await;
    assert_eq!(day(&world, "22").await, (1, 1, 0));
    let came = expected_readings::last_came(world.store.readers(), &north()).await;
    assert_eq!(came.unwrap(), Some(world.now.as_microsecond()));

    world.now = at("22T10:30");
    closes(&world, Cause::PatientSkipped).await;
    for missed in ["23T10:30", "24T10:30"] {
        world.now = at(missed);
        closes(&world, Cause::PatientSkipped).await;
    }
    assert_eq!(day(&world, "22").await, (1, 1, 0));
    assert_eq!(day(&world, "23").await, (1, 0, 1));
    assert_eq!(day(&world, "24").await, (1, 0, 1));
    // What was on its way for long fills the window of its time, be it the last that was missed or one before.
    world.now = at("24T11:00");
    for time in ["2026-11-23T08:00", "2026-11-24T08:00"] {
        let message = world.home_1.send(&[pressure("cuff-1", time, 121, 76)]);
        world.take(&[message]).await;
    }
    assert_eq!(day(&world, "23").await, (1, 1, 0));
    assert_eq!(day(&world, "24").await, (1, 1, 0));
    // Nothing is expected any more of a window that another plan has none of.
    world.now = at("25T07:00");
    assert_eq!(day(&world, "25").await, (1, 0, 0));
    world.adopt(1, plan(|_| {})).await;
    assert_eq!(day(&world, "25").await, (0, 0, 0));
    world.is_replayed_and_rebuilt().await;
}

pub(crate) async fn the_patients_of_a_team_are_counted_by_coordinator(world: World) {
    let read = async || {
        let found = counts::patients(world.store.readers(), &north()).await;
        let found = found.unwrap();
        let all = found.by_coordinator.iter();
        let lens: Vec<(String, i64)> = all.map(|(id, len)| (id.to_string(), *len)).collect();
        (found.name, lens)
    };
    let (name, before) = read().await;
    assert_eq!(name, "North locality team");
    let of = |lens: &[(String, i64)], id: &str| {
        let found = lens.iter().find(|(known, _)| known == id);
        found.map_or(0, |(_, len)| *len)
    };
    let discharged = Event::Discharged(Discharge {
        by: okafor(),
        reason: DischargeReason::GoalsMet,
        note: String::new(),
    });
    world.happen(1, &discharged).await.unwrap();
    let (_, after) = read().await;
    let (before, after) = (of(&before, "nurse-okafor"), of(&after, "nurse-okafor"));
    assert_eq!(before - after, 1);
    let nobody: TeamId = "no-team".parse().unwrap();
    let none = counts::patients(world.store.readers(), &nobody).await;
    assert_eq!(none.unwrap(), counts::TeamPatients::default());
}

pub(crate) async fn cases_of_open_alerts_are_read_at_once(mut world: World) {
    let read = async |world: &World| {
        let found = cases::of_open(world.store.readers(), &north()).await;
        let ids: Vec<PatientId> = found.unwrap().into_iter().map(|(id, _)| id).collect();
        ids
    };
    assert_eq!(read(&world).await, []);
    let message = world.home_2.send(&[oxygen("oximeter-2", "07:53", 85)]);
    world.take(&[message]).await;
    assert_eq!(read(&world).await, [patient(2)]);
    let found = cases::of_open(world.store.readers(), &north()).await;
    let (_, case) = found.unwrap().pop().unwrap();
    let same = cases::read(world.store.readers(), &patient(2)).await;
    assert_eq!(case, same.unwrap());
}
