//! Daily heads: the task that signs where the trail stands, once a day, and writes it outside of the database.

use std::collections::HashSet;
use std::path::PathBuf;

use anyhow::Context;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use super::config::AuditConfig;
use super::head::{Head, day_of};
use super::heads_file::HeadsFile;
use super::key::HeadKey;
use crate::clock::Clock;
use crate::store::Store;
use crate::store::audit::{self, Filter};

/// The longest that the task sleeps. A system's clock may be set meanwhile, and a day begin earlier.
pub const POLL_MAX: SignedDuration = SignedDuration::from_hours(1);
/// How long after a failure it tries again.
pub const RETRY_DELAY: SignedDuration = SignedDuration::from_mins(1);

/// What signs each day's head.
#[derive(Debug)]
pub struct DailyHeads {
    key: HeadKey,
    file: HeadsFile,
    folder: PathBuf,
    store: Store,
    clock: Clock,
}

/// What a round found.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Round {
    /// The head that was signed, where one was due.
    pub signed: Option<Head>,
    /// The head of the file over the most entries, where the database does not hold the trail that it was signed over.
    pub lost: Option<Head>,
}

impl DailyHeads {
    /// Reads the key, and makes it when it is missing.
    ///
    /// # Errors
    /// When the folder cannot be used.
    pub fn open(config: &AuditConfig, store: &Store, clock: &Clock) -> anyhow::Result<Self> {
        Ok(Self {
            key: HeadKey::load_or_make(&config.folder, clock)?,
            file: HeadsFile::of(&config.folder),
            folder: config.folder.clone(),
            store: store.clone(),
            clock: clock.clone(),
        })
    }

    /// Signs at the start, where that is due, and at the beginning of each day in UTC, until the stop.
    ///
    /// # Errors
    /// Never: what fails is logged once and tried again.
    pub async fn run(self, shutdown: CancellationToken) -> anyhow::Result<()> {
        let mut is_failing = false;
        let mut lost = None;
        while !shutdown.is_cancelled() {
            let now = self.clock.now();
            let round = self.round().await;
            let wake_at = match round {
                Ok(round) => {
                    is_failing = false;
                    if let Some(head) = round.lost.as_ref().filter(|_| round.lost != lost) {
                        self.say_what_is_lost(head);
                    }
                    lost = round.lost;
                    next_day(now).min(later(now, POLL_MAX))
                }
                Err(error) => {
                    if !is_failing {
                        error!(
                            error = format!("{error:#}"),
                            "the day's head of the audit trail cannot be signed; it is tried again"
                        );
                    }
                    is_failing = true;
                    later(now, RETRY_DELAY)
                }
            };
            tokio::select! {
                () = self.clock.wait_until(wake_at) => {}
                () = shutdown.cancelled() => {}
            }
        }
        Ok(())
    }

    /// Signs where the trail stands if that has not been done today, and brings the file up to date.
    ///
    /// # Errors
    /// When the database or the file fails. Nothing is lost: the next round does what is left.
    pub async fn round(&self) -> anyhow::Result<Round> {
        let kept = self.file.read()?.heads;
        let lost = self.lost(&kept).await?;
        let signed = self.sign().await?;
        if let Some(head) = &signed {
            info!(
                audit.number = head.number,
                "the day's head of the audit trail is signed"
            );
        }
        self.write_down(&kept).await?;
        Ok(Round { signed, lost })
    }

    /// Looks whether the database still has the last entry that a head of the file was signed over.
    async fn lost(&self, kept: &[Head]) -> anyhow::Result<Option<Head>> {
        let Some(newest) = kept.iter().max_by_key(|head| head.number) else {
            return Ok(None);
        };
        let mut connection = self.store.readers().acquire().await?;
        let all = Filter::default();
        let there = audit::in_order(&mut connection, &all, newest.number - 1, 1).await?;
        let is_there = there
            .first()
            .is_some_and(|entry| entry.number == newest.number && entry.hash == newest.hash);
        Ok((!is_there).then(|| newest.clone()))
    }

