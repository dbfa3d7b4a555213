//! The task that commits each capture at once, then turns it into a record.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use vitals::Record;

use super::dating::{self, Dated};
use super::{Saving, record_of, set_aside};
use crate::capture::{Capture, CaptureRequest};
use crate::clock::{Certainty, Clock};
use crate::crash;
use crate::outbox::{Appended, CaptureRow, Leftover, Outbox, OutboxError};
use crate::progress::Beat;
use crate::standing::StandingDesk;

/// On which try the bytes of a capture are set aside unread.
const TRIES_MAX: i64 = 3;
const HOUSEKEEPING_PERIOD: Duration = Duration::from_secs(60);
const FULL_LOG_PERIOD: Duration = Duration::from_secs(60);
/// How often captures without a date are looked at again: the time may have become known.
const DATING_PERIOD: Duration = Duration::from_secs(1);

/// Works until it is stopped or every sender of captures is gone; what is in the queue by then is still committed.
#[derive(Debug)]
pub struct Intake {
    outbox: Arc<Outbox>,
    standing: Arc<StandingDesk>,
    home: TimeZone,
    clock: Clock,
    retention_days: u16,
    full_logged_at: Option<Instant>,
    /// Whether captures on disk wait to be tried again.
    leftovers: bool,
    /// Whether captures on disk wait for the time to be known.
    undated: bool,
    /// The last capture that an earlier run of the program left: none of them was stamped by this one.
    left_by_earlier: Option<CaptureRow>,
    saving: Arc<Saving>,
    beat: Arc<Beat>,
}

/// The longest that the intake may take to get on: it keeps house every minute.
pub const AGE_MAX: Duration = Duration::from_secs(180);

impl Intake {
    /// Makes the task's state.
    pub fn new(
        outbox: Arc<Outbox>,
        standing: Arc<StandingDesk>,
        home: TimeZone,
        clock: Clock,
        retention_days: u16,
    ) -> Self {
        Self {
            outbox,
            standing,
            home,
            clock,
            retention_days,
            full_logged_at: None,
            leftovers: false,
            undated: false,
            left_by_earlier: None,
            saving: Arc::default(),
            beat: Arc::default(),
        }
    }

    /// Gives when the task last got on.
    pub fn beat(&self) -> Arc<Beat> {
        Arc::clone(&self.beat)
    }

    /// Gives whether values can be saved.
    pub fn saving(&self) -> Arc<Saving> {
        Arc::clone(&self.saving)
    }

