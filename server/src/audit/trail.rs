//! The trail: how pages and commands add to it.

use jiff::Timestamp;
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};
use tracing::{error, info};

use super::chain::Recorded;
use super::entry::Entry;
use crate::clock::Clock;
use crate::store::{Store, Write, audit};

/// How many pages may wait for their entry at the same time; one more is refused at once.
pub const QUEUE_LEN_MAX: usize = 256;
/// The most entries in one transaction: so short that ingest, which waits for the same writer, is not held up.
pub const GROUP_LEN_MAX: usize = 64;

/// Adds entries; cheap to clone, every clone adds to the same trail.
#[derive(Debug, Clone)]
pub struct Trail {
    queue: mpsc::Sender<Asked>,
    clock: Clock,
}

/// The task that commits what pages ask for, many entries in one transaction.
#[derive(Debug)]
pub struct Recorder {
    store: Store,
    queue: mpsc::Receiver<Asked>,
    is_failing: bool,
}

/// Why an entry was not recorded. What it is about must not be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NotRecorded {
    /// [`QUEUE_LEN_MAX`] pages wait already.
    #[error("too many pages wait for the audit trail")]
    QueueFull,
    /// The database did not take it.
    #[error("the database does not take entries of the audit trail")]
    Refused,
    /// The server is stopping.
    #[error("the audit trail is closed")]
    Stopped,
}

#[derive(Debug)]
struct Asked {
    at: Timestamp,
    entry: Entry,
    done: oneshot::Sender<Result<(), NotRecorded>>,
}

impl Trail {
    /// Makes the trail of a server, and the task that must run for it.
    pub fn new(store: &Store, clock: &Clock) -> (Self, Recorder) {
        let (sender, receiver) = mpsc::channel(QUEUE_LEN_MAX);
        let trail = Self {
            queue: sender,
            clock: clock.clone(),
        };
        let recorder = Recorder {
            store: store.clone(),
            queue: receiver,
            is_failing: false,
        };
        (trail, recorder)
    }

    /// Makes a trail whose task runs already, for tests.
    #[cfg(test)]
    pub(crate) fn at_work(store: &Store, clock: &Clock) -> Self {
        let (trail, recorder) = Self::new(store, clock);
        tokio::spawn(recorder.run());
        trail
    }

    /// Records that somebody looks at something. Only once this has returned may they see it.
    ///
    /// # Errors
    /// When it was not recorded; the page must then show nothing (an answer of 503).
    pub async fn seen(&self, entry: Entry) -> Result<(), NotRecorded> {
        let (done, answer) = oneshot::channel();
        let asked = Asked {
            at: self.clock.now(),
            entry,
            done,
        };
        self.queue.try_send(asked).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotRecorded::QueueFull,
            mpsc::error::TrySendError::Closed(_) => NotRecorded::Stopped,
        })?;
        answer.await.unwrap_or(Err(NotRecorded::Stopped))
    }

    /// Records a change in the change's own transaction: both are there or neither. Nothing may follow but the commit, as
    /// [`append`] says.
    ///
    /// # Errors
    /// When the database fails: the transaction must be dropped.
    pub async fn append(&self, write: &mut Write<'_>, entry: &Entry) -> anyhow::Result<()> {
        append(write, std::slice::from_ref(entry), self.clock.now()).await
    }
}

/// Adds entries to the trail, in this order.
///
/// This takes the end of the trail until the transaction ends, so it must be the last thing that a transaction does:
/// after the locks of cases, gateways and teams, and just before the commit. One that took a lock afterwards could wait for
/// one that has that lock and waits for the end of the trail.
///
/// # Errors
/// When the database fails: the transaction must be dropped.
pub async fn append(
    write: &mut Write<'_>,
    entries: &[Entry],
    now: Timestamp,
) -> anyhow::Result<()> {
    append_dated(write, entries.iter().map(|entry| (now, entry))).await
}

/// Records one entry in a transaction of its own, for commands: what it is about may be shown once this has returned.
///
/// # Errors
/// When it was not recorded.
pub async fn record(store: &Store, entry: &Entry, now: Timestamp) -> anyhow::Result<()> {
    let mut write = store.write().await?;
    append(&mut write, std::slice::from_ref(entry), now).await?;
    write.commit().await?;
    Ok(())
}

async fn append_dated<'a>(
    write: &mut Write<'_>,
    entries: impl Iterator<Item = (Timestamp, &'a Entry)>,
) -> anyhow::Result<()> {
    let mut tip = audit::lock_tip(write).await?;
    for (at, entry) in entries {
        let recorded = Recorded::link(&tip.hash, tip.number + 1, at, entry);
        audit::append(write, &recorded).await?;
        tip = audit::Tip {
            number: recorded.number,
            hash: recorded.hash,
        };
    }
    Ok(())
}

impl Recorder {
    /// Commits what is asked for until nobody holds the trail any more. What is asked for while a transaction is under way
    /// is in the next one, together.
    ///
    /// # Errors
    /// Never: what fails is told to whoever asked, and logged once.
    pub async fn run(mut self) -> anyhow::Result<()> {
        let mut group = Vec::with_capacity(GROUP_LEN_MAX);
        while self.queue.recv_many(&mut group, GROUP_LEN_MAX).await > 0 {
            let outcome = self.commit(&group).await;
            self.log(outcome.as_ref().err());
            let answer = outcome.map_err(|_| NotRecorded::Refused);
            for asked in group.drain(..) {
                // Nobody waits any more: what was not shown is recorded all the same.
                let _ = asked.done.send(answer);
            }
        }
        Ok(())
    }

