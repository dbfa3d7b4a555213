//! The clock and the source of randomness: the only file that asks the system for either.
//!
//! A box without a battery for its clock starts in 1970, or where it was when it was unplugged, until a time server sets it.
//! Until the time is known the clock counts from 1970-01-01 on, from the program's start: such a stamp can be told from every
//! true time, never jumps, and [`Clock::time_of`] makes the true time of it once that is known.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use anyhow::Context;
use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use tokio_rustls::rustls::pki_types::UnixTime;
use tokio_rustls::rustls::time_provider::TimeProvider;

/// No true time lies before this: the program is younger. In microseconds since 1970, 2026-01-01T00:00:00Z.
const EARLIEST_US: i64 = 1_767_225_600_000_000;

/// Tells the time; cheap to clone.
#[derive(Debug, Clone)]
pub struct Clock {
    source: Source,
    /// Is there once a time server has set the system's clock.
    synchronised_file: Option<PathBuf>,
    belief: Arc<Belief>,
}

#[derive(Debug, Clone)]
enum Source {
    /// By how many microseconds it is ahead: by none, but in tests in which months pass.
    System {
        began: Instant,
        ahead_us: i64,
    },
    Manual(Arc<ManualTime>),
}

#[derive(Debug)]
struct ManualTime {
    wall_us: AtomicI64,
    running_us: AtomicI64,
}

#[derive(Debug, Default)]
struct Belief {
    synchronised: AtomicBool,
    without_synchronising: AtomicBool,
    /// What the time was ahead of the time since the start when it was last believed.
    ahead_us: AtomicI64,
}

/// How far the clock can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// Not at all: only the time since the program's start is known.
    Unknown,
    /// It may be right, and nobody has confirmed it.
    Unconfirmed,
    /// It is right.
    #[default]
    Known,
}

/// The hand that moves a manual clock.
#[derive(Debug, Clone)]
pub struct ClockHand(Arc<ManualTime>);

impl Clock {
    /// Makes a clock that shows the system's time.
    pub fn system() -> Self {
        let began = Instant::now();
        let ahead_us = ahead_us();
        Self::of(Source::System { began, ahead_us })
    }

    /// Makes a clock that stands still, and the hand that moves it.
    pub fn manual(start: Timestamp) -> (Self, ClockHand) {
        let time = Arc::new(ManualTime {
            wall_us: AtomicI64::new(start.as_microsecond()),
            running_us: AtomicI64::new(0),
        });
        (Self::of(Source::Manual(Arc::clone(&time))), ClockHand(time))
    }

    fn of(source: Source) -> Self {
        Self {
            source,
            synchronised_file: None,
            belief: Arc::default(),
        }
    }

    /// Believes the time only once this file is there; `None` believes every time that is possible.
    #[must_use]
    pub fn confirmed_by(self, synchronised_file: Option<PathBuf>) -> Self {
        Self {
            synchronised_file,
            ..self
        }
    }

    /// Gives the time in whole microseconds: what a database column and a record's id hold. While it is unknown, a stamp.
    pub fn now(&self) -> Timestamp {
        let running_us = self.running_us();
        let wall_us = self.wall_us();
        let now_us = match self.certainty() {
            Certainty::Unknown => running_us,
            // Set back to before this program was written: a fault, not a correction.
            _ if wall_us < EARLIEST_US => self.belief.ahead_us.load(Ordering::SeqCst) + running_us,
            _ => {
                let ahead_us = wall_us - running_us;
                self.belief.ahead_us.store(ahead_us, Ordering::SeqCst);
                wall_us
            }
        };
        Timestamp::from_microsecond(now_us).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Tells how far the time can be believed. What has been believed once is not doubted again.
    pub fn certainty(&self) -> Certainty {
        let belief = &self.belief;
        if belief.synchronised.load(Ordering::SeqCst) {
            return Certainty::Known;
        }
        let unconfirmed = belief.without_synchronising.load(Ordering::SeqCst);
        let confirmed = self.synchronised_file.as_deref().is_none_or(Path::exists);
        if confirmed && self.wall_us() >= EARLIEST_US {
            belief.synchronised.store(true, Ordering::SeqCst);
            Certainty::Known
        } else if unconfirmed {
            Certainty::Unconfirmed
        } else {
            Certainty::Unknown
        }
    }

    /// Takes the time for right although nobody has confirmed it, unless it cannot be; tells whether it is believed.
    pub fn believe_unconfirmed(&self) -> bool {
        let possible = self.wall_us() >= EARLIEST_US;
        if possible {
            let unconfirmed = &self.belief.without_synchronising;
            unconfirmed.store(true, Ordering::SeqCst);
        }
        possible
    }

    /// Gives the true time of what this program stamped; `None` while that is unknown. A true time is given back as it is.
    pub fn time_of(&self, at: Timestamp) -> Option<Timestamp> {
        if !is_stamp(at) {
            return Some(at);
        }
        let now = self.now();
        if is_stamp(now) {
            return None;
        }
        let age_us = self.running_us() - at.as_microsecond();
        Timestamp::from_microsecond(now.as_microsecond() - age_us).ok()
    }

    fn wall_us(&self) -> i64 {
        match &self.source {
            Source::System { ahead_us, .. } => system_microsecond().saturating_add(*ahead_us),
            Source::Manual(time) => time.wall_us.load(Ordering::SeqCst),
        }
    }

    fn running_us(&self) -> i64 {
        match &self.source {
            Source::System { began, .. } => {
                i64::try_from(began.elapsed().as_micros()).unwrap_or(i64::MAX)
            }
            Source::Manual(time) => time.running_us.load(Ordering::SeqCst),
        }
    }
}

/// TLS judges certificates by the same clock as everything else does.
impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.wall_us() / 1_000_000).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