    /// Turns what an earlier run left behind into records, then takes captures until no more can come.
    ///
    /// # Errors
    /// When the outbox cannot be read at the start.
    pub async fn run(
        mut self,
        mut captures: mpsc::Receiver<CaptureRequest>,
        shutdown: CancellationToken,
    ) -> anyhow::Result<()> {
        self.left_by_earlier = Some(self.outbox.last_capture().await?);
        self.take_over().await?;
        let mut dating = interval(DATING_PERIOD);
        dating.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut housekeeping = interval(HOUSEKEEPING_PERIOD);
        housekeeping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            self.beat.got_on();
            tokio::select! {
                biased;
                request = captures.recv() => match request {
                    Some(request) => self.accept(request).await,
                    None => return Ok(()),
                },
                () = shutdown.cancelled(), if !captures.is_closed() => captures.close(),
                _ = housekeeping.tick() => self.keep_house().await,
                _ = dating.tick(), if self.undated => self.date().await,
            }
        }
    }

    /// Turns captures that are on disk into records, the oldest first, until one cannot become one now.
    ///
    /// One of them may be what stopped the program: the try is counted before it is begun.
    async fn take_over(&mut self) -> Result<(), OutboxError> {
        self.undated = false;
        let mut after = None;
        loop {
            let leftovers = self.outbox.leftovers(after).await?;
            let Some(last) = leftovers.last() else {
                return Ok(());
            };
            after = Some(last.row);
            for Leftover {
                row,
                capture,
                tries,
            } in leftovers
            {
                let Some(Dated { capture, is_unsure }) = self.dated(row, &capture).await? else {
                    self.undated = true;
                    continue;
                };
                self.outbox.raise_tries(row).await?;
                let record = if tries + 1 >= TRIES_MAX {
                    tracing::error!(
                        device.id = %capture.device,
                        "decoding stopped the program before: the bytes are kept and set aside unread"
                    );
                    set_aside(&capture)
                } else {
                    record_of(&capture, &self.home)
                };
                // Decoding survived, so the try is taken back: only what stops the program counts.
                self.outbox.lower_tries(row).await?;
                self.append(row, dating::marked(record, is_unsure)).await;
                if self.leftovers {
                    return Ok(());
                }
            }
        }
    }

    /// Gives a capture its true times; `None` while they are not known.
    async fn dated(
        &self,
        row: CaptureRow,
        capture: &Capture,
    ) -> Result<Option<Dated>, OutboxError> {
        if self.left_by_earlier.is_none_or(|last| row > last) {
            return Ok(dating::of_this_run(capture, &self.clock));
        }
        let newest = self.outbox.newest(1).await?;
        let newest = newest.first().map(|it| it.record.times().received_at);
        Ok(Some(dating::of_an_earlier_run(capture, newest)))
    }

    async fn accept(&mut self, request: CaptureRequest) {
        crash::point(crash::CAPTURE_RECEIVED);
        let committed = self.outbox.commit_capture(&request.capture).await;
        self.saving.went(&committed);
        let row = match committed {
            Ok(row) => row,
            Err(error) => {
                self.log_refusal(&error);
                return;
            }
        };
        crash::point(crash::CAPTURE_COMMITTED);
        if request.committed.send(()).is_err() {
            tracing::debug!("the device's session ended before its capture was committed");
        }
        match dating::of_this_run(&request.capture, &self.clock) {
            Some(Dated { capture, is_unsure }) => {
                let record = dating::marked(record_of(&capture, &self.home), is_unsure);
                self.append(row, record).await;
            }
            None => {
                self.undated = true;
                tracing::warn!("a reading is saved and waits until the box knows the time");
            }
        }
    }

    /// A capture that cannot become a record now stays, and housekeeping comes back to it.
    async fn append(&mut self, row: CaptureRow, record: Record) {
        crash::point(crash::INTAKE_DECODED);
        let epoch = self.outbox.epoch();
        let judging = self.standing.makes_a_test_of(epoch, row, record.times());
        let is_test = judging.await;
        let record = record.marked(is_test);
        match self.outbox.append(row, &record).await {
            Ok(appended) => {
                crash::point(crash::OUTBOX_SEALED);
                log_appended(appended, record.device().as_str());
            }
            Err(error) => {
                self.leftovers = true;
                tracing::error!(error = %error, "a capture could not become a record yet; it is kept and tried again");
            }
        }
    }

    async fn keep_house(&mut self) {
        // Without the time nothing is old.
        if self.clock.certainty() != Certainty::Unknown {
            let purged = self.outbox.purge(self.clock.now(), self.retention_days);
            if let Err(error) = purged.await {
                tracing::error!(error = %error, "old records could not be removed");
            }
        }
        if self.leftovers {
            self.take_leftovers().await;
        }
    }

    async fn date(&mut self) {
        if self.clock.certainty() != Certainty::Unknown {
            self.take_leftovers().await;
        }
    }

    async fn take_leftovers(&mut self) {
        self.leftovers = false;
        if let Err(error) = self.take_over().await {
            self.leftovers = true;
            tracing::error!(error = %error, "captures left over could not be read");
        }
    }

    fn log_refusal(&mut self, error: &OutboxError) {
        let now = Instant::now();
        let quiet = self
            .full_logged_at
            .is_some_and(|at| now.duration_since(at) < FULL_LOG_PERIOD);
        if !quiet {
            self.full_logged_at = Some(now);
            tracing::error!(error = %error, "a reading could not be accepted; its device keeps it");
        }
    }
}