    fn say_what_is_lost(&self, head: &Head) {
        error!(
            audit.number = head.number,
            audit.day = head.day,
            audit.folder = %self.folder.display(),
            "the database does not hold the audit trail that was signed: it was changed, or an older copy was put in its \
             place; run `server audit verify`. If it was restored on purpose, keep heads.log and move it away"
        );
    }

    /// Signs, unless this key has signed on this day: that it has on a later one, by a clock that was wrong, keeps none
    /// from being signed now.
    async fn sign(&self) -> anyhow::Result<Option<Head>> {
        let now = self.clock.now();
        let mut write = self.store.write().await?;
        if audit::is_signed(&mut write, &day_of(now), self.key.public_key()).await? {
            return Ok(None);
        }
        let tip = audit::tip(&mut write).await?;
        if tip.number == 0 {
            return Ok(None);
        }
        let head = Head::sign(self.key.pair(), tip.number, &tip.hash, now);
        audit::insert_head(&mut write, &head).await?;
        write.commit().await.context("a head cannot be committed")?;
        Ok(Some(head))
    }

    /// Writes to the file what the database has and the file has not: what was just signed, what a crash kept from the
    /// file, and what another server signed with a copy of the key.
    async fn write_down(&self, kept: &[Head]) -> anyhow::Result<()> {
        let kept: HashSet<&Head> = kept.iter().collect();
        let trusted = [self.key.public_key().to_owned()];
        let mut connection = self.store.readers().acquire().await?;
        let (mut day, mut key) = (String::new(), String::new());
        loop {
            let page = audit::heads(&mut connection, (&day, &key)).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            (day, key) = (last.day.clone(), last.public_key.clone());
            let is_new = |head: &Head| !kept.contains(head) && head.check(&trusted).is_ok();
            let new: Vec<Head> = page.into_iter().filter(is_new).collect();
            if !new.is_empty() {
                self.file.append(&new)?;
            }
        }
    }
}

