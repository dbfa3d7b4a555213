//! Handling: everything that people and time do to alerts, as pages read it.

use clinical::{AlertNumber, Event, Outcome, PersonId};
use jiff::{SignedDuration, Timestamp};
use server::store::cases;

use crate::care::plan;
use crate::home::{attempt, pressure};
use crate::world::{World, patient};

const FIRST: AlertNumber = AlertNumber::FIRST;

fn person(name: &str) -> PersonId {
    name.parse().unwrap()
}

impl World {
    /// Lets something happen to the first alert of patient 1; gives its row then.
    async fn does(&self, event: Event) -> String {
        self.happen(1, &event).await.unwrap();
        self.row().await
    }

    fn in_minutes(&self, minutes: i64) -> Timestamp {
        self.now + SignedDuration::from_mins(minutes)
    }

    /// Time goes on until patient 1 is due next, and that happens.
    async fn time_passes(&mut self) {
        let mut write = self.store.write().await.unwrap();
        let locked = cases::lock(&mut write, &patient(1)).await.unwrap().unwrap();
        drop(write);
        let (due_at, what) = locked.case.next_deadline().unwrap();
        let found = "SELECT next_deadline_at FROM case_state WHERE patient = 'patient-1'";
        assert_eq!(self.count(found).await, due_at.as_microsecond());
        self.now = due_at;
        let passed = Event::DeadlinePassed { what, due_at };
        self.happen(1, &passed).await.unwrap();
    }

    /// Everything that is projected of the first alert's handling, in one line.
    async fn row(&self) -> String {
        let columns = "SELECT priority || ' ' || ownership_is || ' ' || step || ' answers ' || answers \
                       || COALESCE(' held by ' || held_by, '') || COALESCE(' offered to ' || offered_to, '') \
                       || COALESCE(' escalated by ' || escalated_by || ' to ' || escalated_to, '') \
                       || COALESCE(' aside for ' || CAST((aside_until - opened_at) / 60000000 AS TEXT), '') \
                       || COALESCE(' because ' || aside_reason, '') \
                       || COALESCE(' by ' || CAST((respond_by - opened_at) / 60000000 AS TEXT), '') \
                       || COALESCE(' closed ' || outcome, '') \
                       FROM alert WHERE patient = 'patient-1' AND number = 1";
        self.texts(columns).await.remove(0)
    }
}

/// One urgent reading that nobody repeats; its alert goes through every hand that an alert can go through. Gives the
/// alert's row after each step.
pub(crate) async fn handled_day(world: &mut World) -> Vec<String> {
    world.adopt(1, plan(|_| {})).await;
    let message = world.home_1.send(&[pressure("cuff-1", "08:00", 190, 80)]);
    world.take(&[message]).await;
    assert_eq!(
        world.count("SELECT COUNT(*) FROM alert").await,
        0,
        "a repeat is waited for"
    );
    let mut rows = Vec::new();
    // No repeat comes, then nobody takes the alert.
    for _ in 0..3 {
        world.time_passes().await;
        rows.push(world.row().await);
    }
    let [okafor, lindqvist, baptiste] =
        ["nurse-okafor", "nurse-lindqvist", "dr-baptiste"].map(person);
    rows.push(world.does(taken(&okafor)).await);
    rows.push(world.does(snoozed(&okafor, world.in_minutes(30))).await);
    world.time_passes().await;
    rows.push(world.row().await);
    world.does(taken(&okafor)).await;
    rows.push(world.does(offered(&okafor, &lindqvist)).await);
    rows.push(world.does(answered(&lindqvist)).await);
    rows.push(world.does(waits(&lindqvist, world.in_minutes(15))).await);
    world.time_passes().await;
    world.does(taken(&lindqvist)).await;
    rows.push(world.does(escalated(&lindqvist, &baptiste)).await);
    world.does(taken(&baptiste)).await;
    rows.push(world.does(closed(&baptiste)).await);
    rows.push(world.does(reopened(&baptiste)).await);
    unusable_then_usable(world).await;
    rows
}

/// Two failed attempts make a technical item, which ends by itself with the next reading.
async fn unusable_then_usable(world: &mut World) {
    let failed = [attempt("cuff-1", "09:00"), attempt("cuff-1", "09:01")];
    let message = world.home_1.send(&failed);
    world.take(&[message]).await;
    world.wait(5);
    let message = world.home_1.send(&[pressure("cuff-1", "09:10", 120, 75)]);
    world.take(&[message]).await;
}

fn taken(by: &PersonId) -> Event {
    let by = by.clone();
    Event::AlertTaken {
        alert: FIRST,
        by,
        instead_of: None,
    }
}

