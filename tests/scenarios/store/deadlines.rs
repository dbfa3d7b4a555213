//! Deadlines: the real task fires what is due, by a clock that the test moves.

use clinical::silence::SilenceLimits;
use clinical::{Plan, VitalSign};
use hearth_tests::wait::{self, WAIT_MAX};
use jiff::{SignedDuration, Timestamp};
use server::changes::Changes;
use server::clock::ManualClock;
use server::deadlines::{self, Deadlines, FIRED_PER_CASE_MAX, POLL_MAX, RETRY_DELAY};
use server::history;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::care::{mornings, plan};
use crate::home::{attempt, oxygen, pressure};
use crate::world::{World, patient};

const FIRED: &str = "SELECT COUNT(*) FROM journal WHERE event LIKE '%\"deadline_passed\"%' \
                     OR event LIKE '%\"window_closed\"%'";
const PASSED: &str = "SELECT COUNT(*) FROM journal WHERE event LIKE '%\"deadline_passed\"%'";

/// The real task of one server.
pub(crate) struct Task {
    pub(crate) changes: Changes,
    shutdown: CancellationToken,
    running: tokio::task::JoinHandle<anyhow::Result<()>>,
}

impl Task {
    pub(crate) fn start(world: &World, hand: &ManualClock) -> Self {
        let (changes, shutdown) = (Changes::new(), CancellationToken::new());
        let running = tokio::spawn(deadlines::run(Deadlines {
            store: world.store.clone(),
            changes: changes.clone(),
            clock: hand.clock(),
            limits: limits(),
            shutdown: shutdown.clone(),
        }));
        Self {
            changes,
            shutdown,
            running,
        }
    }

    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        let ended = timeout(WAIT_MAX, self.running).await.unwrap();
        ended.unwrap().unwrap();
    }
}

pub(crate) fn limits() -> SilenceLimits {
    toml::from_str(include_str!("../../../config/silence.toml")).unwrap()
}

impl World {
    pub(crate) fn hand(&self) -> ManualClock {
        ManualClock::new(self.now, 1)
    }

    pub(crate) async fn comes_to(&self, query: &'static str, expected: i64) {
        let found = wait::until(query, async || {
            (self.count(query).await == expected).then_some(())
        });
        let found = found.await;
        assert!(
            found.is_ok(),
            "{query} gives {} instead of {expected}",
            self.count(query).await
        );
    }

    /// Patient 1 measured 190, which is to be repeated within two minutes.
    async fn urgent_reading(&mut self) {
        let message = self.home_1.send(&[pressure("cuff-1", "08:00", 190, 80)]);
        self.take(&[message]).await;
    }
}

fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

/// The whole chain without one new reading: a repeat that never comes, then nobody, nobody, nobody.
pub(crate) async fn what_nobody_repeats_and_nobody_takes_goes_up_the_chain(mut world: World) {
    world.adopt(1, plan(|_| {})).await;
    let hand = world.hand();
    let task = Task::start(&world, &hand);
    let mut changed = task.changes.subscribe();
    world.urgent_reading().await;
    hand.advance(minutes(2));
    assert_eq!(
        timeout(WAIT_MAX, changed.recv()).await.unwrap().unwrap(),
        patient(1),
        "open pages are told"
    );
    assert_eq!(world.count("SELECT COUNT(*) FROM alert").await, 1);
    let steps = [
        (10, "SELECT COUNT(*) FROM alert WHERE step = 'team_lead'"),
        (5, "SELECT COUNT(*) FROM alert WHERE step = 'on_call'"),
    ];
    for (later, step) in steps {
        hand.advance(minutes(later));
        world.comes_to(step, 1).await;
    }
    task.stop().await;
    assert_eq!(world.count(PASSED).await, 3);
    world.is_replayed_and_rebuilt().await;
}

/// Between the two, everything is only in the database.
pub(crate) async fn a_deadline_outlives_the_server(mut world: World) {
    world.adopt(1, plan(|_| {})).await;
    let hand = world.hand();
    let task = Task::start(&world, &hand);
    world.urgent_reading().await;
    task.stop().await;
    hand.advance(minutes(60));
    assert_eq!(world.count("SELECT COUNT(*) FROM alert").await, 0);
    let task = Task::start(&world, &hand);
    world.comes_to("SELECT COUNT(*) FROM alert", 1).await;
    task.stop().await;
    assert_eq!(
        world.count(PASSED).await,
        1,
        "who takes it has ten minutes from now on, not from then"
    );
}

/// The clock stands still: it is the change that wakes the task, and without one the poll.
pub(crate) async fn what_is_changed_here_or_elsewhere_is_seen(mut world: World) {
    world.adopt(1, plan(|_| {})).await;
    let hand = world.hand();
    hand.advance(minutes(2));
    let task = Task::start(&world, &hand);
    world.comes_to("SELECT COUNT(*) FROM heartbeat", 1).await;
    world.urgent_reading().await;
    task.changes.announce(patient(1));
    world.comes_to(PASSED, 1).await;

    // Another server, which announces nothing here.
    world.now -= minutes(20);
    let message = world.home_1.send(&[oxygen("oximeter-1", "07:40", 85)]);
    world.take(&[message]).await;
    hand.advance(POLL_MAX);
    world.comes_to(PASSED, 2).await;
    task.stop().await;
}

