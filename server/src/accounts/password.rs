//! Passwords: argon2id in a bounded pool, so that a flood of sign-ins takes neither the processors nor the memory.

use std::sync::Arc;

use anyhow::{Context, anyhow};
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use thiserror::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::clock::Clock;

/// The least of a new password, in characters. Long sentences are welcome, kinds of characters are not asked for
/// (NIST SP 800-63B, 5.1.1.2).
pub const LEN_MIN: usize = 10;
/// The most, in characters: what is longer is refused, never cut.
pub const LEN_MAX: usize = 200;
/// How hard a password must be to guess, of 4: over 10^8 guesses (zxcvbn).
const SCORE_MIN: u8 = 3;
/// How many characters of a password are weighed: the estimate is slow on long texts, which are hard to guess anyway.
const WEIGHED_LEN_MAX: usize = 64;

/// The shortest known name that does not count, in characters.
const KNOWN_LEN_MIN: usize = 3;

/// How many passwords are worked on at once: one on a small machine, so that a reading always finds a processor free.
const AT_ONCE_MAX: usize = 2;
/// How many may wait for that; one more is asked to try again.
const WAITING_LEN_MAX: usize = 64;

/// OWASP's first choice for argon2id (Password Storage Cheat Sheet): 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT_LEN: usize = 16;

/// A hash of no password that anybody has: an unknown user costs the same time as a known one.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$\
                       AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Why a password was not looked at.
#[derive(Debug, Error)]
pub enum NotNow {
    /// Too many are waiting.
    #[error("too many people are signing in at this moment")]
    Busy,
    /// Something of ours failed.
    #[error(transparent)]
    Broken(#[from] anyhow::Error),
}

/// Why a new password is not good enough, as a sentence with what to do.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Weak {
    /// Too short.
    #[error(
        "Use at least {LEN_MIN} characters: three or four words that do not belong together are good."
    )]
    Short,
    /// Too long.
    #[error("Use at most {LEN_MAX} characters.")]
    Long,
    /// Easy to guess.
    #[error(
        "This is easy to guess. Use three or four words that do not belong together, and not your name or this service's."
    )]
    Guessable,
}

/// Works on passwords, a few at a time.
#[derive(Debug, Clone)]
pub struct Passwords {
    working: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

/// A place among those whose password is to be worked on.
#[derive(Debug)]
pub struct Queued {
    _place: OwnedSemaphorePermit,
}

impl Default for Passwords {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            working: Arc::new(Semaphore::new((processors / 2).clamp(1, AT_ONCE_MAX))),
            waiting: Arc::new(Semaphore::new(WAITING_LEN_MAX)),
        }
    }
}

impl Passwords {
    /// Takes a place in the queue, before anything is done for a try that may not be looked at.
    ///
    /// # Errors
    /// When too many are waiting.
    pub fn queue(&self) -> Result<Queued, NotNow> {
        let place = Arc::clone(&self.waiting).try_acquire_owned();
        place
            .map(|_place| Queued { _place })
            .map_err(|_| NotNow::Busy)
    }

    /// Tells whether a password is the one of a stored hash; without a hash it is not, after the same time.
    ///
    /// # Errors
    /// When the stored hash cannot be read.
    pub async fn is_right(
        &self,
        queued: Queued,
        password: &str,
        hash: Option<String>,
    ) -> Result<bool, NotNow> {
        let password = password.to_owned();
        let is_known = hash.is_some();
        let verified = self
            .work(queued, move || {
                let hash = hash.unwrap_or_else(|| NOBODYS.to_owned());
                let parsed = PasswordHash::new(&hash)
                    .map_err(|error| anyhow!("a stored password hash cannot be read: {error}"))?;
                let argon2 = argon2()?;
                Ok(argon2.verify_password(password.as_bytes(), &parsed).is_ok())
            })
            .await?;
        Ok(verified && is_known)
    }

    /// Makes the hash of a new password.
    ///
    /// # Errors
    /// When too many are waiting, or the system gives no entropy.
    pub async fn hash(&self, password: &str, clock: &Clock) -> Result<String, NotNow> {
        let mut salt = [0; SALT_LEN];
        clock.fill_random(&mut salt)?;
        let password = password.to_owned();
        self.work(self.queue()?, move || {
            let salt = SaltString::encode_b64(&salt).map_err(|error| anyhow!("{error}"))?;
            let hash = argon2()?.hash_password(password.as_bytes(), &salt);
            Ok(hash.map_err(|error| anyhow!("{error}"))?.to_string())
        })
        .await
    }

