//! A simulated home and a btleplug client for it, each test in a process of its own.

#![expect(
    clippy::unwrap_used,
    reason = "a failing step of a test home should panic at once"
)]

use std::{future::Future, path::PathBuf, pin::Pin, process::Command, time::Duration};

use btleplug::{
    api::{
        Central as _, Characteristic, Manager as _, Peripheral as _, ScanFilter, ValueNotification,
    },
    platform::{Adapter, Manager, Peripheral},
};
use firmware_sim::{
    Sim, SimConfig,
    bluez::{AdapterConfig, BluezConfig},
    device::{CuffMeasurement, DeviceConfig, DeviceKind, Measurement},
};
use futures::{Stream, StreamExt as _};
use uuid::Uuid;

const BUS_DIR: &str = "FIRMWARE_SIM_TEST_BUS_DIR";
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) type Notifications = Pin<Box<dyn Stream<Item = ValueNotification> + Send>>;

/// Runs `body` in a child process whose libdbus knows a bus of its own (it reads the address once per process).
pub(crate) fn in_own_process<F: Future<Output = ()>>(test: &str, body: impl FnOnce(PathBuf) -> F) {
    if let Some(bus_dir) = std::env::var_os(BUS_DIR) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            tokio::time::timeout(4 * PATIENCE, body(bus_dir.into()))
                .await
                .expect("the test hangs");
        });
        return;
    }
    let bus_dir = tempfile::Builder::new().prefix("fsim").tempdir().unwrap();
    let address = format!("unix:path={}", bus_dir.path().join("bus.sock").display());
    let output = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(BUS_DIR, bus_dir.path())
        .env("DBUS_SYSTEM_BUS_ADDRESS", address)
        .output()
        .unwrap();
    // On success stay quiet: btleplug's streams panic in the background once the bus has gone.
    let told = [output.stdout, output.stderr].concat();
    assert!(
        output.status.success(),
        "{test} failed in its own process:\n{}",
        String::from_utf8_lossy(&told)
    );
}

pub(crate) fn cuff_config() -> DeviceConfig {
    DeviceConfig {
        indicate_every_ms: 0,
        ..DeviceConfig::new("cuff", DeviceKind::Cuff, "C2:00:00:00:00:01")
    }
}

pub(crate) async fn start(bus_dir: PathBuf, device: DeviceConfig, bluez: BluezConfig) -> Sim {
    let config = SimConfig {
        bus_dir,
        bluez,
        adapters: vec![AdapterConfig::default()],
        devices: vec![device],
    };
    Sim::start(config, firmware_sim::clock::system)
        .await
        .unwrap()
}

pub(crate) fn pressure(systolic: i32, diastolic: i32) -> Measurement {
    Measurement::Cuff(CuffMeasurement {
        systolic: systolic.into(),
        diastolic: diastolic.into(),
        map: None,
        pulse: Some(70.into()),
        user: None,
        kpa: false,
        irregular_pulse: false,
        body_movement: false,
        cuff_too_loose: false,
    })
}

pub(crate) fn short(uuid: u16) -> Uuid {
    Uuid::from_u128((u128::from(uuid) << 96) | 0x0000_1000_8000_0080_5f9b_34fb)
}

/// A gateway-like client; what differs between good and naive clients is in the tests.
pub(crate) struct Client {
    pub(crate) adapter: Adapter,
}

impl Client {
    pub(crate) async fn new() -> Self {
        let manager = Manager::new().await.unwrap();
        let adapter = manager
            .adapters()
            .await
            .unwrap()
            .into_iter()
            .next()
            .expect("an adapter");
        Self { adapter }
    }

    /// Scans until the service is heard, then stops the scan.
    pub(crate) async fn find(&self, service: u16) -> Peripheral {
        let mut events = self.adapter.events().await.unwrap();
        self.adapter
            .start_scan(ScanFilter {
                services: vec![short(service)],
            })
            .await
            .unwrap();
        let found = async {
            loop {
                for peripheral in self.adapter.peripherals().await.unwrap() {
                    let properties = peripheral.properties().await.unwrap().unwrap();
                    if properties.services.contains(&short(service)) && properties.rssi.is_some() {
                        return peripheral;
                    }
                }
                events.next().await.expect("the event stream ended");
            }
        };
        let peripheral = patiently(found).await;
        self.adapter.stop_scan().await.unwrap();
        peripheral
    }

    pub(crate) async fn is_known(&self) -> bool {
        !self.adapter.peripherals().await.unwrap().is_empty()
    }
}

pub(crate) fn characteristic(peripheral: &Peripheral, uuid: u16) -> Characteristic {
    peripheral
        .characteristics()
        .into_iter()
        .find(|found| found.uuid == short(uuid))
        .expect("the characteristic")
}

/// Connects, discovers, and only then opens its stream and subscribes.
pub(crate) async fn naive_session(peripheral: &Peripheral) -> Notifications {
    peripheral.connect().await.unwrap();
    peripheral.discover_services().await.unwrap();
    let notifications = peripheral.notifications().await.unwrap();
    peripheral
        .subscribe(&characteristic(peripheral, 0x2A35))
        .await
        .unwrap();
    notifications
}

pub(crate) async fn next_value(notifications: &mut Notifications, uuid: u16) -> Vec<u8> {
    patiently(async {
        loop {
            let notification = notifications
                .next()
                .await
                .expect("the notification stream ended");
            if notification.uuid == short(uuid) {
                return notification.value;
            }
        }
    })
    .await
}

pub(crate) async fn patiently<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future)
        .await
        .expect("nothing came within 20 s")
}
