//! A home with simulated devices and a radio that listens to it, each test in a process of its own.

#![expect(
    clippy::unwrap_used,
    reason = "a step of a test home that fails must fail the test at once"
)]

use std::collections::BTreeSet;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use firmware_sim::bluez::{AdapterConfig, BluezConfig};
use firmware_sim::device::{DeviceConfig, DeviceKind, Measurement};
use firmware_sim::{Sim, SimConfig};
use gateway::bindings::Register;
use gateway::capture::{CAPTURE_QUEUE_LEN_MAX, Capture, CaptureRequest};
use gateway::clock::Clock;
use gateway::config;
use gateway::control::server::{Control, serve};
use gateway::doctor::Watch;
use gateway::keys::{self, StateLock};
use gateway::outbox::Outbox;
use gateway::pairing::PairingDesk;
use gateway::progress::Progress;
use gateway::quirks::{self, Table};
use gateway::radio::{self, Air, Radio, RadioStatus, RadioTimings, Remote};
use gateway::reporting::ReportDesk;
use hearth_tests::wait;
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const BUS_DIR: &str = "HEARTH_RADIO_TEST_BUS_DIR";
const PATIENCE: Duration = Duration::from_secs(30);
/// When everything in these homes happens.
pub(crate) const NOW: &str = "2026-11-21T08:00:00Z";

/// Runs a test in a child process that knows a bus of its own: libdbus reads the bus's address once per process.
pub(crate) fn in_own_process<F: Future<Output = ()>>(test: &str, body: impl FnOnce(PathBuf) -> F) {
    if let Some(bus_dir) = std::env::var_os(BUS_DIR) {
        tracing_subscriber::fmt()
            .with_env_filter("gateway=trace")
            .with_writer(std::io::stderr)
            .init();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(patiently(body(bus_dir.into())));
        return;
    }
    let bus_dir = tempfile::Builder::new().prefix("hearth").tempdir().unwrap();
    let address = format!("unix:path={}", bus_dir.path().join("bus.sock").display());
    let output = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(BUS_DIR, bus_dir.path())
        .env("DBUS_SYSTEM_BUS_ADDRESS", address)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(
        output.status.success(),
        "{test} failed in its own process:\n{told}"
    );
    assert!(
        told.contains("1 passed"),
        "{test} is not the name of this test:\n{told}"
    );
    assert!(
        !told.to_uppercase().contains("C2:00") && !told.to_uppercase().contains("C2_00"),
        "{test} logged a device's address:\n{told}"
    );
}

/// Waits for what must come, and fails rather than wait for ever.
pub(crate) async fn patiently<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future)
        .await
        .expect("it did not come within 30 s")
}

/// A cuff that stores what it measures until it is confirmed.
pub(crate) fn cuff() -> DeviceConfig {
    DeviceConfig {
        indicate_every_ms: 0,
        ..DeviceConfig::new("cuff", DeviceKind::Cuff, "C2:00:00:00:00:01")
    }
}

/// A blood pressure as the cuff stores it: `systolic`/80 mmHg, MAP NaN (BLS, Blood Pressure Measurement).
pub(crate) fn pressure(systolic: u8) -> Vec<u8> {
    vec![0x00, systolic, 0x00, 80, 0x00, 0xFF, 0x07]
}

/// A home whose cuff and oximeter and scale are registered, and whose radio listens.
pub(crate) struct Home {
    pub(crate) sim: Sim,
    /// Where commands reach the gateway.
    pub(crate) state_dir: PathBuf,
    pub(crate) status: Arc<RadioStatus>,
    pub(crate) requests: mpsc::Receiver<CaptureRequest>,
    pub(crate) shutdown: CancellationToken,
    pub(crate) radio: JoinHandle<anyhow::Result<()>>,
}

impl Home {
    /// Starts the devices, on the adapters that they name, and a radio to which all are registered: those
    /// whose label begins with `stranger` without their address.
    pub(crate) async fn start(bus_dir: PathBuf, devices: Vec<DeviceConfig>) -> Self {
        Self::start_with(bus_dir, devices, timings()).await
    }

