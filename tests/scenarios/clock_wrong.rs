//! The box's clock is wrong: what it hears meanwhile arrives once, with the times at which it was measured.

use gateway::capture::{Capture, CaptureRequest};
use hearth_tests::wait;
use jiff::Timestamp;
use tokio::sync::oneshot;
use vitals::Characteristic;

use crate::three_days_offline::{Clocks, World, blood_pressure};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Lets a cuff without a clock measure now.
async fn measure(world: &World, systolic: u8) {
    let (committed, answer) = oneshot::channel();
    let capture = Capture {
        device: "device-0".parse().unwrap(),
        characteristic: Characteristic(0x2A35),
        raw: blood_pressure(systolic, 80),
        received_at: world.clocks.gateway.now(),
        clock_offset_seconds: None,
        dialect: gatt::Dialect::default(),
    };
    let request = CaptureRequest { capture, committed };
    world.core.captures().send(request).await.unwrap();
    answer.await.expect("it is on disk whatever the clock says");
}

async fn all_sent(world: &World, readings: i64) {
    wait::until("everything has arrived", async || {
        let arrived = world.count("SELECT COUNT(*) FROM reading").await;
        (arrived == readings && world.waiting().await == 0).then_some(())
    })
    .await
    .unwrap();
    assert_eq!(world.count("SELECT COUNT(*) FROM quarantine").await, 0);
}

async fn measured_at(world: &World) -> Vec<String> {
    let rows: Vec<i64> = sqlx::query_scalar("SELECT measured_at FROM reading ORDER BY sequence")
        .fetch_all(world.server.store.readers())
        .await
        .unwrap();
    let time = |us: i64| Timestamp::from_microsecond(us).unwrap().to_string();
    rows.into_iter().map(time).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_box_that_starts_in_1970_sends_nothing_before_it_knows_the_time_and_then_all_of_it() {
    let start = at("2026-03-27T08:00:00Z");
    let world = World::begin_at(start, Clocks::apart(start, Timestamp::UNIX_EPOCH)).await;
    world.clocks.advance(120);
    measure(&world, 190).await;
    world.clocks.advance(300);
    measure(&world, 128).await;
    assert_eq!(world.waiting().await, 2);
    assert_eq!(world.core.outbox().chain_end().await.unwrap(), None);

    world.clocks.advance(600);
    world.clocks.hand.set(at("2026-03-27T08:17:00Z"));
    all_sent(&world, 2).await;
    measure(&world, 129).await;
    all_sent(&world, 3).await;
    assert_eq!(
        measured_at(&world).await,
        [
            "2026-03-27T08:02:00Z",
            "2026-03-27T08:07:00Z",
            "2026-03-27T08:17:00Z"
        ]
    );
    let marked = "SELECT COUNT(*) FROM entry WHERE record LIKE '%gateway_clock_unsure%'";
    assert_eq!(
        world.count(marked).await,
        2,
        "what was dated afterwards says so"
    );
    let urgent = "SELECT COUNT(*) FROM alert WHERE priority = 'urgent'";
    assert_eq!(
        world.count(urgent).await,
        1,
        "it counts as what it is: minutes old"
    );
    world.end().await;
}

/// Has the gateway say how it is, which it does at each connection.
async fn connect_anew(world: &World) {
    let connections = world.core.uplink_status().connections();
    world.cable.cut();
    world.cable.mend();
    wait::until("the gateway has connected again", async || {
        (world.core.uplink_status().connections() > connections).then_some(())
    })
    .await
    .unwrap();
}

async fn open_items(world: &World, items: i64) {
    wait::until("the technical items are as expected", async || {
        let open =
            "SELECT COUNT(*) FROM alert WHERE priority = 'technical' AND condition_is = 'active'";
        (world.count(open).await == items).then_some(())
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_box_that_never_learns_the_time_is_a_technical_item_for_its_patient_until_it_does() {
    let start = at("2026-03-27T08:00:00Z");
    let world = World::begin_at(start, Clocks::apart(start, Timestamp::UNIX_EPOCH)).await;
    world.clocks.advance(600);
    connect_anew(&world).await;
    measure(&world, 125).await;
    world.clocks.advance(600);
    connect_anew(&world).await;
    open_items(&world, 1).await;
    let cause = "SELECT COUNT(*) FROM alert WHERE why LIKE 'Box gw-home does not know the time%reaches no time server%'";
    assert_eq!(world.count(cause).await, 1);
    world.clocks.advance(60);
    connect_anew(&world).await;
    measure(&world, 126).await;
    let told = "SELECT COUNT(*) FROM journal WHERE event LIKE '%gateway_clock%'";
    assert_eq!(world.count(told).await, 1, "it is said once");
    assert_eq!(world.waiting().await, 2);

    world.clocks.hand.set(at("2026-03-27T08:21:00Z"));
    connect_anew(&world).await;
    open_items(&world, 0).await;
    all_sent(&world, 2).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_is_put_back_loses_and_doubles_nothing() {
    let start = at("2026-03-27T08:00:00Z");
    // Three hours ahead, until somebody puts it right.
    let ahead = at("2026-03-27T11:00:00Z");
    let world = World::begin_at(start, Clocks::apart(start, ahead)).await;
    measure(&world, 121).await;
    all_sent(&world, 1).await;
    world.cable.cut();
    world.clocks.advance(60);
    measure(&world, 122).await;
    world.clocks.hand.set(at("2026-03-27T08:01:00Z"));
    measure(&world, 122).await;
    world.clocks.advance(60);
    measure(&world, 123).await;
    assert_eq!(world.waiting().await, 3);
    world.cable.mend();
    all_sent(&world, 4).await;
    assert_eq!(
        measured_at(&world).await,
        [
            "2026-03-27T11:00:00Z",
            "2026-03-27T11:01:00Z",
            "2026-03-27T08:01:00Z",
            "2026-03-27T08:02:00Z"
        ]
    );
    let kept = world.core.outbox().status().await.unwrap().receipted_len;
    assert_eq!(kept, 4, "nothing expires early");
    world.end().await;
}
