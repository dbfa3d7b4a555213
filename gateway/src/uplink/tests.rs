//! The uplink against brokers that are good, bad and silent.

use std::time::Duration;

use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use vitals::wire::GatewayState;

use super::test_broker::{Heard, Manner, TestBroker};
use super::*;
use crate::capture::Capture;
use crate::intake::record_of;
use crate::keys;
use crate::outbox::FILE_NAME;

const PATIENCE: Duration = Duration::from_secs(30);
const START: &str = "2026-11-21T08:00:00Z";

struct Home {
    outbox: Arc<Outbox>,
    broker: TestBroker,
    public_key: Vec<u8>,
    status: Arc<UplinkStatus>,
    shutdown: CancellationToken,
    task: JoinHandle<anyhow::Result<()>>,
    _folder: TempDir,
}

impl Home {
    async fn with(records: u16, manners: &[Manner]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys = keys::load_or_make(folder.path()).unwrap();
        let gateway = "gw-1".parse().unwrap();
        let file = folder.path().join(FILE_NAME);
        let outbox = Outbox::open(&file, &gateway, keys.sealing, 1 << 24).await;
        let outbox = Arc::new(outbox.unwrap());
        for number in 1..=records {
            add(&outbox, number).await;
        }
        let broker = TestBroker::start(keys.tag.clone(), manners).await;
        let public_key = keys.signing.public_key().to_vec();
        let config = BrokerConfig {
            address: broker.address.into(),
            tls_folder: None,
            keep_alive: Duration::from_secs(1),
            receipt_timeout: Duration::from_secs(1),
            retry_delay_max: Duration::from_millis(20),
        };
        let (clock, _) = Clock::manual(START.parse().unwrap());
        let lock = Arc::new(keys::lock_state(folder.path()).unwrap());
        let standing = StandingDesk::open(folder.path(), lock).unwrap();
        let reports = ReportDesk::open(folder.path()).unwrap();
        let uplink = Uplink::new(
            Arc::clone(&outbox),
            (Arc::new(standing), Arc::new(reports)),
            config,
            (keys.tag, keys.signing),
            clock,
            Arc::default(),
        );
        let shutdown = CancellationToken::new();
        Self {
            status: uplink.status(),
            task: tokio::spawn(uplink.run(shutdown.clone())),
            outbox,
            broker,
            public_key,
            shutdown,
            _folder: folder,
        }
    }

    /// Waits for the head of a flushed outbox: the last thing that a gateway says when all is delivered.
    async fn flushed(&mut self, len: u64) {
        let flushed = async {
            loop {
                if let Heard::Head(head) = self.broker.next().await {
                    head.verify(self.outbox.gateway(), &self.public_key)
                        .unwrap();
                    if head.sequence.get() == len {
                        let end = self.outbox.chain_end().await.unwrap().unwrap();
                        assert_eq!(head.hash, end.hash);
                        return;
                    }
                }
            }
        };
        timeout(PATIENCE, flushed).await.unwrap();
        assert_eq!(self.outbox.status().await.unwrap().unreceipted_len, 0);
    }

    async fn stop(self) -> TestBroker {
        self.shutdown.cancel();
        timeout(PATIENCE, self.task)
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        self.broker
    }
}

async fn add(outbox: &Outbox, number: u16) {
    let [low, high] = number.to_le_bytes();
    let capture = Capture {
        device: "scale-1".parse().unwrap(),
        characteristic: "2A9D".parse().unwrap(),
        raw: vec![0, low, high].try_into().unwrap(),
        received_at: START.parse().unwrap(),
        clock_offset_seconds: None,
        dialect: gatt::Dialect::default(),
    };
    let row = outbox.commit_capture(&capture).await.unwrap();
    let record = record_of(&capture, &jiff::tz::TimeZone::UTC);
    outbox.append(row, &record).await.unwrap();
}

#[tokio::test]
async fn everything_that_waits_is_delivered_and_the_chain_is_signed() {
    let mut home = Home::with(300, &[Manner::Good]).await;
    home.flushed(300).await;
    add(&home.outbox, 301).await;
    home.flushed(301).await;
    assert_eq!(home.status.connections(), 1);
    home.stop().await;
}

#[tokio::test]
async fn a_stop_is_said_and_no_last_will_is_spoken() {
    let mut home = Home::with(1, &[Manner::Good]).await;
    assert!(matches!(
        home.broker.next().await,
        Heard::Status(GatewayState::Online)
    ));
    home.flushed(1).await;
    let mut broker = home.stop().await;
    assert!(matches!(
        broker.next().await,
        Heard::Status(GatewayState::Stopped)
    ));
    assert!(matches!(broker.next().await, Heard::Goodbye));
}

#[tokio::test]
async fn what_the_broker_acknowledged_and_lost_is_sent_again() {
    let mut home = Home::with(100, &[Manner::LosesAll, Manner::Good]).await;
    home.flushed(100).await;
    assert_eq!(home.status.connections(), 2);
    home.stop().await;
}

#[tokio::test]
async fn what_nobody_listened_for_is_sent_again_soon_and_on_the_same_connection() {
    let mut home = Home::with(100, &[Manner::NobodyListensAtFirst, Manner::Good]).await;
    // The first status and both messages of the window are lost; then one message sounds whether somebody listens.
    for sent in [1..=64_u64, 65..=100, 1..=64] {
        assert_eq!(home.broker.next_readings().await, sent.collect::<Vec<_>>());
    }
    home.flushed(100).await;
    assert_eq!(home.status.connections(), 1);
    home.stop().await;
}

#[tokio::test]
async fn a_connection_cut_in_the_middle_loses_nothing() {
    let mut home = Home::with(100, &[Manner::Cuts, Manner::Cuts, Manner::Good]).await;
    home.flushed(100).await;
    assert_eq!(home.status.connections(), 3);
    home.stop().await;
}

#[tokio::test]
async fn a_forged_receipt_and_one_of_another_epoch_change_nothing() {
    for manner in [Manner::Forges, Manner::OtherEpoch] {
        let mut home = Home::with(3, &[manner, Manner::Good]).await;
        assert_eq!(home.broker.next_readings().await, [1, 2, 3]);
        assert_eq!(home.broker.next_readings().await, [1, 2, 3], "sent again");
        home.flushed(3).await;
        assert_eq!(home.status.receipts_ignored(), 1);
        home.stop().await;
    }
}

#[tokio::test]
async fn a_record_that_the_server_misses_is_sent_again_though_it_had_a_receipt() {
    let mut home = Home::with(1, &[Manner::MissesTheFirst]).await;
    assert_eq!(home.broker.next_readings().await, [1]);
    home.flushed(1).await;
    add(&home.outbox, 2).await;
    assert_eq!(home.broker.next_readings().await, [2]);
    assert_eq!(home.broker.next_readings().await, [1]);
    home.flushed(2).await;
    home.stop().await;
}

#[tokio::test]
async fn a_silent_broker_is_left_after_two_and_a_half_keep_alives() {
    let mut home = Home::with(0, &[Manner::FallsSilent, Manner::Good]).await;
    let online = async {
        loop {
            if let Heard::Status(GatewayState::Online) = home.broker.next().await {
                return;
            }
        }
    };
    timeout(PATIENCE, online).await.unwrap();
    assert_eq!(home.status.connections(), 2);
    home.stop().await;
}

#[tokio::test]
async fn a_stop_without_a_broker_is_prompt() {
    let home = Home::with(1, &[Manner::FallsSilent]).await;
    home.stop().await;
}