    async fn work<T: Send + 'static>(
        &self,
        queued: Queued,
        job: impl FnOnce() -> anyhow::Result<T> + Send + 'static,
    ) -> Result<T, NotNow> {
        let _until_done = queued;
        let turn = Arc::clone(&self.working).acquire_owned().await;
        let turn = turn.context("the password workers are gone")?;
        let done = tokio::task::spawn_blocking(move || {
            // Held until the work is done, even when whoever asked has gone.
            let _turn = turn;
            job()
        });
        Ok(done.await.context("a password worker died")??)
    }
}

fn argon2() -> anyhow::Result<Argon2<'static>> {
    let params =
        Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| anyhow!("{error}"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Checks a new password against what a guesser would try, with what is known of the person.
///
/// # Errors
/// When it is too short, too long or easy to guess.
pub fn check_new(password: &str, known: &[&str]) -> Result<(), Weak> {
    let len = password.chars().count();
    if len < LEN_MIN {
        return Err(Weak::Short);
    }
    if len > LEN_MAX {
        return Err(Weak::Long);
    }
    // What is left without the names that everybody knows has to stand on its own.
    let mut weighed: String = password.to_lowercase();
    for word in known.join(" ").to_lowercase().split_whitespace() {
        if word.chars().count() >= KNOWN_LEN_MIN {
            weighed = weighed.replace(word, "");
        }
    }
    let weighed: String = weighed.chars().take(WEIGHED_LEN_MAX).collect();
    let score = u8::from(zxcvbn::zxcvbn(&weighed, &[]).score());
    if score < SCORE_MIN {
        return Err(Weak::Guessable);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::clock::ManualClock;

    #[tokio::test]
    async fn only_the_right_password_is_right_and_nobody_has_none() {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH, 1).clock();
        let passwords = Passwords::default();
        let hash = passwords.hash("wet stone pillow", &clock).await.unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert_ne!(
            hash,
            passwords.hash("wet stone pillow", &clock).await.unwrap()
        );
        let right = |password: &'static str, hash: Option<String>| {
            let passwords = passwords.clone();
            async move {
                let queued = passwords.queue().unwrap();
                passwords.is_right(queued, password, hash).await.unwrap()
            }
        };
        assert!(right("wet stone pillow", Some(hash.clone())).await);
        assert!(!right("wet stone pillow ", Some(hash)).await);
        assert!(!right("wet stone pillow", None).await);
        assert!(
            PasswordHash::new(NOBODYS).is_ok(),
            "as costly as a real one"
        );
    }

    #[tokio::test]
    async fn a_flood_is_turned_away_and_not_queued_for_ever() {
        let passwords = Passwords::default();
        let turns = passwords.working.available_permits();
        let _all = Arc::clone(&passwords.working)
            .acquire_many_owned(u32::try_from(turns).unwrap())
            .await
            .unwrap();
        let waiting: Vec<_> = (0..WAITING_LEN_MAX)
            .map(|_| {
                let (passwords, queued) = (passwords.clone(), passwords.queue().unwrap());
                tokio::spawn(async move { passwords.is_right(queued, "x", None).await })
            })
            .collect();
        let one_more = passwords.queue().map(drop);
        assert!(matches!(one_more, Err(NotNow::Busy)));
        waiting.iter().for_each(tokio::task::JoinHandle::abort);
    }

    #[test]
    fn what_a_guesser_tries_first_is_no_password() {
        for (password, weak) in [
            ("short", Weak::Short),
            ("password1234", Weak::Guessable),
            ("aaaaaaaaaaaaaaaa", Weak::Guessable),
            ("adaokafor2026", Weak::Guessable),
        ] {
            let checked = check_new(password, &["ada", "Ada Okafor"]);
            assert_eq!(checked, Err(weak), "{password}");
        }
        assert_eq!(check_new(&"ab ".repeat(70), &[]), Err(Weak::Long));
        assert_eq!(check_new("wet stone pillow", &["ada"]), Ok(()));
        assert_eq!(check_new("Ymlaen â chi, cariad!", &[]), Ok(()));
    }
}
