//! How often codes may be tried: from one address, and altogether. It is not stored; a restart forgets it.
//!
//! A job counts the wrong codes that name it by their first half; here the others are counted too. There are 25,600,000,000
//! codes: what is allowed here finds one of a hundred open jobs in a century of trying.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use vitals::enrol::Refusal;

use crate::connections::network;

/// How many wrong codes may come from one address within [`WINDOW`].
pub const FROM_ONE_ADDRESS_MAX: u32 = 10;
/// How many wrong codes may come altogether within [`WINDOW`]. Then nobody can enrol for the rest of it: rare as enrolment
/// is, that is better than to be guessed at from many addresses.
pub const ALTOGETHER_MAX: u32 = 300;
/// For how long wrong tries are counted together.
pub const WINDOW: SignedDuration = SignedDuration::from_hours(1);

/// The wrong tries of late.
#[derive(Debug, Default)]
pub struct Tries(Mutex<Counted>);

#[derive(Debug, Default)]
struct Counted {
    began_at: Timestamp,
    altogether: u32,
    from: HashMap<IpAddr, u32>,
}

impl Tries {
    /// Counts a try before its code is looked at, so that tries at the same time cannot slip through together.
    ///
    /// # Errors
    /// When there were too many.
    pub fn begin(&self, address: IpAddr, now: Timestamp) -> Result<(), Refusal> {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let age = now.duration_since(counted.began_at);
        // A clock that was put back must not make the window endless.
        if age >= WINDOW || age.is_negative() {
            *counted = Counted {
                began_at: now,
                ..Counted::default()
            };
        }
        // At most one entry for each try altogether, so this bounds the map as well.
        if counted.altogether >= ALTOGETHER_MAX {
            return Err(Refusal::TooMany);
        }
        let from = counted.from.entry(network(address)).or_default();
        if *from >= FROM_ONE_ADDRESS_MAX {
            return Err(Refusal::TooMany);
        }
        *from += 1;
        counted.altogether += 1;
        Ok(())
    }

    /// Takes a try back whose code was right.
    pub fn was_right(&self, address: IpAddr) {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counted.altogether = counted.altogether.saturating_sub(1);
        if let Some(from) = counted.from.get_mut(&network(address)) {
            *from = from.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-26T09:00:00Z".parse().unwrap()
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_address_has_so_many_tries_an_hour() {
        let tries = Tries::default();
        for last in 1..=FROM_ONE_ADDRESS_MAX {
            let same_network = address(&format!("2001:db8::{last}"));
            assert_eq!(tries.begin(same_network, now()), Ok(()));
        }
        let begin = |text, at| tries.begin(address(text), at);
        assert_eq!(begin("2001:db8::99", now()), Err(Refusal::TooMany));
        assert_eq!(begin("2001:db8:0:1::1", now()), Ok(()));
        assert_eq!(begin("192.0.2.1", now()), Ok(()));
        assert_eq!(begin("2001:db8::99", now() + WINDOW), Ok(()));
    }

    #[test]
    fn many_addresses_together_have_a_bound_too() {
        let tries = Tries::default();
        for number in 0..ALTOGETHER_MAX {
            let other = address(&format!("10.0.{}.{}", number / 250, number % 250));
            assert_eq!(tries.begin(other, now()), Ok(()));
        }
        let another = address("192.0.2.1");
        assert_eq!(tries.begin(another, now()), Err(Refusal::TooMany));
        assert!(tries.0.lock().unwrap().from.len() <= ALTOGETHER_MAX as usize);
        assert_eq!(tries.begin(another, now() + WINDOW), Ok(()));
    }

    #[test]
    fn a_right_code_costs_no_try() {
        let tries = Tries::default();
        for _ in 0..2 * ALTOGETHER_MAX {
            assert_eq!(tries.begin(address("192.0.2.1"), now()), Ok(()));
            tries.was_right(address("::ffff:192.0.2.1"));
        }
    }

    #[test]
    fn a_clock_that_is_put_back_begins_a_new_hour() {
        let tries = Tries::default();
        for _ in 0..FROM_ONE_ADDRESS_MAX {
            assert_eq!(tries.begin(address("192.0.2.1"), now()), Ok(()));
        }
        let before = now() - SignedDuration::from_hours(24 * 365);
        assert_eq!(tries.begin(address("192.0.2.1"), before), Ok(()));
    }
}
