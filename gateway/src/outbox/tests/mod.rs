//! The outbox on a real file.

mod damage;
mod latest;
mod newest;
mod room;
mod tampering;

use std::path::PathBuf;

use jiff::Timestamp;
use sqlx::Connection;
use sqlx::sqlite::SqliteConnectOptions;
use tempfile::TempDir;
use vitals::wire::{Entry, Receipt, RefusalReason, Refused, SequenceRange};
use vitals::{
    Attempt, AttemptReason, Characteristic, ReadingId, Record, Sequence, TimeBasis, Times,
};

use super::*;
use crate::capture::Capture;

const SIZE_BYTES_MAX: u64 = 16 * 1024 * 1024;

struct Home {
    folder: TempDir,
    size_bytes_max: u64,
}

impl Home {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            size_bytes_max: SIZE_BYTES_MAX,
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join(FILE_NAME)
    }

    async fn try_open(&self, gateway: &str, key: u8) -> Result<Outbox, OutboxError> {
        let key = SealingKey::new([key; 32]);
        Outbox::open(
            &self.file(),
            &gateway.parse().unwrap(),
            key,
            self.size_bytes_max,
        )
        .await
    }

    async fn open(&self) -> Outbox {
        self.try_open("gw-1", 7).await.unwrap()
    }

    /// Alters the file as someone with the disk in their hands would.
    async fn alter(&self, statement: &'static str) {
        let mut connection = sqlx::SqliteConnection::connect_with(
            &SqliteConnectOptions::new().filename(self.file()),
        )
        .await
        .unwrap();
        sqlx::query(statement)
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
    }
}

fn at(minute: i64) -> Timestamp {
    let start: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
    Timestamp::from_second(start.as_second() + 60 * minute).unwrap()
}

fn capture(number: u16) -> Capture {
    Capture {
        device: "cuff-1".parse().unwrap(),
        characteristic: Characteristic(0x2A35),
        raw: number.to_be_bytes().to_vec().try_into().unwrap(),
        received_at: at(i64::from(number)),
        clock_offset_seconds: Some(-3),
        dialect: gatt::Dialect::default(),
    }
}

fn record(capture: &Capture) -> Record {
    let times = Times {
        device_time: None,
        measured_at: capture.received_at,
        received_at: capture.received_at,
        basis: TimeBasis::Arrival,
    };
    Record::Attempt(Attempt {
        id: ReadingId::derive(
            &capture.device,
            capture.characteristic,
            &capture.raw,
            &times,
        ),
        device: capture.device.clone(),
        characteristic: capture.characteristic,
        reason: AttemptReason::Unsupported,
        quality: Vec::new(),
        raw: capture.raw.clone(),
        times,
        user: None,
        test: false,
    })
}

async fn add(outbox: &Outbox, number: u16) -> Result<Appended, OutboxError> {
    let capture = capture(number);
    let row = outbox.commit_capture(&capture).await?;
    outbox.append(row, &record(&capture)).await
}

fn sequence(number: u64) -> Sequence {
    Sequence::new(number).unwrap()
}

fn range(first: u64, last: u64) -> SequenceRange {
    SequenceRange::new(sequence(first), sequence(last)).unwrap()
}

fn receipt(outbox: &Outbox) -> Receipt {
    Receipt {
        epoch: outbox.epoch(),
        stored: Vec::new(),
        refused: Vec::new(),
        missing: Vec::new(),
        issued_at: at(0),
    }
}

async fn waiting(outbox: &Outbox) -> Vec<u64> {
    let entries = outbox.waiting_after(None, 10_000).await.unwrap();
    entries.iter().map(|it| it.sequence.get()).collect()
}

#[tokio::test]
async fn what_was_committed_is_there_after_reopening_under_another_salt() {
    let home = Home::new();
    let outbox = home.open().await;
    add(&outbox, 1).await.unwrap();
    let row = outbox.commit_capture(&capture(2)).await.unwrap();
    let (epoch, salt) = (outbox.epoch(), outbox.sealer.salt().to_vec());
    drop(outbox);

    let again = home.open().await;
    assert_eq!(again.epoch(), epoch);
    assert_ne!(again.sealer.salt(), salt);
    assert_eq!(waiting(&again).await, [1]);
    let leftovers = again.leftovers(None).await.unwrap();
    let expected = Leftover {
        row,
        capture: capture(2),
        tries: 1,
    };
    assert_eq!(leftovers, [expected]);
    assert!(again.leftovers(Some(row)).await.unwrap().is_empty());
    again.append(row, &record(&capture(2))).await.unwrap();
    assert_eq!(waiting(&again).await, [1, 2]);
    let salts: i64 = sqlx::query_scalar("SELECT count(DISTINCT seal) FROM entry")
        .fetch_one(&again.pool)
        .await
        .unwrap();
    assert_eq!(salts, 2);
}

#[tokio::test]
async fn every_commit_is_synced_and_bounded() {
    let home = Home::new();
    let outbox = home.open().await;
    for (pragma, expected) in [
        ("PRAGMA journal_mode", "wal"),
        ("PRAGMA synchronous", "2"),
        ("PRAGMA foreign_keys", "1"),
        ("PRAGMA busy_timeout", "5000"),
        ("PRAGMA max_page_count", "4096"),
    ] {
        let row = sqlx::query(pragma).fetch_one(&outbox.pool).await.unwrap();
        let found = sqlx::Row::try_get::<String, _>(&row, 0)
            .or_else(|_| sqlx::Row::try_get::<i64, _>(&row, 0).map(|it| it.to_string()))
            .unwrap();
        assert_eq!(found, expected, "{pragma}");
    }
}

