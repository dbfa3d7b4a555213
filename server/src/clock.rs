//! Time and randomness: the only file of the server that asks the system for either.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, anyhow};
use jiff::{SignedDuration, Timestamp};
use ring::digest;
use ring::rand::{SecureRandom, SystemRandom};
use tokio::sync::Notify;
use tokio_rustls::rustls::pki_types::UnixTime;
use tokio_rustls::rustls::time_provider::TimeProvider;

/// Tells the time and gives random bytes; cheap to clone, every clone is the same clock.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System {
        random: SystemRandom,
        /// Nothing, but in crash tests.
        ahead: SignedDuration,
    },
    Manual(Arc<Manual>),
}

#[derive(Debug)]
struct Manual {
    now_us: AtomicI64,
    moved: Notify,
    seed: u64,
    blocks_given: AtomicU64,
}

impl Clock {
    /// Makes the clock of the running program: the system's time and the system's randomness.
    #[expect(
        clippy::disallowed_methods,
        reason = "this file is where the server asks the system for entropy"
    )]
    pub fn system() -> Self {
        Self(Source::System {
            random: SystemRandom::new(),
            ahead: SignedDuration::ZERO,
        })
    }

    /// Makes a clock that is ahead of the system's, for crash tests in which time passes while the program is down.
    #[cfg(feature = "failpoints")]
    pub fn system_ahead(ahead: SignedDuration) -> Self {
        let mut clock = Self::system();
        if let Source::System { ahead: known, .. } = &mut clock.0 {
            *known = ahead;
        }
        clock
    }

    /// Gives the time, in UTC, cut down to whole microseconds: what both databases can hold.
    #[expect(
        clippy::disallowed_methods,
        reason = "this file is where the server asks the system for the time"
    )]
    pub fn now(&self) -> Timestamp {
        let now_us = match &self.0 {
            Source::System { ahead, .. } => Timestamp::now()
                .saturating_add(*ahead)
                .unwrap_or(Timestamp::MAX)
                .as_microsecond(),
            Source::Manual(manual) => manual.now_us.load(Ordering::SeqCst),
        };

        Timestamp::from_microsecond(now_us).unwrap_or(Timestamp::MAX)
    }

    /// Waits until a time has come by this clock. A clock that is moved by hand is waited for however long it stands.
    pub async fn wait_until(&self, at: Timestamp) {
        match &self.0 {
            Source::System { .. } => {
                let left = at.duration_since(self.now());
                tokio::time::sleep(left.try_into().unwrap_or_default()).await;
            }
            Source::Manual(manual) => loop {
                // Made before the look at the time: a move in between is not missed.
                let moved = manual.moved.notified();
                if self.now() >= at {
                    return;
                }
                moved.await;
            },
        }
    }

    /// Fills the bytes with randomness fit for keys.
    ///
    /// # Errors
    /// When the system gives no entropy.
    pub fn fill_random(&self, bytes: &mut [u8]) -> anyhow::Result<()> {
        match &self.0 {
            Source::System { random, .. } => random
                .fill(bytes)
                .map_err(|_| anyhow!("the operating system gave no random bytes"))
                .context("cannot make random bytes"),
            Source::Manual(manual) => {
                manual.fill(bytes);
                Ok(())
            }
        }
    }
}

/// TLS judges certificates by the same clock as everything else does.
impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.now().as_second()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

impl Manual {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(digest::SHA256_OUTPUT_LEN) {
            let block = self.blocks_given.fetch_add(1, Ordering::SeqCst);
            let input = [self.seed.to_be_bytes(), block.to_be_bytes()].concat();
            let output = digest::digest(&digest::SHA256, &input);
            chunk.copy_from_slice(&output.as_ref()[..chunk.len()]);
        }
    }
}

/// Moves a clock by hand, for tests and simulations: time stands still until it is advanced.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<Manual>);

impl ManualClock {
    /// Makes a clock that stands at `start`; its random bytes follow from `seed` alone.
    pub fn new(start: Timestamp, seed: u64) -> Self {
        Self(Arc::new(Manual {
            now_us: AtomicI64::new(start.as_microsecond()),
            moved: Notify::new(),
            seed,
            blocks_given: AtomicU64::new(0),
        }))
    }

