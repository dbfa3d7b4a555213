//! Memories that are dumped again, in any order, in part or partly cleared: the outbox has each record once.

#![expect(
    clippy::unwrap_used,
    reason = "a step of a test home that fails must fail the test at once"
)]

use std::path::PathBuf;
use std::sync::Arc;

use firmware_sim::bluez::Fault;
use firmware_sim::device::{
    DeviceConfig, DeviceKind, DumpOrder, Measurement, MemoryConfig, OximeterMeasurement,
};
use gateway::clock::Clock;
use gateway::intake::task::Intake;
use gateway::keys::{self, SealingKey};
use gateway::outbox::Outbox;
use gateway::standing::StandingDesk;
use hearth_tests::wait;
use jiff::tz::TimeZone;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use vitals::wire::{Entry, record};

use crate::home::{Home, NOW, in_own_process, patiently};

const RECORDS_LEN_MAX: usize = 100;

/// A home with one oximeter, whose captures go the real way into a real outbox.
struct Kept {
    home: Home,
    outbox: Arc<Outbox>,
    intake: JoinHandle<anyhow::Result<()>>,
    _folder: TempDir,
}

impl Kept {
    async fn start(bus_dir: PathBuf, memory: MemoryConfig) -> Self {
        let oximeter = DeviceConfig {
            memory,
            indicate_every_ms: 0,
            ..DeviceConfig::new("oximeter", DeviceKind::Oximeter, "C2:00:00:00:00:02")
        };
        let mut home = Home::start(bus_dir, vec![oximeter]).await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("outbox.db");
        let gateway = "gateway-1".parse().unwrap();
        let key = SealingKey::new([7; 32]);
        let outbox = Outbox::open(&file, &gateway, key, 1 << 24).await.unwrap();
        let outbox = Arc::new(outbox);
        let (_, none) = mpsc::channel(1);
        let captures = std::mem::replace(&mut home.requests, none);
        let (clock, _) = Clock::manual(NOW.parse().unwrap());
        let lock = Arc::new(keys::lock_state(folder.path()).unwrap());
        let standing = Arc::new(StandingDesk::open(folder.path(), lock).unwrap());
        let intake = Intake::new(Arc::clone(&outbox), standing, TimeZone::UTC, clock, 30);
        let intake = tokio::spawn(intake.run(captures, CancellationToken::new()));
        Self {
            home,
            outbox,
            intake,
            _folder: folder,
        }
    }

    /// Lets the oximeter measure, each time with another pulse.
    async fn measure(&self, pulses: std::ops::Range<i32>) {
        for pulse in pulses {
            let spot_check = OximeterMeasurement {
                spo2: 95.into(),
                pulse: pulse.into(),
                measurement_status: None,
                sensor_status: None,
            };
            let spot_check = Measurement::Oximeter(spot_check);
            self.home.sim.measure("oximeter", spot_check).await.unwrap();
        }
    }

    /// Waits until the oximeter has sent so many values in all and is let go.
    async fn sent(&self, values: usize) {
        let sent = self
            .home
            .sim
            .wait_for("oximeter", |it| it.delivered >= values && !it.connected);
        patiently(sent).await.unwrap();
    }

    /// Waits until the outbox has so many records, and gives their pulses, in order of size.
    async fn pulses(&self, records: usize) -> Vec<u8> {
        let kept = wait::until("the outbox has them", async || {
            let kept = self
                .outbox
                .waiting_after(None, RECORDS_LEN_MAX)
                .await
                .unwrap();
            (kept.len() >= records).then_some(kept)
        });
        let kept = kept.await.unwrap();
        pulses_of(&kept)
    }

    /// Ends the home, and gives what the outbox has after all that.
    async fn end(self) -> Vec<u8> {
        self.home.end().await;
        patiently(self.intake).await.unwrap().unwrap();
        let kept = self
            .outbox
            .waiting_after(None, RECORDS_LEN_MAX)
            .await
            .unwrap();
        pulses_of(&kept)
    }
}

/// The pulse is the fourth byte (PLXS 1.0.1, Spot-check: flags, SpO2, pulse rate).
fn pulses_of(entries: &[Entry]) -> Vec<u8> {
    let pulse = |entry: &Entry| {
        let record = record::read(&entry.record).unwrap();
        record.source().1.as_slice()[3]
    };
    let mut pulses: Vec<u8> = entries.iter().map(pulse).collect();
    pulses.sort_unstable();
    pulses
}

#[test]
fn a_memory_that_is_repeated_newest_first_gives_each_record_once() {
    in_own_process(
        "dumps::a_memory_that_is_repeated_newest_first_gives_each_record_once",
        |bus_dir| async {
            let memory = MemoryConfig {
                keeps: true,
                by_request: true,
                order: DumpOrder::NewestFirst,
                ..MemoryConfig::default()
            };
            let kept = Kept::start(bus_dir, memory).await;
            kept.measure(60..63).await;
            assert_eq!(kept.pulses(3).await, [60, 61, 62]);
            let before = kept.home.sim.delivered("oximeter").await.unwrap().len();
            kept.measure(63..65).await;
            kept.sent(before + 5).await;
            assert_eq!(kept.end().await, [60, 61, 62, 63, 64]);
        },
    );
}

#[test]
fn a_dump_that_broke_off_is_asked_for_again_and_gives_each_record_once() {
    in_own_process(
        "dumps::a_dump_that_broke_off_is_asked_for_again_and_gives_each_record_once",
        |bus_dir| async {
            // What is confirmed is cleared: the next dump has the rest, and the one that was not confirmed again.
            let memory = MemoryConfig {
                by_request: true,
                ..MemoryConfig::default()
            };
            let kept = Kept::start(bus_dir, memory).await;
            let lost = Fault::LinkLost {
                device: "oximeter".to_owned(),
                after_values: Some(2),
                last_unconfirmed: true,
            };
            kept.home.sim.fault(lost).await.unwrap();
            kept.measure(60..65).await;
            assert_eq!(kept.pulses(5).await, [60, 61, 62, 63, 64]);
            kept.home.let_go("oximeter").await;
            let last = kept.home.sim.delivered("oximeter").await.unwrap().pop();
            assert!(last.unwrap().session > 1, "the link was not lost at all");
            assert_eq!(kept.end().await, [60, 61, 62, 63, 64]);
        },
    );
}

#[test]
fn a_memory_that_overwrites_its_oldest_and_repeats_the_rest_gives_each_record_once() {
    in_own_process(
        "dumps::a_memory_that_overwrites_its_oldest_and_repeats_the_rest_gives_each_record_once",
        |bus_dir| async {
            let memory = MemoryConfig {
                keeps: true,
                by_request: true,
                records_max: 3,
                ..MemoryConfig::default()
            };
            let kept = Kept::start(bus_dir, memory).await;
            kept.measure(60..63).await;
            assert_eq!(kept.pulses(3).await, [60, 61, 62]);
            let gone = kept.home.sim.wait_for("oximeter", |it| !it.connected);
            patiently(gone).await.unwrap();
            let before = kept.home.sim.delivered("oximeter").await.unwrap().len();
            kept.measure(63..64).await;
            kept.sent(before + 3).await;
            assert_eq!(kept.end().await, [60, 61, 62, 63]);
        },
    );
}
