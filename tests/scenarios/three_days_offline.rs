//! Three days without a connection on one clock: everything is kept, then arrives once, with the times it was measured.

use std::path::Path;

use gateway::capture::{Capture, CaptureRequest};
use gateway::lifecycle::Core;
use hearth_tests::net::{Cable, free_port};
use hearth_tests::seed;
use hearth_tests::wait;
use jiff::{SignedDuration, Timestamp};
use server::lifecycle::Server;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use vitals::{Characteristic, RawBytes};

/// One reading every five minutes from each of five devices, for 72 hours.
const DEVICES: usize = 5;
const INTERVAL_S: i64 = 300;
const ROUNDS: usize = 72 * 3600 / 300;

/// One clock for both programs.
struct Clocks {
    gateway: gateway::clock::Clock,
    hand: gateway::clock::ClockHand,
    server: server::clock::ManualClock,
}

impl Clocks {
    fn at(start: Timestamp) -> Self {
        let (gateway, hand) = gateway::clock::Clock::manual(start);
        Self {
            gateway,
            hand,
            server: server::clock::ManualClock::new(start, 1),
        }
    }

    fn advance(&self, seconds: i64) {
        self.hand.advance_seconds(seconds);
        self.server.advance(SignedDuration::from_secs(seconds));
    }
}

fn gateway_config(folder: &Path, broker: std::net::SocketAddr) -> gateway::config::Config {
    let text = format!(
        "gateway_id = \"gw-home\"\nstate_dir = \"{}\"\nhome_time_zone = \"Europe/London\"\n\
         [broker]\naddress = \"{broker}\"\nkeep_alive_seconds = 5\n",
        folder.join("state").display()
    );
    gateway::config::parse(&text).unwrap()
}

fn server_config(folder: &Path, port: u16) -> server::config::Config {
    let text = format!(
        "time_zone = \"Europe/London\"\nmonitoring_hours = \"always\"\n[store]\nurl = \"sqlite:{}\"\n\
         [broker.embedded]\nlisten = \"127.0.0.1:{port}\"\n[web]\nlisten = \"127.0.0.1:0\"\n",
        folder.join("server.db").display()
    );
    server::config::Config::parse(&text).unwrap()
}

/// A cuff's value without a time stamp: 2A35 in mmHg, systolic and diastolic as given, no pulse.
fn blood_pressure(systolic: u8, diastolic: u8) -> RawBytes {
    RawBytes::try_from(vec![0, systolic, 0, diastolic, 0, 0xFF, 0x07]).unwrap()
}

/// Lets every device measure once. The fifth device's patient is in trouble in the middle of the second day.
async fn measure(core: &Core, clocks: &Clocks, round: usize) {
    for device in 0..DEVICES {
        let systolic = if device == 4 && round == ROUNDS / 2 {
            190
        } else {
            120 + u8::try_from(device).unwrap()
        };
        let (committed, answer) = oneshot::channel();
        let capture = Capture {
            device: format!("device-{device}").parse().unwrap(),
            characteristic: Characteristic(0x2A35),
            raw: blood_pressure(systolic, 80),
            received_at: clocks.gateway.now(),
            clock_offset_seconds: None,
        };
        core.captures()
            .send(CaptureRequest { capture, committed })
            .await
            .unwrap();
        answer
            .await
            .expect("the capture is on disk before the device is let go");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_is_kept_and_arrives_once() {
    let folder = tempfile::tempdir().unwrap();
    let start: Timestamp = "2026-03-27T06:00:00Z".parse().unwrap();
    let clocks = Clocks::at(start);
    let stop = CancellationToken::new();
    let port = free_port().await.unwrap();
    let config = server_config(folder.path(), port);
    let server = Server::start(&config, clocks.server.clock(), stop.child_token())
        .await
        .unwrap();
    let cable = Cable::lay(server.mqtt_address.unwrap()).await.unwrap();
    let config = gateway_config(folder.path(), cable.address());
    let store = server.store.clone();
    let file = seed::five_devices(
        &gateway::keys::registration(&config.gateway_id, &config.state_dir).unwrap(),
    )
    .unwrap();
    let file = server::seed::SeedFile::parse(&file).unwrap();
    server::seed::Seed::with_keys(file, folder.path())
        .unwrap()
        .apply(&store, start)
        .await
        .unwrap();
    let core = Core::start(&config, clocks.gateway.clone(), stop.child_token())
        .await
        .unwrap();
    let mut connected = core.uplink_status();
    wait::until("the gateway connects", async || {
        (connected.connections() > 0).then_some(())
    })
    .await
    .unwrap();

    cable.cut();
    for round in 0..ROUNDS {
        measure(&core, &clocks, round).await;
        clocks.advance(INTERVAL_S);
    }
    let kept = core.outbox().status().await.unwrap();
    assert_eq!(kept.unreceipted_len, (ROUNDS * DEVICES) as u64);

    cable.mend();
    let outbox = core.outbox();
    wait::until("the outbox is empty", async || {
        (outbox.status().await.ok()?.unreceipted_len == 0).then_some(())
    })
    .await
    .unwrap();
    connected = core.uplink_status();
    println!(
        "{} readings after {} connections",
        ROUNDS * DEVICES,
        connected.connections()
    );

    let count = async |statement: &'static str| -> i64 {
        sqlx::query_scalar(statement)
            .fetch_one(store.readers())
            .await
            .unwrap()
    };
    assert_eq!(
        count("SELECT COUNT(*) FROM reading").await,
        i64::try_from(ROUNDS * DEVICES).unwrap()
    );
    assert_eq!(count("SELECT COUNT(*) FROM quarantine").await, 0);
    assert_eq!(
        count("SELECT COUNT(*) FROM alert").await,
        1,
        "three days late, and still one alert"
    );
    assert_eq!(
        count("SELECT MIN(measured_at) FROM reading").await,
        start.as_microsecond()
    );
    let last = start + SignedDuration::from_secs(INTERVAL_S * i64::try_from(ROUNDS - 1).unwrap());
    assert_eq!(
        count("SELECT MAX(measured_at) FROM reading").await,
        last.as_microsecond()
    );
    let end = start + SignedDuration::from_hours(72);
    assert_eq!(
        count("SELECT MIN(stored_at) FROM reading").await,
        end.as_microsecond()
    );
    let report = server::verify::verify(&store).await.unwrap();
    assert!(
        report.findings.is_empty() && report.heads_len > 0,
        "{report:?}"
    );

    stop.cancel();
    core.stopped().await.unwrap();
    server.finish().await.unwrap();
}
