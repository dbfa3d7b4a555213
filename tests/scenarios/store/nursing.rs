//! What nurses do besides handling alerts: contacts, strikes, discharges, watches and handovers, as pages read them.

use clinical::{
    AlertNumber, Contact, ContactHow, ContactResult, Discharge, DischargeReason, Event, Outcome,
    PersonId, Plan, PlanVersion, Refusal, Strike, StrikeBack, StrikeReason, Watch,
};
use jiff::{SignedDuration, Timestamp};
use server::explain::explain;
use server::store::{cases, contacts, discharges, patient_page, strikes, watches, worklist};
use vitals::{ReadingId, Record};

use crate::care::{mornings, plan};
use crate::home::{oxygen, pressure};
use crate::world::{World, patient};

const FIRST: AlertNumber = AlertNumber::FIRST;
const ROWS_MAX: i64 = 10;

fn okafor() -> PersonId {
    "nurse-okafor".parse().unwrap()
}

fn lindqvist() -> PersonId {
    "nurse-lindqvist".parse().unwrap()
}

fn taken(alert: AlertNumber) -> Event {
    Event::AlertTaken {
        alert,
        by: okafor(),
        instead_of: None,
    }
}

fn closed(alert: AlertNumber) -> Event {
    Event::AlertClosed {
        alert,
        by: okafor(),
        outcome: Outcome::AdviceGiven,
        note: String::new(),
        duplicate_of: None,
    }
}

fn three_tries() -> Plan {
    plan(|care| care["escalation"]["urgent"]["unanswered_max"] = 3.into())
}

impl World {
    /// Patient 1's oximeter measures; gives the reading.
    async fn oxygen(&mut self, time: &str, percent: i32) -> ReadingId {
        let record = oxygen("oximeter-1", time, percent);
        let Record::Reading(reading) = &record else {
            panic!("a reading");
        };
        let id = reading.id;
        let message = self.home_1.send(&[record]);
        self.take(&[message]).await;
        id
    }

    fn after_minutes(&self, minutes: i64) -> Timestamp {
        self.now + SignedDuration::from_mins(minutes)
    }

    async fn acts(&self, event: &Event) {
        self.happen(1, event).await.unwrap();
    }

    async fn refuses(&self, event: &Event) -> String {
        self.happen(1, event).await.unwrap_err().to_string()
    }

    async fn alert_row(&self, number: i64) -> worklist::AlertRow {
        let row = worklist::alert(self.store.readers(), &patient(1), number).await;
        row.unwrap().unwrap()
    }

    /// Time goes on until patient 1 is due next, and that happens.
    async fn waits_for_the_next(&mut self) {
        let mut write = self.store.write().await.unwrap();
        let locked = cases::lock(&mut write, &patient(1)).await.unwrap().unwrap();
        drop(write);
        let (due_at, what) = locked.case.next_deadline().unwrap();
        self.now = due_at;
        self.acts(&Event::DeadlinePassed { what, due_at }).await;
    }

    async fn told(&self, name: &str) -> String {
        let told = explain(&self.store, &name.parse().unwrap(), self.now).await;
        let told = told.unwrap();
        let words: Vec<&str> = told.split_whitespace().collect();
        words.join(" ")
    }
}

fn called(alert: Option<AlertNumber>, result: ContactResult, retry_at: Option<Timestamp>) -> Event {
    Event::Contacted(Contact {
        alert,
        by: okafor(),
        how: ContactHow::Phone,
        result,
        note: "Rang\0 twice.".to_owned(),
        retry_at,
    })
}

