//! Refusals: what people asked for that cannot be done, in a sentence that they can read.

use thiserror::Error;
use vitals::ReadingId;

use crate::alert::AlertNumber;
use crate::id::PersonId;
use crate::plan::PlanVersion;
use crate::schedule::PAUSES_LEN_MAX;
use crate::watch::{WATCH_DAYS_MAX, WATCH_NOTE_LEN_MAX};

/// The longest note, in characters.
pub const NOTE_LEN_MAX: usize = 2_000;

/// Why an event cannot happen to this case. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// A case starts once.
    #[error("This patient is already being monitored.")]
    AlreadyMonitored,
    /// Nothing can happen to a case before it starts.
    #[error("This patient is not being monitored: assign a care coordinator and a plan first.")]
    NotMonitored,
    /// No open alert has this number.
    #[error("Alert {0} is not open: somebody has closed it. Reload the list.")]
    NotOpen(AlertNumber),
    /// Somebody else was faster.
    #[error("Alert {alert} was already taken by {by}.")]
    TakenBy {
        /// The alert.
        alert: AlertNumber,
        /// Who has it.
        by: PersonId,
    },
    /// An alert is closed by the person who took it.
    #[error("Alert {0} has not been taken. Take it first.")]
    NotTaken(AlertNumber),
    /// An alert is offered or escalated to somebody else.
    #[error("Alert {0} is yours: choose somebody else to pass it to.")]
    ToOneself(AlertNumber),
    /// Only the person who was asked may accept or decline.
    #[error("Alert {alert} is not on offer to {to}. Reload the list.")]
    NotOffered {
        /// The alert.
        alert: AlertNumber,
        /// Who answered.
        to: PersonId,
    },
    /// A time that has passed, or is further away than the plan allows.
    #[error(
        "Alert {alert} can be put aside for at most {}. Choose an earlier time.", in_words(*.minutes_max)
    )]
    AsideTooLong {
        /// The alert.
        alert: AlertNumber,
        /// The most that the plan allows.
        minutes_max: u32,
    },
    /// A time that has passed.
    #[error("That time has passed. Choose a later one.")]
    TimeHasPassed,
    /// A reason that is asked for and missing.
    #[error("Say why, in a few words.")]
    ReasonMissing,
    /// Only a closed alert can be reopened, and not for ever.
    #[error(
        "Alert {0} cannot be reopened: it is open, or was closed too long ago. Open the patient's page."
    )]
    NotClosed(AlertNumber),
    /// One open alert for each problem.
    #[error(
        "Alert {closed} cannot be reopened: alert {open} is open for the same problem. Work with that one."
    )]
    OpenAlready {
        /// The closed alert.
        closed: AlertNumber,
        /// The open one.
        open: AlertNumber,
    },
    /// A pause that cannot be.
    #[error(transparent)]
    Pause(#[from] crate::schedule::ScheduleError),
    /// One plan at a time may wait for its day.
    #[error(
        "Another plan is to hold from a later time already. Withdraw it first, then propose again."
    )]
    PlanScheduledAlready,
    /// No plan waits for its day.
    #[error("No plan is to hold from a later time. Reload the page.")]
    NoPlanScheduled,
    /// More pauses to come than are kept.
    #[error("{PAUSES_LEN_MAX} pauses are arranged already. End one of them first.")]
    TooManyPauses,
    /// A note over [`NOTE_LEN_MAX`].
    #[error("The note is longer than {NOTE_LEN_MAX} characters. Shorten it.")]
    NoteTooLong,
    /// Nobody answered, and nobody knows when somebody tries again.
    #[error("Say when you will try again: alert {0} waits until then.")]
    RetryMissing(AlertNumber),
    /// A time to try again where there is nothing to try again.
    #[error(
        "Only a contact about an alert that nobody answered is tried again. Leave the time out."
    )]
    NothingToRetry,
    /// Nobody answered as often as the plan allows.
    #[error(
        "Alert {alert}: nobody has answered {}. Do not wait again: leave the time out, and escalate it.", times(*.tries)
    )]
    TriesOver {
        /// The alert.
        alert: AlertNumber,
        /// How often nobody answered.
        tries: u8,
    },
    /// A duplicate of nothing.
    #[error("Say of which other alert of this patient alert {0} is a duplicate.")]
    DuplicateOfNothing(AlertNumber),
    /// The reading is another patient's, or nobody's.
    #[error("Reading {0} is not one of this patient's. Reload the page.")]
    NotTheirReading(ReadingId),
    /// A reading is struck out once.
    #[error("This reading is struck out already, by {0}. Reload the page.")]
    StruckAlready(PersonId),
    /// Only a strike can be taken back, and not for ever.
    #[error(
        "This reading is not struck out, or was so long ago that it cannot be taken back. Reload the page."
    )]
    NotStruck,
    /// A discharge while something is still to be done.
    #[error("The patient cannot be discharged yet. Finish this first: {}.", .0.join("; "))]
    Unfinished(Vec<String>),
    /// The patient is not monitored any more.
    #[error("This patient was discharged. Start monitoring again first.")]
    Discharged,
    /// A watch without words.
    #[error("Say what to keep an eye on, in one line.")]
    WatchNoteMissing,
    /// A watch of more than a line.
    #[error("Write one line of at most {WATCH_NOTE_LEN_MAX} characters.")]
    WatchNoteTooLong,
    /// A watch that nobody would end.
    #[error("A patient is watched for at most {WATCH_DAYS_MAX} days. Choose an earlier time.")]
    WatchTooLong,
    /// Nobody asked to keep an eye on the patient.
    #[error("This patient is not on the watch list. Reload the page.")]
    NotWatched,
    /// Plans are numbered one after the other.
    #[error("Plan version {found} does not follow version {current}.")]
    PlanOutOfOrder {
        /// The version offered.
        found: PlanVersion,
        /// The version in force.
        current: PlanVersion,
    },
}

/// Writes a length of time as people say it: `30 minutes`, `24 hours`, `14 days`.
fn in_words(minutes: u32) -> String {
    let (count, one) = match minutes {
        days if days > 24 * 60 && days % (24 * 60) == 0 => (days / (24 * 60), "day"),
        hours if hours > 0 && hours % 60 == 0 => (hours / 60, "hour"),
        minutes => (minutes, "minute"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {one}{plural}")
}

fn times(count: u8) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        count => format!("{count} times"),
    }
}