/// Tells a stamp, made while the time was unknown, from a time.
pub fn is_stamp(at: Timestamp) -> bool {
    at.as_microsecond() < EARLIEST_US
}

/// Gives the earliest time that can be true.
pub fn earliest() -> Timestamp {
    Timestamp::from_microsecond(EARLIEST_US).unwrap_or(Timestamp::UNIX_EPOCH)
}

impl ClockHand {
    /// Lets a whole number of seconds pass.
    pub fn advance_seconds(&self, seconds: i64) {
        let microseconds = seconds * 1_000_000;
        self.0.wall_us.fetch_add(microseconds, Ordering::SeqCst);
        self.0.running_us.fetch_add(microseconds, Ordering::SeqCst);
    }

    /// Sets the clock, as a time server or a person does: no time passes.
    pub fn set(&self, to: Timestamp) {
        self.0.wall_us.store(to.as_microsecond(), Ordering::SeqCst);
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

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_manual_clock_stands_until_it_is_moved() {
        let start = at("2026-11-21T08:00:00Z");
        let (clock, hand) = Clock::manual(start);
        assert_eq!(clock.now(), start);
        let other = clock.clone();
        hand.advance_seconds(90);
        assert_eq!(other.now().to_string(), "2026-11-21T08:01:30Z");
    }

    #[test]
    fn the_system_clock_gives_whole_microseconds() {
        let clock = Clock::system();
        assert_eq!(clock.now().subsec_nanosecond() % 1000, 0);
        assert!(clock.now().as_second() > 1_700_000_000);
        assert_eq!(clock.certainty(), Certainty::Known);
    }

    #[test]
    fn a_box_that_starts_in_1970_counts_until_its_clock_is_set() {
        let (clock, hand) = Clock::manual(at("1970-01-01T00:00:31Z"));
        hand.advance_seconds(5);
        let stamp = clock.now();
        assert_eq!(stamp.to_string(), "1970-01-01T00:00:05Z");
        assert!(is_stamp(stamp) && !clock.believe_unconfirmed());
        assert_eq!(clock.time_of(stamp), None);
        hand.advance_seconds(60);
        hand.set(at("2026-11-21T08:10:00Z"));
        assert_eq!(clock.now().to_string(), "2026-11-21T08:10:00Z");
        assert_eq!(clock.time_of(stamp), Some(at("2026-11-21T08:09:00Z")));
        assert_eq!(clock.certainty(), Certainty::Known);
    }

    #[test]
    fn an_old_date_is_not_believed_until_it_is_confirmed_or_nobody_can() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("synchronized");
        // Where the box was when it was unplugged three days ago.
        let (clock, hand) = Clock::manual(at("2026-11-18T20:00:00Z"));
        let clock = clock.confirmed_by(Some(file.clone()));
        let stamp = clock.now();
        assert!(is_stamp(stamp));
        hand.advance_seconds(10);
        hand.set(at("2026-11-21T08:00:00Z"));
        std::fs::write(&file, "").unwrap();
        assert_eq!(clock.certainty(), Certainty::Known);
        assert_eq!(clock.time_of(stamp), Some(at("2026-11-21T07:59:50Z")));

        let (clock, _) = Clock::manual(at("2026-11-18T20:00:00Z"));
        let clock = clock.confirmed_by(Some(folder.path().join("never")));
        assert_eq!(clock.certainty(), Certainty::Unknown);
        assert!(clock.believe_unconfirmed());
        assert_eq!(clock.certainty(), Certainty::Unconfirmed);
        assert_eq!(clock.now(), at("2026-11-18T20:00:00Z"));
    }

    #[test]
    fn a_clock_that_is_put_back_is_followed_but_not_to_before_the_program() {
        let (clock, hand) = Clock::manual(at("2026-11-21T12:00:00Z"));
        assert_eq!(clock.now(), at("2026-11-21T12:00:00Z"));
        hand.set(at("2026-11-21T09:00:00Z"));
        assert_eq!(clock.now(), at("2026-11-21T09:00:00Z"));
        hand.set(Timestamp::UNIX_EPOCH);
        hand.advance_seconds(60);
        assert_eq!(clock.now(), at("2026-11-21T09:01:00Z"));
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