    async fn commit(&self, group: &[Asked]) -> anyhow::Result<()> {
        let mut write = self.store.write().await?;
        let entries = group.iter().map(|asked| (asked.at, &asked.entry));
        append_dated(&mut write, entries).await?;
        write.commit().await?;
        Ok(())
    }

    /// Logs the first of a row of failures, not each.
    fn log(&mut self, failed: Option<&anyhow::Error>) {
        match failed {
            Some(error) if !self.is_failing => error!(
                error = format!("{error:#}"),
                "the audit trail takes no entries, so no patient's record is shown: see whether the database runs and its \
                 disk has room"
            ),
            None if self.is_failing => info!("the audit trail takes entries again"),
            _ => {}
        }
        self.is_failing = failed.is_some();
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::Poll;

    use futures::future::join_all;
    use futures::poll;
    use tempfile::TempDir;

    use super::*;
    use crate::audit::{Action, Actor};
    use crate::clock::ManualClock;

    async fn trail() -> (Trail, Store, TempDir) {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", dir.path().join("server.db").display());
        let store = Store::migrate(&url).await.unwrap();
        let clock = ManualClock::new("2026-11-27T08:00:00Z".parse().unwrap(), 1).clock();
        let trail = Trail::at_work(&store, &clock);
        (trail, store, dir)
    }

    fn looked(subject: usize) -> Entry {
        Entry::new(Actor::unknown(), Action::RecordViewed).about(&subject)
    }

    async fn numbers(store: &Store, statement: &'static str) -> Vec<i64> {
        let rows = sqlx::query_scalar(statement).fetch_all(store.readers());
        rows.await.unwrap()
    }

    type Waiting<'a> = Pin<Box<dyn Future<Output = Result<(), NotRecorded>> + 'a>>;

    /// Asks until no more is taken, and gives those who wait.
    async fn fill(trail: &Trail) -> Vec<Waiting<'_>> {
        let mut waiting: Vec<Waiting<'_>> = Vec::new();
        loop {
            let mut seen: Waiting<'_> = Box::pin(trail.seen(looked(waiting.len())));
            match poll!(&mut seen) {
                Poll::Pending => waiting.push(seen),
                Poll::Ready(outcome) => {
                    assert_eq!(outcome, Err(NotRecorded::QueueFull));
                    return waiting;
                }
            }
            // The task takes its first group, and is held up by whoever has the writer.
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn what_is_asked_for_during_a_commit_is_committed_together_and_what_is_too_much_is_refused()
     {
        let (trail, store, _dir) = trail().await;
        let held = store.write().await.unwrap();
        let waiting = fill(&trail).await;
        let len = waiting.len();
        assert!(
            (QUEUE_LEN_MAX..=QUEUE_LEN_MAX + GROUP_LEN_MAX).contains(&len),
            "{len}"
        );
        drop(held);
        assert_eq!(join_all(waiting).await, vec![Ok(()); len]);

        let order = "SELECT CAST(subject AS BIGINT) FROM audit ORDER BY number";
        let order = numbers(&store, order).await;
        assert!(order.iter().copied().eq(0..i64::try_from(len).unwrap()));
        let commits = numbers(&store, "SELECT lock_count FROM audit_tip").await[0];
        let least = len.div_ceil(GROUP_LEN_MAX);
        assert!(
            commits <= i64::try_from(least).unwrap() + 1,
            "{commits} transactions for {len} entries"
        );
        assert_eq!(trail.seen(looked(0)).await, Ok(()), "there is room again");
    }

    #[tokio::test]
    async fn what_the_database_does_not_take_is_not_shown() {
        let (trail, store, _dir) = trail().await;
        let held = store.write().await.unwrap();
        tokio::time::pause();
        let both = tokio::join!(trail.seen(looked(1)), trail.seen(looked(2)));
        assert_eq!(both, (Err(NotRecorded::Refused), Err(NotRecorded::Refused)));
        tokio::time::resume();
        drop(held);
        assert_eq!(trail.seen(looked(3)).await, Ok(()));
        let recorded = numbers(&store, "SELECT number FROM audit").await;
        assert_eq!(recorded, [1], "numbers have no gap");
    }

    #[tokio::test]
    async fn a_change_and_its_entry_are_there_together_or_not_at_all() {
        let (trail, store, _dir) = trail().await;
        for is_committed in [false, true] {
            let mut write = store.write().await.unwrap();
            sqlx::query("INSERT INTO team (id, name) VALUES ('north', 'North')")
                .execute(&mut *write)
                .await
                .unwrap();
            trail.append(&mut write, &looked(1)).await.unwrap();
            if is_committed {
                write.commit().await.unwrap();
            } else {
                write.rollback().await.unwrap();
            }
            let kept = numbers(&store, "SELECT COUNT(*) FROM audit").await;
            assert_eq!(kept, [i64::from(is_committed)]);
            let kept = numbers(&store, "SELECT COUNT(*) FROM team").await;
            assert_eq!(kept, [i64::from(is_committed)]);
        }
    }

    #[tokio::test]
    async fn the_task_ends_with_the_last_trail_and_not_before() {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", dir.path().join("server.db").display());
        let store = Store::migrate(&url).await.unwrap();
        let (trail, recorder) = Trail::new(&store, &Clock::system());
        let running = tokio::spawn(recorder.run());
        let other = trail.clone();
        drop(trail);
        assert_eq!(other.seen(looked(1)).await, Ok(()));
        drop(other);
        running.await.unwrap().unwrap();

        let (trail, recorder) = Trail::new(&store, &Clock::system());
        drop(recorder);
        assert_eq!(trail.seen(looked(1)).await, Err(NotRecorded::Stopped));
    }
}
