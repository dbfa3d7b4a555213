//! Silence: a window that closes without its reading names its cause by what the store knows of the home.

use hearth_tests::wait;
use jiff::{SignedDuration, Timestamp};
use server::clock::ManualClock;
use vitals::topic::Kind;
use vitals::wire::{DeviceStatus, GatewayState, GatewayStatus};

use crate::care::{mornings, plan};
use crate::deadlines::Task;
use crate::home::{oxygen, pressure};
use crate::world::World;

const CLOSED: &str = "SELECT COUNT(*) FROM journal WHERE event LIKE '%\"window_closed\"%'";

fn at(text: &str) -> Timestamp {
    format!("2026-11-{text}:00Z").parse().unwrap()
}

fn status(state: GatewayState, at: Timestamp) -> GatewayStatus {
    GatewayStatus {
        state,
        at,
        software_version: "0.1.0".to_owned(),
        outbox_len: 0,
        oldest_unreceipted_at: None,
        outbox_used_percent: 1,
        refused_len: 0,
        radio_ready: true,
        strangers_ignored: 0,
        started_at: None,
        run: None,
        certificate_ends_at: None,
        devices: Vec::new(),
    }
}

/// Says what the gateway of home 1 says of itself.
async fn says(world: &mut World, when: Timestamp, status: &GatewayStatus) {
    world.now = when;
    let message = world.home_1.sealed(Kind::Status, status);
    world.take(&[message]).await;
}

/// The gateway speaks through a whole morning, every ten minutes.
async fn speaks_all_morning(world: &mut World, day: &str, radio_ready: bool) {
    let says_so = |status: &mut GatewayStatus| status.radio_ready = radio_ready;
    says_all_morning(world, day, says_so).await;
}

async fn says_all_morning(world: &mut World, day: &str, add: impl Fn(&mut GatewayStatus)) {
    let mut when = at(&format!("{day}T05:50"));
    while when < at(&format!("{day}T10:30")) {
        let mut said = status(GatewayState::Online, when);
        add(&mut said);
        says(world, when, &said).await;
        when += SignedDuration::from_mins(10);
    }
}

/// When all homes were looked at last.
const SEEN: &str = "SELECT beat_at FROM heartbeat";

/// Time passes until all homes have been looked at at a time or after it, and once more, so that what followed is done.
async fn passes(world: &World, hand: &ManualClock, until: Timestamp) {
    for until in [until, until + SignedDuration::from_mins(1)] {
        let mut now = until;
        let looked = wait::until(SEEN, async || {
            hand.set(now);
            now += SignedDuration::from_millis(100);
            (world.count(SEEN).await >= until.as_microsecond()).then_some(())
        });
        looked.await.unwrap();
    }
}

async fn closes(world: &World, hand: &ManualClock, day: &str, closed: i64) {
    hand.set(at(&format!("{day}T10:30")));
    world.comes_to(CLOSED, closed).await;
}

/// Gives what was found, window by window.
async fn findings(world: &World) -> Vec<String> {
    let events =
        "SELECT event FROM journal WHERE event LIKE '%\"window_closed\"%' ORDER BY patient, number";
    let events = world.texts(events).await;
    let said = |text: &String| {
        let event: serde_json::Value = serde_json::from_str(text).unwrap();
        let finding = &event["finding"];
        let word = |name: &str| finding[name].as_str().unwrap().to_owned();
        format!("{} {}", word("cause"), word("route"))
    };
    events.iter().map(said).collect()
}

/// Three mornings without a reading, each for another reason.
async fn three_mornings(world: &mut World, hand: &ManualClock) {
    // Everything worked: the patient is reminded.
    speaks_all_morning(world, "22", true).await;
    closes(world, hand, "22", 1).await;
    assert_eq!(world.count("SELECT COUNT(*) FROM alert").await, 0);
    let nudged = "SELECT COUNT(*) FROM journal WHERE decisions LIKE '%\"nudge_patient\"%'";
    assert_eq!(world.count(nudged).await, 1);

    // The broker lost the gateway. A last will was written at the time of connecting.
    let connected_at = at("23T05:50");
    let (online, will) = (GatewayState::Online, GatewayState::Offline);
    says(world, connected_at, &status(online, connected_at)).await;
    says(world, at("23T06:05"), &status(will, connected_at)).await;
    closes(world, hand, "23", 2).await;
    let kit = "SELECT why FROM alert WHERE problem = 'kit' AND priority = 'technical' AND closed_at IS NULL";
    let why = world.texts(kit).await.remove(0);
    assert!(why.contains("without power"), "{why}");

    // It says that it has no Bluetooth; by now nobody has seen a reading for three windows.
    speaks_all_morning(world, "24", false).await;
    closes(world, hand, "24", 3).await;
    let check = "SELECT COUNT(*) FROM alert WHERE problem = 'silence' AND priority = 'check'";
    assert_eq!(world.count(check).await, 1);
}