    /// Starts as [`Self::start`] does, with other timings.
    pub(crate) async fn start_with(
        bus_dir: PathBuf,
        devices: Vec<DeviceConfig>,
        timings: RadioTimings,
    ) -> Self {
        Self::start_both(bus_dir, devices, timings, None, |_| {}).await
    }

    /// Starts as [`Self::start_with`] does, with one adapter only.
    pub(crate) async fn start_on(
        bus_dir: PathBuf,
        devices: Vec<DeviceConfig>,
        timings: RadioTimings,
        adapter: Option<&str>,
    ) -> Self {
        Self::start_both(bus_dir, devices, timings, adapter, |_| {}).await
    }

    /// Starts as [`Self::start_with`] does, with devices registered as `change` leaves them.
    pub(crate) async fn start_as(
        bus_dir: PathBuf,
        devices: Vec<DeviceConfig>,
        timings: RadioTimings,
        change: impl Fn(&mut config::DeviceConfig),
    ) -> Self {
        Self::start_both(bus_dir, devices, timings, None, change).await
    }

    async fn start_both(
        bus_dir: PathBuf,
        devices: Vec<DeviceConfig>,
        timings: RadioTimings,
        adapter: Option<&str>,
        change: impl Fn(&mut config::DeviceConfig),
    ) -> Self {
        let now: Timestamp = NOW.parse().unwrap();
        let mut registered: Vec<_> = devices.iter().map(register).collect();
        registered.iter_mut().for_each(change);
        let sim = SimConfig {
            bus_dir: bus_dir.clone(),
            bluez: BluezConfig {
                experimental: true,
                connect_ms: connect_ms(&devices),
                ..BluezConfig::quick()
            },
            adapters: adapters(&devices),
            devices,
        };
        let sim = Sim::start(sim, move || now).await.unwrap();
        let (captures, requests) = mpsc::channel(CAPTURE_QUEUE_LEN_MAX);
        let status = Arc::new(RadioStatus::default());
        let shutdown = CancellationToken::new();
        let state_dir = bus_dir.join("state");
        let lock = Arc::new(keys::lock_state(&state_dir).unwrap());
        let outbox = outbox(&state_dir, &lock).await;
        let register = Register::new(registered, state_dir.clone(), lock);
        let air = Arc::new(Air::new(Arc::new(register)));
        let desk = Arc::<PairingDesk>::default();
        let quirks = Table::parse(quirks::BUILT_IN).unwrap();
        let remote = Remote {
            air: Arc::clone(&air),
            status: Arc::clone(&status),
            desk: Arc::clone(&desk),
            quirks: quirks.clone(),
            timings: timings.clone(),
        };
        let control = control(remote, &state_dir, outbox, now);
        let stop = shutdown.clone();
        let socket_dir = state_dir.clone();
        tokio::spawn(async move { serve(&socket_dir, control, stop).await });
        let radio = Radio {
            adapter: adapter.map(str::to_owned),
            timings,
            air,
            quirks,
            clock: Clock::manual(now).0,
            home_time_zone: jiff::tz::TimeZone::get("Europe/London").unwrap(),
            captures,
            desk,
            status: Arc::clone(&status),
        };
        let radio = tokio::spawn(radio::run(radio, shutdown.clone()));
        Self {
            sim,
            state_dir,
            status,
            requests,
            shutdown,
            radio,
        }
    }

    /// Lets a device measure these bytes.
    pub(crate) async fn measure(&self, device: &str, bytes: &[u8]) {
        let measurement = Measurement::Raw(bytes.to_vec());
        self.sim.measure(device, measurement).await.unwrap();
    }

    /// Waits for the next capture, and answers that it is committed.
    pub(crate) async fn commit_next(&mut self) -> Capture {
        let request = patiently(self.requests.recv()).await.unwrap();
        request.committed.send(()).unwrap();
        request.capture
    }

    /// Waits for the next capture, and refuses it.
    pub(crate) async fn refuse_next(&mut self) -> Capture {
        patiently(self.requests.recv()).await.unwrap().capture
    }

