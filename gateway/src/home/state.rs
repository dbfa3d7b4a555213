//! What is known of the box and its readings at one moment: all that its words and its light are made of.

use std::time::Duration;

use jiff::Timestamp;
use vitals::Record;

/// How many records the page shows, the newest among them.
pub const SHOWN_LEN_MAX: usize = 4;

/// How long the radio may be without an adapter before somebody is to be called: BlueZ may be restarting.
const DEAF_FOR_MAX: Duration = Duration::from_secs(5 * 60);
/// How long the time may be unknown before somebody is to be called: time servers answer within minutes.
const TIMELESS_FOR_MAX: Duration = Duration::from_secs(60 * 60);
/// The least room on the disk: a commit and the journal that it is written to first take less.
const DISK_FREE_BYTES_MIN: u64 = 1024 * 1024;
/// At so many percent the outbox takes no more.
const USED_PERCENT_FULL: u8 = 100;

/// All that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The time, or `None` while the box does not know it.
    pub now: Option<Timestamp>,
    /// The newest records, the newest first; at most [`SHOWN_LEN_MAX`].
    pub shown: Vec<Shown>,
    /// How many values are on the disk that the server has not confirmed.
    pub waiting_len: u64,
    /// Whether there is a connection.
    pub connected: bool,
    /// Why somebody is to be called, if so.
    pub trouble: Option<Trouble>,
}

/// A record, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The reading or the failed attempt.
    pub record: Record,
    /// Where it is.
    pub kept: Kept,
    /// Whether its times are true ones.
    pub time_is_known: bool,
}

/// Where a record is. This tells what receipts said, and never more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// On this box only.
    Here,
    /// The server has confirmed it.
    AtServer,
    /// The server has refused it, or it cannot be sent; it stays on this box.
    SetAside,
}

/// Why values cannot be saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsaved {
    /// There is no room: on the disk, or in the outbox.
    Full,
    /// The disk lets nothing be written.
    ReadOnly,
    /// The disk or the database fails.
    Fault,
}

/// Why somebody is to be called, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// New values cannot be saved.
    Unsaved(Unsaved),
    /// The box does not hear devices.
    Deaf,
    /// The box does not learn the time, so that nothing can be dated.
    Timeless,
    /// Values wait, or nothing has been heard of the server, for too long.
    Unsent,
    /// The server did not take the newest value.
    SetAside,
    /// The disk has damaged the outbox before and will again; what could be read was taken over.
    Worn,
}

/// What trouble is found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signs {
    /// Why the last value could not be saved; `None` when it was.
    pub unsaved: Option<Unsaved>,
    /// The room left on the disk, in bytes; `None` when it cannot be told.
    pub disk_free_bytes: Option<u64>,
    /// Whether the disk is mounted so that nothing can be written.
    pub disk_read_only: bool,
    /// How full the outbox is, in percent.
    pub used_percent: u8,
    /// For how long there has been no adapter that listens.
    pub deaf_for: Duration,
    /// For how long the time has been unknown.
    pub timeless_for: Duration,
    /// For how long something has waited and nothing was confirmed, or there was no connection, whichever is longer.
    pub unsent_for: Duration,
    /// How long that may be.
    pub unsent_for_max: Duration,
    /// Whether the server did not take the newest value.
    pub newest_is_set_aside: bool,
    /// Whether files of a damaged outbox are kept.
    pub damaged_kept: bool,
}

impl Signs {
    /// Finds the worst trouble.
    pub fn trouble(&self) -> Option<Trouble> {
        let full = self.used_percent >= USED_PERCENT_FULL
            || self
                .disk_free_bytes
                .is_some_and(|free| free < DISK_FREE_BYTES_MIN);
        let unsaved = if self.disk_read_only {
            Some(Unsaved::ReadOnly)
        } else if full {
            Some(Unsaved::Full)
        } else {
            self.unsaved
        };
        let found = [
            unsaved.map(Trouble::Unsaved),
            (self.deaf_for > DEAF_FOR_MAX).then_some(Trouble::Deaf),
            (self.timeless_for > TIMELESS_FOR_MAX).then_some(Trouble::Timeless),
            (self.unsent_for > self.unsent_for_max).then_some(Trouble::Unsent),
            self.newest_is_set_aside.then_some(Trouble::SetAside),
            self.damaged_kept.then_some(Trouble::Worn),
        ];
        found.into_iter().flatten().next()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A box that is well.
    pub(crate) fn well() -> Signs {
        Signs {
            unsaved: None,
            disk_free_bytes: Some(1 << 30),
            disk_read_only: false,
            used_percent: 3,
            deaf_for: Duration::ZERO,
            timeless_for: Duration::ZERO,
            unsent_for: Duration::ZERO,
            unsent_for_max: Duration::from_secs(24 * 3600),
            newest_is_set_aside: false,
            damaged_kept: false,
        }
    }

    #[test]
    fn a_box_that_is_well_has_no_trouble_and_a_moment_is_none() {
        assert_eq!(well().trouble(), None);
        let moment = Signs {
            deaf_for: Duration::from_secs(200),
            timeless_for: Duration::from_secs(3000),
            unsent_for: Duration::from_secs(80_000),
            ..well()
        };
        assert_eq!(moment.trouble(), None);
    }

    #[test]
    fn each_sign_is_a_trouble_and_the_worst_is_told() {
        let hours = |hours: u64| Duration::from_secs(hours * 3600);
        let mut signs = Signs {
            damaged_kept: true,
            ..well()
        };
        assert_eq!(signs.trouble(), Some(Trouble::Worn));
        signs.newest_is_set_aside = true;
        assert_eq!(signs.trouble(), Some(Trouble::SetAside));
        signs.unsent_for = hours(25);
        assert_eq!(signs.trouble(), Some(Trouble::Unsent));
        signs.timeless_for = hours(2);
        assert_eq!(signs.trouble(), Some(Trouble::Timeless));
        signs.deaf_for = hours(1);
        assert_eq!(signs.trouble(), Some(Trouble::Deaf));
        signs.unsaved = Some(Unsaved::Fault);
        assert_eq!(signs.trouble(), Some(Trouble::Unsaved(Unsaved::Fault)));
        signs.used_percent = 100;
        assert_eq!(signs.trouble(), Some(Trouble::Unsaved(Unsaved::Full)));
        signs.disk_read_only = true;
        assert_eq!(signs.trouble(), Some(Trouble::Unsaved(Unsaved::ReadOnly)));
    }

    #[test]
    fn a_disk_without_room_is_full_before_a_value_is_refused() {
        let full = Signs {
            disk_free_bytes: Some(DISK_FREE_BYTES_MIN - 1),
            ..well()
        };
        assert_eq!(full.trouble(), Some(Trouble::Unsaved(Unsaved::Full)));
        let unknown = Signs {
            disk_free_bytes: None,
            ..well()
        };
        assert_eq!(unknown.trouble(), None);
    }
}
