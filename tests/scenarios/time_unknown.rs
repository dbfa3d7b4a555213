//! An enrolled box whose clock is wrong: it believes no server for that, says why, saves, and delivers once the clock is set.

use std::path::PathBuf;
use std::sync::Arc;

use gateway::capture::{Capture, CaptureRequest};
use gateway::clock::{Certainty, Clock, ClockHand, earliest};
use gateway::config::{self, Config};
use gateway::doctor::{self, Health, Patient, Watch};
use gateway::lifecycle::Core;
use hearth_tests::wait;
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use vitals::Characteristic;

use crate::a_new_box::Office;
use crate::certificates::Enrolled;
use crate::three_days_offline::blood_pressure;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A box that was enrolled, started anew with another clock; the office's clock is right.
struct WrongBox {
    office: Office,
    config: Config,
    core: Core,
    clock: Clock,
    hand: ClockHand,
    stop: CancellationToken,
    homes: TempDir,
}

impl WrongBox {
    /// Starts it with its clock at a time, which it doubts until a time server confirms it, or not.
    async fn start(shows: Timestamp, doubts: bool) -> Self {
        let office = Office::open().await;
        let homes = tempfile::tempdir().unwrap();
        let one = Enrolled::by(&office, &homes, "1");
        let config = config::load(&one.home.config).unwrap();
        let (clock, hand) = Clock::manual(shows);
        let clock = clock.confirmed_by(doubts.then(|| synchronised(&homes)));
        let stop = CancellationToken::new();
        let core = Core::start(&config, clock.clone(), stop.child_token());
        Self {
            core: core.await.unwrap(),
            office,
            config,
            clock,
            hand,
            stop,
            homes,
        }
    }

    /// Lets its cuff measure now.
    async fn measure(&self, systolic: u8) {
        let (committed, answer) = oneshot::channel();
        let capture = Capture {
            device: "cuff-1".parse().unwrap(),
            characteristic: Characteristic(0x2A35),
            raw: blood_pressure(systolic, 80),
            received_at: self.clock.now(),
            clock_offset_seconds: None,
            dialect: gatt::Dialect::default(),
        };
        let request = CaptureRequest { capture, committed };
        self.core.captures().send(request).await.unwrap();
        answer.await.expect("it is on disk whatever the clock says");
    }

    async fn waiting(&self) -> u64 {
        self.core.outbox().status().await.unwrap().unreceipted_len
    }

    async fn health(&self) -> Health {
        let watch = Watch {
            broker: self.config.broker.clone(),
            outbox: Arc::clone(self.core.outbox()),
            uplink: self.core.uplink_status(),
            radio: self.core.radio_status(),
            progress: self.core.progress(),
            clock: self.clock.clone(),
        };
        watch.health().await.unwrap()
    }

