//! Cases: what people do to alerts, and what the journal is good for.

use std::sync::Arc;

use clinical::{AlertNumber, Decision, Event, Outcome, PersonId, Refusal};
use server::store::{Store, cases};
use server::{casework, history};
use tokio::sync::Barrier;

use crate::home::{attempt, oxygen, pressure};
use crate::world::{SEED, World, patient};

const FIRST: AlertNumber = AlertNumber::FIRST;

fn nurse(name: &str) -> PersonId {
    format!("nurse-{name}").parse().unwrap()
}

async fn happen(
    store: &Store,
    event: &Event,
    now: jiff::Timestamp,
) -> Result<Vec<Decision>, Refusal> {
    let mut write = store.write().await.unwrap();
    let outcome = casework::handle(&mut write, &patient(1), event, now)
        .await
        .unwrap();
    write.commit().await.unwrap();
    outcome
}

fn taken_by(name: &str) -> Event {
    Event::AlertTaken {
        alert: FIRST,
        by: nurse(name),
        instead_of: None,
    }
}

fn closed_by(name: &str) -> Event {
    Event::AlertClosed {
        alert: FIRST,
        by: nurse(name),
        outcome: Outcome::AdviceGiven,
        note: "Rested, repeated: fine.\0".to_owned(),
        duplicate_of: None,
    }
}

async fn raise(world: &mut World) {
    let message = world.home_1.send(&[pressure("cuff-1", "07:55", 150, 80)]);
    world.take(&[message]).await;
}

/// Where two writes can be open at once, both are before either nurse asks; SQLite lets one in after the other.
pub(crate) async fn an_alert_is_taken_by_one_of_two_nurses(mut world: World) {
    for round in 1..=5 {
        let message = world
            .home_1
            .send(&[pressure("cuff-1", &format!("07:1{round}"), 150, 80)]);
        world.take(&[message]).await;
        let alert = AlertNumber(round);
        let (store, now) = (world.store.clone(), world.now);
        let both_are_in = Arc::new(Barrier::new(world.writers_len.min(2)));
        let race = |name: &'static str| {
            let (store, both_are_in) = (store.clone(), Arc::clone(&both_are_in));
            tokio::spawn(async move {
                let by = nurse(name);
                let mut write = store.write().await.unwrap();
                both_are_in.wait().await;
                let taken = Event::AlertTaken {
                    alert,
                    by,
                    instead_of: None,
                };
                let outcome = casework::handle(&mut write, &patient(1), &taken, now).await;
                write.commit().await.unwrap();
                outcome.unwrap()
            })
        };
        let (one, other) = (race("okafor"), race("lindqvist"));
        let outcomes = [one.await.unwrap(), other.await.unwrap()];

        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        let holders =
            "SELECT answers FROM alert WHERE ownership_is = 'taken' AND closed_at IS NULL";
        let holders = world.texts(holders).await;
        let refusal = outcomes.iter().find_map(|outcome| outcome.as_ref().err());
        assert_eq!(
            refusal.unwrap().to_string(),
            format!("Alert {round} was already taken by {}.", holders[0])
        );
        let close = Event::AlertClosed {
            alert,
            by: holders[0].parse().unwrap(),
            outcome: Outcome::RepeatRequested,
            note: String::new(),
            duplicate_of: None,
        };
        happen(&world.store, &close, now).await.unwrap();
    }
    assert_eq!(
        world
            .count("SELECT COUNT(*) FROM journal WHERE patient = 'patient-1'")
            .await,
        1 + 5 * 3,
        "what was refused did not happen"
    );
}

pub(crate) async fn an_alert_is_closed_by_who_took_it(mut world: World) {
    raise(&mut world).await;
    let now = world.now;
    assert_eq!(
        happen(&world.store, &closed_by("okafor"), now).await,
        Err(Refusal::NotTaken(FIRST))
    );
    happen(&world.store, &taken_by("okafor"), now)
        .await
        .unwrap();
    assert!(
        happen(&world.store, &closed_by("lindqvist"), now)
            .await
            .is_err()
    );
    happen(&world.store, &closed_by("okafor"), now)
        .await
        .unwrap();
    assert_eq!(
        happen(&world.store, &closed_by("okafor"), now).await,
        Err(Refusal::NotOpen(FIRST))
    );

    let closed = "SELECT answers || ' ' || outcome || ' ' || note FROM alert WHERE closed_at IS NOT NULL \
                  AND taken_at IS NOT NULL";
    assert_eq!(
        world.texts(closed).await,
        ["nurse-okafor advice_given Rested, repeated: fine.\u{fffd}"]
    );
    // The problem comes back: a new alert, for nobody has taken this one.
    let message = world.home_1.send(&[pressure("cuff-1", "08:10", 186, 112)]);
    world.take(&[message]).await;
    assert_eq!(world.count("SELECT MAX(number) FROM alert").await, 2);
}