    /// Waits until no collector is connected to the device and it has nothing left to send.
    pub(crate) async fn let_go(&self, device: &str) {
        let gone = self
            .sim
            .wait_for(device, |it| !it.connected && it.stored == 0);
        patiently(gone).await.unwrap();
    }

    /// Waits until the radio says that it is ready, or that it is not.
    pub(crate) async fn says_ready(&self, ready: bool) {
        let said = wait::until("the radio says so", async || {
            (self.status.is_ready() == ready).then_some(())
        });
        said.await.unwrap();
    }

    /// Stops the radio, sees that it captured nothing more than the test took, and ends the devices.
    pub(crate) async fn end(mut self) {
        self.shutdown.cancel();
        patiently(self.radio).await.unwrap().unwrap();
        assert!(!self.status.is_ready());
        let more = self.requests.recv().await.map(|it| it.capture);
        assert_eq!(more, None, "a capture that the test did not expect");
        self.sim.shutdown().await.unwrap();
    }
}

/// Timings under which a test is quick, and a slow machine still passes.
pub(crate) fn timings() -> RadioTimings {
    RadioTimings {
        scan_refresh_ms: 100,
        settle_ms: 1,
        first_value_ms: 1_000,
        idle_ms: 300,
        look_ms_max: 5_000,
        look_settle_ms: 300,
        quiet_ms: 100,
        failure_quiet_ms: 10,
        retry_delay_ms: 20,
        retry_delay_ms_max: 100,
        ..RadioTimings::default()
    }
}

/// One that several adapters hear goes on advertising until a link stands: long enough for all of them to try.
fn connect_ms(devices: &[DeviceConfig]) -> u64 {
    let by_several = devices.iter().any(|it| !it.also_heard.is_empty());
    if by_several { 200 } else { 1 }
}

/// The adapters that hear the devices.
fn adapters(devices: &[DeviceConfig]) -> Vec<AdapterConfig> {
    let ids: BTreeSet<&str> = devices.iter().map(|it| it.adapter.as_str()).collect();
    let numbered = ids.into_iter().zip(1..);
    numbered
        .map(|(id, number): (_, u8)| AdapterConfig {
            id: id.to_owned(),
            address: format!("02:00:00:00:00:{number:02X}"),
            ..AdapterConfig::default()
        })
        .collect()
}

/// These homes have a radio and no uplink.
const NO_BROKER: &str = "gateway_id = \"gw-1\"\nstate_dir = \"/nowhere\"\nhome_time_zone = \"Europe/London\"\n\
                         [broker]\naddress = \"127.0.0.1:1\"\n";

fn control(remote: Remote, state_dir: &Path, outbox: Outbox, now: Timestamp) -> Control {
    let watch = Watch {
        broker: config::parse(NO_BROKER).unwrap().broker,
        outbox: Arc::new(outbox),
        uplink: Arc::default(),
        radio: Arc::clone(&remote.status),
        progress: Progress::default(),
        clock: Clock::manual(now).0,
    };
    Control {
        remote,
        watch: Arc::new(watch),
        identify: None,
        reports: Arc::new(ReportDesk::open(state_dir).unwrap()),
    }
}

async fn outbox(state_dir: &Path, lock: &StateLock) -> Outbox {
    let sealing = keys::load_or_make_locked(state_dir, lock).unwrap().sealing;
    let file = state_dir.join("outbox.db");
    let outbox = Outbox::open(&file, &"gw-1".parse().unwrap(), sealing, 1 << 24).await;
    outbox.unwrap()
}

fn register(device: &DeviceConfig) -> config::DeviceConfig {
    let is_known = !device.label.starts_with("stranger");
    config::DeviceConfig {
        id: device.label.parse().unwrap(),
        address: is_known.then(|| device.address.parse().unwrap()),
        is_written: is_known,
        kind: match device.kind {
            DeviceKind::Cuff => config::DeviceKind::Cuff,
            DeviceKind::Oximeter => config::DeviceKind::Oximeter,
            DeviceKind::Scale => config::DeviceKind::Scale,
        },
        scale_user: None,
    }
}