fn log_appended(appended: Appended, device: &str) {
    match appended {
        Appended::New(sequence) => {
            tracing::info!(
                device.id = device,
                outbox.sequence = sequence.get(),
                "a record is in the outbox"
            );
        }
        Appended::Repeat => tracing::info!(device.id = device, "a repeat was recognised"),
        Appended::Done => {
            tracing::debug!(device.id = device, "a capture had become a record before");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Capture;
    use crate::keys::{self, SealingKey};
    use tokio::sync::oneshot;
    use vitals::AttemptReason;
    use vitals::wire::record;

    const ARRIVAL: &str = "2026-11-21T08:00:00Z";

    async fn open(folder: &tempfile::TempDir, size_bytes_max: u64) -> Arc<Outbox> {
        let file = folder.path().join("outbox.db");
        let key = SealingKey::new([1; 32]);
        let outbox = Outbox::open(&file, &"gw-1".parse().unwrap(), key, size_bytes_max).await;
        Arc::new(outbox.unwrap())
    }

    fn intake(outbox: &Arc<Outbox>) -> Intake {
        let (clock, _) = Clock::manual(ARRIVAL.parse().unwrap());
        intake_on(outbox, &clock)
    }

    fn intake_on(outbox: &Arc<Outbox>, clock: &Clock) -> Intake {
        // Nothing is kept there, so that the box was registered by hand.
        let folder = tempfile::tempdir().unwrap();
        let lock = Arc::new(keys::lock_state(folder.path()).unwrap());
        let standing = Arc::new(StandingDesk::open(folder.path(), lock).unwrap());
        let outbox = Arc::clone(outbox);
        Intake::new(outbox, standing, TimeZone::UTC, clock.clone(), 30)
    }

    fn weighing(grams_5: u16) -> Capture {
        let [low, high] = grams_5.to_le_bytes();
        Capture {
            device: "scale-1".parse().unwrap(),
            characteristic: "2A9D".parse().unwrap(),
            raw: vec![0, low, high].try_into().unwrap(),
            received_at: ARRIVAL.parse().unwrap(),
            clock_offset_seconds: None,
            dialect: gatt::Dialect::default(),
        }
    }

    async fn records(outbox: &Outbox) -> Vec<Record> {
        let entries = outbox.waiting_after(None, 100).await.unwrap();
        entries
            .iter()
            .map(|entry| record::read(&entry.record).unwrap())
            .collect()
    }

    #[tokio::test]
    async fn a_capture_is_answered_once_it_is_on_disk_and_becomes_a_record() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = open(&folder, 1 << 24).await;
        let (sender, receiver) = mpsc::channel(4);
        let task = tokio::spawn(intake(&outbox).run(receiver, CancellationToken::new()));
        for grams_5 in [14_000, 14_001, 14_000] {
            let (committed, answer) = oneshot::channel();
            let capture = weighing(grams_5);
            sender
                .send(CaptureRequest { capture, committed })
                .await
                .unwrap();
            answer.await.unwrap();
        }
        drop(sender);
        task.await.unwrap().unwrap();
        let records = records(&outbox).await;
        assert_eq!(records.len(), 2, "the third was a repeat");
        assert!(records.iter().all(|it| matches!(it, Record::Reading(_))));
        assert!(outbox.leftovers(None).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn captures_left_over_become_records_at_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = open(&folder, 1 << 24).await;
        for grams_5 in 1..=200 {
            outbox
                .commit_capture(&weighing(13_000 + grams_5))
                .await
                .unwrap();
        }
        intake(&outbox).take_over().await.unwrap();
        let waiting = outbox.waiting_after(None, 1000).await.unwrap();
        assert_eq!(waiting.len(), 200);
        assert!(outbox.leftovers(None).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_start_that_decoding_survived_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = open(&folder, 1 << 24).await;
        let row = outbox.commit_capture(&weighing(14_000)).await.unwrap();
        for _ in 0..5 {
            // What a start does before it is cut off between decoding and the record's commit.
            outbox.raise_tries(row).await.unwrap();
            outbox.lower_tries(row).await.unwrap();
        }
        intake(&outbox).take_over().await.unwrap();
        assert!(matches!(
            records(&outbox).await.as_slice(),
            [Record::Reading(_)]
        ));
    }

    #[tokio::test]
    async fn bytes_that_stopped_the_program_twice_are_set_aside_unread() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = open(&folder, 1 << 24).await;
        // The first start counts as it commits; the second counts and stops again.
        let row = outbox.commit_capture(&weighing(14_000)).await.unwrap();
        outbox.raise_tries(row).await.unwrap();
        intake(&outbox).take_over().await.unwrap();
        let records = records(&outbox).await;
        let [Record::Attempt(attempt)] = records.as_slice() else {
            panic!("bytes set aside are no reading");
        };
        assert_eq!(attempt.reason, AttemptReason::SetAside);
    }

    /// Lets the intake run on this clock until it has taken these, and is stopped.
    async fn run_on(clock: &Clock, outbox: &Arc<Outbox>, grams_5: &[u16]) {
        let intake = intake_on(outbox, clock);
        let (sender, receiver) = mpsc::channel(4);
        let task = tokio::spawn(intake.run(receiver, CancellationToken::new()));
        for grams_5 in grams_5 {
            let (committed, answer) = oneshot::channel();
            let capture = Capture {
                received_at: clock.now(),
                ..weighing(*grams_5)
            };
            let request = CaptureRequest { capture, committed };
            sender.send(request).await.unwrap();
            answer.await.unwrap();
        }
        drop(sender);
        task.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn what_comes_before_the_time_is_known_is_saved_at_once_and_dated_then() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = open(&folder, 1 << 24).await;
        let (clock, hand) = Clock::manual(jiff::Timestamp::UNIX_EPOCH);
        let intake = intake_on(&outbox, &clock);
        let (sender, receiver) = mpsc::channel(4);
        let task = tokio::spawn(intake.run(receiver, CancellationToken::new()));
        let (committed, answer) = oneshot::channel();
        hand.advance_seconds(20);
        let capture = Capture {
            received_at: clock.now(),
            ..weighing(14_000)
        };
        let request = CaptureRequest { capture, committed };
        sender.send(request).await.unwrap();
        answer.await.unwrap();
        let status = outbox.status().await.unwrap();
        assert_eq!(status.unreceipted_len, 1);
        assert_eq!(status.oldest_unreceipted_at, None);
        assert!(records(&outbox).await.is_empty(), "nothing is sent undated");

        let mut waiting = outbox.waiting();
        hand.advance_seconds(100);
        hand.set("2026-11-21T08:02:00Z".parse().unwrap());
        waiting.changed().await.unwrap();
        let records = records(&outbox).await;
        let [Record::Reading(reading)] = records.as_slice() else {
            panic!("one reading: {records:?}");
        };
        assert_eq!(
            reading.times.received_at.to_string(),
            "2026-11-21T08:00:20Z"
        );
        assert_eq!(reading.times.measured_at, reading.times.received_at);
        let unsure = vitals::QualityMark::GatewayClockUnsure;
        assert!(reading.quality.contains(&unsure));
        drop(sender);
        task.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn what_a_run_left_undated_is_dated_no_later_than_it_came() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = open(&folder, 1 << 24).await;
        let (clock, _) = Clock::manual("2026-11-18T20:00:00Z".parse().unwrap());
        run_on(&clock, &outbox, &[14_000]).await;
        // The power goes, the box starts without the time, hears two, and the power goes again.
        let (clock, _) = Clock::manual(jiff::Timestamp::UNIX_EPOCH);
        run_on(&clock, &outbox, &[14_001, 14_002]).await;
        assert_eq!(records(&outbox).await.len(), 1);
        let (clock, _) = Clock::manual(ARRIVAL.parse().unwrap());
        run_on(&clock, &outbox, &[14_003]).await;
        let received: Vec<String> = records(&outbox)
            .await
            .iter()
            .map(|it| it.times().received_at.to_string())
            .collect();
        let before = "2026-11-18T20:00:00Z";
        assert_eq!(received, [before, before, before, ARRIVAL]);
    }

    #[tokio::test]
    async fn a_full_outbox_answers_nothing_so_that_the_device_keeps_its_value() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = open(&folder, 1 << 20).await;
        let mut intake = intake(&outbox);
        let mut refused = false;
        for grams_5 in 1..u16::MAX {
            let (committed, answer) = oneshot::channel();
            let capture = weighing(grams_5);
            intake.accept(CaptureRequest { capture, committed }).await;
            refused = answer.await.is_err();
            if refused {
                break;
            }
        }
        assert!(refused);
        assert_eq!(outbox.status().await.unwrap().used_percent, 100);
        assert!(outbox.leftovers(None).await.unwrap().is_empty());
    }
}