fn snoozed(by: &PersonId, until: Timestamp) -> Event {
    Event::AlertSnoozed {
        alert: FIRST,
        by: by.clone(),
        until,
        until_reading: false,
        reason: "She rests\0, then repeats.".to_owned(),
    }
}

fn offered(by: &PersonId, to: &PersonId) -> Event {
    Event::AlertOffered {
        alert: FIRST,
        by: by.clone(),
        to: to.clone(),
    }
}

fn answered(by: &PersonId) -> Event {
    Event::OfferAnswered {
        alert: FIRST,
        by: by.clone(),
        accepted: true,
    }
}

fn waits(by: &PersonId, until: Timestamp) -> Event {
    Event::AlertWaits {
        alert: FIRST,
        by: by.clone(),
        until,
    }
}

fn escalated(by: &PersonId, to: &PersonId) -> Event {
    Event::AlertEscalated {
        alert: FIRST,
        by: by.clone(),
        to: to.clone(),
        note: "190 at rest.".to_owned(),
    }
}

fn closed(by: &PersonId) -> Event {
    Event::AlertClosed {
        alert: FIRST,
        by: by.clone(),
        outcome: Outcome::MedicineChanged,
        note: "Amlodipine.".to_owned(),
        duplicate_of: None,
    }
}

fn reopened(by: &PersonId) -> Event {
    Event::AlertReopened {
        alert: FIRST,
        by: by.clone(),
        reason: "She rang: still dizzy.".to_owned(),
    }
}

pub(crate) async fn what_people_and_time_do_to_an_alert_is_projected(mut world: World) {
    let rows = handled_day(&mut world).await;
    // Minutes count from the opening.
    assert_eq!(
        rows,
        [
            "urgent new coordinator answers nurse-okafor by 10",
            "urgent new team_lead answers nurse-okafor by 15",
            "urgent new on_call answers nurse-okafor by 20",
            "urgent taken coordinator answers nurse-okafor held by nurse-okafor by 35",
            "urgent snoozed coordinator answers nurse-okafor held by nurse-okafor aside for 45 because She rests\u{fffd}, then repeats. by 45",
            "urgent new coordinator answers nurse-okafor by 55",
            "urgent taken coordinator answers nurse-okafor held by nurse-okafor offered to nurse-lindqvist by 65",
            "urgent taken coordinator answers nurse-lindqvist held by nurse-lindqvist by 65",
            "urgent waiting coordinator answers nurse-lindqvist held by nurse-lindqvist aside for 60 by 60",
            "urgent escalated coordinator answers dr-baptiste held by dr-baptiste escalated by nurse-lindqvist to dr-baptiste by 70",
            "urgent taken coordinator answers dr-baptiste held by dr-baptiste closed medicine_changed",
            "urgent taken coordinator answers dr-baptiste held by dr-baptiste by 80",
        ]
    );
    assert_eq!(
        world.texts("SELECT why FROM alert ORDER BY number").await,
        [
            "Systolic 190 mmHg (urgent limit: 180 or over). No valid repeat came in time",
            "2 unusable blood pressure measurements in a row; the last: the device gave no value"
        ]
    );
    let ended = "SELECT outcome || ' ' || COALESCE(note, 'without a note') FROM alert WHERE number = 2 \
                 AND closed_at IS NOT NULL AND respond_by IS NULL";
    assert_eq!(world.texts(ended).await, ["by_itself without a note"]);
    // The reading that ended it is evidence of the alert that is open.
    let len = "SELECT evidence_len FROM alert WHERE number = 1";
    assert_eq!(world.count(len).await, 2);
}

/// A reading that confirms a worse one explains the alert; both are its evidence, each once.
pub(crate) async fn the_reading_that_confirms_explains_the_alert(mut world: World) {
    let soon = |care: &mut serde_json::Value| {
        care["confirmation"]["systolic"]["soon_minutes"] = 30.into();
    };
    world.adopt(1, plan(soon)).await;
    let message = world.home_1.send(&[
        pressure("cuff-1", "08:00", 150, 80),
        pressure("cuff-1", "08:01", 191, 80),
    ]);
    world.take(&[message]).await;
    assert_eq!(
        world
            .texts("SELECT priority || ' ' || why FROM alert")
            .await,
        ["urgent Systolic 191 mmHg (urgent limit: 180 or over)"]
    );
    assert_eq!(world.count("SELECT evidence_len FROM alert").await, 2);
}

pub(crate) async fn what_was_handled_is_replayed_and_rebuilt(mut world: World) {
    handled_day(&mut world).await;
    world.is_replayed_and_rebuilt().await;
}