    /// Gives the codes by which the doctor says what is wrong with the way to the server.
    async fn codes(&self) -> Vec<&'static str> {
        let patient = Patient {
            config: &self.config,
            is_named: true,
            health: Ok(self.health().await),
            clock: &self.clock,
        };
        let findings = doctor::examine(patient).await.findings.into_iter();
        let codes = findings.filter_map(|it| Some((it.check, it.code?.as_str())));
        let ours = ["encryption", "connection", "time", "certificate"];
        let codes = codes.filter(|(check, _)| ours.contains(&check.as_str()));
        codes.map(|(_, code)| code).collect()
    }

    /// It has tried, and believed nobody.
    async fn is_cut_off(&self) -> Health {
        let uplink = self.core.uplink_status();
        wait::until("the box has tried", async || {
            uplink.is_out_of_time().then_some(())
        })
        .await
        .unwrap();
        assert_eq!(uplink.connections(), 0);
        self.health().await
    }

    /// Puts the clock right, as a time server does, and waits until the server has everything.
    async fn knows_the_time(&self) -> Timestamp {
        let now = Clock::system().now();
        self.hand.set(now);
        std::fs::write(synchronised(&self.homes), "").unwrap();
        wait::until("the server has everything", async || {
            (self.waiting().await == 0).then_some(())
        })
        .await
        .unwrap();
        let health = self.health().await;
        assert!(health.connected && !health.out_of_time, "{health:?}");
        assert_eq!(health.time, Certainty::Known);
        assert_eq!(self.codes().await, [""; 0]);
        now
    }

    /// When the server was told that each record came, in their order.
    async fn received(&self) -> Vec<Timestamp> {
        let store = self.office.store().await;
        let records: Vec<String> =
            sqlx::query_scalar("SELECT record FROM entry WHERE refused IS NULL ORDER BY sequence")
                .fetch_all(store.readers())
                .await
                .unwrap();
        let read = |text: &String| {
            let record: serde_json::Value = serde_json::from_str(text).unwrap();
            record["received_at"].as_str().unwrap().parse().unwrap()
        };
        records.iter().map(read).collect()
    }

    async fn end(mut self) {
        self.stop.cancel();
        self.core.stopped().await.unwrap();
        self.office.program.stop().await.unwrap();
    }
}

/// What systemd's time service leaves once a time server has set the clock.
fn synchronised(homes: &TempDir) -> PathBuf {
    homes.path().join("synchronized")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_box_in_1970_says_why_it_is_cut_off_and_delivers_what_it_saved_once_it_knows_the_time() {
    let it = WrongBox::start(Timestamp::UNIX_EPOCH, true).await;
    it.hand.advance_seconds(60);
    it.measure(121).await;
    let health = it.is_cut_off().await;
    assert_eq!(health.time, Certainty::Unknown);
    let said = health.connection();
    assert!(said.contains("does not know the time"), "{said}");
    assert_eq!(it.codes().await, ["E-BOX-07"; 3]);
    assert_eq!(it.waiting().await, 1);

    it.hand.advance_seconds(600);
    let now = it.knows_the_time().await;
    let measured = now - SignedDuration::from_secs(600);
    assert_eq!(it.received().await, [measured]);
    it.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_box_that_is_years_ahead_and_doubts_it_dates_what_it_saved_when_it_knows_the_time() {
    let it = WrongBox::start(Clock::system().now() + DAY * 1825, true).await;
    it.measure(122).await;
    let health = it.is_cut_off().await;
    assert_eq!(health.time, Certainty::Unknown);
    assert!(it.codes().await.contains(&"E-BOX-07"));
    it.hand.advance_seconds(60);
    let now = it.knows_the_time().await;
    let measured = now - SignedDuration::from_secs(60);
    assert_eq!(it.received().await, [measured]);
    it.end().await;
}

/// A clock that nobody doubts: set wrong by hand, on a box whose time service says nothing.
async fn a_wrong_clock_is_named_and_mended(shows: Timestamp) {
    let it = WrongBox::start(shows, false).await;
    it.measure(123).await;
    let health = it.is_cut_off().await;
    assert_eq!(health.time, Certainty::Known);
    let said = health.connection();
    assert!(said.contains("not good by this box's clock"), "{said}");
    let codes = it.codes().await;
    assert!(codes.contains(&"E-NET-08"), "{codes:?}");
    assert!(!codes.contains(&"E-NET-04"), "it is our server: {codes:?}");
    it.knows_the_time().await;
    assert_eq!(it.received().await, [shows], "as it was dated");
    it.measure(124).await;
    it.knows_the_time().await;
    assert_eq!(it.received().await.len(), 2);
    it.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_box_that_is_years_ahead_and_sure_of_it_names_its_clock() {
    a_wrong_clock_is_named_and_mended(Clock::system().now() + DAY * 1825).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_box_whose_clock_is_before_the_certificate_names_its_clock() {
    a_wrong_clock_is_named_and_mended(earliest()).await;
}
