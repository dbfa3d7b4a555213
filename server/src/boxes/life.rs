//! Where one box stands in its life, as the store keeps it beside the box's keys.

use jiff::{SignedDuration, Timestamp};
use vitals::Record;
use vitals::wire::{Standing, StandingKind};

use super::BoxState;
use super::watch::DRAIN_TIME;

/// By how much the clock of a box may run fast without what it recorded last being taken for later.
pub const CLOCK_FAST_MAX: SignedDuration = SignedDuration::from_mins(2);

/// Tells whether a box recorded something before a time, as far as its clock can be believed.
pub fn is_of_before(record: &Record, time: Timestamp) -> bool {
    let end = time
        .saturating_add(CLOCK_FAST_MAX)
        .unwrap_or(Timestamp::MAX);
    record.times().received_at < end
}

/// Where a box stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoxLife {
    /// The state.
    pub state: BoxState,
    /// Since when; `None` for a box that was registered by hand and has been live ever since.
    pub since: Option<Timestamp>,
    /// How many changes there were.
    pub number: u64,
    /// From when on readings are expected of it: until the sign-off a time that never comes; `None` when they always were.
    pub monitored_from: Option<Timestamp>,
    /// When it took the place of another box, if it did.
    pub takes_over_since: Option<Timestamp>,
}

impl BoxLife {
    /// Tells whether readings were expected of the box in all of a time that began then. Of one that was revoked in a home
    /// they are expected still: that nobody hears it must not make a patient's silence look right.
    pub fn was_monitored_since(&self, opened: Timestamp) -> bool {
        let is_in_a_home = matches!(
            self.state,
            BoxState::Live | BoxState::Draining | BoxState::Retired
        );
        is_in_a_home && self.monitored_from.is_none_or(|from| from <= opened)
    }

    /// Gives when the time of a replaced box to deliver was over, if it is; whether or not anybody retired it since.
    pub fn drained_at(&self, now: Timestamp) -> Option<Timestamp> {
        let since = self.since.filter(|_| self.state == BoxState::Draining)?;
        let end = since.saturating_add(DRAIN_TIME).unwrap_or(Timestamp::MAX);
        (end <= now).then_some(end)
    }

    /// Gives what the box is told of its standing.
    pub fn standing(&self) -> Standing {
        Standing {
            number: self.number,
            standing: match self.state {
                BoxState::Commissioning => StandingKind::Commissioning,
                BoxState::Live => StandingKind::Live,
                _ => StandingKind::Ended,
            },
            takes_over_since: self.takes_over_since,
        }
    }

    /// Tells whether a record of the box is a test: because it says so itself, or because of where the box stands,
    /// whatever it says. What a box recorded while it was live counts also when it is delivered on its way back.
    pub fn makes_a_test_of(&self, record: &Record) -> bool {
        let standing = self.standing();
        let of_its_time = match (standing.standing, self.since) {
            (StandingKind::Ended, Some(since)) => !is_of_before(record, since),
            _ => standing.makes_tests_of(record.times()),
        };
        record.is_test() || of_its_time
    }
}