/// Nobody answers: the alert waits, comes back marked, and every call is in the log; after three tries no other is allowed.
pub(crate) async fn contacts_are_logged_and_tries_are_counted(mut world: World) {
    world.adopt(1, three_tries()).await;
    world.oxygen("08:00", 84).await;
    world.acts(&taken(FIRST)).await;
    let retry_at = world.after_minutes(20);
    let no_answer = called(Some(FIRST), ContactResult::NoAnswer, Some(retry_at));
    world.acts(&no_answer).await;
    let row = world.alert_row(1).await;
    assert_eq!((row.ownership_is.as_str(), row.unanswered), ("waiting", 1));
    assert_eq!(row.aside_until, Some(retry_at.as_microsecond()));
    assert_eq!(row.came_back_at, None);

    world.waits_for_the_next().await;
    let row = world.alert_row(1).await;
    assert_eq!((row.ownership_is.as_str(), row.unanswered), ("new", 1));
    assert_eq!(row.came_back_at, Some(retry_at.as_microsecond()));
    world.acts(&taken(FIRST)).await;
    assert_eq!(world.alert_row(1).await.came_back_at, None);
    let message = called(Some(FIRST), ContactResult::LeftMessage, None);
    world.acts(&message).await;
    let later = Some(world.after_minutes(20));
    let third = called(Some(FIRST), ContactResult::NoAnswer, later);
    assert_eq!(
        world.refuses(&third).await,
        "Alert 1: nobody has answered 3 times. Do not wait again: leave the time out, and escalate it."
    );
    let spoken = called(None, ContactResult::SpokeWithCarer, None);
    world.acts(&spoken).await;

    let readers = world.store.readers();
    let log = contacts::of_patient(readers, &patient(1), ROWS_MAX).await;
    let log = log.unwrap();
    let lines: Vec<_> = log
        .iter()
        .map(|it| (it.number, it.alert, it.result().unwrap(), it.unanswered))
        .collect();
    assert_eq!(
        lines,
        [
            (3, None, ContactResult::SpokeWithCarer, 0),
            (2, Some(1), ContactResult::LeftMessage, 2),
            (1, Some(1), ContactResult::NoAnswer, 1),
        ]
    );
    assert_eq!(log[2].how(), Some(ContactHow::Phone));
    assert_eq!(log[2].retry_at, Some(retry_at.as_microsecond()));
    assert_eq!(log[2].note, "Rang\u{fffd} twice.");
    let of_alert = contacts::of_alert(readers, &patient(1), FIRST, ROWS_MAX).await;
    assert_eq!(of_alert.unwrap(), log[1..]);
    let last = world.alert_row(1).await;
    assert_eq!(last.contact_at, Some(log[0].at));
    assert_eq!(last.contact_result.as_deref(), Some("spoke_with_carer"));
    assert_eq!(last.contact_unanswered, Some(0));
    let told = world.told("patient-1/1").await;
    for part in [
        "Ada Okafor (care coordinator) called: no answer (Rang\u{fffd} twice.)",
        "Ada Okafor (care coordinator) called: left a message, 2 times now",
    ] {
        assert!(told.contains(part), "{part} is missing:\n{told}");
    }
    world.is_replayed_and_rebuilt().await;
}

fn struck(reading: ReadingId) -> Event {
    Event::ReadingStruck(Strike {
        reading,
        by: okafor(),
        reason: StrikeReason::AnotherPerson,
        note: "Her brother.".to_owned(),
    })
}

