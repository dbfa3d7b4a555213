//! When this box renews its certificate, and how: a pure decision.

use jiff::{SignedDuration, Timestamp};
use vitals::enrol::LATE_RENEWAL_MAX;

/// The pause after the first attempt that failed; each further one doubles it.
pub const RETRY_DELAY_MIN: SignedDuration = SignedDuration::from_mins(10);
/// The longest pause while the certificate is good: there are 30 days from the first attempt to its end.
pub const RETRY_DELAY_MAX: SignedDuration = SignedDuration::from_hours(12);
/// The longest pause once it has ended: an operator who permits the renewal waits for it.
pub const LATE_RETRY_DELAY_MAX: SignedDuration = SignedDuration::from_mins(30);
/// The pause after a renewal. It matters only where this box's clock and the server's are far apart.
pub const RENEWED_PAUSE: SignedDuration = SignedDuration::from_hours(24);
/// From how long before the end on a failure is an error that somebody must look at.
pub const END_IS_NEAR: SignedDuration = SignedDuration::from_hours(14 * 24);

/// From when to when a certificate is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// From when.
    pub begins_at: Timestamp,
    /// Until when.
    pub ends_at: Timestamp,
}

/// What this box does about its certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing now.
    Wait,
    /// Renew it, by showing it.
    Renew,
    /// Ask for another by the signing key: it has ended.
    RenewLate,
    /// Say that it ended too long ago to be renewed.
    GiveUp,
}

impl Validity {
    /// Gives when two thirds of its life are over.
    pub fn renew_at(&self) -> Timestamp {
        let life = self.ends_at.duration_since(self.begins_at);
        self.begins_at
            .checked_add(life / 3 * 2)
            .unwrap_or(self.ends_at)
    }

    /// Tells whether it has ended or will soon.
    pub fn is_near_its_end(&self, now: Timestamp) -> bool {
        self.ends_at.duration_since(now) <= END_IS_NEAR
    }
}

/// The attempts of late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Attempts {
    failures: u32,
    pause: Option<Pause>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pause {
    from: Timestamp,
    until: Timestamp,
}

impl Attempts {
    /// Decides what is to be done now.
    pub fn step(&self, validity: &Validity, now: Timestamp) -> Step {
        // A clock that was put back must not make a pause endless.
        let pausing = |pause: Pause| (pause.from..pause.until).contains(&now);
        if now < validity.renew_at() || self.pause.is_some_and(pausing) {
            return Step::Wait;
        }
        let ended = now.duration_since(validity.ends_at);
        if ended.is_negative() {
            Step::Renew
        } else if ended < LATE_RENEWAL_MAX {
            Step::RenewLate
        } else {
            Step::GiveUp
        }
    }

    /// Notes that what was decided failed. The pause is spread by the random number over its upper half, so that boxes which
    /// were cut off together do not come back together.
    pub fn failed(&mut self, step: Step, now: Timestamp, random: u16) {
        let longest = match step {
            Step::RenewLate => LATE_RETRY_DELAY_MAX,
            _ => RETRY_DELAY_MAX,
        };
        let whole = RETRY_DELAY_MIN
            .saturating_mul(1 << self.failures.min(16))
            .min(longest);
        self.failures = self.failures.saturating_add(1);
        let spread = whole / 2 * i32::from(random) / i32::from(u16::MAX);
        self.rest(whole - spread, now);
    }

    /// Notes that the certificate was renewed.
    pub fn succeeded(&mut self, now: Timestamp) {
        self.failures = 0;
        self.rest(RENEWED_PAUSE, now);
    }

    fn rest(&mut self, pause: SignedDuration, now: Timestamp) {
        let until = now.checked_add(pause).unwrap_or(Timestamp::MAX);
        self.pause = Some(Pause { from: now, until });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: SignedDuration = SignedDuration::from_secs(1);

    fn validity() -> Validity {
        Validity {
            begins_at: "2026-11-01T00:00:00Z".parse().unwrap(),
            ends_at: "2027-01-30T00:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn it_is_renewed_from_two_thirds_of_its_life_on_and_late_for_thirty_days() {
        let (it, attempts) = (validity(), Attempts::default());
        assert_eq!(it.renew_at().to_string(), "2026-12-31T00:00:00Z");
        let late_end = it.ends_at + LATE_RENEWAL_MAX;
        for (now, step) in [
            (it.begins_at - SECOND, Step::Wait),
            (it.renew_at() - SECOND, Step::Wait),
            (it.renew_at(), Step::Renew),
            (it.ends_at - SECOND, Step::Renew),
            (it.ends_at, Step::RenewLate),
            (late_end - SECOND, Step::RenewLate),
            (late_end, Step::GiveUp),
        ] {
            assert_eq!(attempts.step(&it, now), step, "{now}");
        }
        assert!(!it.is_near_its_end(it.ends_at - END_IS_NEAR - SECOND));
        assert!(it.is_near_its_end(it.ends_at - END_IS_NEAR));
        assert!(it.is_near_its_end(late_end));
    }

    /// Lets it fail, and gives the pause that follows.
    fn pause(attempts: &mut Attempts, step: Step, random: u16) -> SignedDuration {
        let (it, now) = (validity(), validity().renew_at());
        attempts.failed(step, now, random);
        let pause = attempts.pause.unwrap();
        assert_eq!(attempts.step(&it, pause.until - SECOND), Step::Wait);
        assert_eq!(attempts.step(&it, pause.until), Step::Renew);
        pause.until.duration_since(now)
    }

    #[test]
    fn pauses_double_up_to_their_bound_and_are_spread() {
        let mut attempts = Attempts::default();
        let hours: Vec<_> = (0..9)
            .map(|_| pause(&mut attempts, Step::Renew, 0).as_mins())
            .collect();
        assert_eq!(hours, [10, 20, 40, 80, 160, 320, 640, 720, 720]);
        assert_eq!(pause(&mut attempts, Step::Renew, u16::MAX).as_mins(), 360);
        let late = pause(&mut attempts, Step::RenewLate, 0);
        assert_eq!(late, LATE_RETRY_DELAY_MAX);
        attempts.succeeded(validity().renew_at());
        let mut again = attempts;
        assert_eq!(pause(&mut again, Step::Renew, 0), RETRY_DELAY_MIN);
    }

    #[test]
    fn a_renewal_is_not_followed_by_another_at_once_whatever_the_clock_says() {
        let (it, mut attempts) = (validity(), Attempts::default());
        let now = it.ends_at - SECOND;
        attempts.succeeded(now);
        assert_eq!(attempts.step(&it, now + SECOND), Step::Wait);
        assert_eq!(attempts.step(&it, now + RENEWED_PAUSE), Step::RenewLate);
        // A clock that was a year ahead and was put right.
        let mut ahead = Attempts::default();
        ahead.failed(Step::GiveUp, it.ends_at + LATE_RENEWAL_MAX * 12, 0);
        assert_eq!(ahead.step(&it, it.renew_at()), Step::Renew);
    }
}
