//! Three days without a connection on one clock: everything is kept, then arrives once, with the times it was measured.

use std::path::Path;

use gateway::capture::{Capture, CaptureRequest};
use gateway::lifecycle::Core;
use hearth_tests::net::Cable;
use hearth_tests::ports::free_port;
use hearth_tests::seed;
use hearth_tests::wait;
use jiff::{SignedDuration, Timestamp};
use server::lifecycle::Server;
use server::seed::{Seed, SeedFile};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use vitals::{Characteristic, RawBytes};

/// One reading every five minutes from each of five devices, for 72 hours.
const DEVICES: usize = 5;
const INTERVAL_S: i64 = 300;
const ROUNDS: usize = 72 * 3600 / 300;

/// The programs' clocks: one for both, unless the gateway's is wrong.
pub(crate) struct Clocks {
    pub(crate) gateway: gateway::clock::Clock,
    pub(crate) hand: gateway::clock::ClockHand,
    pub(crate) server: server::clock::ManualClock,
}

impl Clocks {
    fn at(start: Timestamp) -> Self {
        Self::apart(start, start)
    }

    /// One that is right for the server, and one for the gateway that need not be.
    pub(crate) fn apart(start: Timestamp, at_gateway: Timestamp) -> Self {
        let (gateway, hand) = gateway::clock::Clock::manual(at_gateway);
        Self {
            gateway,
            hand,
            server: server::clock::ManualClock::new(start, 1),
        }
    }

    pub(crate) fn advance(&self, seconds: i64) {
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
pub(crate) fn blood_pressure(systolic: u8, diastolic: u8) -> RawBytes {
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
            dialect: gatt::Dialect::default(),
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

/// Both programs in this process, on one clock, joined by a cable.
pub(crate) struct World {
    pub(crate) clocks: Clocks,
    start: Timestamp,
    pub(crate) cable: Cable,
    pub(crate) core: Core,
    pub(crate) server: Server,
    stop: CancellationToken,
    _folder: TempDir,
}

impl World {
    async fn begin() -> Self {
        let start = "2026-03-27T06:00:00Z".parse().unwrap();
        Self::begin_at(start, Clocks::at(start)).await
    }

    pub(crate) async fn begin_at(start: Timestamp, clocks: Clocks) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stop = CancellationToken::new();
        let config = server_config(folder.path(), free_port().unwrap());
        let server = Server::start(&config, clocks.server.clock(), stop.child_token())
            .await
            .unwrap();
        let cable = Cable::lay(server.mqtt_address.unwrap()).await.unwrap();
        let config = gateway_config(folder.path(), cable.address());
        let described = gateway::keys::registration(&config.gateway_id, &config.state_dir).unwrap();
        let file = SeedFile::parse(&seed::five_devices(&described).unwrap()).unwrap();
        Seed::with_keys(file, folder.path())
            .unwrap()
            .apply(&server.store, start)
            .await
            .unwrap();
        let core = Core::start(&config, clocks.gateway.clone(), stop.child_token())
            .await
            .unwrap();
        let uplink = core.uplink_status();
        wait::until("the gateway connects", async || {
            (uplink.connections() > 0).then_some(())
        })
        .await
        .unwrap();
        Self {
            clocks,
            start,
            cable,
            core,
            server,
            stop,
            _folder: folder,
        }
    }

    pub(crate) async fn count(&self, statement: &'static str) -> i64 {
        sqlx::query_scalar(statement)
            .fetch_one(self.server.store.readers())
            .await
            .unwrap()
    }

    pub(crate) async fn waiting(&self) -> u64 {
        self.core.outbox().status().await.unwrap().unreceipted_len
    }

    pub(crate) async fn end(self) {
        self.stop.cancel();
        self.core.stopped().await.unwrap();
        self.server.finish().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_is_kept_and_arrives_once() {
    let world = World::begin().await;
    let readings = i64::try_from(ROUNDS * DEVICES).unwrap();
    world.cable.cut();
    for round in 0..ROUNDS {
        measure(&world.core, &world.clocks, round).await;
        world.clocks.advance(INTERVAL_S);
    }
    assert_eq!(i64::try_from(world.waiting().await).unwrap(), readings);

    world.cable.mend();
    wait::until("the outbox is empty", async || {
        (world.waiting().await == 0).then_some(())
    })
    .await
    .unwrap();
    assert_eq!(world.count("SELECT COUNT(*) FROM reading").await, readings);
    assert_eq!(world.count("SELECT COUNT(*) FROM quarantine").await, 0);
    assert_eq!(
        world.count("SELECT COUNT(*) FROM alert").await,
        1,
        "three days late, and still one alert"
    );

    let last =
        world.start + SignedDuration::from_secs(INTERVAL_S * i64::try_from(ROUNDS - 1).unwrap());
    let end = world.start + SignedDuration::from_hours(72);
    assert_eq!(
        world.count("SELECT MIN(measured_at) FROM reading").await,
        world.start.as_microsecond()
    );
    assert_eq!(
        world.count("SELECT MAX(measured_at) FROM reading").await,
        last.as_microsecond()
    );
    assert_eq!(
        world.count("SELECT MIN(stored_at) FROM reading").await,
        end.as_microsecond()
    );
    wait::until("the head of the chain is signed", async || {
        (world.count("SELECT COUNT(*) FROM head").await > 0).then_some(())
    })
    .await
    .unwrap();
    let report = server::verify::verify(&world.server.store).await.unwrap();
    assert!(report.findings.is_empty(), "{report:?}");
    let again = server::replay::check(&world.server.store, None)
        .await
        .unwrap();
    assert!(again.rows_len > readings, "{again:?}");
    assert_eq!(again.differences, [], "the same journal, decided again");
    world.end().await;
}