pub(crate) async fn a_new_coordinator_answers_for_what_nobody_took(mut world: World) {
    raise(&mut world).await;
    let changed = SEED.replacen(
        "coordinator = \"nurse-okafor\"",
        "coordinator = \"nurse-lindqvist\"",
        1,
    );
    assert_eq!(world.seed(&changed).await.unwrap(), 1);
    assert_eq!(
        world.texts("SELECT answers FROM alert").await,
        ["nurse-lindqvist"]
    );
    let now = world.now;
    happen(&world.store, &taken_by("lindqvist"), now)
        .await
        .unwrap();
    assert_eq!(world.seed(SEED).await.unwrap(), 1);
    assert_eq!(
        world.texts("SELECT answers FROM alert").await,
        ["nurse-lindqvist"],
        "who took an alert answers for it"
    );
}

/// Readings of every kind, alerts opened, worsened, cleared, taken and closed, a plan and a coordinator changed.
async fn eventful_morning(world: &mut World) {
    let batch = [
        world.home_1.send(&[
            pressure("cuff-1", "07:00", 150, 80),
            attempt("cuff-1", "07:05"),
            pressure("cuff-1", "07:10", 186, 112),
            // From the cuff's memory: older than what is known.
            pressure("cuff-1", "06:00", 120, 70),
        ]),
        world.home_2.send(&[
            oxygen("oximeter-2", "07:00", 93),
            oxygen("oximeter-3", "07:01", 87),
        ]),
    ];
    world.take(&batch).await;
    world.wait(5);
    happen(&world.store, &taken_by("okafor"), world.now)
        .await
        .unwrap();
    world.wait(5);
    let batch = [
        world.home_1.send(&[pressure("cuff-1", "08:09", 125, 78)]),
        world.home_2.send(&[
            oxygen("oximeter-2", "08:09", 91),
            oxygen("oximeter-2", "08:10", 98),
        ]),
    ];
    world.take(&batch).await;
    happen(&world.store, &closed_by("okafor"), world.now)
        .await
        .unwrap();
    world.wait(5);
    let changed = SEED
        .replacen(
            "coordinator = \"nurse-lindqvist\"",
            "coordinator = \"nurse-okafor\"",
            1,
        )
        .replacen("soon_low = \"94\"", "soon_low = \"93\"", 1);
    assert_eq!(world.seed(&changed).await.unwrap(), 2);
    let message = world.home_2.send(&[oxygen("oximeter-2", "08:15", 94)]);
    world.take(&[message]).await;
}

pub(crate) async fn replay_decides_as_it_was_decided(mut world: World) {
    eventful_morning(&mut world).await;
    for number in 1..=3 {
        let mut write = world.store.write().await.unwrap();
        let replayed = history::replay(&mut write, &patient(number)).await.unwrap();
        let live = cases::lock(&mut write, &patient(number))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(replayed.difference, None);
        assert_eq!(replayed.case, Some(live.case));
        assert_eq!(replayed.journal_len, live.journal_len);
    }
    // A journal that was written by hand is not what the rules decide.
    world
        .tamper("UPDATE journal SET decisions = '[]' WHERE patient = 'patient-1' AND number = 2")
        .await;
    let mut reader = world.store.readers().acquire().await.unwrap();
    let replayed = history::replay(&mut reader, &patient(1)).await.unwrap();
    assert_eq!(replayed.difference.unwrap().number, 2);
}

pub(crate) async fn rebuilding_gives_what_was_there(mut world: World) {
    eventful_morning(&mut world).await;
    let live = world.projections().await;
    assert!(live.len() > 10);
    world
        .tamper("UPDATE alert SET why = 'edited', closed_at = NULL")
        .await;
    world.tamper("UPDATE case_state SET state = '{}'").await;
    world
        .tamper("UPDATE patient SET coordinator = 'dr-baptiste'")
        .await;
    assert_ne!(world.projections().await, live);
    assert_eq!(history::rebuild_all(&world.store).await.unwrap(), 3);
    assert_eq!(world.projections().await, live);

    world
        .tamper("DELETE FROM journal WHERE patient = 'patient-1' AND number = 3")
        .await;
    let error = format!(
        "{:#}",
        history::rebuild_all(&world.store).await.unwrap_err()
    );
    assert!(
        error.contains("journal row 3 of patient-1 is missing"),
        "{error}"
    );
    assert_eq!(
        world.projections().await,
        live,
        "what cannot be rebuilt is left as it is"
    );
}