pub(crate) async fn two_servers_fire_each_deadline_once(mut world: World) {
    for number in 1..=3 {
        world.adopt(number, plan(|_| {})).await;
    }
    let low = |device: &str| oxygen(device, "08:00", 80);
    let messages = [
        world.home_1.send(&[low("oximeter-1")]),
        world.home_2.send(&[low("oximeter-2"), low("oximeter-3")]),
    ];
    world.take(&messages).await;
    let hand = world.hand();
    let servers = [Task::start(&world, &hand), Task::start(&world, &hand)];
    for (round, later) in [(1, 10), (2, 5), (3, 5), (4, 5)] {
        hand.advance(minutes(later));
        world.comes_to(PASSED, 3 * round).await;
    }
    for server in servers {
        server.stop().await;
    }
    assert_eq!(world.count(PASSED).await, 12);
    assert_eq!(world.count("SELECT COUNT(*) FROM incident").await, 0);
    world.is_replayed_and_rebuilt().await;
}

pub(crate) async fn a_case_that_cannot_be_read_holds_up_nobody(mut world: World) {
    for number in 1..=2 {
        world.adopt(number, plan(|_| {})).await;
    }
    let messages = [
        world.home_1.send(&[oxygen("oximeter-1", "07:59", 80)]),
        world.home_2.send(&[oxygen("oximeter-2", "08:00", 80)]),
    ];
    world.take(&messages).await;
    world
        .tamper("UPDATE case_state SET state = '{}' WHERE patient = 'patient-1'")
        .await;
    let hand = world.hand();
    let task = Task::start(&world, &hand);
    hand.advance(minutes(10));
    let up = "SELECT COUNT(*) FROM alert WHERE step = 'team_lead'";
    world.comes_to(up, 1).await;
    history::rebuild_all(&world.store).await.unwrap();
    hand.advance(RETRY_DELAY);
    world.comes_to(up, 2).await;
    task.stop().await;
}

/// Nine deadlines of one case are overdue when the server is back.
pub(crate) async fn one_case_fires_so_often_and_waits(mut world: World) {
    let busy = |care: &mut serde_json::Value| {
        care["schedule"] = every_kind();
        care["term"] = serde_json::json!({"review_by": "2026-11-22"});
    };
    world.adopt(1, pulse_is_watched(plan(busy))).await;
    let message = world.home_1.send(&[
        pressure("cuff-1", "08:00", 190, 80),
        oxygen("oximeter-1", "08:00", 80),
        attempt("cuff-1", "08:01"),
        attempt("cuff-1", "08:02"),
    ]);
    world.take(&[message]).await;
    let hand = world.hand();
    hand.advance(SignedDuration::from_hours(48));
    let task = Task::start(&world, &hand);
    let bound = i64::try_from(FIRED_PER_CASE_MAX).unwrap();
    world.comes_to(FIRED, bound).await;
    task.changes.announce(patient(1));
    task.stop().await;
    assert_eq!(world.count(FIRED).await, bound, "the rest is left");
    let task = Task::start(&world, &hand);
    world.comes_to(FIRED, 9).await;
    task.stop().await;
    world.is_replayed_and_rebuilt().await;
}

fn every_kind() -> serde_json::Value {
    let kinds = ["blood_pressure", "oximetry", "weight", "temperature"];
    let expected = kinds.map(|what| mornings(what)["expected"][0].take());
    serde_json::json!({ "expected": expected })
}

fn pulse_is_watched(mut plan: Plan) -> Plan {
    let limits = serde_json::json!({"soon_low": "75"});
    plan.limits
        .insert(VitalSign::Pulse, serde_json::from_value(limits).unwrap());
    plan
}

/// Deadlines and what people do come from different tasks at the same time, and every journal is still one story.
pub(crate) async fn deadlines_and_readings_come_at_once(mut world: World) {
    for number in 1..=3 {
        world.adopt(number, plan(|_| {})).await;
    }
    let hand = world.hand();
    let servers = [Task::start(&world, &hand), Task::start(&world, &hand)];
    let start: Timestamp = world.now;
    for round in 0..20 {
        let time = (start + minutes(round)).strftime("%H:%M").to_string();
        let messages = [
            world.home_1.send(&[pressure(
                "cuff-1",
                &time,
                181 + i32::try_from(round).unwrap(),
                80,
            )]),
            world.home_2.send(&[oxygen("oximeter-3", &time, 80)]),
        ];
        world.take(&messages).await;
        servers[0].changes.announce(patient(1));
        world.wait(1);
        hand.set(world.now);
    }
    for server in servers {
        server.stop().await;
    }
    world.is_replayed_and_rebuilt().await;
}