#[tokio::test]
async fn a_repeat_only_removes_its_capture() {
    let home = Home::new();
    let outbox = home.open().await;
    assert_eq!(
        add(&outbox, 1).await.unwrap(),
        Appended::New(Sequence::FIRST)
    );
    assert_eq!(add(&outbox, 1).await.unwrap(), Appended::Repeat);
    let row = CaptureRow(2);
    assert_eq!(
        outbox.append(row, &record(&capture(1))).await.unwrap(),
        Appended::Done
    );
    assert_eq!(waiting(&outbox).await, [1]);
    assert!(outbox.leftovers(None).await.unwrap().is_empty());
}

#[tokio::test]
async fn records_are_chained_in_order_from_the_epoch() {
    let home = Home::new();
    let outbox = home.open().await;
    assert_eq!(outbox.chain_end().await.unwrap(), None);
    for number in 1..=3 {
        add(&outbox, number).await.unwrap();
    }
    let entries: Vec<Entry> = outbox.waiting_after(None, 10).await.unwrap();
    let mut previous = outbox.epoch().genesis(outbox.gateway());
    for entry in &entries {
        assert_eq!(entry.previous, previous);
        previous = entry.hash(outbox.epoch());
    }
    let end = outbox.chain_end().await.unwrap().unwrap();
    assert_eq!((end.sequence, end.hash), (sequence(3), previous));
    assert_eq!(
        outbox
            .waiting_after(Some(sequence(1)), 1)
            .await
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn how_a_device_writes_is_remembered_with_its_bytes() {
    let home = Home::new();
    let outbox = home.open().await;
    let mut committed = Vec::new();
    for (number, dialect) in (1..).zip(gatt::Dialect::ALL) {
        let capture = Capture {
            dialect,
            ..capture(number)
        };
        outbox.commit_capture(&capture).await.unwrap();
        committed.push(capture);
    }
    drop(outbox);
    let leftovers = home.open().await.leftovers(None).await.unwrap();
    let read: Vec<_> = leftovers.into_iter().map(|it| it.capture).collect();
    assert_eq!(read, committed);
}

#[tokio::test]
async fn tries_are_counted_across_openings_and_taken_back() {
    let home = Home::new();
    let outbox = home.open().await;
    let row = outbox.commit_capture(&capture(1)).await.unwrap();
    outbox.raise_tries(row).await.unwrap();
    drop(outbox);
    let outbox = home.open().await;
    outbox.raise_tries(row).await.unwrap();
    assert_eq!(outbox.leftovers(None).await.unwrap()[0].tries, 3);
    outbox.lower_tries(row).await.unwrap();
    assert_eq!(outbox.leftovers(None).await.unwrap()[0].tries, 2);
}

#[tokio::test]
async fn a_receipt_marks_refuses_and_asks_again() {
    let home = Home::new();
    let outbox = home.open().await;
    for number in 1..=5 {
        add(&outbox, number).await.unwrap();
    }
    let mut first = receipt(&outbox);
    first.stored = vec![range(1, 2), range(4, 4)];
    first.refused = vec![Refused {
        sequence: sequence(3),
        reason: RefusalReason::UnknownDevice,
    }];
    let effect = outbox.apply_receipt(&first, at(10)).await.unwrap();
    assert_eq!((effect.receipted_len, effect.refused_len), (3, 1));
    assert_eq!(waiting(&outbox).await, [5]);
    assert_eq!(
        outbox.apply_receipt(&first, at(11)).await.unwrap(),
        ReceiptEffect::default()
    );

    let mut woken = outbox.waiting();
    woken.mark_unchanged();
    let mut second = receipt(&outbox);
    second.missing = vec![range(2, 3)];
    let effect = outbox.apply_receipt(&second, at(12)).await.unwrap();
    assert_eq!(effect.wanted_again_len, 2);
    assert!(woken.has_changed().unwrap());
    assert_eq!(waiting(&outbox).await, [2, 3, 5]);
}

#[tokio::test]
async fn the_status_counts_what_waits() {
    let home = Home::new();
    let outbox = home.open().await;
    for number in 1..=3 {
        add(&outbox, number).await.unwrap();
    }
    outbox.commit_capture(&capture(9)).await.unwrap();
    let mut answer = receipt(&outbox);
    answer.stored = vec![range(1, 1)];
    answer.refused = vec![Refused {
        sequence: sequence(2),
        reason: RefusalReason::Malformed,
    }];
    outbox.apply_receipt(&answer, at(10)).await.unwrap();
    let status = outbox.status().await.unwrap();
    assert_eq!((status.unreceipted_len, status.refused_len), (2, 1));
    assert_eq!(status.oldest_unreceipted_at, Some(at(3)));
    assert_eq!(status.receipted_len, 1);
    assert!(status.used_percent < 5, "{status:?}");
    let seen_from_outside = super::status::of_file(&home.file(), SIZE_BYTES_MAX)
        .await
        .unwrap();
    assert_eq!(seen_from_outside, status);
}
