//! What is seen of one empty window: its signs beside the limits and the time.

use jiff::{SignedDuration, Timestamp};

use super::clue::Clue;
use super::limits::SilenceLimits;
use super::signs::{LastWord, Outage, Presence, Signs, Stretch};
use crate::schedule::Due;

/// Everything that a judgement may look at.
pub(super) struct Seen<'a> {
    pub(super) due: &'a Due,
    pub(super) signs: &'a Signs,
    pub(super) limits: &'a SilenceLimits,
    pub(super) now: Timestamp,
}

impl Seen<'_> {
    /// Tells whether an outage of ours is why nothing of this window has arrived.
    pub(super) fn is_explained_by(&self, outage: &Outage) -> bool {
        let is_in_time = outage.from < self.due.closes;
        let Some(until) = outage.until else {
            return is_in_time;
        };
        let settled_at = until
            .checked_add(SignedDuration::from_mins(self.limits.settle_minutes.into()))
            .unwrap_or(Timestamp::MAX);
        let heard_since = self.signs.gateway.heard_at.is_some_and(|at| at >= until);
        // What waits in a gateway without the time does not wait for us.
        let is_delivering = heard_since && self.signs.gateway.time_unknown_since.is_none();
        let is_settling = self.now < settled_at || (is_delivering && self.outbox().is_some());
        is_in_time && until > self.due.opens && is_settling
    }

    /// Tells whether the gateway is quiet now.
    pub(super) fn is_quiet(&self) -> bool {
        let gateway = &self.signs.gateway;
        let is_gone = matches!(
            gateway.last_word,
            Some(LastWord::LastWill | LastWord::Stopped)
        );
        let longest = SignedDuration::from_mins(self.limits.gateway_quiet_minutes.into());
        let is_late = |at| self.now.duration_since(at) >= longest;
        is_gone || gateway.heard_at.is_none_or(is_late)
    }

    /// Tells whether a silence that is over lasted over the window's close, or took the stated share of it.
    pub(super) fn takes_the_window(&self, quiet: &Stretch) -> bool {
        let due = self.due;
        let until = quiet.until.unwrap_or(self.now);
        let least = SignedDuration::from_mins(self.limits.gateway_quiet_minutes.into());
        if until.duration_since(quiet.from) < least {
            return false;
        }
        if quiet.from < due.closes && due.closes <= until {
            return true;
        }
        let shared = until.min(due.closes).as_second() - quiet.from.max(due.opens).as_second();
        let whole = due.closes.as_second() - due.opens.as_second();
        let share = i64::from(self.limits.quiet_share_percent);
        shared > 0 && shared.saturating_mul(100) >= whole.saturating_mul(share)
    }

    /// Tells whether what is usually heard over and over was absent when the window closed, or for much of it.
    pub(super) fn is_absent(&self, it: &Presence) -> bool {
        let gaps = SignedDuration::from_mins(it.every_minutes.into())
            .checked_mul(i32::try_from(self.limits.absent_gaps_min).unwrap_or(i32::MAX))
            .unwrap_or(SignedDuration::MAX);
        match it.quiet.until {
            None => {
                it.quiet.from < self.due.closes && self.now.duration_since(it.quiet.from) >= gaps
            }
            Some(until) => {
                until.duration_since(it.quiet.from) >= gaps.saturating_add(gaps)
                    && self.takes_the_window(&it.quiet)
            }
        }
    }

    /// When the device was heard since the window opened.
    pub(super) fn heard_at(&self) -> Option<Timestamp> {
        self.signs.device.seen_at.filter(|at| *at >= self.due.opens)
    }

    pub(super) fn unheard(&self) -> Option<Clue> {
        let since = self.signs.device.seen_at;
        self.heard_at()
            .is_none()
            .then_some(Clue::DeviceUnheard { since })
    }

    pub(super) fn others(&self) -> Option<Clue> {
        let is_used = self.signs.home.others_used?;
        Some(if is_used {
            Clue::OthersUsed
        } else {
            Clue::OthersUnused
        })
    }

    pub(super) fn battery_unknown(&self) -> Option<Clue> {
        let device = &self.signs.device;
        let is_unknown = device.battery_percent.is_none() && !device.battery_low;
        is_unknown.then_some(Clue::BatteryUnknown)
    }

    pub(super) fn battery(&self) -> Option<Clue> {
        let device = &self.signs.device;
        let least = self.limits.battery_low_percent;
        let percent = device.battery_percent.filter(|it| *it <= least);
        (percent.is_some() || device.battery_low).then_some(Clue::BatteryLow { percent })
    }

    pub(super) fn gateway_clock(&self) -> Option<Clue> {
        let seconds = self.signs.gateway.clock_offset_seconds?;
        let is_wrong = seconds.unsigned_abs() > u64::from(self.limits.clock_wrong_seconds);
        is_wrong.then_some(Clue::GatewayClockWrong { seconds })
    }

    pub(super) fn outbox(&self) -> Option<Clue> {
        let count = self.signs.gateway.outbox_len.filter(|len| *len > 0)?;
        Some(Clue::OutboxWaiting { count })
    }

    pub(super) fn late(&self) -> Option<Clue> {
        let count = self.signs.device.arrived_late;
        (count > 0).then_some(Clue::ArrivedLate { count })
    }
}