/// A reading ends what nobody has taken, where the plan says so.
async fn a_morning_with_a_reading(world: &mut World, hand: &ManualClock) {
    speaks_all_morning(world, "25", true).await;
    let reading = pressure("cuff-1", "2026-11-25T07:00", 120, 75);
    let message = world.home_1.send(&[reading]);
    world.take(&[message]).await;
    hand.set(at("25T10:30"));
    let met = "SELECT COUNT(*) FROM journal WHERE decisions LIKE '%\"window_met\"%'";
    world.comes_to(met, 1).await;
    let open = "SELECT problem || ' ' || condition_is FROM alert WHERE closed_at IS NULL";
    assert_eq!(world.texts(open).await, ["silence cleared"]);
}

/// The box took readings in all morning, and has only now delivered the first of them.
async fn a_morning_without_internet(world: &mut World, hand: &ManualClock) {
    let (before, back) = (at("26T05:50"), at("26T10:25"));
    says(world, before, &status(GatewayState::Online, before)).await;
    let waiting = GatewayStatus {
        outbox_len: 4,
        ..status(GatewayState::Online, back)
    };
    says(world, back, &waiting).await;
    let reading = oxygen("oximeter-1", "2026-11-26T08:00", 96);
    let message = world.home_1.send(&[reading]);
    world.take(&[message]).await;
    closes(world, hand, "26", 4).await;
}

pub(crate) async fn a_missing_reading_has_a_cause(mut world: World) {
    let bp = |care: &mut serde_json::Value| care["schedule"] = mornings("blood_pressure");
    world.adopt(1, plan(bp)).await;
    let hand = world.hand();
    let task = Task::start(&world, &hand);
    three_mornings(&mut world, &hand).await;
    a_morning_with_a_reading(&mut world, &hand).await;
    a_morning_without_internet(&mut world, &hand).await;
    task.stop().await;

    // Nobody was here all morning: that is no home's fault.
    hand.set(at("27T10:45"));
    let task = Task::start(&world, &hand);
    world.comes_to(CLOSED, 5).await;
    task.stop().await;
    assert_eq!(
        findings(&world).await,
        [
            "patient_skipped patient_nudge",
            "gateway_off installer_job",
            "bluetooth_fault installer_job",
            "home_internet_down installer_job",
            "outage_of_server operations_incident",
        ]
    );
    world.is_replayed_and_rebuilt().await;
}

/// Without a kit there is nothing to be known, and the patient may simply not have measured.
pub(crate) async fn nothing_is_missed_before_the_sign_off(mut world: World) {
    let bp = |care: &mut serde_json::Value| care["schedule"] = mornings("blood_pressure");
    world.adopt(1, plan(bp)).await;
    world.is_set_up().await;
    let hand = world.hand();
    let task = Task::start(&world, &hand);
    speaks_all_morning(&mut world, "22", true).await;
    closes(&world, &hand, "22", 1).await;
    // In the middle of a window of which nobody could have been asked to fill the first half.
    world.is_signed_off(at("23T08:00")).await;
    speaks_all_morning(&mut world, "23", true).await;
    closes(&world, &hand, "23", 2).await;
    assert_eq!(world.count("SELECT COUNT(*) FROM alert").await, 0);
    speaks_all_morning(&mut world, "24", true).await;
    closes(&world, &hand, "24", 3).await;
    let found = findings(&world).await;
    assert_eq!(found[..2], ["paused nobody", "paused nobody"]);
    assert!(found[2].starts_with("patient_skipped"), "{found:?}");
    task.stop().await;
}

pub(crate) async fn nothing_is_guessed_of_a_home_without_kit(mut world: World) {
    world
        .tamper("DELETE FROM device WHERE patient = 'patient-1'")
        .await;
    let bp = |care: &mut serde_json::Value| care["schedule"] = mornings("blood_pressure");
    world.adopt(1, plan(bp)).await;
    world.now = at("22T10:30");
    let hand = world.hand();
    let task = Task::start(&world, &hand);
    let missed = "SELECT COUNT(*) FROM journal WHERE decisions LIKE '%\"window_missed\"%'";
    world.comes_to(missed, 1).await;
    task.stop().await;
    assert_eq!(world.count(CLOSED).await, 0);
    assert_eq!(world.count("SELECT COUNT(*) FROM alert").await, 0);
}

