//! The throttle: after a few failures each next try has to wait, twice as long each time, never for good.

use jiff::{SignedDuration, Timestamp};

/// How long a try waits at most.
const WAIT_MAX: SignedDuration = SignedDuration::from_mins(15);
/// After how long without a failure all is forgotten.
pub const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// Where failures are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// One account, whether or not there is one of that name.
    Account,
    /// One address, behind which a whole office may be.
    Address,
}

impl Place {
    /// How many failures cost no waiting.
    fn free(self) -> u32 {
        match self {
            Self::Account => 5,
            Self::Address => 50,
        }
    }
}

/// Failures at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Failures {
    /// How many there were in a row.
    pub len: u32,
    /// When the last was.
    pub last_at: Option<Timestamp>,
}

impl Failures {
    /// Gives when the next try may be; `None` when it may be now.
    pub fn next_try_at(&self, place: Place, now: Timestamp) -> Option<Timestamp> {
        let last_at = self.last_at.filter(|at| now < *at + FORGOTTEN_AFTER)?;
        let over = self.len.checked_sub(place.free())?;
        let doubled = 1_i64.checked_shl(over).unwrap_or(i64::MAX).max(1);
        let wait = SignedDuration::from_secs(doubled.min(WAIT_MAX.as_secs()));
        Some(last_at + wait).filter(|at| now < *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn after(len: u32, place: Place) -> Option<i64> {
        let last_at = Some(at(0));
        let next = Failures { len, last_at }.next_try_at(place, at(0))?;
        Some(next.duration_since(at(0)).as_secs())
    }

    #[test]
    fn four_slips_cost_nothing_and_then_each_wait_is_twice_as_long_up_to_a_quarter_of_an_hour() {
        assert_eq!(after(4, Place::Account), None);
        assert_eq!(after(5, Place::Account), Some(1));
        assert_eq!(after(6, Place::Account), Some(2));
        assert_eq!(after(10, Place::Account), Some(32));
        assert_eq!(after(15, Place::Account), Some(900));
        assert_eq!(after(1_000, Place::Account), Some(900));
        assert_eq!(after(49, Place::Address), None);
        assert_eq!(after(52, Place::Address), Some(4));
    }

    #[test]
    fn a_wait_ends_and_a_day_forgets() {
        let known = Failures {
            len: 7,
            last_at: Some(at(0)),
        };
        assert_eq!(known.next_try_at(Place::Account, at(3)), Some(at(4)));
        assert_eq!(known.next_try_at(Place::Account, at(4)), None);
        let day = 24 * 60 * 60;
        let old = Failures {
            len: u32::MAX,
            ..known
        };
        assert_eq!(old.next_try_at(Place::Account, at(day)), None);
        let many = Failures {
            len: u32::MAX,
            last_at: Some(at(0)),
        };
        assert_eq!(many.next_try_at(Place::Account, at(0)), Some(at(900)));
    }
}