/// A reading marked as wrong stays, is shown as such, and its alert says that nothing speaks for it; taken back, all is as
/// it was.
pub(crate) async fn a_reading_is_struck_out_and_counts_again(mut world: World) {
    world.adopt(1, three_tries()).await;
    let reading = world.oxygen("08:00", 84).await;
    let not_hers = world.happen(2, &struck(reading)).await;
    assert_eq!(not_hers, Err(Refusal::NotTheirReading(reading)));
    world.acts(&struck(reading)).await;
    assert!(world.alert_row(1).await.is_struck());
    assert_eq!(
        world.refuses(&struck(reading)).await,
        "This reading is struck out already, by nurse-okafor. Reload the page."
    );
    let readings = async |world: &World| {
        let readers = world.store.readers();
        let since = Timestamp::UNIX_EPOCH;
        let all = patient_page::readings(readers, &patient(1), since, ROWS_MAX).await;
        all.unwrap()
    };
    let shown = readings(&world).await;
    let mark = shown[0].struck.clone().unwrap();
    assert_eq!((shown.len(), shown[0].reading.id), (1, reading));
    assert_eq!(
        (mark.by.as_str(), mark.at, mark.reason, mark.note.as_str()),
        (
            "nurse-okafor",
            world.now,
            StrikeReason::AnotherPerson,
            "Her brother."
        )
    );
    let told = world.told("patient-1/1").await;
    for part in [
        "It was struck out by Ada Okafor (care coordinator): somebody else used the device (Her brother.)",
        "every reading that spoke for it was struck out: a person has to close it",
    ] {
        assert!(told.contains(part), "{part} is missing:\n{told}");
    }
    world.is_replayed_and_rebuilt().await;

    world.wait(5);
    let back = Event::StrikeTakenBack(StrikeBack {
        reading,
        by: lindqvist(),
        note: "It was hers.".to_owned(),
    });
    world.acts(&back).await;
    assert_eq!(world.alert_row(1).await.condition_is, "active");
    assert_eq!(readings(&world).await[0].struck, None);
    let rows = strikes::of_patient(world.store.readers(), &patient(1), ROWS_MAX).await;
    let rows = rows.unwrap();
    let all: Vec<_> = rows
        .iter()
        .map(|it| (it.number, it.is_struck(), it.by_person.as_str()))
        .collect();
    assert_eq!(
        all,
        [(2, false, "nurse-lindqvist"), (1, true, "nurse-okafor")]
    );
    assert_eq!(rows[1].reason(), StrikeReason::AnotherPerson);
    assert!(
        world
            .told("patient-1/1")
            .await
            .contains("counts again, says Maja Lindqvist")
    );
    world.is_replayed_and_rebuilt().await;
}

/// After a discharge nothing is due; what arrives is stored, not judged, and one technical item says so. The seed leaves
/// the patient alone, and monitoring starts again by the next plan.
pub(crate) async fn a_patient_is_discharged_and_monitored_again(mut world: World) {
    let daily = plan(|care| care["schedule"] = mornings("oximetry"));
    world.adopt(1, daily).await;
    world.oxygen("08:00", 84).await;
    let discharge = Event::Discharged(Discharge {
        by: okafor(),
        reason: DischargeReason::GoalsMet,
        note: "Well since March.".to_owned(),
    });
    assert_eq!(
        world.refuses(&discharge).await,
        "The patient cannot be discharged yet. Finish this first: close alert 1 (oxygen)."
    );
    world.acts(&taken(FIRST)).await;
    world.acts(&closed(FIRST)).await;
    world.acts(&discharge).await;
    let due = "SELECT COUNT(*) FROM case_state WHERE patient = 'patient-1' AND next_deadline_at IS NOT NULL";
    assert_eq!(world.count(due).await, 0);
    let readers = world.store.readers().clone();
    let row = discharges::of_patient(&readers, &patient(1)).await.unwrap();
    let row = row.unwrap();
    assert_eq!(row.reason(), DischargeReason::GoalsMet);
    assert_eq!(
        discharges::current(&readers, ROWS_MAX).await.unwrap(),
        [row]
    );

    world.wait(60);
    for time in ["08:50", "08:55"] {
        world.oxygen(time, 83).await;
    }
    let readings = "SELECT COUNT(*) FROM reading WHERE patient = 'patient-1'";
    assert_eq!(world.count(readings).await, 3);
    let open = worklist::open_alerts_of(&readers, &patient(1)).await;
    let open = open.unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(
        (open[0].priority.as_str(), open[0].why.as_str()),
        (
            "technical",
            "Readings arrive from a patient who was discharged (device oximeter-1): they are kept and nobody judges \
             them; fetch the kit"
        )
    );
    world.seed(crate::world::SEED).await.unwrap();

    let start = async |world: &World, version: u32| {
        let plan = Box::new(Plan {
            version: PlanVersion(version),
            ..plan(|_| {})
        });
        let coordinator = lindqvist();
        world
            .happen(1, &Event::MonitoringStarted { coordinator, plan })
            .await
    };
    assert!(start(&world, 9).await.is_err());
    start(&world, 3).await.unwrap();
    assert_eq!(
        discharges::of_patient(&readers, &patient(1)).await.unwrap(),
        None
    );
    world.oxygen("08:59", 84).await;
    assert_eq!(world.alert_row(3).await.answers, "nurse-lindqvist");
    world.is_replayed_and_rebuilt().await;
}