/// A box that is back delivers what it took in meanwhile: it had power all the time, and no internet.
pub(crate) async fn a_gateway_that_is_back_explains_its_silence(mut world: World) {
    let bp = |care: &mut serde_json::Value| care["schedule"] = mornings("blood_pressure");
    world.adopt(1, plan(bp)).await;
    let hand = world.hand();
    let (before, back) = (at("22T05:50"), at("22T12:00"));
    says(&mut world, before, &status(GatewayState::Online, before)).await;
    let task = Task::start(&world, &hand);
    closes(&world, &hand, "22", 1).await;
    assert_eq!(findings(&world).await, ["gateway_off installer_job"]);

    let waiting = GatewayStatus {
        outbox_len: 4,
        ..status(GatewayState::Online, back)
    };
    says(&mut world, back, &waiting).await;
    let message = world
        .home_1
        .send(&[oxygen("oximeter-1", "2026-11-22T08:00", 96)]);
    world.take(&[message]).await;
    let explained = "SELECT COUNT(*) FROM journal WHERE event LIKE '%\"window_explained\"%'";
    passes(&world, &hand, at("22T12:10")).await;
    assert_eq!(
        world.count(explained).await,
        0,
        "it may still deliver what it holds"
    );
    passes(&world, &hand, at("22T12:32")).await;
    assert_eq!(world.count(explained).await, 1);
    task.stop().await;
    let decided = "SELECT decisions FROM journal WHERE event LIKE '%\"window_explained\"%'";
    let decided = world.texts(decided).await.remove(0);
    assert!(decided.contains("home_internet_down"), "{decided}");

    // Once is enough, and what was found is replayed.
    let task = Task::start(&world, &hand);
    passes(&world, &hand, at("22T12:40")).await;
    task.stop().await;
    assert_eq!(world.count(explained).await, 1);
    world.is_replayed_and_rebuilt().await;
}

/// A box that has been without the time since before the window sends nothing: neither the patient nor the clock's offset,
/// which would be over fifty years, is the cause.
pub(crate) async fn a_box_without_the_time_is_named_as_the_cause(mut world: World) {
    let bp = |care: &mut serde_json::Value| care["schedule"] = mornings("blood_pressure");
    world.adopt(1, plan(bp)).await;
    let hand = world.hand();
    let task = Task::start(&world, &hand);
    let started = at("22T05:45");
    says_all_morning(&mut world, "22", |said| {
        said.at = Timestamp::UNIX_EPOCH + said.at.duration_since(started);
        said.outbox_len = 1;
    })
    .await;
    closes(&world, &hand, "22", 1).await;
    task.stop().await;
    assert_eq!(findings(&world).await, ["time_unknown installer_job"]);
    let kit = "SELECT why FROM alert WHERE problem = 'kit' AND condition_is = 'active'";
    let why = world.texts(kit).await;
    assert!(
        why.len() == 1 && why[0].contains("does not know the time"),
        "{why:?}"
    );
    let clues = "SELECT event FROM journal WHERE event LIKE '%time_unknown%2026-11-22T05:45:00Z%'";
    assert_eq!(world.texts(clues).await.len(), 1);
    world.is_replayed_and_rebuilt().await;
}

/// Three mornings in which only the cuff is silent, and the gateway tells what it knows of it.
pub(crate) async fn what_a_gateway_tells_of_a_device_names_the_cause(mut world: World) {
    let bp = |care: &mut serde_json::Value| care["schedule"] = mornings("blood_pressure");
    world.adopt(1, plan(bp)).await;
    let hand = world.hand();
    let task = Task::start(&world, &hand);
    let cuff = || DeviceStatus::new("cuff-1".parse().unwrap());
    let flat = DeviceStatus {
        seen_at: Some(at("21T07:00")),
        battery_percent: Some(10),
        ..cuff()
    };
    let refusing = DeviceStatus {
        seen_at: Some(at("23T07:59")),
        failed_at: ["23T07:57", "23T07:58", "23T07:59"].map(at).to_vec(),
        ..cuff()
    };
    let heard = DeviceStatus {
        seen_at: Some(at("24T08:00")),
        battery_percent: Some(90),
        // Before the window.
        failed_at: ["23T07:57", "23T07:58", "23T07:59"].map(at).to_vec(),
        ..cuff()
    };
    for (number, (day, told)) in (1..).zip([("22", flat), ("23", refusing), ("24", heard)]) {
        says_all_morning(&mut world, day, |said| {
            said.started_at = Some(at("20T12:00"));
            said.devices = vec![told.clone()];
        })
        .await;
        let other = oxygen("oximeter-1", &format!("2026-11-{day}T08:00"), 96);
        let message = world.home_1.send(&[other]);
        world.take(&[message]).await;
        closes(&world, &hand, day, number).await;
    }
    task.stop().await;
    assert_eq!(
        findings(&world).await,
        [
            "device_battery patient_nudge",
            // The oximeter was heard all the while, so the radio is well.
            "device_out_of_range_or_broken installer_job",
            // By the third window in a row somebody asks how the patient is.
            "patient_skipped safe_and_well",
        ]
    );
    world.is_replayed_and_rebuilt().await;
}
