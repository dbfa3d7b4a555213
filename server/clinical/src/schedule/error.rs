//! What is wrong with a schedule or a pause, in sentences that say what to change.

use thiserror::Error;

use super::expected::{GRACE_MINUTES_MAX, WINDOWS_LEN_MAX};
use super::measured::Measured;
use super::pause::PAUSE_DAYS_MAX;
use super::window::Window;

/// Why a schedule or a pause cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ScheduleError {
    /// Two entries of one kind.
    #[error("{} is expected twice. Write all its windows in one entry.", .0.name())]
    Twice(Measured),
    /// An entry that expects nothing.
    #[error("{} has no windows. Give at least one, or leave it out.", .0.name())]
    NoWindows(Measured),
    /// More windows than [`WINDOWS_LEN_MAX`].
    #[error("{} has more than {WINDOWS_LEN_MAX} windows a day. Join some.", .0.name())]
    TooManyWindows(Measured),
    /// Windows that overlap or go backwards.
    #[error("{}: the window {second} must begin after {first} has ended.", .what.name())]
    WindowsOutOfOrder {
        /// Which entry.
        what: Measured,
        /// The window that is written first.
        first: Window,
        /// The window that follows it.
        second: Window,
    },
    /// A grace over [`GRACE_MINUTES_MAX`].
    #[error("{}: the grace is longer than {GRACE_MINUTES_MAX} minutes. Shorten it.", .0.name())]
    GraceTooLong(Measured),
    /// A count of none.
    #[error("{}: nudge_after and check_after count missed windows, so 1 is the least.", .0.name())]
    NoCount(Measured),
    /// Numbers without a source.
    #[error("{}: say where its numbers are from, in source.", .0.name())]
    NoSource(Measured),
    /// A text over its bound.
    #[error("The {0} is too long. Shorten it.")]
    TextTooLong(&'static str),
    /// A pause that ends before it begins.
    #[error("A pause must end after it begins.")]
    PauseEmpty,
    /// A pause over [`PAUSE_DAYS_MAX`].
    #[error(
        "A pause may last {PAUSE_DAYS_MAX} days at most. Set an earlier end, and pause again then."
    )]
    PauseTooLong,
    /// Another reason, not said.
    #[error("Say why readings are paused.")]
    PauseUnexplained,
}
