//! What is expected of one kind of reading: its windows, its grace, and what follows missed ones.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::ScheduleError;
use super::measured::Measured;
use super::pause::Pause;
use super::window::{Days, Window};
use crate::zone::Zone;

/// The most windows in one day.
pub const WINDOWS_LEN_MAX: usize = 12;
/// The longest grace, in minutes: a day.
pub const GRACE_MINUTES_MAX: u32 = 24 * 60;
/// The longest source, in characters.
pub const SOURCE_LEN_MAX: usize = 500;

/// How many days ahead a window is looked for: days repeat every week, and a clock change may skip one window.
const DAYS_AHEAD_MAX: i64 = 15;
/// How far before a pause's end a window may open that closes after it: a day of 25 hours, and some.
const WINDOW_HOURS_MAX: i64 = 48;

/// When one kind of reading is expected. Every number is the clinician's, for this patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// Which kind of reading.
    pub what: Measured,
    /// On which days, by the home's calendar.
    pub every: Days,
    /// Between which times, by the home's clock; in order and apart.
    pub windows: Vec<Window>,
    /// How long after a window has closed its reading is still waited for.
    pub grace_minutes: u32,
    /// How many windows in a row are missed before the patient is nudged; 1 or more.
    pub nudge_after: u8,
    /// How many windows in a row are missed before a nurse is asked to see that the patient is well; 1 or more.
    pub check_after: u8,
    /// Where these numbers are from.
    pub source: String,
}

/// One window of one day: a reading is expected from `opens` until before `closes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Due {
    /// Which kind of reading.
    pub what: Measured,
    /// The window's first moment.
    pub opens: Timestamp,
    /// The first moment after the window.
    pub closes: Timestamp,
    /// When a reading of this window that has not arrived is missing: `closes` and the grace.
    pub due_at: Timestamp,
}

impl Due {
    /// Tells whether a moment is within the window.
    pub fn has(&self, at: Timestamp) -> bool {
        self.opens <= at && at < self.closes
    }

    fn is_paused(&self, pause: &Pause) -> bool {
        // The window's last moment counts: whoever is away when it ends cannot be told from one who is late.
        pause.from < self.closes && self.closes <= pause.until
    }
}

/// What missed windows ask for, if the patient is the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissedStep {
    /// Nothing yet.
    Wait,
    /// The patient is reminded.
    Nudge,
    /// A nurse sees that the patient is well.
    Check,
}

impl Expected {
    /// Checks that the windows are in order and apart, that nothing is empty, and that every number has a source.
    ///
    /// # Errors
    /// A sentence that says what to change.
    pub fn check(&self) -> Result<(), ScheduleError> {
        let what = self.what;
        if self.windows.is_empty() {
            return Err(ScheduleError::NoWindows(what));
        }
        if self.windows.len() > WINDOWS_LEN_MAX {
            return Err(ScheduleError::TooManyWindows(what));
        }
        let pairs = self.windows.iter().zip(self.windows.iter().skip(1));
        if let Some((first, second)) = pairs.into_iter().find(|(it, next)| !it.is_before(next)) {
            let (first, second) = (*first, *second);
            return Err(ScheduleError::WindowsOutOfOrder {
                what,
                first,
                second,
            });
        }
        if self.grace_minutes > GRACE_MINUTES_MAX {
            return Err(ScheduleError::GraceTooLong(what));
        }
        if self.nudge_after == 0 || self.check_after == 0 {
            return Err(ScheduleError::NoCount(what));
        }
        if self.source.trim().is_empty() {
            return Err(ScheduleError::NoSource(what));
        }
        if self.source.chars().count() > SOURCE_LEN_MAX {
            return Err(ScheduleError::TextTooLong("source"));
        }
        Ok(())
    }

    /// Gives the next window that opens after a moment and is not paused; `None` when none follows, which takes a
    /// schedule that fails its check, or the end of time.
    ///
    /// The chain `next_window(due.opens)` meets every window once.
    pub fn next_window(&self, after: Timestamp, zone: &Zone, pauses: &[Pause]) -> Option<Due> {
        let mut after = after;
        // A pause is jumped over once; then at most the windows of its last days are left.
        let rounds = pauses.len().saturating_mul(4 * WINDOWS_LEN_MAX);
        for _ in 0..=rounds {
            let due = self.next_unpaused_or_not(after, zone)?;
            let Some(pause) = pauses.iter().find(|pause| due.is_paused(pause)) else {
                return Some(due);
            };
            let near_the_end = pause
                .until
                .checked_sub(SignedDuration::from_hours(WINDOW_HOURS_MAX))
                .unwrap_or(Timestamp::MIN);
            after = due.opens.max(near_the_end);
        }
        None
    }

    /// Gives the window that is open at a moment, unless it is paused.
    pub fn window_at(&self, at: Timestamp, zone: &Zone, pauses: &[Pause]) -> Option<Due> {
        let due = self.of_date(zone.date(at), zone).find(|due| due.has(at))?;
        let is_paused = pauses.iter().any(|pause| due.is_paused(pause));
        (!is_paused).then_some(due)
    }

    /// Tells what so many windows missed in a row ask for.
    pub fn step_after(&self, missed_in_a_row: u32) -> MissedStep {
        if missed_in_a_row >= u32::from(self.check_after) {
            MissedStep::Check
        } else if missed_in_a_row >= u32::from(self.nudge_after) {
            MissedStep::Nudge
        } else {
            MissedStep::Wait
        }
    }

    fn next_unpaused_or_not(&self, after: Timestamp, zone: &Zone) -> Option<Due> {
        let first = zone.date(after);
        (0..DAYS_AHEAD_MAX).find_map(|days| {
            let date = first.checked_add(days.days()).ok()?;
            self.of_date(date, zone).find(|due| due.opens > after)
        })
    }

    /// Lists a date's windows, the earliest first.
    fn of_date(&self, date: Date, zone: &Zone) -> impl Iterator<Item = Due> {
        let is_in = self.every.has(date.weekday());
        let windows = self.windows.iter().filter(move |_| is_in);
        windows.filter_map(move |window| {
            let (opens, closes) = window.on(date, zone)?;
            let grace = SignedDuration::from_mins(i64::from(self.grace_minutes));
            Some(Due {
                what: self.what,
                opens,
                closes,
                due_at: closes.checked_add(grace).unwrap_or(Timestamp::MAX),
            })
        })
    }
}