    /// Gives the clock that this hand moves, to be passed to the program under test.
    pub fn clock(&self) -> Clock {
        Clock(Source::Manual(Arc::clone(&self.0)))
    }

    /// Sets the time; it may go backwards, as a real clock does when it is corrected.
    pub fn set(&self, now: Timestamp) {
        self.0.now_us.store(now.as_microsecond(), Ordering::SeqCst);
        self.0.moved.notify_waiters();
    }

    /// Moves the time forward, or backward by a negative step, and stays within what a timestamp can hold.
    pub fn advance(&self, step: SignedDuration) {
        let now = self.clock().now();
        let limit = if step.is_negative() {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        };
        self.set(now.checked_add(step).unwrap_or(limit));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::poll;

    #[test]
    fn the_time_has_whole_microseconds() {
        let now = Clock::system().now();
        assert_eq!(now.as_nanosecond() % 1000, 0);

        let start = Timestamp::from_nanosecond(1_700_000_000_123_456_789).unwrap();
        let clock = ManualClock::new(start, 0).clock();
        assert_eq!(clock.now().as_nanosecond(), 1_700_000_000_123_456_000);
    }

    #[test]
    fn a_manual_clock_stands_still_until_it_is_moved() {
        let start: Timestamp = "2026-03-01T08:00:00Z".parse().unwrap();
        let hand = ManualClock::new(start, 0);
        let clock = hand.clock();
        assert_eq!(clock.now(), start);
        hand.advance(SignedDuration::from_hours(25));
        assert_eq!(clock.now(), "2026-03-02T09:00:00Z".parse().unwrap());
        hand.advance(SignedDuration::from_secs(-1));
        assert_eq!(clock.now(), "2026-03-02T08:59:59Z".parse().unwrap());
        hand.set(start);
        assert_eq!(clock.now(), start);
        hand.advance(SignedDuration::MAX);
        assert_eq!(
            clock.now().as_microsecond(),
            Timestamp::MAX.as_microsecond()
        );
    }

    #[tokio::test]
    async fn a_wait_ends_when_the_hand_reaches_its_time() {
        let start: Timestamp = "2026-03-01T08:00:00Z".parse().unwrap();
        let hand = ManualClock::new(start, 0);
        let clock = hand.clock();
        clock.wait_until(start).await;
        let at = start + SignedDuration::from_mins(10);
        let mut waiting = std::pin::pin!(clock.wait_until(at));
        assert!(poll!(waiting.as_mut()).is_pending());
        hand.advance(SignedDuration::from_mins(9));
        assert!(poll!(waiting.as_mut()).is_pending());
        hand.advance(SignedDuration::from_mins(1));
        assert!(poll!(waiting.as_mut()).is_ready());
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_by_the_system_clock_takes_that_long() {
        let clock = Clock::system();
        let began = tokio::time::Instant::now();
        let at = clock.now() + SignedDuration::from_mins(10);
        clock.wait_until(at).await;
        let waited = began.elapsed().as_secs();
        assert!((599..=600).contains(&waited), "{waited} s");
        // What has passed is not waited for.
        clock.wait_until(Timestamp::UNIX_EPOCH).await;
    }

    #[test]
    fn manual_randomness_repeats_for_a_seed_and_the_systems_does_not() {
        let bytes = |clock: &Clock| {
            let mut bytes = [0; 40];
            clock.fill_random(&mut bytes).unwrap();
            bytes
        };
        let (one, same, other) = (
            ManualClock::new(Timestamp::UNIX_EPOCH, 1).clock(),
            ManualClock::new(Timestamp::UNIX_EPOCH, 1).clock(),
            ManualClock::new(Timestamp::UNIX_EPOCH, 2).clock(),
        );
        let first = bytes(&one);
        assert_eq!(first, bytes(&same));
        assert_ne!(first, bytes(&one), "the next bytes are new ones");
        assert_ne!(first, bytes(&other));
        assert_ne!(bytes(&Clock::system()), bytes(&Clock::system()));
    }
}