/// The first moment of the next day, in UTC.
fn next_day(now: Timestamp) -> Timestamp {
    let today = now.to_zoned(TimeZone::UTC).date();
    let next = today.tomorrow().and_then(|day| day.to_zoned(TimeZone::UTC));
    next.map_or(Timestamp::MAX, |next| next.timestamp())
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::audit::verify::{Evidence, verify};
    use crate::audit::{Action, Actor, Entry, record};
    use crate::clock::ManualClock;

    struct Office {
        store: Store,
        hand: ManualClock,
        config: AuditConfig,
        dir: TempDir,
    }

    impl Office {
        async fn open(now: &str) -> Self {
            let dir = tempfile::tempdir().unwrap();
            let url = format!("sqlite:{}", dir.path().join("server.db").display());
            Self {
                store: Store::migrate(&url).await.unwrap(),
                hand: ManualClock::new(now.parse().unwrap(), 1),
                config: AuditConfig {
                    folder: dir.path().join("audit"),
                    trusted_keys: Vec::new(),
                },
                dir,
            }
        }

        fn heads(&self) -> DailyHeads {
            DailyHeads::open(&self.config, &self.store, &self.hand.clock()).unwrap()
        }

        async fn look(&self) {
            let entry = Entry::new(Actor::unknown(), Action::RecordViewed);
            let now = self.hand.clock().now();
            record(&self.store, &entry, now).await.unwrap();
        }

        fn lines(&self) -> Vec<(String, i64)> {
            let lines = HeadsFile::of(&self.config.folder).read().unwrap();
            assert!(lines.broken.is_empty());
            let heads = lines.heads.into_iter();
            heads.map(|head| (head.day, head.number)).collect()
        }

        async fn assert_proved(&self) {
            let evidence = Evidence::load(&self.config).unwrap();
            let report = verify(&self.store, Some(&evidence)).await.unwrap();
            assert_eq!(report.findings, []);
        }
    }

    fn line(day: &str, number: i64) -> (String, i64) {
        (day.to_owned(), number)
    }

    #[tokio::test]
    async fn each_day_is_signed_once_when_it_begins_or_the_server_starts() {
        let office = Office::open("2026-11-27T08:00:00Z").await;
        let heads = office.heads();
        assert_eq!(heads.round().await.unwrap(), Round::default(), "no entry");
        office.look().await;
        assert!(heads.round().await.unwrap().signed.is_some());
        office.look().await;
        assert_eq!(heads.round().await.unwrap(), Round::default());
        assert_eq!(office.lines(), [line("2026-11-27", 1)]);

        for now in [
            "2099-01-01T00:00:00Z",
            "2026-11-28T00:00:00Z",
            "2026-11-27T00:00:00Z",
        ] {
            office.hand.set(now.parse().unwrap());
            heads.round().await.unwrap();
        }
        let all = [("2026-11-27", 1), ("2099-01-01", 2), ("2026-11-28", 2)];
        assert_eq!(office.lines(), all.map(|(day, number)| line(day, number)));
        office.assert_proved().await;
    }

    #[tokio::test]
    async fn the_task_wakes_when_a_day_begins_by_the_servers_clock() {
        let office = Office::open("2026-11-27T23:30:00Z").await;
        office.look().await;
        let shutdown = CancellationToken::new();
        let running = tokio::spawn(office.heads().run(shutdown.clone()));
        let wait = async |len: usize| {
            let waiting = async {
                while office.lines().len() < len {
                    tokio::task::yield_now().await;
                }
            };
            let bound = std::time::Duration::from_secs(30);
            tokio::time::timeout(bound, waiting).await.unwrap();
        };
        wait(1).await;
        office.look().await;
        office.hand.set("2026-11-28T00:00:00Z".parse().unwrap());
        wait(2).await;
        let both = [line("2026-11-27", 1), line("2026-11-28", 2)];
        assert_eq!(office.lines(), both);
        shutdown.cancel();
        running.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn what_a_crash_kept_from_the_file_is_written_at_the_next_start() {
        let office = Office::open("2026-11-27T08:00:00Z").await;
        office.look().await;
        office.heads().round().await.unwrap();
        let file = office.config.folder.join("heads.log");
        let text = std::fs::read_to_string(&file).unwrap();
        for left in ["", &text[..40]] {
            std::fs::write(&file, left).unwrap();
            office.heads().round().await.unwrap();
            assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
        }
    }

    #[tokio::test]
    async fn an_older_copy_of_the_database_is_noticed() {
        let office = Office::open("2026-11-27T08:00:00Z").await;
        office.look().await;
        sqlx::query("VACUUM INTO $1")
            .bind(office.dir.path().join("old.db").display().to_string())
            .execute(office.store.readers())
            .await
            .unwrap();
        office.look().await;
        office.heads().round().await.unwrap();
        assert_eq!(office.heads().round().await.unwrap().lost, None);

        let url = format!("sqlite:{}", office.dir.path().join("old.db").display());
        let old = Office {
            store: Store::open(&url).await.unwrap(),
            ..office
        };
        let round = old.heads().round().await.unwrap();
        assert_eq!(round.lost.map(|head| head.number), Some(2));
        // The day goes on, and is signed: what was lost stays known by the file.
        assert_eq!(round.signed.map(|head| head.number), Some(1));
        let evidence = Evidence::load(&old.config).unwrap();
        let report = verify(&old.store, Some(&evidence)).await.unwrap();
        let findings: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
        assert!(findings[0].contains("not in the database"), "{findings:?}");
        assert!(
            findings[1].starts_with("entry 2 is missing"),
            "{findings:?}"
        );
    }

    #[test]
    fn a_day_ends_at_midnight_in_utc() {
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let midnight = at("2026-11-28T00:00:00Z");
        assert_eq!(next_day(at("2026-11-27T00:00:00Z")), midnight);
        assert_eq!(next_day(at("2026-11-27T23:59:59.999999Z")), midnight);
        assert_eq!(next_day(Timestamp::MAX), Timestamp::MAX);
    }
}
