//! The clock and the source of randomness: the only file that asks the system for either.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use anyhow::Context;
use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use tokio_rustls::rustls::pki_types::UnixTime;
use tokio_rustls::rustls::time_provider::TimeProvider;

/// Tells the time; cheap to clone.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    /// By how many microseconds it is ahead: by none, but in tests in which months pass.
    System(i64),
    Manual(Arc<AtomicI64>),
}

/// The hand that moves a manual clock.
#[derive(Debug, Clone)]
pub struct ClockHand(Arc<AtomicI64>);

impl Clock {
    /// Makes a clock that shows the system's time.
    pub fn system() -> Self {
        Self(Source::System(ahead_us()))
    }

    /// Makes a clock that stands still, and the hand that moves it.
    pub fn manual(start: Timestamp) -> (Self, ClockHand) {
        let microsecond = Arc::new(AtomicI64::new(start.as_microsecond()));
        (
            Self(Source::Manual(Arc::clone(&microsecond))),
            ClockHand(microsecond),
        )
    }

    /// Gives the time in whole microseconds: what a database column and a record's id hold.
    pub fn now(&self) -> Timestamp {
        let microsecond = match &self.0 {
            Source::System(ahead_us) => system_microsecond().saturating_add(*ahead_us),
            Source::Manual(microsecond) => microsecond.load(Ordering::SeqCst),
        };
        Timestamp::from_microsecond(microsecond).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// TLS judges certificates by the same clock as everything else does.
impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.now().as_second()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

impl ClockHand {
    /// Moves the clock by a whole number of seconds.
    pub fn advance_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}

/// Nobody but a test, whose program is built for it, may move the clock.
#[cfg(feature = "failpoints")]
fn ahead_us() -> i64 {
    let minutes = std::env::var("CLOCK_AHEAD_MINUTES").ok();
    let minutes: i64 = minutes.and_then(|it| it.parse().ok()).unwrap_or(0);
    minutes.saturating_mul(60 * 1_000_000)
}

#[cfg(not(feature = "failpoints"))]
fn ahead_us() -> i64 {
    0
}

#[expect(clippy::disallowed_methods, reason = "this is the program's clock")]
fn system_microsecond() -> i64 {
    Timestamp::now().as_microsecond()
}

/// Gives the system's source of randomness, for libraries that draw from it themselves.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the program's source of randomness"
)]
pub fn entropy() -> SystemRandom {
    SystemRandom::new()
}

/// Fills the bytes with randomness fit for keys.
///
/// # Errors
/// When the system gives none.
pub fn fill_random(bytes: &mut [u8]) -> anyhow::Result<()> {
    entropy()
        .fill(bytes)
        .ok()
        .context("the system gave no random bytes; see whether /dev/urandom can be read")
}

/// Draws a whole number from `0..=most`.
///
/// # Errors
/// As [`fill_random`].
pub fn random_up_to(most: u64) -> anyhow::Result<u64> {
    let mut bytes = [0; 8];
    fill_random(&mut bytes)?;
    // The bias of a remainder does not matter for spreading retries, the only use of this.
    Ok(match most.checked_add(1) {
        Some(count) => u64::from_be_bytes(bytes) % count,
        None => u64::from_be_bytes(bytes),
    })
}

/// Draws a number by which a pause is spread; 0, the longest pause, when the system gives no randomness.
pub fn random_u16() -> u16 {
    let mut bytes = [0; 2];
    let _ = fill_random(&mut bytes);
    u16::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_stands_until_it_is_moved() {
        let start: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
        let (clock, hand) = Clock::manual(start);
        assert_eq!(clock.now(), start);
        let other = clock.clone();
        hand.advance_seconds(90);
        assert_eq!(other.now().to_string(), "2026-11-21T08:01:30Z");
    }

    #[test]
    fn the_system_clock_gives_whole_microseconds() {
        let now = Clock::system().now();
        assert_eq!(now.subsec_nanosecond() % 1000, 0);
        assert!(now.as_second() > 1_700_000_000);
    }

    #[test]
    fn random_numbers_stay_within_their_bound() {
        assert!((0..100).all(|_| random_up_to(2).unwrap() <= 2));
        assert_eq!(random_up_to(0).unwrap(), 0);
        let (mut first, mut second) = ([0; 16], [0; 16]);
        fill_random(&mut first).unwrap();
        fill_random(&mut second).unwrap();
        assert_ne!(first, second);
    }
}
