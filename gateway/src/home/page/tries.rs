//! How often a PIN may be tried: from one address, with a wait that grows, and altogether. A restart forgets it.
//!
//! With six digits and 40 tries a day, whoever guesses without a pause finds one PIN of a hundred within a year and a half.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use tokio::time::Instant;

/// How many wrong tries cost no wait: people mistype.
pub(super) const FREE_LEN: u32 = 3;
/// The wait after them; it doubles with each further one.
pub(super) const WAIT_FIRST: Duration = Duration::from_secs(60);
/// How many wrong tries may come from one address within [`WINDOW`].
pub(super) const FROM_ONE_ADDRESS_MAX: u32 = 10;
/// How many may come altogether within [`WINDOW`]; whoever is signed in stays so. Neighbours in one network can take any
/// number of addresses.
pub(super) const ALTOGETHER_MAX: u32 = 40;
/// For how long wrong tries are counted together.
pub(super) const WINDOW: Duration = Duration::from_secs(24 * 3600);

/// The wrong tries of late.
#[derive(Debug)]
pub(super) struct Tries {
    began_at: Instant,
    altogether: u32,
    from: HashMap<IpAddr, From>,
}

#[derive(Debug)]
struct From {
    wrong: u32,
    not_before: Instant,
}

impl Default for Tries {
    fn default() -> Self {
        Self {
            began_at: Instant::now(),
            altogether: 0,
            from: HashMap::new(),
        }
    }
}

impl Tries {
    /// Counts a try before its PIN is looked at, so that tries at the same time cannot slip through together.
    ///
    /// # Errors
    /// With how long to wait, when there were too many.
    pub(super) fn begin(&mut self, address: IpAddr, now: Instant) -> Result<(), Duration> {
        if now - self.began_at >= WINDOW {
            *self = Self {
                began_at: now,
                ..Self::default()
            };
        }
        let until_the_end = WINDOW - (now - self.began_at);
        // Each entry is at least one try, so this bounds the map as well.
        if self.altogether >= ALTOGETHER_MAX {
            return Err(until_the_end);
        }
        let from = self.from.entry(address.to_canonical()).or_insert(From {
            wrong: 0,
            not_before: now,
        });
        if from.wrong >= FROM_ONE_ADDRESS_MAX {
            return Err(until_the_end);
        }
        if now < from.not_before {
            return Err(from.not_before - now);
        }
        from.wrong += 1;
        self.altogether += 1;
        if from.wrong >= FREE_LEN {
            from.not_before = now + WAIT_FIRST * 2_u32.pow(from.wrong - FREE_LEN);
        }
        Ok(())
    }

    /// Forgets the tries of an address whose PIN was right.
    pub(super) fn was_right(&mut self, address: IpAddr) {
        if let Some(from) = self.from.remove(&address.to_canonical()) {
            self.altogether = self.altogether.saturating_sub(from.wrong);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 168, 1, last])
    }

    #[tokio::test(start_paused = true)]
    async fn the_wait_grows_and_ends_at_a_bound() {
        let mut tries = Tries::default();
        let mut now = Instant::now();
        for _ in 0..FREE_LEN {
            assert_eq!(tries.begin(address(1), now), Ok(()));
        }
        let mut waits = Vec::new();
        while let Err(wait) = tries.begin(address(1), now) {
            if waits.len() == 7 {
                assert!(wait > Duration::from_secs(20 * 3600), "{wait:?}");
                break;
            }
            waits.push(wait.as_secs() / 60);
            now += wait;
            assert_eq!(tries.begin(address(1), now), Ok(()));
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64]);
        assert_eq!(tries.begin(address(2), now), Ok(()), "others may try");
        assert_eq!(tries.begin(address(1), now + WINDOW), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn many_addresses_together_have_a_bound_too() {
        let mut tries = Tries::default();
        let now = Instant::now();
        for last in 0..40 {
            assert_eq!(tries.begin(address(last), now), Ok(()));
        }
        assert_eq!(tries.begin(address(99), now), Err(WINDOW));
        assert_eq!(tries.from.len(), 40);
        assert_eq!(tries.begin(address(99), now + WINDOW), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_right_pin_forgets_what_was_mistyped_before() {
        let mut tries = Tries::default();
        for _ in 0..2 * ALTOGETHER_MAX {
            assert_eq!(tries.begin(address(1), Instant::now()), Ok(()));
            assert_eq!(tries.begin(address(1), Instant::now()), Ok(()));
            tries.was_right("::ffff:192.168.1.1".parse().unwrap());
        }
    }
}