/// A nurse's line about a patient is on the watch list until its time, or until somebody takes it off.
pub(crate) async fn the_watch_list_has_a_line_until_its_time(world: World) {
    let watched = |note: &str, minutes: i64| {
        Event::Watched(Watch {
            note: note.to_owned(),
            until: world.after_minutes(minutes),
            by: okafor(),
        })
    };
    world.acts(&watched("Dizzy", 60)).await;
    world.acts(&watched("Breathless on the stairs", 600)).await;
    world
        .happen(2, &watched("Rings at night", 30))
        .await
        .unwrap();
    let notes = async |minutes: i64| {
        let at = world.after_minutes(minutes);
        let rows = watches::current(world.store.readers(), at, ROWS_MAX).await;
        let rows = rows.unwrap().into_iter();
        rows.map(|it| (it.patient, it.note)).collect::<Vec<_>>()
    };
    let stairs = (
        "patient-1".to_owned(),
        "Breathless on the stairs".to_owned(),
    );
    let night = ("patient-2".to_owned(), "Rings at night".to_owned());
    assert_eq!(notes(0).await, [night, stairs.clone()]);
    assert_eq!(notes(30).await, [stairs]);
    world.is_replayed_and_rebuilt().await;
    let by = lindqvist();
    world.acts(&Event::WatchEnded { by }).await;
    let readers = world.store.readers();
    let of_one = watches::of_patient(readers, &patient(1), world.now).await;
    assert_eq!(of_one.unwrap(), None);
    world.is_replayed_and_rebuilt().await;
}

/// Everything that a nurse has at the end of a shift passes on acceptance, and what waits or sleeps keeps its time.
pub(crate) async fn what_is_aside_is_handed_over_as_it_is(mut world: World) {
    world.adopt(1, three_tries()).await;
    let message = world.home_1.send(&[
        oxygen("oximeter-1", "07:58", 84),
        pressure("cuff-1", "07:59", 150, 90),
    ]);
    world.take(&[message]).await;
    let second = AlertNumber(2);
    for alert in [FIRST, second] {
        world.acts(&taken(alert)).await;
    }
    let until = world.after_minutes(30);
    let waits = Event::AlertWaits {
        alert: FIRST,
        by: okafor(),
        until,
    };
    let escalated = Event::AlertEscalated {
        alert: second,
        by: okafor(),
        to: "dr-baptiste".parse().unwrap(),
        note: "SBAR".to_owned(),
    };
    for event in [&waits, &escalated] {
        world.acts(event).await;
    }
    for alert in [FIRST, second] {
        let offered = Event::AlertOffered {
            alert,
            by: okafor(),
            to: lindqvist(),
        };
        world.acts(&offered).await;
    }
    let (waiting, asked) = (world.alert_row(1).await, world.alert_row(2).await);
    assert_eq!(waiting.offered_to.as_deref(), Some("nurse-lindqvist"));
    assert_eq!(waiting.held_by.as_deref(), Some("nurse-okafor"));
    assert_eq!(asked.offered_to, None);
    assert_eq!(
        asked.follow_up_offered_to.as_deref(),
        Some("nurse-lindqvist")
    );
    for alert in [FIRST, second] {
        let accepted = Event::OfferAnswered {
            alert,
            by: lindqvist(),
            accepted: true,
        };
        world.acts(&accepted).await;
    }
    let (waiting, asked) = (world.alert_row(1).await, world.alert_row(2).await);
    assert_eq!(waiting.ownership_is, "waiting");
    assert_eq!(waiting.held_by.as_deref(), Some("nurse-lindqvist"));
    assert_eq!(waiting.aside_until, Some(until.as_microsecond()));
    assert_eq!(asked.escalated_by.as_deref(), Some("nurse-lindqvist"));
    assert_eq!(asked.escalated_to.as_deref(), Some("dr-baptiste"));
    let told = world.told("patient-1/1").await;
    let part = "Maja Lindqvist (care coordinator) accepted it as it is";
    assert!(told.contains(part), "{told}");
    world.is_replayed_and_rebuilt().await;
}
